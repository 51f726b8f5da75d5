//! What a day's rows depend on: as one number a day, by which a process tells that
//! a day must be computed again, and in full, by which files do that outlive it.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use rollcall_lake::{Segment, Snapshot, Table};
use sha2::{Digest, Sha256};

use super::hours::Hours;
use crate::catalog::shared::TailBatch;
use crate::policy::LOOKS_BACK_DAYS;

/// Hours before and after a day that its attempts can reach into: an attempt
/// ends after 10 silent minutes, so one would have to go on without a pause for
/// two hours around midnight to be cut. Attempts look at the tries of one hour
/// beside their days, and those at the events of one hour more.
pub(crate) const MARGIN_HOURS: i64 = 2;

/// A day of 1970-based numbering, UTC.
pub(crate) type DayNumber = i64;

/// Which events a day's rows are made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The day's own.
    Own,
    /// Those of the day and of the margin around it.
    Around,
    /// Those around the day and the day before, and the directory.
    WithPeople,
    /// Attempts of the day and of those that policies look back to, and the policies.
    WithPolicies,
}

/// A sealed file, as far as rows made from it depend on it.
#[derive(Debug)]
struct File {
    segment: Arc<Segment>,
    /// Numbers of its rows that were replaced.
    replaced: Option<Arc<Vec<u32>>>,
}

/// Files and unsealed rows that touch a day.
#[derive(Debug, Default)]
struct Touching {
    hash: DefaultHasher,
    /// Indices into the files.
    files: Vec<usize>,
    unsealed: bool,
}

impl Touching {
    fn add(&mut self, what: &impl Hash, file: Option<usize>) {
        what.hash(&mut self.hash);
        self.files.extend(file);
        self.unsealed |= file.is_none();
    }
}

#[derive(Debug, Default)]
struct DayKey {
    own: Touching,
    around: Touching,
    /// Events of the day, with those that were replaced.
    events: usize,
}

/// What sealed rows were made from, in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sources {
    /// SHA-256 over the day and everything that its rows were made from.
    pub(crate) key: String,
    /// The files' names.
    pub(crate) files: Vec<String>,
}

/// The keys of every day that has events.
#[derive(Debug, Default)]
pub(crate) struct DayKeys {
    days: BTreeMap<DayNumber, DayKey>,
    files: Vec<File>,
    people: Vec<File>,
    people_hash: u64,
    /// What stands for the policies and when each is in force, once somebody asked for it.
    policies: OnceLock<u64>,
}

impl DayKeys {
    /// Computes the keys from the files' and the tail's hours.
    pub(crate) fn new(
        snapshot: &Snapshot,
        sealed: &[(Arc<Segment>, Arc<Hours>)],
        tail: &[TailBatch],
    ) -> Self {
        let mut keys = Self::default();
        let mut sealed: Vec<_> = sealed.iter().collect();
        sealed.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        for (segment, hours) in sealed {
            let replaced = snapshot.replaced.in_segment(&segment.name).cloned();
            let rows = replaced.as_ref().map_or(0, |rows| rows.len());
            keys.touch(hours, &(&segment.name, rows), Some(keys.files.len()));
            keys.files.push(File { segment: Arc::clone(segment), replaced });
        }
        let replaced = snapshot.replaced.in_tail().len();
        for batch in tail {
            keys.touch(&batch.hours, &(batch.identity, replaced), None);
        }
        let mut people = DefaultHasher::new();
        for segment in snapshot.table(Table::People).segments.iter() {
            segment.name.hash(&mut people);
            keys.people.push(File { segment: Arc::clone(segment), replaced: None });
        }
        keys.people_hash = people.finish();
        keys
    }

    fn touch(&mut self, hours: &Hours, what: &impl Hash, file: Option<usize>) {
        let mut own: Option<DayNumber> = None;
        let mut around: Option<DayNumber> = None;
        for (hour, rows) in hours.iter() {
            let day = hour.div_euclid(24);
            let key = self.days.entry(day).or_default();
            key.events += usize::try_from(rows).unwrap_or_default();
            if own != Some(day) {
                own = Some(day);
                key.own.add(what, file);
            }
            let first = (hour - MARGIN_HOURS).div_euclid(24);
            let last = (hour + MARGIN_HOURS).div_euclid(24);
            for day in first..=last {
                if around.is_none_or(|touched| touched < day) {
                    around = Some(day);
                    self.days.entry(day).or_default().around.add(what, file);
                }
            }
        }
    }

    /// Days that have events, ascending.
    pub(crate) fn days(&self) -> impl DoubleEndedIterator<Item = DayNumber> {
        self.days.iter().filter(|(_, key)| key.events > 0).map(|(day, _)| *day)
    }

    /// Events of a day, those that were replaced too.
    pub(crate) fn events(&self, day: DayNumber) -> usize {
        self.days.get(&day).map_or(0, |key| key.events)
    }

    /// Notes what stands for the snapshot's policies.
    pub(crate) fn depend_on(&self, policies: u64) {
        // The snapshot's policies are always the same.
        let _already = self.policies.set(policies);
    }

    /// One number for what a day's rows are made from.
    pub(crate) fn number(&self, day: DayNumber, reach: Reach) -> u64 {
        match reach {
            Reach::Own => self.days.get(&day).map_or(0, |key| key.own.hash.finish()),
            Reach::Around => self.around(day),
            Reach::WithPeople => {
                let mut hasher = DefaultHasher::new();
                (self.around(day - 1), self.around(day), self.people_hash).hash(&mut hasher);
                hasher.finish()
            }
            Reach::WithPolicies => {
                let mut hasher = DefaultHasher::new();
                for day in day - LOOKS_BACK_DAYS..=day {
                    self.number(day, Reach::WithPeople).hash(&mut hasher);
                }
                self.policies.get().hash(&mut hasher);
                hasher.finish()
            }
        }
    }

    fn around(&self, day: DayNumber) -> u64 {
        let key = self.days.get(&day).filter(|key| key.events > 0);
        key.map_or(0, |key| key.around.hash.finish())
    }

    /// Everything that a day's rows are made from; `None` where some of it isn't
    /// sealed yet, or can't be told: what outlives a process can't name that.
    pub(crate) fn sources(&self, day: DayNumber, reach: Reach) -> Option<Sources> {
        let touching: Vec<&Touching> = match reach {
            Reach::Own => self.days.get(&day).map(|key| &key.own).into_iter().collect(),
            Reach::Around => self.days.get(&day).map(|key| &key.around).into_iter().collect(),
            Reach::WithPeople => {
                [day - 1, day].iter().filter_map(|day| Some(&self.days.get(day)?.around)).collect()
            }
            // When a version takes over may hang on events of any day.
            Reach::WithPolicies => return None,
        };
        if touching.iter().any(|touching| touching.unsealed) {
            return None;
        }
        let mut indices: Vec<usize> =
            touching.iter().flat_map(|touching| touching.files.iter().copied()).collect();
        indices.sort_unstable();
        indices.dedup();
        let people = if reach == Reach::WithPeople { self.people.as_slice() } else { &[] };
        let events = indices.iter().filter_map(|index| self.files.get(*index));
        let mut hash = Sha256::new();
        hash.update(day.to_le_bytes());
        let mut files = Vec::new();
        for File { segment, replaced } in events.chain(people) {
            hash.update(&segment.name);
            hash.update(&segment.tags.sha256);
            let rows = replaced.as_ref().map_or(&[][..], |rows| rows.as_slice());
            hash.update((rows.len() as u64).to_le_bytes());
            rows.iter().for_each(|row| hash.update(row.to_le_bytes()));
            files.push(segment.name.clone());
        }
        Some(Sources { key: hex::encode(hash.finalize()), files })
    }
}
