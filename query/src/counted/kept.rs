//! The counts of days: in memory, and on disk for days that are sealed, a file
//! `<view>_<day>.counts` a day.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use datafusion::common::Result;
use datafusion::execution::TaskContext;
use sha2::{Digest, Sha256};

use super::bounds::Bounds;
use super::count::{Asked, Count, fits};
use super::packed::{About, Hash, packed, unpacked};
use crate::catalog::Inner;
use crate::catalog::read::number;
use crate::catalog::world::World;
use crate::days::key::{DayKeys, DayNumber, Sources};
use crate::days::stored::{Stored, date};
use crate::days::{ByDay, Day};

/// What is kept in memory, in bytes.
const LIMIT_BYTES: usize = 256 << 20;
/// Days whose rows are held while they are counted.
const DAYS_AT_A_TIME: usize = 8;
/// The last days, whose counts change with every event; those before are kept as one.
const OPEN_DAYS: usize = 2;
/// Fewer days than this are added up each time.
const FEW_DAYS: usize = 4;
/// Counts are written this long after the first of them was made: most questions of a page
/// come together.
const WRITE_AFTER: Duration = Duration::from_secs(2);

/// What an aggregate gives of a day.
struct State {
    rows: RecordBatch,
    bytes: usize,
    used: u64,
}

/// What was counted of a day.
struct DayCounts {
    /// The day's key in this process.
    key: u64,
    /// What the day is made from; `None` while some of it isn't sealed.
    sources: Option<Sources>,
    about: About,
    states: HashMap<Hash, State>,
    /// Whether there are states that the file doesn't have.
    unwritten: bool,
}

/// States of closed days as one.
struct Closed {
    /// One number for the days and their states.
    of: u64,
    states: Vec<RecordBatch>,
    used: u64,
}

#[derive(Default)]
struct Kept {
    days: BTreeMap<(ByDay, DayNumber), DayCounts>,
    closed: HashMap<Hash, Closed>,
    clock: u64,
    bytes: usize,
}

/// The counts of days.
#[derive(Default)]
pub(crate) struct Counts {
    kept: Mutex<Kept>,
    is_writing: AtomicBool,
    /// Days' rows that were gone through to count something.
    gone_through: AtomicUsize,
}

impl std::fmt::Debug for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kept = self.kept();
        f.debug_struct("Counts")
            .field("days", &kept.days.len())
            .field("bytes", &kept.bytes)
            .field("gone_through", &self.gone_through)
            .finish()
    }
}

/// A state that was found, with what tells it from those of other snapshots.
struct Found {
    day: DayNumber,
    /// The day's key and the state's hash.
    is: (u64, Hash),
    state: RecordBatch,
}

impl Counts {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often a day's rows were gone through to count something, since the start.
    #[cfg(test)]
    pub(super) fn gone_through(&self) -> usize {
        self.gone_through.load(Ordering::Relaxed)
    }

    /// The states of an aggregate over all its days: what is kept, the rest counted now.
    pub(super) async fn states(
        &self,
        world: &World,
        count: &Count,
        question: &str,
        task: &Arc<TaskContext>,
    ) -> Result<Vec<RecordBatch>> {
        let days = &world.inner.days;
        let keys = days.keys_of(world, count.view()).await?;
        self.open(&days.stored, count, &keys).await;
        let (mut found, missing) = self.look_up(count, question, &keys);
        for some in missing.chunks(DAYS_AT_A_TIME) {
            let rows = days.rows(world, count.view(), some).await?;
            for day in some.iter().zip(&rows) {
                found.push(self.count(count, question, &keys, day, task).await?);
            }
        }
        if !missing.is_empty() {
            self.write_soon(world);
        }
        found.sort_by_key(|found| found.day);
        found.retain(|found| found.state.num_rows() > 0);
        self.added_up(count, question, found, task).await
    }

    /// Takes the counts that lie on disk of days that nothing is known of.
    async fn open(&self, stored: &Stored, count: &Count, keys: &DayKeys) {
        let view = count.view();
        let unknown = |day: &&DayNumber| {
            let kept = self.kept();
            kept.days.get(&(view, **day)).is_none_or(|counts| counts.key != view.key(keys, **day))
        };
        let unknown: Vec<DayNumber> = count.days().iter().filter(unknown).copied().collect();
        let read = unknown.into_iter().filter_map(|day| {
            let sources = keys.sources(day, view.reach())?;
            Some(async move {
                let bytes = stored.read(file(view, day), sources.key.clone()).await?;
                let (about, states) = unpacked(&bytes)?;
                Some((day, sources, about, states))
            })
        });
        for (day, sources, about, states) in
            futures::future::join_all(read).await.into_iter().flatten()
        {
            let mut kept = self.kept();
            kept.known(view, day, view.key(keys, day), Some(sources), about);
            for (hash, state) in states {
                kept.keep(view, day, hash, state);
            }
            if let Some(counts) = kept.days.get_mut(&(view, day)) {
                counts.unwritten = false;
            }
        }
    }

    /// The states that are kept, and the days of which there is none.
    fn look_up(
        &self,
        count: &Count,
        question: &str,
        keys: &DayKeys,
    ) -> (Vec<Found>, Vec<DayNumber>) {
        let view = count.view();
        let mut kept = self.kept();
        kept.clock += 1;
        let now = kept.clock;
        let known: Vec<(DayNumber, Bounds)> = count
            .days()
            .iter()
            .filter_map(|day| {
                let counts = kept.days.get(&(view, *day))?;
                (counts.key == view.key(keys, *day)).then(|| (*day, counts.about.bounds.clone()))
            })
            .collect();
        let bounds: Vec<&Bounds> = known.iter().map(|(_, bounds)| bounds).collect();
        let mut hashes = Hashes::new(count, question);
        let mut found = Vec::new();
        for ((day, _), asked) in known.iter().zip(count.asked(&bounds)) {
            let hash = hashes.of(&asked);
            let Some(counts) = kept.days.get_mut(&(view, *day)) else { continue };
            let is = (counts.key, hash);
            let Some(state) = counts.states.get_mut(&hash) else { continue };
            state.used = now;
            if let Ok(state) = fits(state.rows.clone(), &count.schema()) {
                found.push(Found { day: *day, is, state });
            }
        }
        let have: Vec<DayNumber> = found.iter().map(|found| found.day).collect();
        let missing = count.days().iter().filter(|day| have.binary_search(day).is_err());
        (found, missing.copied().collect())
    }

    /// Counts a day's rows.
    async fn count(
        &self,
        count: &Count,
        question: &str,
        keys: &DayKeys,
        (day, rows): (&DayNumber, &Arc<Day>),
        task: &Arc<TaskContext>,
    ) -> Result<Found> {
        let (view, rows) = (count.view(), &rows.rows);
        let about = About { rows: rows.num_rows(), bounds: Bounds::of(rows) };
        let asked = count.asked(&[&about.bounds]).pop().unwrap_or_else(|| count.all_asked());
        let hash = Hashes::new(count, question).of(&asked);
        // Without rows there is nothing, not a count of nothing: that is what the plan's
        // second step gives where no day has any.
        let state = match about.rows {
            0 => RecordBatch::new_empty(count.schema()),
            _ => count.run(rows, &asked, task).await?,
        };
        self.gone_through.fetch_add(1, Ordering::Relaxed);
        let key = view.key(keys, *day);
        let mut kept = self.kept();
        if kept.days.get(&(view, *day)).is_none_or(|counts| counts.key != key) {
            kept.known(view, *day, key, keys.sources(*day, view.reach()), about);
        }
        kept.keep(view, *day, hash, state.clone());
        Ok(Found { day: *day, is: (key, hash), state })
    }

    /// The states with those of closed days as one, which is kept too.
    async fn added_up(
        &self,
        count: &Count,
        question: &str,
        mut found: Vec<Found>,
        task: &Arc<TaskContext>,
    ) -> Result<Vec<RecordBatch>> {
        if found.len() < FEW_DAYS + OPEN_DAYS {
            return Ok(found.into_iter().map(|found| found.state).collect());
        }
        let open = found.split_off(found.len() - OPEN_DAYS);
        let of = number(found.iter().map(|found| (found.day, found.is)).collect::<Vec<_>>());
        let hash = Hashes::new(count, question).of(&count.all_asked());
        let known = {
            let mut kept = self.kept();
            kept.clock += 1;
            let now = kept.clock;
            let closed = kept.closed.get_mut(&hash).filter(|closed| closed.of == of);
            closed.map(|closed| {
                closed.used = now;
                closed.states.clone()
            })
        };
        let mut states = match known {
            Some(states) => states,
            None => {
                let states = found.into_iter().map(|found| found.state).collect();
                let states = count.merge(states, task).await?;
                self.kept().close(hash, of, states.clone());
                states
            }
        };
        states.extend(open.into_iter().map(|found| found.state));
        Ok(states)
    }

    /// Writes what was counted, a little later: questions come together.
    fn write_soon(&self, world: &World) {
        if !world.inner.days.stored.is_written() || self.is_writing.swap(true, Ordering::AcqRel) {
            return;
        }
        // Nothing waits for this, and it keeps nothing open.
        let inner = Arc::downgrade(&world.inner);
        tokio::spawn(async move {
            tokio::time::sleep(WRITE_AFTER).await;
            if let Some(inner) = inner.upgrade() {
                inner.counts.write(&inner);
            }
        });
    }

    /// Writes what was counted of sealed days and isn't on disk yet, beside everything else.
    pub(crate) fn write(&self, inner: &Inner) {
        self.is_writing.store(false, Ordering::Release);
        let mut kept = self.kept();
        for ((view, day), counts) in &mut kept.days {
            if !std::mem::take(&mut counts.unwritten) {
                continue;
            }
            let Some(sources) = counts.sources.clone() else { continue };
            let about = counts.about.clone();
            let states = counts.states.iter().map(|(hash, state)| (*hash, state.rows.clone()));
            let states: Vec<_> = states.collect();
            inner.days.stored.write(file(*view, *day), sources, move || packed(&about, &states));
        }
    }
}

impl Kept {
    /// A day of which nothing is counted yet.
    fn known(
        &mut self,
        view: ByDay,
        day: DayNumber,
        key: u64,
        sources: Option<Sources>,
        about: About,
    ) {
        let states = HashMap::new();
        let counts = DayCounts { key, sources, about, states, unwritten: false };
        if let Some(old) = self.days.insert((view, day), counts) {
            let bytes: usize = old.states.values().map(|state| state.bytes).sum();
            self.bytes = self.bytes.saturating_sub(bytes);
        }
    }

    fn keep(&mut self, view: ByDay, day: DayNumber, hash: Hash, rows: RecordBatch) {
        let (bytes, used) = (rows.get_array_memory_size(), self.clock);
        let Some(counts) = self.days.get_mut(&(view, day)) else { return };
        counts.unwritten = true;
        let old = counts.states.insert(hash, State { rows, bytes, used });
        self.bytes += bytes;
        self.bytes = self.bytes.saturating_sub(old.map_or(0, |old| old.bytes));
        if self.bytes > LIMIT_BYTES {
            self.forget();
        }
    }

    fn close(&mut self, hash: Hash, of: u64, states: Vec<RecordBatch>) {
        let size = |states: &[RecordBatch]| -> usize {
            states.iter().map(RecordBatch::get_array_memory_size).sum()
        };
        self.bytes += size(&states);
        let used = self.clock;
        if let Some(old) = self.closed.insert(hash, Closed { of, states, used }) {
            self.bytes = self.bytes.saturating_sub(size(&old.states));
        }
        if self.bytes > LIMIT_BYTES {
            self.forget();
        }
    }

    /// Drops the half that wasn't asked for longest.
    fn forget(&mut self) {
        let days = self.days.values().flat_map(|counts| counts.states.values());
        let closed = self.closed.values().map(|closed| closed.used);
        let mut used: Vec<u64> = days.map(|state| state.used).chain(closed).collect();
        used.sort_unstable();
        let Some(middle) = used.get(used.len() / 2).copied() else { return };
        self.closed.retain(|_, closed| closed.used > middle);
        for counts in self.days.values_mut() {
            counts.states.retain(|_, state| state.used > middle);
        }
        let days = self.days.values().flat_map(|counts| counts.states.values());
        let closed = self.closed.values().flat_map(|closed| &closed.states);
        let closed: usize = closed.map(RecordBatch::get_array_memory_size).sum();
        self.bytes = days.map(|state| state.bytes).sum::<usize>() + closed;
    }
}

/// The hashes of one aggregate: most days are asked the same.
struct Hashes<'a> {
    count: &'a Count,
    question: &'a str,
    known: HashMap<Asked, Hash>,
}

impl<'a> Hashes<'a> {
    fn new(count: &'a Count, question: &'a str) -> Self {
        Self { count, question, known: HashMap::new() }
    }

    fn of(&mut self, asked: &Asked) -> Hash {
        if let Some(hash) = self.known.get(asked) {
            return *hash;
        }
        let mut hash = Sha256::new();
        hash.update(self.question);
        hash.update(self.count.text(asked));
        let hash: Hash = hash.finalize().into();
        self.known.insert(asked.clone(), hash);
        hash
    }
}

fn file(view: ByDay, day: DayNumber) -> String {
    format!("{}_{}.counts", view.name(), date(day))
}
