//! What comes in beside HTTP: syslog, forwarded by a real rsyslog, and files that are
//! followed.
//!
//! ```text
//! rsyslog   rsyslogd with settings of its own
//! syslog    its messages by UDP, TCP and TLS; others that are odd
//! tail      files that grow, rotated while the server is killed
//! ```

mod rsyslog;
pub use rsyslog::free_port;
mod syslog;
mod tail;
