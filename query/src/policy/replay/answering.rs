//! Who could have answered a challenge: by the day's factor snapshot, or because they
//! verified so strongly lately.

use std::collections::HashMap;

use super::super::requirement::Strength;
use super::super::standing::Standings;

/// How long a use proves that there is a factor, µs: as long as a snapshot counts.
const PROVES_US: i64 = 48 * 3_600_000_000;

/// Whether somebody has a factor that would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Factor {
    /// They have.
    Usable,
    /// They have none.
    None,
    /// No snapshot looked at them, and they used none lately.
    Unknown,
}

/// The factors of the day at hand.
#[derive(Debug, Default)]
pub(super) struct Answering {
    held: HashMap<String, i64>,
}

impl Answering {
    /// A day's factors: by who, the strength of the strongest; 0 for none.
    pub(super) fn look(&mut self, held: HashMap<String, i64>) {
        self.held = held;
    }

    /// Whether somebody has a factor so strong.
    pub(super) fn factor(
        &self,
        who: &str,
        wanted: Strength,
        at: i64,
        standings: &Standings,
    ) -> Factor {
        let last = standings.last(Some(who), wanted);
        let used = last.is_some_and(|last| at.saturating_sub(last) <= PROVES_US);
        match self.held.get(who) {
            Some(strength) if *strength >= wanted => Factor::Usable,
            _ if used => Factor::Usable,
            Some(_) => Factor::None,
            None => Factor::Unknown,
        }
    }
}
