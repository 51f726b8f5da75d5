//! Who works here: everybody of the period, joiners and leavers included.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};

use super::names::{FAMILY, GIVEN};
use super::person::{AwsAccess, Idp, Person, Role, Trip};
use super::rollout::{Cohort, Rollout, workday};
use super::timeline::{Situation, Timeline};
use crate::plan::Plan;
use crate::world::{CITIES, Chance, City, Device, Stream, seconds};

/// A team: name, wave, share of the people, roles with their weights.
struct Team {
    name: &'static str,
    cohort: Cohort,
    size: f64,
    roles: &'static [(Role, f64)],
}

const fn team(
    name: &'static str,
    cohort: Cohort,
    size: f64,
    roles: &'static [(Role, f64)],
) -> Team {
    Team { name, cohort, size, roles }
}

const BUILDERS: &[(Role, f64)] =
    &[(Role::Engineer, 8.0), (Role::Contractor, 1.2), (Role::Product, 1.0)];

static TEAMS: [Team; 12] = [
    team("security", Cohort::Pilot, 14.0, &[(Role::Security, 1.0)]),
    team("identity", Cohort::Pilot, 10.0, &[(Role::Sre, 1.0), (Role::Security, 1.0)]),
    team("platform", Cohort::Wave1, 40.0, &[(Role::Sre, 3.0), (Role::Engineer, 2.0)]),
    team("payments", Cohort::Wave1, 46.0, BUILDERS),
    team("search", Cohort::Wave1, 30.0, BUILDERS),
    team("mobile", Cohort::Wave2, 34.0, BUILDERS),
    team("web", Cohort::Wave2, 40.0, BUILDERS),
    team("data", Cohort::Wave2, 44.0, &[(Role::Data, 8.0), (Role::Contractor, 1.0)]),
    team("marketplace", Cohort::Wave2, 36.0, BUILDERS),
    team("product", Cohort::Wave3, 32.0, &[(Role::Product, 1.0)]),
    team("support", Cohort::Wave3, 50.0, &[(Role::Support, 8.0), (Role::Contractor, 2.0)]),
    team("operations", Cohort::Wave3, 24.0, &[(Role::Support, 2.0), (Role::Contractor, 1.0)]),
];

/// Timelines reach this far beyond `until`, for live traffic.
const HORIZON_DAYS: i64 = 1500;

/// Everybody of the period, in a fixed order.
pub(crate) fn roster(plan: &Plan, rollout: &Rollout) -> Vec<Person> {
    let leavers = plan.people / 12;
    let mut taken = BTreeSet::new();
    let mut heads: Vec<(&str, usize)> = Vec::new();
    let mut people = Vec::with_capacity(plan.people + leavers);
    for index in 0..plan.people + leavers {
        let mut chance = Chance::new(plan.seed, Stream::Roster, index as u64, 0);
        let team = place(index, &mut chance);
        let leaves = index >= plan.people;
        let head = heads.iter().find(|(name, _)| *name == team.name);
        let manager = match head {
            Some((_, head)) => Some(*head),
            None if index == 0 => None,
            None => Some(0),
        };
        if head.is_none() && !leaves {
            heads.push((team.name, index));
        }
        let leads = manager.is_none_or(|manager| manager == 0) && !leaves;
        people.push(person(
            plan,
            rollout,
            index,
            team,
            (manager, leads, leaves),
            &mut taken,
            &mut chance,
        ));
    }
    people
}

/// The first twelve people head the twelve teams.
fn place(index: usize, chance: &mut Chance) -> &'static Team {
    let sizes: Vec<f64> = TEAMS.iter().map(|team| team.size).collect();
    let slot = chance.slot(&sizes);
    let [first, ..] = &TEAMS;
    TEAMS.get(if index < TEAMS.len() { index } else { slot }).unwrap_or(first)
}

fn person(
    plan: &Plan,
    rollout: &Rollout,
    index: usize,
    team: &Team,
    (manager, leads, leaves): (Option<usize>, bool, bool),
    taken: &mut BTreeSet<String>,
    chance: &mut Chance,
) -> Person {
    let (given, family, login) = name(taken, chance);
    let role = chance.weighted(team.roles);
    let city = home(chance);
    let (valid_from, valid_to) = employment(plan, leads, leaves, chance);
    let invited = rollout.invited(team.cohort);
    let invited_on = invited.max(workday(valid_from + TimeDelta::days(1)));
    let rights = Rights::new(role, chance);
    let present = valid_from.max(plan.start.date_naive());
    let horizon = plan.until + TimeDelta::days(HORIZON_DAYS);
    let situation = Situation {
        present,
        joined_late: valid_from > plan.start.date_naive(),
        invited: invited_on,
        enforced: rollout.enforced(team.cohort),
        horizon,
        privileged: rights.admin || leads && rights.technical,
        zone: city.zone,
    };
    let github_2fa = if chance.yes(0.8) {
        present - TimeDelta::days(90)
    } else {
        workday(invited_on + TimeDelta::days(chance.between(0, 40)))
    };
    let mut enrols = Chance::new(plan.seed, Stream::Timeline, index as u64, 0);
    let (laptops, phone) = devices(plan, index, &login, present);
    Person {
        index,
        id: format!("p{:04}", index + 1),
        name: format!("{given} {family}"),
        email: format!("{login}@corp.example"),
        team: team.name,
        manager,
        role,
        cohort: team.cohort,
        city,
        idp: rights.idp,
        okta_id: chance.token("00u", 17),
        entra_id: chance.uuid(),
        github: rights.codes.then(|| login.replace('.', "-")),
        github_id: chance.bits() % 90_000_000 + 1_000_000,
        github_2fa,
        aws: rights.aws,
        aws_id: chance.capitals("AIDA", 17),
        ssh: rights.remotes.then(|| login.replace('.', "")),
        ssh_key: chance.token("SHA256:", 43),
        github_token: chance.token("", 43) + "=",
        admin: rights.admin,
        invited_on,
        valid_from,
        valid_to,
        activity: rights.activity,
        shift_min: chance.between(-100, 101),
        office_share: rights.office_share,
        laptops,
        phone,
        next_phone: None,
        trips: trips(plan, index, city, horizon.date_naive()),
        timeline: Timeline::new(&situation, &mut enrols),
        login,
    }
}

/// What follows from the role, with some luck.
struct Rights {
    technical: bool,
    admin: bool,
    codes: bool,
    remotes: bool,
    aws: AwsAccess,
    idp: Idp,
    activity: f64,
    office_share: f64,
}

impl Rights {
    fn new(role: Role, chance: &mut Chance) -> Self {
        let operates = matches!(role, Role::Sre | Role::Security);
        let technical = operates || matches!(role, Role::Engineer | Role::Data);
        let contractor = role == Role::Contractor;
        let admin = match role {
            Role::Sre | Role::Security => chance.yes(0.45),
            Role::Data | Role::Engineer => chance.yes(0.04),
            _ => false,
        };
        let usual = if technical { 8.5 } else { 6.0 };
        Self {
            technical,
            admin,
            codes: technical || contractor && chance.yes(0.6) || chance.yes(0.1),
            remotes: operates || role == Role::Engineer && chance.yes(0.3),
            aws: aws_access(role, admin, chance),
            idp: if chance.yes(0.65) { Idp::Okta } else { Idp::Entra },
            activity: chance.log_normal(usual, 0.3).min(22.0),
            office_share: if contractor { 0.1 } else { chance.unit() },
        }
    }
}

fn home(chance: &mut Chance) -> &'static City {
    let weights: Vec<f64> = CITIES.iter().map(|city| city.weight).collect();
    City::at(chance.slot(&weights))
}

/// A name whose login nobody has yet.
fn name(taken: &mut BTreeSet<String>, chance: &mut Chance) -> (&'static str, &'static str, String) {
    loop {
        let (given, family) = (*chance.pick(&GIVEN), *chance.pick(&FAMILY));
        let login = format!("{given}.{family}").to_lowercase();
        if taken.insert(login.clone()) {
            return (given, family, login);
        }
    }
}

/// First and last day. One in nine joins during the period; leavers were here
/// before it and go in its course.
fn employment(
    plan: &Plan,
    leads: bool,
    leaves: bool,
    chance: &mut Chance,
) -> (NaiveDate, Option<NaiveDate>) {
    let start = plan.start.date_naive();
    if leaves {
        let last = plan.date_at(0.05 + 0.9 * chance.unit());
        return (start - TimeDelta::days(chance.between(100, 2000)), Some(last));
    }
    if !leads && chance.yes(0.11) {
        return (workday(plan.date_at(0.02 + 0.92 * chance.unit())), None);
    }
    (start - TimeDelta::days(chance.between(30, 2500)), None)
}

fn aws_access(role: Role, admin: bool, chance: &mut Chance) -> AwsAccess {
    match role {
        Role::Sre | Role::Security if admin => AwsAccess::Federated("AdministratorAccess"),
        Role::Sre | Role::Security => AwsAccess::Federated("PowerUserAccess"),
        Role::Engineer if chance.yes(0.45) => AwsAccess::Federated("DeveloperAccess"),
        Role::Engineer if chance.yes(0.05) => AwsAccess::IamUser { mfa: chance.yes(0.6) },
        Role::Data if chance.yes(0.5) => AwsAccess::Federated("DataAnalyst"),
        Role::Data if chance.yes(0.2) => AwsAccess::IamUser { mfa: chance.yes(0.5) },
        Role::Contractor if chance.yes(0.35) => AwsAccess::IdentityCenter,
        _ => AwsAccess::None,
    }
}

/// A laptop from the start, a new one every three years or so; one telephone.
fn devices(plan: &Plan, index: usize, login: &str, present: NaiveDate) -> (Vec<Device>, Device) {
    let mut chance = Chance::new(plan.seed, Stream::Devices, index as u64, 0);
    let owner: String = login.chars().filter(char::is_ascii_alphabetic).take(6).collect();
    let managed = chance.yes(0.85);
    let horizon = plan.until.date_naive() + TimeDelta::days(HORIZON_DAYS);
    let since = present - TimeDelta::days(400);
    let mut laptops = vec![Device::laptop(&owner, since, managed, &mut chance)];
    let mut next = present + TimeDelta::days(chance.between(5, 1100));
    while next < horizon {
        laptops.push(Device::laptop(&owner, workday(next), managed, &mut chance));
        next += TimeDelta::days(chance.between(500, 1300));
    }
    let phone = Device::phone(&owner, since, &mut chance);
    (laptops, phone)
}

/// A journey every few months.
fn trips(plan: &Plan, index: usize, home: &City, horizon: NaiveDate) -> Vec<Trip> {
    let mut chance = Chance::new(plan.seed, Stream::Travel, index as u64, 0);
    let rate = chance.log_normal(150.0, 0.7);
    let mut from = plan.start.date_naive();
    let mut trips = Vec::new();
    loop {
        from += seconds(86_400.0 * (12.0 - rate * (1.0 - chance.unit()).ln()));
        if from > horizon {
            return trips;
        }
        let city = chance.below(14);
        let to = from + TimeDelta::days(chance.between(2, 9));
        if usize::from(home.number) != city {
            trips.push(Trip { from, to, city });
        }
        from = to;
    }
}
