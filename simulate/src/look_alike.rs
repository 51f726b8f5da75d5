//! What only looks as if something went wrong: it happens where detectors are measured, and
//! none of it may raise an alert.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::Serialize;

use crate::okta::{Actor, Stage, account_event, bad_password};
use crate::people::{Factor, Idp, Person, Service, Trip, Work, workday};
use crate::plan::Plan;
use crate::record::Outbox;
use crate::sshd;
use crate::world::{Chance, Device, Network, Stream, seconds};

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LookAlikeKind {
    /// From one day on the VPN of all has exits elsewhere, of another provider.
    VpnChange,
    /// Many passwords expire over a weekend: on Monday old ones are typed everywhere.
    PasswordExpiryMonday,
    /// People get new phones: some move their factor, some have it reset.
    PhoneReplacements,
    /// A service's key isn't taken any more, and it tries again for hours.
    RetryingCi,
    /// Two teams spend a week in a city where nobody works.
    OffsiteAbroad,
}

/// One of them.
#[derive(Debug, Clone, Serialize)]
pub struct LookAlike {
    /// What it is.
    pub kind: LookAlikeKind,
    /// When it begins.
    pub from: DateTime<Utc>,
    /// When it is over.
    pub to: DateTime<Utc>,
    /// The accounts that it is about, as `source:login`; none: everybody's.
    pub people: Vec<String>,
}

/// All of them.
#[derive(Default)]
pub(crate) struct LookAlikes {
    labels: Vec<LookAlike>,
    /// Whose passwords expire, by position in the roster.
    expired: Vec<usize>,
}

/// Share of people at Okta whose password expires on that Monday.
const EXPIRED: f64 = 0.5;
/// People who get a phone, and who go abroad.
const PHONES: usize = 15;
const AWAY: usize = 30;

impl LookAlikes {
    /// Places them, one of each, in the last closed quarter; none without a rehearsal.
    pub(crate) fn new(plan: &Plan, people: &mut [Person]) -> Self {
        let quarter = plan.closed_quarters().pop();
        let Some((first, _)) = quarter.filter(|_| plan.rehearsal) else { return Self::default() };
        let mut alike = Self::default();
        let mut chance = Chance::new(plan.seed, Stream::Schedule, u64::MAX, 0);
        let chance = &mut chance;
        alike.phones(workday(first + TimeDelta::days(20)), people, chance);
        alike.passwords(first + TimeDelta::days(30), people, chance);
        alike.offsite(first + TimeDelta::days(42), people, chance);
        let retries = at(first + TimeDelta::days(52), 130);
        alike.add(LookAlikeKind::RetryingCi, retries, TimeDelta::hours(5), Vec::new());
        let vpn = at(workday(first + TimeDelta::days(60)), 0);
        alike.add(LookAlikeKind::VpnChange, vpn, plan.until - vpn, Vec::new());
        alike
    }

    /// The labels, in order of time.
    pub(crate) fn labels(&self) -> Vec<LookAlike> {
        let mut labels = self.labels.clone();
        labels.sort_by_key(|label| label.from);
        labels
    }

    /// Whether the VPN's exits stand elsewhere by then.
    pub(crate) fn vpn_changed(&self, date: NaiveDate) -> bool {
        let changed = self.of(LookAlikeKind::VpnChange);
        changed.is_some_and(|label| label.from.date_naive() <= date)
    }

    /// Whether somebody is on their way: without a rehearsal a trip begins and ends within
    /// the minute, and nobody travels so fast.
    pub(crate) fn travels(&self, person: &Person, date: NaiveDate) -> bool {
        let on_way = |trip: &Trip| date == trip.from || Some(date) == trip.to.succ_opt();
        !self.labels.is_empty() && person.trips.iter().any(on_way)
    }

    /// Writes what falls into the day and isn't told with everybody's traffic.
    pub(crate) fn tell(
        &self,
        seed: u64,
        people: &[Person],
        services: &[Service],
        out: &mut Outbox,
    ) {
        let stamp = out.from().timestamp().unsigned_abs();
        let mut chance = Chance::new(seed, Stream::Incident, u64::MAX, stamp);
        if let Some(label) = self.of(LookAlikeKind::RetryingCi)
            && out.overlaps(label.from, label.to)
        {
            retry(label, services, out, &mut chance);
        }
        if let Some(label) = self.of(LookAlikeKind::PasswordExpiryMonday)
            && out.overlaps(label.from, label.to)
        {
            for person in self.expired.iter().filter_map(|index| people.get(*index)) {
                type_old_passwords(label, person, out, &mut chance);
            }
        }
    }

    fn of(&self, kind: LookAlikeKind) -> Option<&LookAlike> {
        self.labels.iter().find(|label| label.kind == kind)
    }

    fn add(
        &mut self,
        kind: LookAlikeKind,
        from: DateTime<Utc>,
        length: TimeDelta,
        people: Vec<String>,
    ) {
        self.labels.push(LookAlike { kind, from, to: from + length, people });
    }

    fn phones(&mut self, date: NaiveDate, people: &mut [Person], chance: &mut Chance) {
        let mut logins = Vec::new();
        for (number, person) in people.iter_mut().filter(|one| is_there(one, date)).enumerate() {
            if number % 7 != 0 || logins.len() >= PHONES || person.idp != Idp::Okta {
                continue;
            }
            let when = at(date, 540) + chance.pause(0.0, 4.0 * 3600.0);
            let phone = person
                .timeline
                .holdings
                .iter()
                .any(|held| held.active(when) && held.factor.lives_on_phone());
            if phone {
                let then = when + chance.pause(600.0, 7_200.0);
                person.timeline.reset(when, Factor::PushNumber, then, chance);
            }
            person.next_phone = Some(Device::phone(&person.login, date, chance));
            logins.push(person.idp_login());
        }
        self.add(LookAlikeKind::PhoneReplacements, at(date, 0), TimeDelta::days(2), logins);
    }

    fn passwords(&mut self, after: NaiveDate, people: &[Person], chance: &mut Chance) {
        let days = i64::from((7 - after.weekday().num_days_from_monday()) % 7);
        let monday = after + TimeDelta::days(days);
        let there = people.iter().filter(|one| is_there(one, monday) && one.idp == Idp::Okta);
        self.expired = there.filter(|_| chance.yes(EXPIRED)).map(|one| one.index).collect();
        let expired = self.expired.iter().filter_map(|index| people.get(*index));
        let logins = expired.map(Person::idp_login).collect();
        self.add(LookAlikeKind::PasswordExpiryMonday, at(monday, 0), TimeDelta::days(1), logins);
    }

    fn offsite(&mut self, date: NaiveDate, people: &mut [Person], chance: &mut Chance) {
        /// Sydney's neighbours go to Lisbon, all others to Tokyo.
        const CITIES: [usize; 2] = [12, 4];
        let offset = chance.below(people.len());
        let mut logins = Vec::new();
        for step in 0..people.len() {
            let index = (offset + step) % people.len();
            let Some(person) = people.get_mut(index) else { continue };
            if logins.len() >= AWAY || !is_there(person, date) {
                continue;
            }
            let [tokyo, lisbon] = CITIES;
            let city = if person.city.number >= 10 { lisbon } else { tokyo };
            person.trips.push(Trip { from: date, to: date + TimeDelta::days(4), city });
            logins.push(person.idp_login());
        }
        self.add(LookAlikeKind::OffsiteAbroad, at(date, 0), TimeDelta::days(5), logins);
    }
}

fn at(date: NaiveDate, minutes: i64) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(minutes)
}

fn is_there(person: &Person, date: NaiveDate) -> bool {
    person.employed(date)
        && person.valid_to.is_none()
        && person.valid_from + TimeDelta::days(40) < date
}

/// Three refused connections a minute.
fn retry(label: &LookAlike, services: &[Service], out: &mut Outbox, chance: &mut Chance) {
    let Some(service) = services.iter().find(|one| one.work == Work::Deploys) else { return };
    let mut when = label.from;
    while when < label.to {
        sshd::refused_deploy(service, out, when, chance);
        when += chance.pause(15.0, 25.0);
    }
}

/// The old password two or three times, then a new one; from where the person works.
fn type_old_passwords(label: &LookAlike, person: &Person, out: &mut Outbox, chance: &mut Chance) {
    let network = match chance.yes(0.5) {
        true => Network::office(person.city),
        false => Network::home(person.city, person.index),
    };
    let device = person.laptop(label.from.date_naive());
    let session = chance.token("idx", 20);
    let stage = Stage::new(Actor::person(person), &network, device, &session, chance);
    // All of a city come within the same hour.
    let mut when = label.from + TimeDelta::minutes(8 * 60 + 30) + chance.pause(0.0, 3600.0);
    for _ in 0..chance.between(2, 3) {
        when = bad_password(&stage, out, when, chance);
    }
    let words =
        ("user.account.reset_password", "Fired when the user's Okta password is reset", None);
    account_event(&stage, out, when + seconds(30.0), words, chance);
}
