//! Who signed in lately, and who failed lately: what tells a name that was mistyped
//! from one that was guessed.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::window::{DAY_MINUTES, Hour, Minute};

/// Days for which a success is remembered.
const REMEMBERED_DAYS: u32 = 90;

/// Hours that a source is listened to before a name counts as unknown there: most
/// people who work there have signed in by then.
pub(super) const ACQUAINTED_HOURS: Hour = 14 * 24;

/// Names or networks that are remembered at most. With more, none is called unknown.
const MOST: usize = 2_000_000;

/// What a failure is, seen from who came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Face {
    /// The name had not failed in 24 hours.
    pub(super) failing: bool,
    /// Nor had it signed in for 90 days.
    pub(super) unknown_name: bool,
    /// Nobody had signed in from the network for 90 days.
    pub(super) unknown_network: bool,
}

/// Who is known, per source.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Known {
    names: Faces,
    networks: Faces,
    failing: HashMap<u64, Minute>,
}

/// Days of the last success, by who.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Faces(HashMap<u64, u32>);

impl Faces {
    fn greet(&mut self, who: u64, day: u32) {
        if let Some(last) = self.0.get_mut(&who) {
            *last = day.max(*last);
        } else if !self.is_full() {
            self.0.insert(who, day);
        }
    }

    fn knows(&self, who: u64, day: u32) -> bool {
        let seen = self.0.get(&who).is_some_and(|last| last + REMEMBERED_DAYS >= day);
        seen || self.is_full()
    }

    fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }
}

/// One number for who it is and where.
const fn at(source: usize, who: u64) -> u64 {
    (who ^ (source as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)).rotate_left(29)
}

impl Known {
    /// Somebody got in.
    pub(super) fn signed_in(
        &mut self,
        source: usize,
        (user, network): (Option<u64>, Option<u64>),
        minute: Minute,
    ) {
        let day = minute / DAY_MINUTES;
        if let Some(user) = user {
            self.names.greet(at(source, user), day);
        }
        if let Some(network) = network {
            self.networks.greet(at(source, network), day);
        }
    }

    /// Somebody failed: what that says, and remembers it.
    pub(super) fn failed(
        &mut self,
        source: usize,
        (user, network): (Option<u64>, Option<u64>),
        minute: Minute,
    ) -> Face {
        let day = minute / DAY_MINUTES;
        let unknown_network =
            network.is_some_and(|network| !self.networks.knows(at(source, network), day));
        let Some(user) = user.map(|user| at(source, user)) else {
            return Face { unknown_network, ..Face::default() };
        };
        let before = match self.failing.get_mut(&user) {
            Some(last) => {
                let newest = minute.max(*last);
                Some(std::mem::replace(last, newest))
            }
            None => {
                if self.failing.len() < MOST {
                    self.failing.insert(user, minute);
                }
                None
            }
        };
        let failing = before.is_none_or(|last| last.saturating_add(DAY_MINUTES) <= minute);
        let unknown_name = failing && !self.names.knows(user, day);
        Face { failing, unknown_name, unknown_network }
    }

    /// Forgets what is over, once a day.
    pub(super) fn tidy(&mut self, now: Minute) {
        let day = now / DAY_MINUTES;
        for faces in [&mut self.names, &mut self.networks] {
            faces.0.retain(|_, last| *last + REMEMBERED_DAYS >= day);
        }
        self.failing.retain(|_, last| last.saturating_add(DAY_MINUTES) > now);
    }

    /// Whether there are more names or networks than it remembers.
    pub(super) fn is_full(&self) -> bool {
        self.names.is_full() || self.networks.is_full()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Minute = DAY_MINUTES;

    #[test]
    fn a_name_that_fails_again_within_a_day_counts_once() {
        let mut known = Known::default();
        let mut failing = |minute| known.failed(0, (Some(7), None), minute).failing;
        assert!(failing(5_000));
        assert!(!failing(5_001));
        assert!(!failing(5_001 + DAY - 1));
        assert!(failing(5_001 + DAY - 1 + DAY), "a whole day without");
        // An older one that comes late doesn't turn the clock back.
        assert!(!failing(5_001 + DAY));
        assert!(!failing(5_001 + 2 * DAY));
    }

    #[test]
    fn a_success_makes_name_and_network_known_there_for_90_days() {
        let mut known = Known::default();
        let who = (Some(7), Some(8));
        known.signed_in(0, who, 100 * DAY);
        let unknown = Face { failing: true, unknown_name: true, unknown_network: true };
        let familiar = Face { failing: true, ..Face::default() };
        assert_eq!(known.failed(0, who, 150 * DAY), familiar);
        assert_eq!(known.failed(1, who, 150 * DAY), unknown, "another source");
        assert_eq!(known.failed(0, who, 190 * DAY), familiar);
        assert_eq!(known.failed(0, who, 191 * DAY + DAY), unknown);
        known.tidy(192 * DAY);
        assert!(known.names.0.is_empty() && known.networks.0.is_empty());
        assert_eq!(known.failing.len(), 1);
        assert!(!known.is_full());
        let nobody = known.failed(0, (None, Some(9)), 200 * DAY);
        assert_eq!(nobody, Face { unknown_network: true, ..Face::default() });
    }
}
