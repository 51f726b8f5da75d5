//! Users and groups as people of the directory.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::name::{ENTERPRISE, get, text};
use super::resource::{Resource, of_value};
use crate::table::person::{ANY_SOURCE, KINDS, Login, Person};

/// Users that are made within this of the first one stand for the time before too, as the
/// people of a first file do.
const FIRST: TimeDelta = TimeDelta::hours(24);

/// What a user and its groups say of a person; what isn't said is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// The user's id.
    pub(super) user: String,
    /// The provider's id of the user, which may be the directory's.
    pub(super) external_id: Option<String>,
    pub(super) person: Person,
}

/// What the table has of a user: as which person, and what was said then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stood {
    pub(super) person_id: String,
    pub(super) said: Person,
}

impl Stood {
    /// Texts that say who it is.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let logins = self.said.logins.iter().map(|login| login.name.as_str());
        logins.chain([self.person_id.as_str()]).chain(self.said.name.as_deref())
    }
}

/// What users and groups say, user by user.
pub(super) fn said(users: &[&Resource], groups: &[&Resource]) -> Vec<Said> {
    let mut teams: HashMap<&str, &str> = HashMap::new();
    let mut named: Vec<(&str, &Resource)> = groups
        .iter()
        .filter_map(|group| Some((text(&group.body, "displayName")?, *group)))
        .collect();
    named.sort_by_key(|(name, group)| (*name, &group.id));
    for (name, group) in named {
        let members = group.body.get("members").and_then(Value::as_array).into_iter().flatten();
        for member in members.filter_map(|member| of_value(member)?.as_str()) {
            // Of several groups the first by name.
            teams.entry(member).or_insert(name);
        }
    }
    let mut names: HashMap<&str, String> = HashMap::new();
    for user in users {
        let name = name_of(&user.body).or_else(|| Some(text(&user.body, "userName")?.to_owned()));
        if let Some(name) = name {
            names.insert(&user.id, name.clone());
            if let Some(id) = text(&user.body, "externalId") {
                names.insert(id, name);
            }
        }
    }
    let first = users.iter().map(|user| user.created).min();
    let one = |user: &&Resource| {
        let is_first = first.is_some_and(|first| user.created - first <= FIRST);
        Said {
            user: user.id.clone(),
            external_id: text(&user.body, "externalId").map(str::to_owned),
            person: person(user, teams.get(&*user.id).copied(), &names, is_first),
        }
    };
    users.iter().map(one).collect()
}

fn person(
    user: &Resource,
    team: Option<&str>,
    names: &HashMap<&str, String>,
    is_first: bool,
) -> Person {
    let body = &user.body;
    let owned = |name: &str| text(body, name).map(str::to_owned);
    let enterprise = get(body, ENTERPRISE).and_then(Value::as_object);
    let department = enterprise.and_then(|enterprise| text(enterprise, "department"));
    let kind = text(body, "userType")
        .and_then(|word| KINDS.iter().copied().find(|kind| kind.eq_ignore_ascii_case(word)));
    Person {
        id: user.id.clone(),
        kind: kind.unwrap_or_default().to_owned(),
        logins: logins(body),
        name: name_of(body),
        team: team.or(department).map(str::to_owned),
        manager: enterprise.and_then(|enterprise| manager(enterprise, names)),
        role: owned("title"),
        cohort: None,
        time_zone: owned("timezone"),
        invited_on: None,
        valid_from: is_first.then_some(0),
        valid_to: user.inactive_on,
    }
}

/// The user name and the addresses, at every source.
fn logins(body: &Map<String, Value>) -> Vec<Login> {
    let list = |name| body.get(name).and_then(Value::as_array).into_iter().flatten();
    let is = |value: &Value, word: &str| {
        of_value(value).and_then(Value::as_str).is_some_and(|v| v.eq_ignore_ascii_case(word))
    };
    let privileged = list("roles").any(|role| is(role, "privileged"));
    let emails = list("emails").filter_map(|email| of_value(email)?.as_str());
    let mut logins: Vec<Login> = Vec::new();
    for name in text(body, "userName").into_iter().chain(emails) {
        let name = name.trim().to_lowercase();
        let is_odd = name.is_empty() || name.contains(|c: char| c == '*' || c.is_whitespace());
        if !is_odd && !logins.iter().any(|login| login.name == name) {
            logins.push(Login { source: ANY_SOURCE.to_owned(), name, privileged });
        }
    }
    logins
}

fn name_of(body: &Map<String, Value>) -> Option<String> {
    let parts = get(body, "name").and_then(Value::as_object);
    let part = |name| parts.and_then(|parts| text(parts, name));
    let whole = text(body, "displayName").or_else(|| part("formatted"));
    let joined = || {
        let names: Vec<&str> = ["givenName", "familyName"].into_iter().filter_map(part).collect();
        (!names.is_empty()).then(|| names.join(" "))
    };
    whole.map(str::to_owned).or_else(joined)
}

/// The manager's name where it is known; else what was written.
fn manager(enterprise: &Map<String, Value>, names: &HashMap<&str, String>) -> Option<String> {
    let manager = get(enterprise, "manager")?;
    let Some(object) = manager.as_object() else { return manager.as_str().map(str::to_owned) };
    if let Some(name) = text(object, "displayName") {
        return Some(name.to_owned());
    }
    let id = text(object, "value")?;
    Some(names.get(id).cloned().unwrap_or_else(|| id.to_owned()))
}

/// What is to be changed.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// People as they are to be.
    pub(super) people: Vec<Person>,
    /// What the table has of users then; `None`: nothing that the user said any more.
    pub(super) stood: Vec<(String, Option<Stood>)>,
}

/// What has to change in the directory that stands. Who was deleted stays until `today`, the
/// last day on which the logins count.
pub(super) fn changes(
    standing: &[Person],
    said: &[Said],
    stood: &BTreeMap<String, Stood>,
    today: i32,
) -> Changes {
    let mut changes = Changes::default();
    let by_id: HashMap<&str, &Person> = standing.iter().map(|p| (p.id.as_str(), p)).collect();
    let mut by_login: HashMap<&str, &Person> = HashMap::new();
    for person in standing {
        for login in &person.logins {
            by_login.entry(&login.name).or_insert(person);
        }
    }
    let known = |said: &Said| {
        let before = stood.get(&said.user).and_then(|stood| by_id.get(stood.person_id.as_str()));
        before.or_else(|| by_id.get(said.user.as_str())).copied()
    };
    // Whoever is known as somebody stays that, whatever others say.
    let mut taken: HashSet<&str> =
        said.iter().filter_map(known).map(|person| person.id.as_str()).collect();
    for said in said {
        let mut base = known(said);
        if base.is_none() {
            let of_id = said.external_id.as_deref().and_then(|id| by_id.get(id)).copied();
            let of_login =
                said.person.logins.iter().filter_map(|l| by_login.get(&*l.name).copied());
            base = of_id.into_iter().chain(of_login).find(|person| !taken.contains(&*person.id));
            taken.extend(base.map(|person| person.id.as_str()));
        }
        let before = stood.get(&said.user);
        let person = overlaid(base, before.map(|stood| &stood.said), &said.person, today);
        let now = Stood { person_id: person.id.clone(), said: said.person.clone() };
        if base != Some(&person) {
            changes.people.push(person);
        }
        if before != Some(&now) {
            changes.stood.push((said.user.clone(), Some(now)));
        }
    }
    let users: HashSet<&str> = said.iter().map(|said| said.user.as_str()).collect();
    let deleted = stood.iter().filter(|(user, _)| !users.contains(user.as_str()));
    for (user, stood) in deleted {
        if let Some(person) = by_id.get(stood.person_id.as_str()) {
            let ends = person.valid_to.is_none_or(|day| day > today);
            if ends && !taken.contains(person.id.as_str()) {
                changes.people.push(Person { valid_to: Some(today), ..(*person).clone() });
            }
        }
        changes.stood.push((user.clone(), None));
    }
    changes
}

/// The person with what a user says; what the user said before and says no more is gone.
fn overlaid(base: Option<&Person>, before: Option<&Person>, said: &Person, today: i32) -> Person {
    let Some(base) = base else {
        let kind = if said.kind.is_empty() { "human" } else { &said.kind };
        return Person { kind: kind.to_owned(), ..said.clone() };
    };
    let text = |of: fn(&Person) -> &Option<String>| {
        let was_said = before.is_some_and(|before| of(before).is_some() && of(before) == of(base));
        of(said).clone().or_else(|| of(base).clone().filter(|_| !was_said))
    };
    let mut person = base.clone();
    if !said.kind.is_empty() {
        person.kind.clone_from(&said.kind);
    }
    person.name = text(|person| &person.name);
    person.team = text(|person| &person.team);
    person.manager = text(|person| &person.manager);
    person.role = text(|person| &person.role);
    person.time_zone = text(|person| &person.time_zone);
    let has = |logins: &[Login], login: &Login| {
        logins.iter().any(|other| other.is(&login.source, &login.name))
    };
    person.logins.retain(|login| {
        has(&said.logins, login) || !before.is_some_and(|before| has(&before.logins, login))
    });
    for login in &said.logins {
        match person.logins.iter_mut().find(|other| other.is(&login.source, &login.name)) {
            Some(known) => known.privileged |= login.privileged,
            None => person.logins.push(login.clone()),
        }
    }
    let ended_it =
        before.is_some_and(|before| before.valid_to.is_some() && before.valid_to == base.valid_to);
    let own_end = base.valid_to.filter(|_| !ended_it);
    person.valid_to = match (own_end, said.valid_to) {
        (Some(own), Some(said)) => Some(own.min(said)),
        // Who is provisioned now is here now, also after having been gone.
        (Some(own), None) => Some(own).filter(|day| *day > today),
        (None, said) => said,
    };
    person
}

/// People with changes of them, and those that are new.
pub(super) fn with_changes(mut people: Vec<Person>, changes: Vec<Person>) -> Vec<Person> {
    let mut changes: HashMap<String, Person> =
        changes.into_iter().map(|person| (person.id.clone(), person)).collect();
    for person in &mut people {
        if let Some(changed) = changes.remove(&person.id) {
            *person = changed;
        }
    }
    let mut new: Vec<Person> = changes.into_values().collect();
    new.sort_by(|a, b| a.id.cmp(&b.id));
    people.extend(new);
    people
}
