//! Views that are kept by UTC day, because every page asks for them: in memory, and
//! on disk where all of a day is sealed. What is kept is made by the view's own SQL,
//! is never evidence, and is made again for the days whose files, replaced rows, tail
//! or directory changed.
//!
//! ```text
//! hours   in which hours the rows of a file happened
//! key     what a day's rows depend on: as one number, and in full
//! build   runs a view's SQL over a few days
//! stored  days on disk
//! scan    reads days when it is run, not when it is planned
//! table   what DataFusion reads: the days that a filter asks for
//! ```

pub(crate) mod build;
pub(crate) mod hours;
pub(crate) mod key;
pub(crate) mod scan;
pub(crate) mod stored;
pub(crate) mod table;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::{DataFusionError, Result};
use rollcall_lake::{Segment, Table};

use crate::catalog::world::World;
use crate::policy;
use hours::Hours;
use key::{DayKeys, DayNumber, Reach};
use stored::Stored;

/// A view that is kept by day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ByDay {
    /// Tries, before the directory is asked: by their start.
    Tries,
    /// Tries with person and proof of MFA: by their start.
    Attempts,
    /// Rows and lag by source and quarter of an hour: by time.
    SourceActivity,
    /// What events say of each account.
    AccountDays,
    /// What policies say of accesses: by time.
    Decisions,
}

impl ByDay {
    /// The view's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Tries => "tries",
            Self::Attempts => "attempts",
            Self::SourceActivity => "source_activity",
            Self::AccountDays => "account_days",
            Self::Decisions => "policy_decisions",
        }
    }

    /// The column that says to which day a row belongs.
    pub(crate) const fn column(self) -> &'static str {
        match self {
            Self::Tries | Self::Attempts => "started",
            Self::SourceActivity => "slot",
            Self::AccountDays => "day",
            Self::Decisions => "time",
        }
    }

    /// Days that are made in one go where nothing is kept yet: what has to sort
    /// its events holds a few days of them, what only counts can take more.
    const fn days_in_one_go(self) -> i64 {
        match self {
            Self::Tries | Self::Attempts => 7,
            // Each run looks at the days before it as well.
            Self::Decisions => 30,
            Self::SourceActivity | Self::AccountDays => 60,
        }
    }

    /// Which events its rows of a day are made from.
    pub(crate) const fn reach(self) -> Reach {
        match self {
            Self::Tries => Reach::Around,
            Self::Attempts => Reach::WithPeople,
            Self::SourceActivity | Self::AccountDays => Reach::Own,
            Self::Decisions => Reach::WithPolicies,
        }
    }

    pub(crate) fn key(self, keys: &DayKeys, day: DayNumber) -> u64 {
        keys.number(day, self.reach())
    }
}

/// One day of a view.
pub(crate) struct Day {
    key: u64,
    /// Its rows.
    pub(crate) rows: RecordBatch,
    bytes: usize,
}

#[derive(Default)]
struct Kept {
    days: BTreeMap<(ByDay, DayNumber), (Arc<Day>, u64)>,
    hours: HashMap<String, Arc<Hours>>,
    clock: u64,
    bytes: usize,
}

/// The days that are kept.
pub(crate) struct Days {
    limit_bytes: usize,
    pub(crate) stored: Stored,
    kept: Mutex<Kept>,
    /// One builder at a time: two pages that need the same day wait for one.
    building: tokio::sync::Mutex<()>,
    /// The same for decisions, which are made of attempts that are kept.
    deciding: tokio::sync::Mutex<()>,
    schemas: [OnceLock<SchemaRef>; 4],
}

impl Days {
    /// Nothing is kept yet.
    pub(crate) fn new(limit_bytes: usize, stored: Stored) -> Self {
        Self {
            limit_bytes,
            stored,
            kept: Mutex::default(),
            building: tokio::sync::Mutex::default(),
            deciding: tokio::sync::Mutex::default(),
            schemas: Default::default(),
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The schema of a view, planned once a process.
    pub(crate) async fn schema(&self, world: &World, view: ByDay) -> Result<SchemaRef> {
        let tries = match view {
            ByDay::Attempts => Some(self.planned(world, ByDay::Tries, None).await?),
            ByDay::Tries | ByDay::SourceActivity | ByDay::AccountDays => None,
            ByDay::Decisions => return Ok(policy::decision_schema()),
        };
        self.planned(world, view, tries).await
    }

    async fn planned(
        &self,
        world: &World,
        view: ByDay,
        tries: Option<SchemaRef>,
    ) -> Result<SchemaRef> {
        let cell = match view {
            ByDay::Tries => &self.schemas[0],
            ByDay::Attempts => &self.schemas[1],
            ByDay::SourceActivity => &self.schemas[2],
            ByDay::AccountDays => &self.schemas[3],
            ByDay::Decisions => return Ok(policy::decision_schema()),
        };
        if let Some(schema) = cell.get() {
            return Ok(Arc::clone(schema));
        }
        if let Some(schema) = self.stored.schema(view).await {
            return Ok(Arc::clone(cell.get_or_init(|| schema)));
        }
        let schema = build::schema(world, view, tries).await?;
        self.stored.keep_schema(view, &schema);
        Ok(Arc::clone(cell.get_or_init(|| schema)))
    }

    /// The keys of all days of a snapshot. Hours of a file are read once.
    pub(crate) async fn keys(&self, world: &World) -> Result<Arc<DayKeys>> {
        if let Some(keys) = world.shared.day_keys() {
            return Ok(keys);
        }
        let snapshot = world.shared.snapshot();
        let segments = snapshot.table(Table::Events).segments;
        let mut sealed = Vec::with_capacity(segments.len());
        for segment in segments.iter() {
            let hours = self.hours_of(segment).await?;
            sealed.push((Arc::clone(segment), hours));
        }
        let keys = Arc::new(DayKeys::new(snapshot, &sealed, world.shared.tail_hours()));
        world.shared.keep_day_keys(Arc::clone(&keys));
        Ok(keys)
    }

    /// The keys of all days for a view. Decisions depend on the policies as well.
    pub(crate) async fn keys_of(&self, world: &World, view: ByDay) -> Result<Arc<DayKeys>> {
        let keys = self.keys(world).await?;
        if view == ByDay::Decisions {
            keys.depend_on(world.shared.timeline(world).await?.number);
        }
        Ok(keys)
    }

    async fn hours_of(&self, segment: &Arc<Segment>) -> Result<Arc<Hours>> {
        if let Some(hours) = self.kept().hours.get(&segment.name) {
            return Ok(Arc::clone(hours));
        }
        let hours = match self.stored.hours(segment).await {
            Some(hours) => hours,
            None => {
                let file = Arc::clone(segment);
                let read = tokio::task::spawn_blocking(move || Hours::read(&file));
                let hours = read.await.map_err(external)?.map_err(external)?;
                self.stored.keep_hours(segment, &hours);
                hours
            }
        };
        let hours = Arc::new(hours);
        self.kept().hours.insert(segment.name.clone(), Arc::clone(&hours));
        Ok(hours)
    }

    /// The rows of some days (ascending), made where they aren't kept.
    pub(crate) async fn rows(
        &self,
        world: &World,
        view: ByDay,
        days: &[DayNumber],
    ) -> Result<Vec<Arc<Day>>> {
        let keys = self.keys_of(world, view).await?;
        let (found, missing) = self.look_up(view, days, &keys);
        if missing.is_empty() {
            return Ok(found.into_values().collect());
        }
        let _one = match view {
            ByDay::Decisions => self.deciding.lock().await,
            _ => self.building.lock().await,
        };
        self.make(world, view, days, &keys).await
    }

    /// Makes what is missing; the caller holds the lock.
    async fn make(
        &self,
        world: &World,
        view: ByDay,
        days: &[DayNumber],
        keys: &Arc<DayKeys>,
    ) -> Result<Vec<Arc<Day>>> {
        // What was found or made stays valid for this query even if the limit
        // drops it meanwhile.
        let (mut found, missing) = self.look_up(view, days, keys);
        let missing = self.read(world, view, missing, keys, &mut found).await?;
        let chunks = chunks(&missing, view.days_in_one_go());
        // Windows over everything have one partition: days are what can be made
        // side by side.
        for side_by_side in chunks.chunks(world.inner.settings.threads()) {
            let tries = match view {
                ByDay::Attempts => Some(self.tries_for(world, side_by_side, keys).await?),
                ByDay::Tries | ByDay::SourceActivity | ByDay::AccountDays | ByDay::Decisions => {
                    None
                }
            };
            let mut tasks = Vec::with_capacity(side_by_side.len());
            for (first, last) in side_by_side {
                let (world, first, last) = (world.clone(), *first, *last);
                let beside = tries.as_ref().map(|tries| {
                    let days = tries.range(first - 2..=last + 1);
                    let rows = days.map(|(_, day)| build::beside(&day.rows, (first, last)));
                    rows.collect::<Result<Vec<_>>>()
                });
                let beside = beside.transpose()?;
                let build = async move { build::days(&world, view, (first, last), beside).await };
                tasks.push(tokio::spawn(build));
            }
            for built in futures::future::join_all(tasks).await {
                for (day, rows) in built.map_err(external)?? {
                    self.stored.keep_rows(view, day, keys, &rows);
                    found.insert(day, self.keep(view, day, keys, rows));
                }
            }
        }
        Ok(found.into_values().collect())
    }

    /// The days whose rows are neither in memory nor on disk.
    pub(crate) async fn not_stored(
        &self,
        view: ByDay,
        days: &[DayNumber],
        keys: &DayKeys,
    ) -> Vec<DayNumber> {
        let (_, missing) = self.look_up(view, days, keys);
        let mut not_stored = Vec::new();
        for day in missing {
            if !self.stored.has_rows(view, day, keys).await {
                not_stored.push(day);
            }
        }
        not_stored
    }

    /// Takes what is on disk; gives the days that aren't.
    async fn read(
        &self,
        world: &World,
        view: ByDay,
        days: Vec<DayNumber>,
        keys: &DayKeys,
        found: &mut BTreeMap<DayNumber, Arc<Day>>,
    ) -> Result<Vec<DayNumber>> {
        let schema = self.schema(world, view).await?;
        let mut missing = Vec::new();
        for side_by_side in days.chunks(world.inner.settings.threads()) {
            let read = side_by_side.iter().map(|day| self.stored.rows(view, *day, keys, &schema));
            let read = futures::future::join_all(read).await;
            for (day, rows) in side_by_side.iter().zip(read) {
                match rows {
                    Some(rows) => {
                        found.insert(*day, self.keep(view, *day, keys, rows));
                    }
                    None => missing.push(*day),
                }
            }
        }
        Ok(missing)
    }

    /// The tries of some chunks of days, of the two days before each, and of the day
    /// after.
    async fn tries_for(
        &self,
        world: &World,
        chunks: &[(DayNumber, DayNumber)],
        keys: &Arc<DayKeys>,
    ) -> Result<BTreeMap<DayNumber, Arc<Day>>> {
        let wanted = |day: &DayNumber| chunks.iter().any(|(a, b)| (a - 2..=b + 1).contains(day));
        let days: Vec<DayNumber> = keys.days().filter(wanted).collect();
        let rows = Box::pin(self.make(world, ByDay::Tries, &days, keys)).await?;
        Ok(days.into_iter().zip(rows).collect())
    }

    /// The days that are kept and up to date, and those that aren't.
    fn look_up(
        &self,
        view: ByDay,
        days: &[DayNumber],
        keys: &DayKeys,
    ) -> (BTreeMap<DayNumber, Arc<Day>>, Vec<DayNumber>) {
        let mut kept = self.kept();
        kept.clock += 1;
        let now = kept.clock;
        let mut found = BTreeMap::new();
        let mut missing = Vec::new();
        for day in days {
            match kept.days.get_mut(&(view, *day)) {
                Some((rows, used)) if rows.key == view.key(keys, *day) => {
                    *used = now;
                    found.insert(*day, Arc::clone(rows));
                }
                _ => missing.push(*day),
            }
        }
        (found, missing)
    }

    fn keep(&self, view: ByDay, day: DayNumber, keys: &DayKeys, rows: RecordBatch) -> Arc<Day> {
        let bytes = rows.get_array_memory_size();
        let rows = Arc::new(Day { key: view.key(keys, day), rows, bytes });
        self.remember(view, day, Arc::clone(&rows));
        rows
    }

    fn remember(&self, view: ByDay, day: DayNumber, rows: Arc<Day>) {
        let mut kept = self.kept();
        kept.bytes += rows.bytes;
        let now = kept.clock;
        if let Some((old, _)) = kept.days.insert((view, day), (rows, now)) {
            kept.bytes = kept.bytes.saturating_sub(old.bytes);
        }
        while kept.bytes > self.limit_bytes {
            let oldest = kept
                .days
                .iter()
                .filter(|(at, _)| **at != (view, day))
                // Tries are needed only where attempts are made again.
                .min_by_key(|(at, (_, used))| (at.0 != ByDay::Tries, *used))
                .map(|(at, _)| *at);
            let Some((old, _)) = oldest.and_then(|at| kept.days.remove(&at)) else { return };
            kept.bytes = kept.bytes.saturating_sub(old.bytes);
        }
    }
}

impl std::fmt::Debug for Days {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kept = self.kept();
        f.debug_struct("Days").field("days", &kept.days.len()).field("bytes", &kept.bytes).finish()
    }
}

fn external(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// Runs of days (ascending), cut where a gap or the chunk's length asks for it.
fn chunks(days: &[DayNumber], most: i64) -> Vec<(DayNumber, DayNumber)> {
    let mut chunks: Vec<(DayNumber, DayNumber)> = Vec::new();
    for day in days {
        match chunks.last_mut() {
            Some((first, last)) if *day == *last + 1 && *day - *first < most => *last = *day,
            _ => chunks.push((*day, *day)),
        }
    }
    chunks
}
