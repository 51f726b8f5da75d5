//! What one person has enrolled over time: first what was there before the
//! rollout, then the answer to the invitation, then what life brings.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::factor::Factor;
use super::rollout::workday;
use crate::world::{Chance, seconds};

/// Why somebody no longer has a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Taken off by its owner, who has another.
    Removed,
    /// All factors reset by the helpdesk.
    Reset,
}

/// One factor of one person, from enrolment to its end.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    pub(crate) factor: Factor,
    /// The vendor's identifier of the enrolment.
    pub(crate) id: String,
    /// Begun, not finished, from this date on.
    pub(crate) pending: Option<NaiveDate>,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: Option<(DateTime<Utc>, Ending)>,
    /// Enrolled by somebody else: its owner can't use it.
    pub(crate) stolen: bool,
}

impl Holding {
    pub(crate) fn active(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && self.to.is_none_or(|(end, _)| at < end)
    }
}

/// One person's factors, past, present and to come, in no order of time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timeline {
    pub(crate) holdings: Vec<Holding>,
}

/// What a timeline depends on.
pub(crate) struct Situation {
    /// The person's first day, or the first day of the period for whoever was
    /// there before.
    pub(crate) present: NaiveDate,
    pub(crate) joined_late: bool,
    pub(crate) invited: NaiveDate,
    pub(crate) enforced: DateTime<Utc>,
    pub(crate) horizon: DateTime<Utc>,
    /// Has admin rights: earlier and stronger.
    pub(crate) privileged: bool,
    pub(crate) zone: Tz,
}

impl Timeline {
    pub(crate) fn new(situation: &Situation, chance: &mut Chance) -> Self {
        let mut timeline = Self::default();
        let legacy = timeline.legacy(situation, chance);
        let answered = timeline.answer(situation, chance);
        if let Some(index) = legacy
            && chance.yes(0.75)
        {
            let gone = answered + TimeDelta::days(chance.between(7, 70));
            timeline.end(index, working(gone, situation.zone, chance), Ending::Removed);
        }
        if chance.yes(if situation.privileged { 0.85 } else { 0.4 }) {
            let at = answered + TimeDelta::days(chance.between(3, 60));
            let second = chance.weighted(&[
                (Factor::Passkey, 4.0),
                (Factor::HardwareKey, 3.0),
                (Factor::Totp, 2.0),
            ]);
            timeline.enrol(second, working(at, situation.zone, chance), chance);
        }
        timeline.phones(situation, answered, chance);
        timeline
    }

    /// The strongest factor usable at that instant.
    pub(crate) fn strongest(&self, at: DateTime<Utc>) -> Option<&Holding> {
        let usable = self.holdings.iter().filter(|held| held.active(at) && !held.stolen);
        usable.max_by_key(|holding| holding.factor.strength())
    }

    /// The factor that a person reaches for: mostly the strongest.
    pub(crate) fn choose(&self, at: DateTime<Utc>, chance: &mut Chance) -> Option<&Holding> {
        let usable: Vec<&Holding> =
            self.holdings.iter().filter(|held| held.active(at) && !held.stolen).collect();
        if usable.len() > 1 && chance.yes(0.2) {
            return Some(*chance.pick(&usable));
        }
        self.strongest(at)
    }

    /// All factors end at `at`, and `factor` comes in their place at `then`.
    pub(crate) fn reset(
        &mut self,
        at: DateTime<Utc>,
        factor: Factor,
        then: DateTime<Utc>,
        chance: &mut Chance,
    ) {
        for holding in &mut self.holdings {
            if holding.active(at) {
                holding.to = Some((at, Ending::Reset));
            }
        }
        // What was to be enrolled in between would have been lost as well.
        self.holdings.retain(|held| held.from < at || held.from > then);
        self.enrol(factor, then, chance);
    }

    pub(crate) fn enrol(&mut self, factor: Factor, from: DateTime<Utc>, chance: &mut Chance) {
        let prefix = match factor {
            Factor::PushNumber | Factor::Push => "opf",
            Factor::Sms => "sms",
            Factor::Voice => "clf",
            Factor::Email => "emf",
            Factor::Totp => "uft",
            Factor::HardwareOtp => "ykf",
            Factor::Passkey | Factor::Webauthn | Factor::HardwareKey => "fwf",
        };
        self.holdings.push(Holding {
            factor,
            id: chance.token(prefix, 17),
            pending: None,
            from,
            to: None,
            stolen: false,
        });
    }

    /// The factor enrolled last isn't its owner's.
    pub(crate) fn stolen(&mut self) {
        if let Some(last) = self.holdings.last_mut() {
            last.stolen = true;
        }
    }

    fn end(&mut self, index: usize, at: DateTime<Utc>, why: Ending) {
        if let Some(holding) = self.holdings.get_mut(index)
            && at > holding.from
        {
            holding.to = Some((at, why));
        }
    }

    /// What was there before anybody was asked: telephones and codes.
    fn legacy(&mut self, situation: &Situation, chance: &mut Chance) -> Option<usize> {
        let share = if situation.privileged { 0.8 } else { 0.38 };
        if situation.joined_late || !chance.yes(share) {
            return None;
        }
        let factor = chance.weighted(&[
            (Factor::Sms, 0.34),
            (Factor::Totp, 0.27),
            (Factor::Push, 0.28),
            (Factor::Voice, 0.03),
            (Factor::Email, 0.04),
            (Factor::HardwareOtp, 0.04),
        ]);
        let date = situation.present - TimeDelta::days(chance.between(20, 700));
        self.enrol(factor, working(date, situation.zone, chance), chance);
        Some(0)
    }

    /// The answer to the invitation. Many at once, a long tail, a rush in the
    /// days before the rule binds, and a few who wait until they are blocked.
    fn answer(&mut self, situation: &Situation, chance: &mut Chance) -> NaiveDate {
        let mut wait = if chance.yes(0.16) {
            0.0
        } else {
            chance.log_normal(if situation.privileged { 4.0 } else { 9.0 }, 1.1)
        };
        if situation.joined_late {
            wait = wait.min(4.0);
        }
        let bound = situation.enforced.date_naive();
        let mut date = situation.invited + seconds(wait.min(400.0) * 86_400.0);
        if date >= bound - TimeDelta::days(2) && !situation.joined_late {
            date = if chance.yes(0.72) {
                bound - TimeDelta::days(chance.between(1, 5))
            } else {
                // hold-outs: blocked on the first days
                bound + TimeDelta::days(chance.between(1, 12))
            };
        }
        let date = workday(date.max(situation.invited));
        let factor = chance.weighted(&[
            (Factor::PushNumber, 0.4),
            (Factor::Passkey, if situation.privileged { 0.5 } else { 0.3 }),
            (Factor::HardwareKey, if situation.privileged { 0.5 } else { 0.12 }),
            (Factor::Webauthn, 0.07),
            (Factor::Totp, 0.09),
        ]);
        self.enrol(factor, working(date, situation.zone, chance), chance);
        if chance.yes(0.06)
            && let Some(last) = self.holdings.last_mut()
        {
            last.pending = Some(date - TimeDelta::days(chance.between(1, 6)));
        }
        date
    }

    /// New telephones: about one in three people a year. Half go through the
    /// helpdesk, half move the factor themselves.
    fn phones(&mut self, situation: &Situation, answered: NaiveDate, chance: &mut Chance) {
        let mut date = answered.max(situation.present);
        loop {
            date += seconds(86_400.0 * (5.0 - 1000.0 * (1.0 - chance.unit()).ln()));
            let at = working(workday(date), situation.zone, chance);
            if at > situation.horizon {
                return;
            }
            let phone = |held: &&Holding| held.active(at) && held.factor.lives_on_phone();
            let Some(factor) = self.holdings.iter().find(phone).map(|held| held.factor) else {
                continue;
            };
            let next = if factor == Factor::Push { Factor::PushNumber } else { factor };
            if chance.yes(0.5) {
                let then = at + chance.delay(2.5 * 3600.0, 0.9, 60.0 * 3600.0);
                self.reset(at, next, then, chance);
            } else {
                for index in 0..self.holdings.len() {
                    let lost = self.holdings.get(index).is_some_and(|held| phone(&held));
                    if lost {
                        let gone = at + chance.pause(180.0, 900.0);
                        self.end(index, gone, Ending::Removed);
                    }
                }
                self.enrol(next, at, chance);
            }
        }
    }
}

/// An instant in the working hours of that local date.
fn working(date: NaiveDate, zone: Tz, chance: &mut Chance) -> DateTime<Utc> {
    let minutes = chance.between(9 * 60, 16 * 60 + 30);
    let local = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes);
    let at =
        local.and_local_timezone(zone).earliest().map_or_else(|| local.and_utc(), |at| at.to_utc());
    debug_assert!(at.year() > 1990);
    at + TimeDelta::milliseconds(chance.between(0, 60_000))
}
