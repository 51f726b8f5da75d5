//! What a day's rows depend on, as one number a day. A day is computed again
//! only when its number changes.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use rollcall_lake::{Snapshot, Table};

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

/// The keys of every day that has events.
#[derive(Debug, Default)]
pub(crate) struct DayKeys {
    /// By day: over its own events, and over those with the margin.
    days: BTreeMap<DayNumber, (u64, u64)>,
    people: u64,
    /// What stands for the policies and when each is in force, once somebody asked for it.
    policies: OnceLock<u64>,
}

impl DayKeys {
    /// Computes the keys from the files' and the tail's hours.
    pub(crate) fn new(
        snapshot: &Snapshot,
        sealed: &[(String, Arc<Hours>)],
        tail: &[TailBatch],
    ) -> Self {
        let mut hashers: BTreeMap<DayNumber, (DefaultHasher, DefaultHasher, bool)> =
            BTreeMap::new();
        let mut sealed: Vec<_> = sealed.iter().collect();
        sealed.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, hours) in sealed {
            let replaced = snapshot.replaced.in_segment(name).map_or(0, |rows| rows.len());
            touch(&mut hashers, hours, &(name, replaced));
        }
        let replaced = snapshot.replaced.in_tail().len();
        for batch in tail {
            touch(&mut hashers, &batch.hours, &(batch.identity, replaced));
        }
        let days = hashers
            .into_iter()
            .filter(|(_, (_, _, own))| *own)
            .map(|(day, (own, around, _))| (day, (own.finish(), around.finish())))
            .collect();
        let mut people = DefaultHasher::new();
        for segment in snapshot.table(Table::People).segments.iter() {
            segment.name.hash(&mut people);
        }
        Self { days, people: people.finish(), policies: OnceLock::new() }
    }

    /// Days that have events, ascending.
    pub(crate) fn days(&self) -> impl DoubleEndedIterator<Item = DayNumber> {
        self.days.keys().copied()
    }

    /// Key of what is made of the day's own events.
    pub(crate) fn own(&self, day: DayNumber) -> u64 {
        self.days.get(&day).map_or(0, |(own, _)| *own)
    }

    /// Key of what is made of the events of the day and around it.
    pub(crate) fn around(&self, day: DayNumber) -> u64 {
        self.days.get(&day).map_or(0, |(_, around)| *around)
    }

    /// Key of what is made of tries of the day and the day before, and of the
    /// directory.
    pub(crate) fn with_people(&self, day: DayNumber) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.around(day - 1), self.around(day), self.people).hash(&mut hasher);
        hasher.finish()
    }

    /// Notes what stands for the snapshot's policies.
    pub(crate) fn depend_on(&self, policies: u64) {
        // The snapshot's policies are always the same.
        let _already = self.policies.set(policies);
    }

    /// Key of what is made of attempts of the day and those that its policies look back to,
    /// and of the policies.
    pub(crate) fn with_policies(&self, day: DayNumber) -> u64 {
        let mut hasher = DefaultHasher::new();
        for day in day - LOOKS_BACK_DAYS..=day {
            self.with_people(day).hash(&mut hasher);
        }
        self.policies.get().hash(&mut hasher);
        hasher.finish()
    }
}

fn touch(
    hashers: &mut BTreeMap<DayNumber, (DefaultHasher, DefaultHasher, bool)>,
    hours: &Hours,
    what: &impl Hash,
) {
    let mut own: Option<DayNumber> = None;
    let mut around: Option<DayNumber> = None;
    for hour in hours.iter() {
        let day = hour.div_euclid(24);
        if own != Some(day) {
            own = Some(day);
            let entry = hashers.entry(day).or_default();
            what.hash(&mut entry.0);
            entry.2 = true;
        }
        let first = (hour - MARGIN_HOURS).div_euclid(24);
        let last = (hour + MARGIN_HOURS).div_euclid(24);
        for day in first..=last {
            if around.is_none_or(|touched| touched < day) {
                around = Some(day);
                what.hash(&mut hashers.entry(day).or_default().1);
            }
        }
    }
}
