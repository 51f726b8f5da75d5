//! What is known of the processes that are writing: one for each connection.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use rollcall_schemas::{Outcome, Position, Reason};

use super::super::time::MINUTE;
use super::line::Line;

/// A process id comes back after days: a longer silence ends a connection.
const SILENCE: u64 = 10 * MINUTE.unsigned_abs();

/// Connections that may be open at once before the silent ones are looked for.
/// A server's process ids are fewer; one central log has several servers.
const SWEEP_AT: usize = 4_096;

/// Never more than this, whatever a flood brings.
const MOST: usize = 262_144;

/// One process of one host.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Connection {
    at: i64,
    /// Its last row.
    pub(super) last: Option<Position>,
    /// A row that the next judged try of this user will say better.
    pub(super) open: Option<Open>,
    /// Whether one method has passed and a further one was asked for.
    pub(super) is_partial: bool,
}

/// A row that waits to be said better: "Invalid user", "not allowed".
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) row: Position,
    pub(super) user: u64,
    pub(super) outcome: Outcome,
    pub(super) reason: Reason,
}

/// All of them, by host and process.
#[derive(Default)]
pub(super) struct Connections {
    /// Keyed anew in each process: hosts and users are what attackers send, and
    /// none must be able to make two of them the same.
    keys: RandomState,
    open: HashMap<u64, Connection>,
    sweep_at: usize,
}

impl Connections {
    /// The connection of a line, new where it has been silent for too long.
    pub(super) fn touch(&mut self, line: &Line<'_>, time: i64) -> &mut Connection {
        if self.open.len() >= self.sweep_at.max(SWEEP_AT) {
            self.sweep(time);
        }
        let key = self.key(line);
        let connection = self.open.entry(key).or_default();
        // A journal's time may be any number.
        if time.abs_diff(connection.at) > SILENCE {
            *connection = Connection::default();
        }
        connection.at = time;
        connection
    }

    /// Drops the silent ones; under a flood also the older half, as their lines
    /// only lose their join.
    fn sweep(&mut self, time: i64) {
        self.open.retain(|_, connection| time.abs_diff(connection.at) <= SILENCE);
        if self.open.len() > MOST {
            let mut times: Vec<_> = self.open.values().map(|connection| connection.at).collect();
            let middle = times.len() / 2;
            let (_, median, _) = times.select_nth_unstable(middle);
            let median = *median;
            self.open.retain(|_, connection| connection.at > median);
        }
        self.sweep_at = self.open.len() * 2;
    }

    /// A user's name, for comparison.
    pub(super) fn user_key(&self, user: &str) -> u64 {
        self.keys.hash_one(user)
    }

    fn key(&self, line: &Line<'_>) -> u64 {
        // sshd's three programs are one connection; sudo without a process id is not.
        let program = if line.program.starts_with("sshd") { "sshd" } else { line.program };
        self.keys.hash_one((line.host, program, line.process))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::Stamp;
    use super::*;

    #[test]
    fn state_stays_bounded_and_silence_ends_a_connection() {
        let mut connections = Connections::default();
        let line = |process| Line {
            stamp: Stamp::Known(0),
            host: "web-1",
            program: "sshd",
            process: Some(process),
            message: "",
        };
        for second in 0..100_000_u32 {
            connections.touch(&line(second), i64::from(second) * 1_000_000).is_partial = true;
        }
        assert!(connections.len() <= 2 * SWEEP_AT, "{}", connections.len());
        let last = 99_999 * 1_000_000;
        assert!(connections.touch(&line(99_999), last + SILENCE.cast_signed()).is_partial);
        assert!(!connections.touch(&line(99_999), last + 2 * SILENCE.cast_signed() + 1).is_partial);
    }
}
