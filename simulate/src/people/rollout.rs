//! The rollout of MFA: four waves, each invited, then tried, then bound.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::plan::Plan;

/// Which wave a person belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cohort {
    Pilot,
    Wave1,
    Wave2,
    Wave3,
}

impl Cohort {
    pub(crate) const ALL: [Cohort; 4] =
        [Cohort::Pilot, Cohort::Wave1, Cohort::Wave2, Cohort::Wave3];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Cohort::Pilot => "pilot",
            Cohort::Wave1 => "wave1",
            Cohort::Wave2 => "wave2",
            Cohort::Wave3 => "wave3",
        }
    }

    /// Identifiers of the wave's rule at Okta and of its policy at Entra.
    pub(crate) fn rule(self) -> (&'static str, &'static str) {
        match self {
            Cohort::Pilot => ("0pr8k1pilotMfaRu1e5d7", "3d1c7a52-90d4-4b53-8a1f-5f0c2e7b1a01"),
            Cohort::Wave1 => ("0pr8k2wave1MfaRu1e5d7", "3d1c7a52-90d4-4b53-8a1f-5f0c2e7b1a02"),
            Cohort::Wave2 => ("0pr8k3wave2MfaRu1e5d7", "3d1c7a52-90d4-4b53-8a1f-5f0c2e7b1a03"),
            Cohort::Wave3 => ("0pr8k4wave3MfaRu1e5d7", "3d1c7a52-90d4-4b53-8a1f-5f0c2e7b1a04"),
        }
    }

    pub(crate) fn rule_name(self) -> &'static str {
        match self {
            Cohort::Pilot => "Require MFA: pilot",
            Cohort::Wave1 => "Require MFA: wave 1",
            Cohort::Wave2 => "Require MFA: wave 2",
            Cohort::Wave3 => "Require MFA: wave 3",
        }
    }

    /// Shares of the period at which the wave is invited, tried and bound.
    fn shares(self) -> [f64; 3] {
        match self {
            Cohort::Pilot => [0.03, 0.08, 0.14],
            Cohort::Wave1 => [0.15, 0.23, 0.32],
            Cohort::Wave2 => [0.33, 0.43, 0.53],
            Cohort::Wave3 => [0.54, 0.65, 0.76],
        }
    }
}

/// How far a wave's policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Evaluated and logged; nobody is asked because of it.
    ReportOnly,
    /// Those who have a factor are asked for it every time.
    Pilot,
    /// Nobody comes in without.
    Enforced,
}

impl Phase {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Phase::ReportOnly => "report_only",
            Phase::Pilot => "pilot",
            Phase::Enforced => "enforced",
        }
    }
}

/// One wave's dates.
#[derive(Clone, Copy)]
struct Wave {
    cohort: Cohort,
    invited: NaiveDate,
    pilot: DateTime<Utc>,
    enforced: DateTime<Utc>,
}

/// All waves' dates; a function of the plan's period alone.
pub(crate) struct Rollout {
    waves: Vec<Wave>,
}

impl Rollout {
    pub(crate) fn new(plan: &Plan) -> Self {
        let waves = Cohort::ALL
            .into_iter()
            .map(|cohort| {
                let [invited, pilot, enforced] = cohort.shares();
                Wave {
                    cohort,
                    invited: workday(plan.date_at(invited)),
                    pilot: morning(plan.date_at(pilot)),
                    enforced: morning(plan.date_at(enforced)),
                }
            })
            .collect();
        Self { waves }
    }

    /// When the wave's people were asked to enrol.
    pub(crate) fn invited(&self, cohort: Cohort) -> NaiveDate {
        self.wave(cohort).map_or(NaiveDate::MIN, |wave| wave.invited)
    }

    /// From when the wave is bound.
    pub(crate) fn enforced(&self, cohort: Cohort) -> DateTime<Utc> {
        self.wave(cohort).map_or(DateTime::<Utc>::MIN_UTC, |wave| wave.enforced)
    }

    pub(crate) fn phase(&self, cohort: Cohort, at: DateTime<Utc>) -> Phase {
        match self.wave(cohort) {
            Some(wave) if at >= wave.enforced => Phase::Enforced,
            Some(wave) if at >= wave.pilot => Phase::Pilot,
            _ => Phase::ReportOnly,
        }
    }

    /// Every change of a wave's policy: when, which wave, from what to what.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (DateTime<Utc>, Cohort, Phase, Phase)> {
        self.waves.iter().flat_map(|wave| {
            [
                (wave.pilot, wave.cohort, Phase::ReportOnly, Phase::Pilot),
                (wave.enforced, wave.cohort, Phase::Pilot, Phase::Enforced),
            ]
        })
    }

    fn wave(&self, cohort: Cohort) -> Option<&Wave> {
        self.waves.iter().find(|wave| wave.cohort == cohort)
    }
}

/// The date itself, or the Monday after it.
pub(crate) fn workday(date: NaiveDate) -> NaiveDate {
    let mut date = date;
    while crate::world::is_weekend(date) {
        date += TimeDelta::days(1);
    }
    date
}

/// Changes are made in the European morning.
fn morning(date: NaiveDate) -> DateTime<Utc> {
    workday(date).and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(8 * 60 + 30)
}
