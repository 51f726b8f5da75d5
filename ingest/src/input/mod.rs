//! Ways in. All of them write to the log; an import is its own log.
//!
//! ```text
//! decode    compressed bytes, under a cap
//! records   bytes into records
//! listed    records that were cut before they were stored
//! health    what becomes of each collector, for people
//! sink      where inputs put records that run by themselves, and how they wait
//! inputs    those that run, until the process ends
//! length    how long a record may be
//! error     why one can't begin
//! syslog    messages by UDP, TCP and TLS
//! tail      files that others write, followed
//! pull      vendors' logs, asked for again and again
//! http      POST /v1/events, Splunk's HTTP Event Collector, webhooks, feedback
//! content   what a file is known by
//! file      files and folders, block by block
//! ```

pub(crate) mod content;
pub mod decode;
pub mod error;
pub(crate) mod file;
pub mod health;
pub mod http;
pub mod inputs;
mod length;
pub mod listed;
pub mod pull;
pub mod records;
pub mod sink;
pub mod syslog;
pub mod tail;
