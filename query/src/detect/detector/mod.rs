//! The detectors, a file each. Each looks at every event once, in the order of their times as
//! far as they come in it; what a detector remembers has a limit, and what goes beyond it is
//! dropped, the oldest first.

pub(super) mod break_glass;
pub(super) mod codes;
pub(super) mod credential_stuffing;
pub(super) mod dormant;
pub(super) mod factor_downgrade;
pub(super) mod guessing;
pub(super) mod impossible_travel;
pub(super) mod new_place;
pub(super) mod password_spray;
pub(super) mod push_bombing;
pub(super) mod rare_hour;
pub(super) mod session_theft;
pub(super) mod shared_factor;
pub(super) mod takeover;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::habits::Habits;
use super::incident::Out;
use super::row::Row;

/// What a detector may ask of everybody.
pub(crate) struct Known<'k> {
    /// What was usual before this event.
    pub(crate) habits: &'k Habits,
    /// From when on events were looked at, µs since 1970 UTC.
    pub(crate) since: i64,
}

/// A state machine, or a window, over events.
pub(crate) trait Detector: Send + Debug {
    /// Looks at one event.
    fn look(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>);

    /// Drops what matters no longer at this time.
    fn forget(&mut self, now: i64);

    /// What it remembers, as JSON.
    fn save(&self) -> serde_json::Result<String>;

    /// Takes up what was saved.
    fn load(&mut self, saved: &str) -> serde_json::Result<()>;
}

/// What a detector remembers, into text.
fn saved<S: Serialize>(state: &S) -> serde_json::Result<String> {
    serde_json::to_string(state)
}

/// And back.
fn loaded<S: DeserializeOwned>(saved: &str) -> serde_json::Result<S> {
    serde_json::from_str(saved)
}

/// The two methods by which a detector keeps its `state`.
macro_rules! keeps_its_state {
    () => {
        fn save(&self) -> serde_json::Result<String> {
            super::saved(&self.state)
        }

        fn load(&mut self, saved: &str) -> serde_json::Result<()> {
            self.state = super::loaded(saved)?;
            Ok(())
        }
    };
}
use keeps_its_state;
