//! Detection over a catalog: what is new in it goes through the detectors once, also over a
//! restart.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use datafusion::scalar::ScalarValue;
use rollcall_lake::{LakeError, Segment, Snapshot, Table};

use std::collections::BTreeSet;
use std::sync::Arc;

use super::accounts::Accounts;
use super::alert::{Alert, Severity};
use super::engine::Engine;
use super::id::Ids;
use super::incident::{Told, named};
use super::names::Names;
use super::places::Places;
use super::policies::{Weakened, weakened};
use super::reader::Reader;
use super::row::{At, DAY, Row};
use super::saved::{self, Reading, Writing};
use super::seen::Seen;
use super::settings::DetectSettings;
use super::walk::Walk;
use crate::catalog::Session;
use crate::catalog::world::Derived;
use crate::error::{QueryError, Result};

/// Detectors, and what they know.
#[derive(Debug)]
pub struct Detection {
    settings: DetectSettings,
    reader: Reader,
    engine: Engine,
    seen: Seen,
    /// The versions of the directory and of the policies that were read.
    people: Option<u64>,
    policies: Option<u64>,
    /// Whether it begins anew, and so reads only the last days.
    begins: bool,
    /// Whether its file is there, as far as it knows.
    is_saved: bool,
}

/// What one look came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// Alerts that are new or got worse, in order.
    pub alerts: Vec<Alert>,
    /// Events that were looked at.
    pub events: u64,
    /// Events that came too late, and were only learned from.
    pub too_late: u64,
}

impl Detection {
    /// Takes up what was saved; with `again`, or where nothing usable was, it begins anew.
    /// What the trail of the session already tells is not raised a second time.
    ///
    /// # Errors
    /// If a setting doesn't fit, or the trail can't be asked.
    pub async fn open(settings: DetectSettings, session: &Session, again: bool) -> Result<Self> {
        let saved = if again { None } else { saved::read(&settings.file) };
        let parameters = settings.each().map_err(|problem| QueryError::Detect { problem })?;
        let mut engine = Engine::new(parameters, settings.late());
        let databases = Arc::clone(&session.world().geo);
        let places = Places::new(databases, settings.exits.clone());
        let begins = saved.is_none();
        let (ids, names, seen) = match saved {
            Some(Reading { ids, names, seen, engine: of_engine }) => {
                engine.load(of_engine);
                (ids, names, seen)
            }
            None => (Ids::new(&settings.secret), Names::default(), Seen::default()),
        };
        let reader = Reader::new(ids, names, places);
        let (people, policies, is_saved) = (None, None, !begins);
        let mut detection =
            Self { settings, reader, engine, seen, people, policies, begins, is_saved };
        detection.remember(session).await?;
        Ok(detection)
    }

    /// Asks the trail what it has.
    async fn remember(&mut self, session: &Session) -> Result<()> {
        let newest = newest_time(session.world().shared.snapshot());
        let from = newest.saturating_sub(self.settings.history() + 7 * DAY);
        let zone = Some(Arc::from("UTC"));
        let from = ScalarValue::TimestampMicrosecond(Some(from), zone);
        let values = vec![("from".to_owned(), from)];
        let sql = include_str!("../../detect/told.sql");
        for batch in session.run("detect/told", sql, values, Derived::Kept).await? {
            for (name, subject, told) in told_of(&batch) {
                self.engine.incidents.know(name, subject, told);
            }
        }
        Ok(())
    }

    /// Looks at what is new in a session's snapshot. It takes and gives itself, since it
    /// works on a thread of its own; after an error it must be opened again.
    ///
    /// # Errors
    /// If the directory can't be asked, or a file not be read.
    pub async fn look(mut self, session: &Session) -> Result<(Self, Looked)> {
        self.know(session).await?;
        let weakened = self.weakened(session).await?;
        let snapshot = Arc::clone(session.world().shared.snapshot());
        let work = tokio::task::spawn_blocking(move || {
            let looked = self.look_at(&snapshot, &weakened)?;
            Ok((self, looked))
        });
        work.await.map_err(|error| QueryError::Run(format!("detectors: {error}")))?
    }

    /// Takes a newer directory and newer databases of places, if there are.
    async fn know(&mut self, session: &Session) -> Result<()> {
        let world = session.world();
        self.reader.places.ask(&world.geo);
        let people = world.shared.snapshot().table(Table::People).version;
        if people != self.people {
            let sql = include_str!("../../detect/logins.sql");
            let rows = session.run("detect/logins", sql, Vec::new(), Derived::Kept).await?;
            self.reader.know(Accounts::read(&rows, &self.reader.ids));
            self.people = people;
        }
        Ok(())
    }

    /// Policies that ask for less, by snapshots that weren't looked at; of the last days where
    /// it begins anew.
    async fn weakened(&mut self, session: &Session) -> Result<Vec<Weakened>> {
        let snapshot = session.world().shared.snapshot();
        let version = snapshot.table(Table::VendorPolicies).version;
        if version == self.policies {
            return Ok(Vec::new());
        }
        let begins = newest_time(snapshot).saturating_sub(self.settings.history());
        let found = weakened(session, self.seen.policies_until.max(begins)).await?;
        self.policies = version;
        Ok(found)
    }

    fn look_at(&mut self, snapshot: &Snapshot, policies: &[Weakened]) -> Result<Looked> {
        let before = self.engine.clock;
        let files = self.new_files(snapshot)?;
        let (unsealed, positions) = self.unsealed(snapshot);
        let mut alerts = Vec::new();
        let Self { reader, engine, seen, .. } = &mut *self;
        let mut walk = Walk {
            reader: &mut *reader,
            replaced: &snapshot.replaced,
            wants: &|at, replays| seen.wants(at, replays),
        };
        let walked = walk.through(&files, unsealed, &mut |reader, rows| {
            engine.look(rows, &reader.ids, &reader.names, &mut alerts);
        });
        walked.map_err(unreadable)?;
        engine.weakened(policies, &reader.ids, &reader.names, &mut alerts);
        for policy in policies {
            self.seen.policies_until = self.seen.policies_until.max(policy.taken);
        }
        for file in &files {
            self.seen.saw_file(file);
        }
        for at in positions {
            self.seen.saw(at);
        }
        let names = snapshot.table(Table::Events).segments;
        self.seen.keep_files(names.iter().map(|file| file.name.as_str()));
        self.begins = false;
        let clock = self.engine.clock;
        Ok(Looked {
            alerts,
            events: clock.events - before.events,
            too_late: clock.too_late - before.too_late,
        })
    }

    /// Files with rows that weren't looked at. Where it begins anew, those of the last days.
    fn new_files(&mut self, snapshot: &Snapshot) -> Result<Vec<Arc<Segment>>> {
        let from = newest_time(snapshot).saturating_sub(self.settings.history());
        let mut new = Vec::new();
        for file in snapshot.table(Table::Events).segments.iter() {
            if !self.seen.is_new(file) {
                continue;
            }
            let is_old = self.begins && file.tags.time_max.is_some_and(|last| last < from);
            if is_old || self.seen.covers(&file.tags) || !self.seen.has_new(file)? {
                self.seen.saw_file(file);
            } else {
                new.push(Arc::clone(file));
            }
        }
        Ok(new)
    }

    /// Unsealed rows that weren't looked at, and all their positions: also those of
    /// rollcall's own events, which nobody looks at.
    fn unsealed(&mut self, snapshot: &Snapshot) -> (Vec<Row>, Vec<At>) {
        let (mut rows, mut positions) = (Vec::new(), Vec::new());
        let (reader, seen) = (&mut self.reader, &self.seen);
        let mut wanted = |_: usize, at: At| {
            let is_new = seen.wants_unsealed(at);
            if is_new {
                positions.push(at);
            }
            is_new
        };
        for batch in snapshot.tail.events.iter() {
            reader.read(batch, &mut wanted, &mut rows);
        }
        (rows, positions)
    }

    /// Saves what it knows.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn save(&mut self) -> Result<()> {
        let engine = self.engine.saving();
        let engine = engine.map_err(|error| QueryError::Detect { problem: error.to_string() })?;
        let Reader { ids, names, .. } = &self.reader;
        saved::write(&self.settings.file, &Writing { ids, names, seen: &self.seen, engine })?;
        self.is_saved = true;
        Ok(())
    }

    /// Whether its file should be there.
    pub const fn was_saved(&self) -> bool {
        self.is_saved
    }

    /// Events that were looked at since it began anew, and those that came too late.
    pub const fn counted(&self) -> (u64, u64) {
        (self.engine.clock.events, self.engine.clock.too_late)
    }
}

/// A file that can't be read; the error names it.
pub(super) fn unreadable(error: LakeError) -> QueryError {
    QueryError::Run(error.to_string())
}

/// Time of the newest event of a snapshot, µs since 1970 UTC.
pub(crate) fn newest_time(snapshot: &Snapshot) -> i64 {
    let files = snapshot.table(Table::Events).segments;
    let sealed = files.iter().filter_map(|file| file.tags.time_max);
    let unsealed = snapshot.tail.events.iter().filter_map(|batch| {
        let times = batch.column_by_name("time")?;
        let times = times.as_primitive_opt::<TimestampMicrosecondType>()?;
        times.values().iter().copied().max()
    });
    sealed.chain(unsealed).max().unwrap_or_default()
}

/// The first two columns, both text.
pub(crate) fn pairs(batches: &[RecordBatch]) -> BTreeSet<(String, String)> {
    let mut pairs = BTreeSet::new();
    for batch in batches {
        let text = |at: usize| cast(batch.columns().get(at)?, &DataType::Utf8View).ok();
        let (Some(first), Some(second)) = (text(0), text(1)) else { continue };
        let rows = first.as_string_view().iter().zip(second.as_string_view().iter());
        pairs.extend(rows.filter_map(|(a, b)| Some((a?.to_owned(), b?.to_owned()))));
    }
    pairs
}

fn told_of(batch: &RecordBatch) -> Vec<(String, String, Told)> {
    let text = |name: &str, row: usize| -> String {
        let column = batch.column_by_name(name).and_then(|c| cast(c, &DataType::Utf8View).ok());
        let column = column.as_ref().and_then(|c| c.as_string_view_opt());
        let said = column.filter(|c| c.is_valid(row)).map(|c| c.value(row).to_owned());
        said.unwrap_or_default()
    };
    let number = |name: &str, row: usize| -> i64 {
        let column = batch.column_by_name(name).and_then(|c| cast(c, &DataType::Int64).ok());
        let column = column.as_ref().and_then(|c| c.as_primitive_opt::<Int64Type>());
        column.filter(|c| c.is_valid(row)).map_or(0, |c| c.value(row))
    };
    let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
    let time = |name: &str, row: usize| -> i64 {
        let column = batch.column_by_name(name).and_then(|c| cast(c, &micros).ok());
        let column = column.as_ref().and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>());
        column.filter(|c| c.is_valid(row)).map_or(0, |c| c.value(row))
    };
    let one = |row: usize| {
        let told = Told {
            key: text("alert", row),
            update: u32::try_from(number("updates", row)).unwrap_or(1),
            severity: Severity::from_word(&text("severity", row)).unwrap_or_default(),
            first: time("first_event", row),
            last: time("last_event", row),
            count: u64::try_from(number("events_counted", row)).unwrap_or_default(),
        };
        (named(&text("detector", row), &text("form", row)), text("subject", row), told)
    };
    (0..batch.num_rows()).map(one).collect()
}
