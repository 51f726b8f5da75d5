//! One line of auth.log: RFC 3164 time (UTC here, no year), host, program.

use chrono::{DateTime, Utc};

use crate::record::{Feed, Outbox};

/// The company's servers.
pub(crate) const HOSTS: [&str; 20] = [
    "bastion-1",
    "bastion-2",
    "build-1",
    "build-2",
    "build-3",
    "db-1",
    "db-2",
    "db-3",
    "edge-1",
    "edge-2",
    "etl-1",
    "etl-2",
    "git-mirror-1",
    "jump-ap",
    "jump-us",
    "log-1",
    "log-2",
    "mail-1",
    "search-1",
    "search-2",
];

/// Those that the internet can reach.
pub(crate) const EXPOSED: [&str; 6] =
    ["bastion-1", "bastion-2", "edge-1", "edge-2", "jump-ap", "jump-us"];

/// One connection: its host and sshd's process id.
#[derive(Clone, Copy)]
pub(crate) struct Connection {
    pub(crate) host: &'static str,
    pub(crate) pid: usize,
}

impl Connection {
    pub(crate) fn say(self, out: &mut Outbox, at: DateTime<Utc>, words: &str) {
        if out.wants(at) {
            let time = at.format("%b %e %H:%M:%S");
            let line = format!("{time} {} sshd[{}]: {words}", self.host, self.pid);
            out.line(at, Feed::Sshd, line);
        }
    }
}
