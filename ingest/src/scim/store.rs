//! Users and groups, and what the table `people` has of them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, Utc};
use serde_json::{Map, Value};

use super::fault::Fault;
use super::journal::{Entry, Journal, read};
use super::name::text;
use super::people::{Said, Stood, said};
use super::resource::{Kind, Resource, kept, of_value};
use crate::error::IngestError;
use crate::table::EPOCH;

/// Lines of the file for each that is needed, from which on it is written anew.
const OFTEN: usize = 4;

/// Everything that is kept.
#[derive(Debug)]
pub(super) struct Store {
    /// None: it is only read.
    journal: Option<Journal>,
    next: u64,
    resources: BTreeMap<u64, Resource>,
    numbers: HashMap<String, u64>,
    /// User names in lower case.
    names: HashMap<String, u64>,
    stood: BTreeMap<String, Stood>,
}

impl Store {
    /// Reads what is kept, beside whoever writes it.
    pub(super) fn read(path: &Path) -> Result<Self, IngestError> {
        Ok(Self::of(read(path)?.0))
    }

    /// Opens the file, or makes it.
    pub(super) fn open(path: PathBuf) -> Result<Self, IngestError> {
        let (entries, whole) = read(&path)?;
        let lines = entries.len();
        let mut store = Self::of(entries);
        let needed = store.resources.len() + store.stood.len();
        store.journal = Some(if lines > OFTEN * needed + 100 {
            Journal::written(path, &store.entries())?
        } else {
            Journal::open(path, whole)?
        });
        Ok(store)
    }

    fn of(entries: Vec<Entry>) -> Self {
        let mut store = Self {
            journal: None,
            next: 1,
            resources: BTreeMap::new(),
            numbers: HashMap::new(),
            names: HashMap::new(),
            stood: BTreeMap::new(),
        };
        for entry in entries {
            store.take(entry);
        }
        store
    }

    fn entries(&self) -> Vec<Entry> {
        let kept = self
            .resources
            .iter()
            .map(|(number, resource)| Entry::Kept { number: *number, resource: resource.clone() });
        let stood = self
            .stood
            .iter()
            .map(|(user, stood)| Entry::Stands { user: user.clone(), stood: stood.clone() });
        kept.chain(stood).collect()
    }

    fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Kept { number, resource } => {
                self.lose(number);
                self.next = self.next.max(number + 1);
                self.numbers.insert(resource.id.clone(), number);
                if let Some(name) = user_name(&resource) {
                    self.names.insert(name, number);
                }
                self.resources.insert(number, resource);
            }
            Entry::Gone { number } => {
                self.next = self.next.max(number + 1);
                self.lose(number);
            }
            Entry::Stands { user, stood } => {
                self.stood.insert(user, stood);
            }
            Entry::Fell { user } => {
                self.stood.remove(&user);
            }
        }
    }

    fn lose(&mut self, number: u64) {
        let Some(resource) = self.resources.remove(&number) else { return };
        self.numbers.remove(&resource.id);
        if let Some(name) = user_name(&resource) {
            self.names.remove(&name);
        }
    }

    /// Makes entries durable, then takes them over.
    pub(super) fn keep(&mut self, entries: Vec<Entry>) -> Result<(), IngestError> {
        if entries.is_empty() {
            return Ok(());
        }
        let Some(journal) = &mut self.journal else {
            return Err(IngestError::Worker("what is only read can't be changed".to_owned()));
        };
        journal.append(&entries)?;
        for entry in entries {
            self.take(entry);
        }
        Ok(())
    }

    /// The resources of a kind, in the order in which they were made.
    pub(super) fn all(&self, kind: Kind) -> impl Iterator<Item = &Resource> {
        self.resources.values().filter(move |resource| resource.kind == kind)
    }

    /// A resource with its number.
    pub(super) fn find(&self, kind: Kind, id: &str) -> Result<(u64, &Resource), Fault> {
        let number = self.numbers.get(id).copied().ok_or_else(|| Fault::unknown(id))?;
        let resource = self.resources.get(&number).filter(|resource| resource.kind == kind);
        resource.map(|resource| (number, resource)).ok_or_else(|| Fault::unknown(id))
    }

    /// A new resource, not kept yet.
    pub(super) fn made(
        &self,
        kind: Kind,
        body: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<(u64, Resource), Fault> {
        let resource = Resource {
            kind,
            id: uuid::Uuid::new_v4().to_string(),
            created: now,
            modified: now,
            version: 1,
            body: kept(kind, body)?,
            inactive_on: None,
        };
        let resource = self.judged(self.next, resource, now)?;
        Ok((self.next, resource))
    }

    /// A resource with another body, not kept yet; the same where nothing changes.
    pub(super) fn changed(
        &self,
        number: u64,
        from: &Resource,
        body: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<Resource, Fault> {
        let body = kept(from.kind, body)?;
        if body == from.body {
            return Ok(from.clone());
        }
        let resource = Resource { body, modified: now, version: from.version + 1, ..from.clone() };
        self.judged(number, resource, now)
    }

    /// Refuses a user name that another user has; notes since when a user is inactive.
    fn judged(
        &self,
        number: u64,
        mut resource: Resource,
        now: DateTime<Utc>,
    ) -> Result<Resource, Fault> {
        if let Some(name) = user_name(&resource)
            && self.names.get(&name).is_some_and(|other| *other != number)
        {
            return Err(Fault::taken(format!("there is a user {name:?} already")));
        }
        let is_inactive = resource.kind == Kind::User && !resource.is_active();
        let today = day(now);
        resource.inactive_on =
            if is_inactive { resource.inactive_on.or(Some(today)) } else { None };
        Ok(resource)
    }

    /// What the users and groups say of people.
    pub(super) fn said(&self) -> Vec<Said> {
        let users: Vec<&Resource> = self.all(Kind::User).collect();
        let groups: Vec<&Resource> = self.all(Kind::Group).collect();
        said(&users, &groups)
    }

    /// What the table `people` has of users, by the user's id.
    pub(super) const fn stood(&self) -> &BTreeMap<String, Stood> {
        &self.stood
    }

    /// Takes whoever is meant out, and writes the file anew. Returns how many users went.
    pub(super) fn forget(&mut self, is_meant: impl Fn(&str) -> bool) -> Result<usize, IngestError> {
        let users: Vec<(u64, String)> = self
            .resources
            .iter()
            .filter(|(_, resource)| resource.kind == Kind::User && names(resource).any(&is_meant))
            .map(|(number, resource)| (*number, resource.id.clone()))
            .collect();
        for (number, id) in &users {
            self.lose(*number);
            self.stood.remove(id);
        }
        self.stood.retain(|_, stood| !stood.texts().any(&is_meant));
        for resource in self.resources.values_mut() {
            if let Some(Value::Array(members)) = resource.body.get_mut("members") {
                members.retain(|member| {
                    let value = of_value(member).and_then(Value::as_str).unwrap_or_default();
                    !users.iter().any(|(_, id)| id == value) && !is_meant(value)
                });
            }
        }
        if let Some(journal) = &self.journal {
            let path = journal.path().to_owned();
            self.journal = Some(Journal::written(path, &self.entries())?);
        }
        Ok(users.len())
    }
}

/// The day of a moment, UTC, since 1970.
pub(super) fn day(at: DateTime<Utc>) -> i32 {
    at.num_days_from_ce() - EPOCH
}

fn user_name(resource: &Resource) -> Option<String> {
    let is_user = resource.kind == Kind::User;
    text(&resource.body, "userName").filter(|_| is_user).map(str::to_lowercase)
}

/// Texts that say who a user is.
fn names(user: &Resource) -> impl Iterator<Item = &str> {
    let own = ["userName", "externalId", "displayName"];
    let own = own.into_iter().filter_map(|name| text(&user.body, name));
    let emails = user.body.get("emails").and_then(Value::as_array).into_iter().flatten();
    own.chain(emails.filter_map(|email| of_value(email)?.as_str())).chain([user.id.as_str()])
}
