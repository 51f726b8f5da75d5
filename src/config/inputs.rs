//! `[syslog]` and `[tail]`: inputs beside HTTP.

use rollcall_ingest::follow::{self, FileSettings, Tail};
use rollcall_ingest::source::Sources;
use rollcall_ingest::syslog::{self, Listener, ListenerSettings};

use crate::usage;

/// Messages by syslog.
#[derive(Debug, confique::Config)]
pub struct Syslog {
    /// Addresses to listen on, a table [[syslog.listeners]] each: `address`; `protocol` (udp,
    /// tcp, tls); `source` where all messages are of one; `collector` (what stands in that
    /// column, or syslog-PROTOCOL-PORT); `allow` (networks that may send, needed for an
    /// address that others can reach); `max_message_bytes`; `connections` and `idle_seconds`
    /// (tcp, tls); `certificate`, `key`, `client_ca` (tls). docs/inputs.md has them all. For
    /// instance:
    /// [{ address = "0.0.0.0:6514", protocol = "tls", certificate = "/etc/rollcall/tls.pem", key = "/etc/rollcall/tls.key", allow = ["10.0.0.0/8"] }]
    #[config(default = [])]
    pub listeners: Vec<ListenerSettings>,
}

/// Files that others write.
#[derive(Debug, confique::Config)]
pub struct TailFiles {
    /// Files to follow, a table [[tail.files]] each: `path` (of a file, or a pattern with
    /// `*`); `source` where all lines are of one; `collector` (what stands in that column, or
    /// the path); `from` (start or end, of files that are there on the first start);
    /// `max_line_bytes`. docs/inputs.md has them all. For instance:
    /// [{ path = "/var/log/auth.log", source = "sshd", collector = "bastion" }]
    #[config(default = [])]
    pub files: Vec<FileSettings>,
}

/// Inputs that run by themselves, ready to start.
#[derive(Debug)]
pub struct Ready {
    /// Addresses that are listened on.
    pub listeners: Vec<Listener>,
    /// Files to follow.
    pub tails: Vec<Tail>,
}

impl Ready {
    /// Checks the settings, and listens on their addresses.
    pub fn open(syslog: &Syslog, tail: &TailFiles, sources: &Sources) -> anyhow::Result<Self> {
        let wrong = |error: rollcall_ingest::InputError| match error {
            rollcall_ingest::InputError::Settings { .. } => usage(error.to_string()),
            other => other.into(),
        };
        let tails = follow::open(&tail.files, sources).map_err(wrong)?;
        let listeners = syslog::open(&syslog.listeners, sources).map_err(wrong)?;
        Ok(Self { listeners, tails })
    }
}
