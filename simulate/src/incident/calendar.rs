//! When each incident happens, and to whom: one of each kind in every closed
//! quarter, and one of each in the fortnight before `until`.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::label::{Incident, IncidentKind};
use super::rehearsed;
use crate::people::{AwsAccess, Factor, Idp, Person, workday};
use crate::plan::Plan;
use crate::world::{Chance, Network, Stream};

/// An incident with everything that its telling needs beside the label.
pub(crate) struct Planned {
    pub(crate) key: u64,
    pub(crate) label: Incident,
    /// Whom it hits, by position in the roster.
    pub(crate) victims: Vec<usize>,
    pub(crate) networks: Vec<Network>,
}

/// All incidents of the period, in order of time.
pub(crate) struct Calendar {
    pub(crate) planned: Vec<Planned>,
}

impl Calendar {
    /// Places the incidents; a takeover changes its victim's factors.
    pub(crate) fn new(plan: &Plan, people: &mut [Person]) -> Self {
        let fortnight = plan.until.date_naive() - TimeDelta::days(12);
        let mut windows: Vec<(NaiveDate, i64)> = plan
            .closed_quarters()
            .into_iter()
            .map(|(from, to)| (from + TimeDelta::days(6), (to - from).num_days() - 12))
            .collect();
        windows.push((fortnight, 10));
        let mut planned = Vec::new();
        for (window, (first, days)) in windows.into_iter().enumerate() {
            let rehearsed: &[IncidentKind] =
                if plan.rehearsal { &IncidentKind::REHEARSED } else { &[] };
            for kind in IncidentKind::USUAL.iter().chain(rehearsed).copied() {
                let key = (window as u64) << 8 | kind as u64;
                let mut chance = Chance::new(plan.seed, Stream::Schedule, key, 0);
                let date = first + TimeDelta::days(chance.between(0, days));
                // Who was away for months must have been there before.
                if kind == IncidentKind::DormantAccount
                    && date < plan.start.date_naive() + rehearsed::AWAY + TimeDelta::days(3)
                {
                    continue;
                }
                planned.push(place(key, kind, date, people, &mut chance));
            }
        }
        planned.sort_by_key(|one| (one.label.from, one.key));
        Self { planned }
    }

    /// Whether that provider is down at that instant.
    pub(crate) fn outage(&self, idp: Idp, at: DateTime<Utc>) -> bool {
        idp == Idp::Okta && self.outages().any(|(from, to)| from <= at && at < to)
    }

    /// All spans in which Okta is down.
    pub(crate) fn outages(&self) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let down = |one: &&Planned| one.label.kind == IncidentKind::ProviderOutage;
        self.planned.iter().filter(down).map(|one| (one.label.from, one.label.to))
    }
}

fn place(
    key: u64,
    kind: IncidentKind,
    date: NaiveDate,
    people: &mut [Person],
    chance: &mut Chance,
) -> Planned {
    match kind {
        IncidentKind::PushBombing => push_bombing(key, date, people, chance),
        IncidentKind::PasswordSpray => spray(key, kind, date, people, chance),
        IncidentKind::DistributedSpray => spray(key, kind, date, people, chance),
        IncidentKind::FactorResetTakeover => takeover(key, date, people, chance),
        IncidentKind::ProviderOutage => outage(key, date, chance),
        IncidentKind::SshGuessing => guessing(key, date, chance),
        kind => rehearsed::place(key, kind, date, people, chance),
    }
}

/// Minutes after midnight, UTC.
pub(super) fn at(date: NaiveDate, minutes: i64) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(minutes)
}

/// The same in the person's own time.
pub(super) fn local(date: NaiveDate, minutes: i64, person: &Person) -> DateTime<Utc> {
    let naive = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes);
    let zoned = naive.and_local_timezone(person.city.zone).earliest();
    zoned.map_or_else(|| naive.and_utc(), |time| time.to_utc())
}

/// One of those who fit; the search starts anywhere and takes the best.
pub(super) fn choose(
    people: &[Person],
    chance: &mut Chance,
    fit: impl Fn(&Person) -> u32,
) -> usize {
    let offset = chance.below(people.len());
    let around = (0..people.len()).map(|step| (offset + step) % people.len());
    let mut best = (0, offset);
    for index in around {
        let score = people.get(index).map_or(0, &fit);
        if score > best.0 {
            best = (score, index);
        }
    }
    best.1
}

pub(super) fn stays(person: &Person, date: NaiveDate) -> bool {
    person.employed(date)
        && person.valid_to.is_none()
        && person.valid_from + TimeDelta::days(20) < date
}

fn push_bombing(key: u64, date: NaiveDate, people: &mut [Person], chance: &mut Chance) -> Planned {
    let noon = at(date, 720);
    let index = choose(people, chance, |person| {
        if person.idp != Idp::Okta || !stays(person, date) {
            return 0;
        }
        match person.timeline.strongest(noon).map(|held| held.factor) {
            Some(Factor::Push) => 3,
            Some(Factor::PushNumber) => 2,
            _ => 1,
        }
    });
    let network = Network::attack(chance);
    let mut from = noon;
    let mut login = String::new();
    if let Some(person) = people.get_mut(index) {
        from = local(date, chance.between(125, 205), person);
        login = person.idp_login();
        let push = |held: &&crate::people::Holding| held.active(from) && held.factor.is_push();
        if !person.timeline.holdings.iter().any(|held| push(&held)) {
            let since = from - TimeDelta::days(45);
            person.timeline.enrol(Factor::Push, since, chance);
        }
    }
    Planned {
        key,
        label: Incident {
            kind: IncidentKind::PushBombing,
            from,
            to: from + TimeDelta::minutes(40),
            people: vec![login],
            addresses: vec![network.ip.clone()],
            note: "Prompt after prompt at night from one address; one is approved in the end."
                .into(),
        },
        victims: vec![index],
        networks: vec![network],
    }
}

fn spray(
    key: u64,
    kind: IncidentKind,
    date: NaiveDate,
    people: &[Person],
    chance: &mut Chance,
) -> Planned {
    let distributed = kind == IncidentKind::DistributedSpray;
    let from = at(date, chance.between(0, 300));
    let share = if distributed { 0.4 } else { 0.25 };
    let mut victims = Vec::new();
    for person in people.iter().filter(|person| stays(person, date)) {
        if chance.yes(share) {
            victims.push(person.index);
        }
    }
    let count = if distributed { 45 } else { 1 };
    let networks: Vec<Network> = (0..count).map(|_| Network::attack(chance)).collect();
    let mut addresses: Vec<String> = networks.iter().map(|one| one.ip.clone()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let logins = victims.iter().filter_map(|index| people.get(*index));
    Planned {
        key,
        label: Incident {
            kind,
            from,
            to: from + TimeDelta::minutes(if distributed { 75 } else { 30 }),
            people: logins.map(Person::idp_login).collect(),
            addresses,
            note: if distributed {
                "Two common passwords tried on many accounts from many addresses; none gets in."
                    .into()
            } else {
                "One common password tried on many accounts from one address; one is right and stops at the second factor.".into()
            },
        },
        victims,
        networks,
    }
}

fn takeover(key: u64, date: NaiveDate, people: &mut [Person], chance: &mut Chance) -> Planned {
    let date = workday(date);
    let index = choose(people, chance, |person| {
        let enrolled = person.has_factor(at(date, 480));
        let federated = match person.aws {
            AwsAccess::Federated("PowerUserAccess") => 3,
            AwsAccess::Federated("AdministratorAccess") => 2,
            AwsAccess::Federated(_) => 1,
            _ => 0,
        };
        if person.idp == Idp::Okta && enrolled && stays(person, date) { federated } else { 0 }
    });
    let network = Network::attack(chance);
    let mut from = at(date, 600);
    let mut people_label = Vec::new();
    if let Some(person) = people.get_mut(index) {
        from = local(date, chance.between(600, 840), person);
        people_label = vec![person.idp_login(), format!("cloudtrail:{}", person.login)];
        let enrolled = from + chance.pause(420.0, 1200.0);
        person.timeline.reset(from, Factor::Totp, enrolled, chance);
        person.timeline.stolen();
        let found = from + TimeDelta::hours(5);
        let back = found + chance.pause(3600.0, 20_000.0);
        person.timeline.reset(found, Factor::PushNumber, back, chance);
    }
    Planned {
        key,
        label: Incident {
            kind: IncidentKind::FactorResetTakeover,
            from,
            to: from + TimeDelta::hours(5) + TimeDelta::minutes(1),
            people: people_label,
            addresses: vec![network.ip.clone()],
            note: "Factors reset by the helpdesk for a caller; a new factor, a sign-in from elsewhere, secrets read; reset again once found.".into(),
        },
        victims: vec![index],
        networks: vec![network],
    }
}

fn outage(key: u64, date: NaiveDate, chance: &mut Chance) -> Planned {
    let from = at(workday(date), chance.between(8 * 60, 14 * 60));
    Planned {
        key,
        label: Incident {
            kind: IncidentKind::ProviderOutage,
            from,
            to: from + TimeDelta::minutes(chance.between(105, 140)),
            people: vec!["cloudtrail:break-glass-1".into()],
            addresses: Vec::new(),
            note: "Okta is down; nobody signs in through it, AWS is reached with the break-glass account.".into(),
        },
        victims: Vec::new(),
        networks: Vec::new(),
    }
}

fn guessing(key: u64, date: NaiveDate, chance: &mut Chance) -> Planned {
    let from = at(date, chance.between(0, 900));
    let networks: Vec<Network> = (0..14).map(|_| Network::attack(chance)).collect();
    let mut addresses: Vec<String> = networks.iter().map(|one| one.ip.clone()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    Planned {
        key,
        label: Incident {
            kind: IncidentKind::SshGuessing,
            from,
            to: from + TimeDelta::minutes(chance.between(240, 600)),
            people: vec!["sshd:root".into()],
            addresses,
            note: "Passwords guessed at the exposed servers, many times the usual noise; none gets in.".into(),
        },
        victims: Vec::new(),
        networks,
    }
}
