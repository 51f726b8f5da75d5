//! A clock that has been set back can't say what lies in the future.

use chrono::Utc;
use rollcall_lake::{Snapshot, Table};

/// The clock against the newest sealed time of receipt.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    newest: i64,
    is_behind: bool,
}

impl Clock {
    /// A clock beside what is sealed.
    pub(crate) fn new(snapshot: &Snapshot) -> Self {
        let mut clock = Self { newest: i64::MIN, is_behind: false };
        for table in [Table::Events, Table::SetAside] {
            for segment in snapshot.table(table).segments.iter() {
                clock.sealed(segment.tags.received_max);
            }
        }
        clock
    }

    /// Takes note of what was sealed.
    pub(crate) fn sealed(&mut self, received_max: Option<i64>) {
        self.newest = self.newest.max(received_max.unwrap_or(i64::MIN));
    }

    /// Looks at the clock and warns when it falls behind. Returns by how much it
    /// is, µs; then the rule against future times is off.
    pub(crate) fn behind(&mut self) -> Option<i64> {
        let behind = self.newest.saturating_sub(Utc::now().timestamp_micros());
        let was_behind = std::mem::replace(&mut self.is_behind, behind > 0);
        match (was_behind, self.is_behind) {
            (false, true) => tracing::warn!(
                clock.behind_s = behind / 1_000_000,
                "the clock is behind the newest sealed time of receipt: the rule against future times is off; set the clock"
            ),
            (true, false) => {
                tracing::info!("the clock has caught up: the rule against future times is on");
            }
            _ => {}
        }
        self.is_behind.then_some(behind)
    }
}

/// Up to when times are believed whatever their receipt, by how far the clock is
/// behind.
pub(crate) const fn believed_until(behind: Option<i64>) -> i64 {
    if behind.is_some() { i64::MAX } else { i64::MIN }
}
