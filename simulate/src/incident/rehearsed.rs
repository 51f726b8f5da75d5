//! Incidents that happen only where detectors are to be measured.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::calendar::{at, choose, local, stays};
use super::{Cast, Incident, IncidentKind, Planned};
use crate::github;
use crate::okta::{self, Actor, Opening, Stage, bad_password, enrolled, open, reach_app, verify};
use crate::people::{Cohort, Factor, Idp, Person, Phase, Role, workday};
use crate::record::Outbox;
use crate::traffic::App;
use crate::world::{Chance, Device, Network};

/// How long an account is away before it gets in again.
pub(super) const AWAY: TimeDelta = TimeDelta::days(75);
/// The login of such an account, another one each time; the directory doesn't know it.
fn forgotten(key: u64) -> String {
    format!("old.contractor.{}@corp.example", 1 + (key >> 8))
}

/// How long before an incident something of it is told.
pub(super) fn before(kind: IncidentKind) -> TimeDelta {
    match kind {
        IncidentKind::DormantAccount => AWAY,
        IncidentKind::ForeignSignIn => TimeDelta::hours(1),
        _ => TimeDelta::zero(),
    }
}

/// Places one of these kinds.
pub(super) fn place(
    key: u64,
    kind: IncidentKind,
    date: NaiveDate,
    people: &mut [Person],
    chance: &mut Chance,
) -> Planned {
    let wanted = match kind {
        IncidentKind::CredentialStuffing => 40,
        IncidentKind::SharedFactor => 2,
        IncidentKind::DormantAccount => 0,
        _ => 1,
    };
    let date = match kind {
        IncidentKind::CredentialStuffing | IncidentKind::NightSignIn => date,
        _ => workday(date),
    };
    let mut victims: Vec<usize> = Vec::new();
    for _ in 0..wanted {
        let fit = |person: &Person| {
            let fits = stays(person, date) && !victims.contains(&person.index);
            u32::from(fits && is_victim(kind, person, at(date, 600)))
        };
        victims.push(choose(people, chance, fit));
    }
    let addresses = if kind == IncidentKind::PasswordGuessing { 5 } else { 1 };
    let networks: Vec<Network> = (0..addresses)
        .map(|_| {
            let mut network = Network::attack(chance);
            // Told as a proxy an address says nothing of where somebody is.
            network.proxy = false;
            network
        })
        .collect();
    let first = victims.first().and_then(|index| people.get(*index));
    let from = first.map_or_else(|| at(date, 700), |person| begins(kind, date, person, chance));
    let mut logins: Vec<String> =
        victims.iter().filter_map(|index| people.get(*index)).map(Person::idp_login).collect();
    if kind == IncidentKind::DormantAccount {
        logins = vec![format!("okta:{}", forgotten(key))];
    }
    let (minutes, note) = about(kind);
    let label = Incident {
        kind,
        from,
        to: from + TimeDelta::minutes(minutes),
        people: logins,
        addresses: networks.iter().map(|network| network.ip.clone()).collect(),
        note: note.to_owned(),
    };
    Planned { key, label, victims, networks }
}

fn is_victim(kind: IncidentKind, person: &Person, noon: DateTime<Utc>) -> bool {
    let okta = person.idp == Idp::Okta;
    match kind {
        IncidentKind::RecoveryCodes => person.github.is_some(),
        IncidentKind::PolicyWeakened => okta && person.role == Role::Security,
        IncidentKind::ForeignSignIn | IncidentKind::NightSignIn => {
            let held = person.timeline.strongest(noon);
            okta && person.trip(noon.date_naive()).is_none() && held.is_some()
        }
        _ => okta,
    }
}

fn begins(
    kind: IncidentKind,
    date: NaiveDate,
    person: &Person,
    chance: &mut Chance,
) -> DateTime<Utc> {
    let minutes = match kind {
        IncidentKind::NightSignIn => chance.between(170, 230),
        IncidentKind::CredentialStuffing => chance.between(0, 1_200),
        _ => chance.between(620, 880),
    };
    local(date, minutes, person)
}

/// Length in minutes, and what happened.
fn about(kind: IncidentKind) -> (i64, &'static str) {
    match kind {
        IncidentKind::CredentialStuffing => (
            14,
            "Logins and passwords of a leak elsewhere, each tried once from one address; none is right.",
        ),
        IncidentKind::PasswordGuessing => (
            40,
            "One person's password is guessed from five addresses; the last one is right and stops at the second factor.",
        ),
        IncidentKind::ForeignSignIn => (
            70,
            "Password and code were phished and passed on: a sign-in from far away while the person works at home.",
        ),
        IncidentKind::NightSignIn => (30, "The same at night, on the person's own clock."),
        IncidentKind::SessionTheft => {
            (60, "The cookie of a session is copied and used from elsewhere with another browser.")
        }
        IncidentKind::DormantAccount => {
            (20, "A contractor's account that was forgotten is used after months.")
        }
        IncidentKind::RecoveryCodes => (
            20,
            "Somebody who has a person's session at GitHub has the recovery codes shown, and uses one.",
        ),
        IncidentKind::SharedFactor => {
            (20, "One factor is enrolled for two people, from an address of neither.")
        }
        _ => (10, "An administrator's account switches off a rule of the sign-on policy."),
    }
}

/// Writes what falls into the day.
pub(super) fn tell(planned: &Planned, cast: &Cast, out: &mut Outbox, chance: &mut Chance) {
    let (from, kind) = (planned.label.from, planned.label.kind);
    let Some(network) = planned.networks.first() else { return };
    let device = Device::strange(from.date_naive(), false, chance);
    let session = chance.token("idx", 20);
    if kind == IncidentKind::DormantAccount {
        let login = forgotten(planned.key);
        return dormant(&login, from, (network, &device), &session, out, chance);
    }
    let victims: Vec<&Person> =
        planned.victims.iter().filter_map(|index| cast.people.get(*index)).collect();
    let Some(person) = victims.first().copied() else { return };
    let mut stage = Stage::new(Actor::person(person), network, &device, &session, chance);
    stage.unusual = true;
    match kind {
        IncidentKind::CredentialStuffing => stuffing(planned, &victims, out, chance),
        IncidentKind::PasswordGuessing => guessing(planned, person, cast, out, chance),
        IncidentKind::ForeignSignIn => {
            at_work(person, cast, from - TimeDelta::minutes(40), None, out, chance);
            sign_in(&stage, person, cast, from, out, chance);
        }
        IncidentKind::NightSignIn => sign_in(&stage, person, cast, from, out, chance),
        IncidentKind::SessionTheft => {
            at_work(person, cast, from, Some(&session), out, chance);
            let used = from + TimeDelta::minutes(35);
            let mail = reach_app(&stage, out, used, App::Mail, None, chance);
            reach_app(&stage, out, mail + chance.pause(60.0, 200.0), App::Wiki, None, chance);
        }
        IncidentKind::RecoveryCodes => {
            github::recovery_codes(person, (network, &device), out, from, chance);
        }
        IncidentKind::SharedFactor => shared_factor(planned, &victims, out, chance),
        _ => okta::switched_off(&stage, out, from, Cohort::Wave2, chance),
    }
}

fn opening(person: &Person, cast: &Cast, when: DateTime<Utc>) -> Opening {
    Opening {
        cohort: person.cohort,
        phase: cast.rollout.phase(person.cohort, when).max(Phase::Pilot),
        challenge: true,
    }
}

/// With everything that the person has: password and factor.
fn sign_in(
    stage: &Stage,
    person: &Person,
    cast: &Cast,
    when: DateTime<Utc>,
    out: &mut Outbox,
    chance: &mut Chance,
) {
    let opening = opening(person, cast, when);
    let asked = open(stage, out, when, opening, chance);
    let Some(held) = person.timeline.strongest(when) else { return };
    let answered = verify(stage, out, asked, held, chance);
    let mail = answered + chance.pause(1.0, 4.0);
    reach_app(stage, out, mail, App::Mail, Some(opening), chance);
    reach_app(stage, out, mail + chance.pause(90.0, 300.0), App::Wiki, None, chance);
}

/// The person at home, with their own laptop.
fn at_work(
    person: &Person,
    cast: &Cast,
    when: DateTime<Utc>,
    session: Option<&str>,
    out: &mut Outbox,
    chance: &mut Chance,
) {
    let network = Network::home(person.city, person.index);
    let own = chance.token("idx", 20);
    let session = session.unwrap_or(&own);
    let laptop = person.laptop(when.date_naive());
    let stage = Stage::new(Actor::person(person), &network, laptop, session, chance);
    sign_in(&stage, person, cast, when, out, chance);
}

fn stuffing(planned: &Planned, victims: &[&Person], out: &mut Outbox, chance: &mut Chance) {
    let Some(network) = planned.networks.first() else { return };
    let device = Device::strange(planned.label.from.date_naive(), true, chance);
    for (number, person) in victims.iter().enumerate() {
        let session = chance.token("idx", 20);
        let mut stage = Stage::new(Actor::person(person), network, &device, &session, chance);
        stage.unusual = true;
        let then = planned.label.from + crate::world::seconds(20.0 * number as f64);
        bad_password(&stage, out, then + chance.pause(0.0, 5.0), chance);
    }
}

fn guessing(
    planned: &Planned,
    person: &Person,
    cast: &Cast,
    out: &mut Outbox,
    chance: &mut Chance,
) {
    /// Wrong passwords before the right one.
    const TRIES: usize = 30;
    let from = planned.label.from;
    let device = Device::strange(from.date_naive(), true, chance);
    for number in 0..=TRIES {
        let session = chance.token("idx", 20);
        let network = chance.pick(&planned.networks);
        let mut stage = Stage::new(Actor::person(person), network, &device, &session, chance);
        stage.unusual = true;
        let then = from + crate::world::seconds(50.0 * number as f64) + chance.pause(0.0, 20.0);
        if number == TRIES {
            open(&stage, out, then, opening(person, cast, then), chance);
        } else {
            bad_password(&stage, out, then, chance);
        }
    }
}

fn shared_factor(planned: &Planned, victims: &[&Person], out: &mut Outbox, chance: &mut Chance) {
    let Some(network) = planned.networks.first() else { return };
    let device = Device::strange(planned.label.from.date_naive(), false, chance);
    let mut timeline = crate::people::Timeline::default();
    timeline.enrol(Factor::Totp, planned.label.from, chance);
    let Some(held) = timeline.holdings.first() else { return };
    for (number, person) in victims.iter().enumerate() {
        let session = chance.token("idx", 20);
        let stage = Stage::new(Actor::person(person), network, &device, &session, chance);
        let then = planned.label.from + crate::world::seconds(300.0 * number as f64);
        enrolled(&stage, out, then, held, chance);
    }
}

/// The account's last use before, and its first after months.
fn dormant(
    login: &str,
    from: DateTime<Utc>,
    (network, device): (&Network, &Device),
    session: &str,
    out: &mut Outbox,
    chance: &mut Chance,
) {
    let actor = Actor { id: login, kind: "User", alternate_id: login, name: "Old Contractor" };
    for when in [from - AWAY, from] {
        let stage = Stage::new(actor, network, device, session, chance);
        let opening = Opening { cohort: Cohort::Wave3, phase: Phase::ReportOnly, challenge: false };
        let ready = open(&stage, out, when, opening, chance);
        reach_app(&stage, out, ready, App::Mail, None, chance);
    }
}
