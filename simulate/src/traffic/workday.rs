//! Plans one person's local day: when they come by, from where, and how
//! signing in goes. Nothing is written here, so a day is cheap to plan.

use chrono::{DateTime, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Utc};

use super::app::{Errand, errand};
use crate::incident::Calendar;
use crate::look_alike::LookAlikes;
use crate::people::{Idp, Person, Phase, Rollout};
use crate::world::{Chance, City, Network, Rhythm, Stream, is_holiday, is_weekend, seconds};

/// How a sign-in goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Clean,
    /// So many wrong passwords first.
    Mistyped(u8),
    /// The right password, then no answer to the second factor.
    Abandoned,
    /// A refused or failed second factor first.
    Refused,
    /// Wrong until locked; then a new password and a success.
    LockedOut,
    /// The policy wants a factor that there isn't.
    Blocked,
    /// The provider is down.
    Outage,
}

impl How {
    pub(crate) fn succeeds(self) -> bool {
        !matches!(self, How::Abandoned | How::Blocked | How::Outage)
    }
}

/// One visit.
#[derive(Clone, Copy)]
pub(crate) struct Visit {
    pub(crate) at: DateTime<Utc>,
    /// Position in the local day; keys the visit's draws.
    pub(crate) number: u64,
    pub(crate) errand: Errand,
    pub(crate) sign_in: Option<How>,
    /// The second factor isn't asked for on a device that is remembered.
    pub(crate) remembered: bool,
    /// A fresh factor within a session.
    pub(crate) step_up: bool,
    pub(crate) vpn: bool,
    pub(crate) phone: bool,
    /// Which session of the local day.
    pub(crate) session: u64,
}

/// One person's local day.
pub(crate) struct Workday {
    pub(crate) date: NaiveDate,
    pub(crate) visits: Vec<Visit>,
    /// Where the person is, and what the VPN shows instead.
    pub(crate) base: Network,
    pub(crate) vpn: Network,
}

/// A session ends after this long, used or not.
const SESSION: TimeDelta = TimeDelta::hours(9);
/// Access to critical applications wants a factor this fresh.
const FRESH: TimeDelta = TimeDelta::hours(3);
/// No visit is further than this from the local day it belongs to.
const SPILL: TimeDelta = TimeDelta::hours(2);

/// What planning reads.
pub(crate) struct Surroundings<'a> {
    pub(crate) seed: u64,
    pub(crate) rhythm: &'a Rhythm,
    pub(crate) rollout: &'a Rollout,
    pub(crate) calendar: &'a Calendar,
    pub(crate) look_alikes: &'a LookAlikes,
}

/// The span of UTC in which a local day's visits start.
pub(crate) fn span(person: &Person, date: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
    let noon = date.and_time(NaiveTime::MIN) + TimeDelta::hours(12);
    let offset = person.city.zone.offset_from_utc_datetime(&noon).fix();
    let midnight = date.and_time(NaiveTime::MIN).and_utc();
    let from = midnight - TimeDelta::seconds(i64::from(offset.local_minus_utc()));
    (from - SPILL, from + TimeDelta::hours(24) + SPILL)
}

/// Plans the day; `None` where the person doesn't work.
pub(crate) fn plan(around: &Surroundings, person: &Person, date: NaiveDate) -> Option<Workday> {
    if !person.employed(date) || around.look_alikes.travels(person, date) {
        return None;
    }
    let day = u64::try_from(date.signed_duration_since(NaiveDate::MIN).num_days()).unwrap_or(0);
    let mut chance = Chance::new(around.seed, Stream::Workday, person.key(), day);
    if !present(around.seed, person, date, day, &mut chance) {
        return None;
    }
    let hours = around.rhythm.hours(date);
    let mean = person.activity * if is_weekend(date) { 0.5 } else { 1.0 };
    let count = 1 + chance.poisson(mean - 1.0).min(40);
    let start = span(person, date).0 + SPILL;
    let mut times: Vec<DateTime<Utc>> = (0..count)
        .map(|_| {
            let hour = chance.slot(&hours) as f64 + chance.unit();
            start + TimeDelta::minutes(person.shift_min) + seconds(hour * 3600.0)
        })
        .collect();
    times.sort_unstable();
    let base = place(person, date, &mut chance);
    let mut day = Day {
        around,
        person,
        chance,
        home: base.asn != 64496,
        session: None,
        sessions: 0,
        factor_at: None,
        blocked: false,
    };
    let visits =
        times.into_iter().zip(0..).filter_map(|(at, number)| day.visit(number, at)).collect();
    let vpn = match around.look_alikes.vpn_changed(date) {
        true => Network::vpn_elsewhere(person.city),
        false => Network::vpn(person.city),
    };
    Some(Workday { date, visits, base, vpn })
}

/// Weekends, holidays, leave in blocks of a week, sick days.
fn present(seed: u64, person: &Person, date: NaiveDate, day: u64, chance: &mut Chance) -> bool {
    let mut leave = Chance::new(seed, Stream::Absence, person.key(), day / 7);
    if leave.yes(0.09) {
        return chance.yes(0.02);
    }
    if is_weekend(date) || is_holiday(person.city.code, date) {
        let on_call = person.role == crate::people::Role::Sre;
        return chance.yes(if on_call { 0.35 } else { 0.16 });
    }
    chance.yes(0.965)
}

fn place(person: &Person, date: NaiveDate, chance: &mut Chance) -> Network {
    if let Some(trip) = person.trip(date) {
        return Network::roaming(City::at(trip.city), chance);
    }
    if !is_weekend(date) && chance.yes(person.office_share) {
        Network::office(person.city)
    } else {
        Network::home(person.city, person.index)
    }
}

/// What is known in the course of a day.
struct Day<'a> {
    around: &'a Surroundings<'a>,
    person: &'a Person,
    chance: Chance,
    home: bool,
    /// Since when there is a session at the identity provider.
    session: Option<DateTime<Utc>>,
    sessions: u64,
    /// When a factor was last asked for.
    factor_at: Option<DateTime<Utc>>,
    /// Turned away for want of a factor.
    blocked: bool,
}

impl Day<'_> {
    /// One visit; none where somebody who was turned away doesn't try again.
    fn visit(&mut self, number: u64, at: DateTime<Utc>) -> Option<Visit> {
        let errand = errand(self.person, &mut self.chance);
        let phone = matches!(errand, Errand::App(app) if !app.critical()) && self.chance.yes(0.06);
        let inward = matches!(errand, Errand::Server | Errand::Git);
        let vpn = self.home
            && (errand == Errand::Server || self.chance.yes(if inward { 0.6 } else { 0.25 }));
        let mut visit = Visit {
            at,
            number,
            errand,
            sign_in: None,
            remembered: false,
            step_up: false,
            vpn,
            phone,
            session: self.sessions,
        };
        if let Errand::App(app) = errand {
            if self.blocked && self.chance.yes(0.75) {
                return None;
            }
            self.authenticate(&mut visit, app.critical());
            self.blocked = visit.sign_in == Some(How::Blocked);
        }
        Some(visit)
    }

    /// Decides whether the visit signs in, and how that goes.
    fn authenticate(&mut self, visit: &mut Visit, critical: bool) {
        if self.around.calendar.outage(self.person.idp, visit.at) {
            visit.sign_in = Some(How::Outage);
            return;
        }
        let has_factor = self.person.has_factor(visit.at);
        let lives = self.session.is_some_and(|since| visit.at - since < SESSION);
        if lives && !visit.phone && !self.chance.yes(0.04) {
            let stale = self.factor_at.is_none_or(|at| visit.at - at > FRESH);
            visit.step_up = critical && stale && has_factor;
            if visit.step_up {
                self.factor_at = Some(visit.at);
            }
            return;
        }
        let phase = self.around.rollout.phase(self.person.cohort, visit.at);
        self.sessions += 1;
        visit.session = self.sessions;
        visit.remembered = has_factor && phase != Phase::Enforced && self.chance.yes(0.28);
        let how = self.how(phase, has_factor && !visit.remembered);
        visit.sign_in = Some(how);
        self.session = how.succeeds().then_some(visit.at);
        if how.succeeds() && has_factor && !visit.remembered {
            self.factor_at = Some(visit.at);
        }
    }

    fn how(&mut self, phase: Phase, asked: bool) -> How {
        if phase == Phase::Enforced && !asked {
            return How::Blocked;
        }
        let draw = self.chance.unit();
        let refusals = if self.person.idp == Idp::Okta { 0.025 } else { 0.03 };
        match draw {
            _ if draw < 0.003 => How::LockedOut,
            _ if draw < 0.05 => How::Mistyped(1),
            _ if draw < 0.065 => How::Mistyped(2),
            _ if asked && draw < 0.078 => How::Abandoned,
            _ if asked && draw < 0.078 + refusals => How::Refused,
            _ => How::Clean,
        }
    }
}
