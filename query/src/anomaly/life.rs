//! When a source talked: hours in which it was silent say nothing of what happened, and
//! are not zeros.

use serde::{Deserialize, Serialize};

use super::{
    tally::Tally,
    window::{Hour, Minute},
};

/// Hours of a week, as the distance between two of the same hour.
const WEEK_HOURS: Hour = 168;
/// Weeks that are looked back to tell an hour's rhythm.
const WEEKS: u32 = 8;
/// Weeks in each of which it must have talked in that hour: as Data health has it
/// (`query/pages/collectors_health.sql`).
const NEEDED: u32 = 4;
/// Weeks that are kept: those of the counts, and those before them that tell of silence.
const KEPT_HOURS: Hour = (super::series::KEPT_WEEKS + WEEKS) * WEEK_HOURS;

/// The hours in which one source told something.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Life {
    began: Option<Hour>,
    talked: Tally,
}

impl Life {
    /// Something came of it.
    pub(super) fn sign(&mut self, minute: Minute) {
        let hour = minute / 60;
        self.began = Some(self.began.map_or(hour, |began| began.min(hour)));
        self.talked.add(hour, 1);
    }

    /// Its first hour.
    pub(super) const fn began(&self) -> Option<Hour> {
        self.began
    }

    /// Whether it told nothing in an hour in which it had told something in each of the
    /// weeks before, of at least four.
    pub(super) fn is_silent(&self, hour: Hour) -> bool {
        if self.talked.has(hour) {
            return false;
        }
        let began = self.began.unwrap_or(hour);
        let mut same = (1..=WEEKS)
            .filter_map(|week| hour.checked_sub(week * WEEK_HOURS))
            .take_while(|before| *before >= began)
            .map(|before| self.talked.has(before));
        let known = same.clone().count();
        u32::try_from(known).is_ok_and(|known| known >= NEEDED) && same.all(|talked| talked)
    }

    /// Drops what tells nothing any more.
    pub(super) fn tidy(&mut self, now: Minute) {
        self.talked.forget_before((now / 60).saturating_sub(KEPT_HOURS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_silent_only_against_its_own_weeks() {
        let mut life = Life::default();
        // Six weeks: from 08:00 to 18:00, every day.
        let first = 480_000;
        for hour in (0..6 * 168).filter(|hour| (8..18).contains(&(hour % 24))) {
            if hour != 5 * 168 + 34 {
                life.sign((first + hour) * 60 + 3);
            }
        }
        assert_eq!(life.began(), Some(first + 8));
        assert!(life.is_silent(first + 5 * 168 + 34), "usually it talks then");
        assert!(!life.is_silent(first + 5 * 168 + 35), "it talked");
        assert!(!life.is_silent(first + 5 * 168 + 27), "it never talks then");
        assert!(!life.is_silent(first + 6 * 168 + 34), "it hadn't the week before either");
        assert!(life.is_silent(first + 6 * 168 + 35));
        let mut young = Life::default();
        (0..3).for_each(|week| young.sign((first + week * 168) * 60));
        assert!(!young.is_silent(first + 3 * 168), "three weeks are too few");
    }
}
