//! Days on disk, so that a process that starts needn't work them out again: what the
//! lake keeps beside its segments (`rollcall_lake::MadeFrom`). Only days whose rows are
//! all sealed are written: what isn't sealed has no name that outlives a process.
//!
//! Rows of attempts are about as large as the events that they are made of. They are
//! needed again for questions that were never asked before, mostly about the last
//! weeks; what was counted of them is small, and kept for all days
//! ([`crate::counted`]). So the rows of the newest days alone are kept, in a ring of
//! files; tries are only looked at by the attempts of the two days behind them.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;
use rollcall_lake::{Lake, MadeFrom, Segment, Table};
use sha2::{Digest, Sha256};

use super::hours::Hours;
use super::key::{DayKeys, DayNumber, Sources};
use super::{ByDay, build};
use crate::catalog::view::VIEWS;

/// Changes when what is kept is written otherwise, or when a function that views and
/// metrics call gives something else than before.
const LAYOUT: u32 = 1;

/// Days whose rows are kept, of the newest.
const ATTEMPTS_RING: i64 = 64;
const TRIES_RING: i64 = 8;

/// What makes the rows: they are the same as long as this is.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    add(&LAYOUT.to_string());
    add(env!("CARGO_PKG_VERSION"));
    add(datafusion::DATAFUSION_VERSION);
    for view in VIEWS {
        add(view.name);
        add(view.sql);
    }
    add(build::LOGINS_OF_TRIES);
    for table in Table::ALL {
        for field in table.schema().fields() {
            add(&format!("{} {} {}", field.name(), field.data_type(), field.is_nullable()));
        }
    }
    hex::encode(hash.finalize())
});

/// The files, where there is a lake that holds some.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stored {
    lake: Option<Arc<Lake>>,
    writing: Arc<Mutex<Vec<tokio::task::JoinHandle<()>>>>,
}

impl Stored {
    pub(crate) fn new(lake: Option<Arc<Lake>>) -> Self {
        Self { lake, writing: Arc::default() }
    }

    /// Whether anything is written.
    pub(crate) fn is_written(&self) -> bool {
        self.lake.as_ref().is_some_and(|lake| lake.keeps_derived())
    }

    /// Content that was kept under a name and made from just this.
    pub(crate) async fn read(&self, name: String, key: String) -> Option<Vec<u8>> {
        let lake = Arc::clone(self.lake.as_ref()?);
        let read = move || lake.derived(&name, &VERSION, &key);
        tokio::task::spawn_blocking(read).await.ok().flatten()
    }

    /// Keeps what `content` gives, beside everything else. What can't be written is made
    /// again when it is needed.
    pub(crate) fn write(
        &self,
        name: String,
        sources: Sources,
        content: impl FnOnce() -> Result<Vec<u8>, ArrowError> + Send + 'static,
    ) {
        let Some(lake) = self.lake.clone().filter(|lake| lake.keeps_derived()) else { return };
        let from = MadeFrom { version: VERSION.clone(), key: sources.key, segments: sources.files };
        let work = move || {
            let kept = content().map_err(|error| error.to_string()).and_then(|bytes| {
                lake.keep_derived(&name, &from, &bytes).map_err(|e| e.to_string())
            });
            if let Err(error) = kept {
                tracing::warn!(
                    file = name,
                    error,
                    "what was counted can't be kept for the next start"
                );
            }
        };
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        writing.retain(|task| !task.is_finished());
        writing.push(tokio::task::spawn_blocking(work));
    }

    /// Waits for what is being written.
    pub(crate) async fn settled(&self) {
        let tasks =
            std::mem::take(&mut *self.writing.lock().unwrap_or_else(PoisonError::into_inner));
        futures::future::join_all(tasks).await;
    }

    /// The rows of a day, as they were kept.
    pub(super) async fn rows(
        &self,
        view: ByDay,
        day: DayNumber,
        keys: &DayKeys,
        schema: &SchemaRef,
    ) -> Option<RecordBatch> {
        self.lake.as_ref()?;
        let sources = keys.sources(day, view.reach())?;
        let bytes = self.read(rows_file(view, day), sources.key).await?;
        let rows = decode(&bytes).ok()?;
        (rows.schema().fields() == schema.fields()).then_some(rows)
    }

    /// Whether the rows of a day are kept.
    pub(super) async fn has_rows(&self, view: ByDay, day: DayNumber, keys: &DayKeys) -> bool {
        let Some(lake) = self.lake.clone() else { return false };
        let Some(sources) = keys.sources(day, view.reach()) else { return false };
        let name = rows_file(view, day);
        let is_there = move || lake.has_derived(&name, &VERSION, &sources.key);
        tokio::task::spawn_blocking(is_there).await.unwrap_or_default()
    }

    /// Keeps the rows of a day, if it is one of those that are kept.
    pub(super) fn keep_rows(
        &self,
        view: ByDay,
        day: DayNumber,
        keys: &DayKeys,
        rows: &RecordBatch,
    ) {
        let newest = keys.days().next_back().unwrap_or(day);
        let is_kept = ring(view).is_none_or(|days| day + days > newest + 1);
        if !is_kept || !self.is_written() {
            return;
        }
        if let Some(sources) = keys.sources(day, view.reach()) {
            let rows = rows.clone();
            self.write(rows_file(view, day), sources, move || encode(&rows));
        }
    }

    /// In which hours the rows of a file happened, as it was found before.
    pub(super) async fn hours(&self, segment: &Segment) -> Option<Hours> {
        self.lake.as_ref()?;
        let key = segment.tags.sha256.clone();
        serde_json::from_slice(&self.read(hours_file(segment), key).await?).ok()
    }

    /// Keeps the hours of a file.
    pub(super) fn keep_hours(&self, segment: &Segment, hours: &Hours) {
        let key = segment.tags.sha256.clone();
        let sources = Sources { key, files: vec![segment.name.clone()] };
        let hours = hours.clone();
        let content = move || {
            serde_json::to_vec(&hours).map_err(|error| ArrowError::ExternalError(Box::new(error)))
        };
        self.write(hours_file(segment), sources, content);
    }

    /// The schema of a view, as it was planned by this version before.
    pub(super) async fn schema(&self, view: ByDay) -> Option<SchemaRef> {
        let bytes = self.read(schema_file(view), String::new()).await?;
        Some(decode(&bytes).ok()?.schema())
    }

    /// Keeps a schema: planning the larger views takes longer than a page may.
    pub(super) fn keep_schema(&self, view: ByDay, schema: &SchemaRef) {
        let rows = RecordBatch::new_empty(Arc::clone(schema));
        let sources = Sources { key: String::new(), files: Vec::new() };
        self.write(schema_file(view), sources, move || encode(&rows));
    }
}

const fn ring(view: ByDay) -> Option<i64> {
    match view {
        ByDay::Tries => Some(TRIES_RING),
        ByDay::Attempts => Some(ATTEMPTS_RING),
        ByDay::SourceActivity | ByDay::AccountDays | ByDay::Decisions => None,
    }
}

fn rows_file(view: ByDay, day: DayNumber) -> String {
    match ring(view) {
        Some(days) => format!("{}_{:02}.rows", view.name(), day.rem_euclid(days)),
        None => format!("{}_{}.rows", view.name(), date(day)),
    }
}

fn hours_file(segment: &Segment) -> String {
    format!("{}.hours", segment.name)
}

fn schema_file(view: ByDay) -> String {
    format!("{}.schema", view.name())
}

/// A day as `2026-03-02`; its number where it lies beyond the calendar.
pub(crate) fn date(day: DayNumber) -> String {
    let start = day.checked_mul(86_400).and_then(|at| chrono::DateTime::from_timestamp(at, 0));
    start.map_or_else(|| day.to_string(), |start| start.date_naive().to_string())
}

/// Rows as an Arrow stream.
pub(crate) fn encode(rows: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let mut writer = StreamWriter::try_new(Vec::new(), &rows.schema())?;
    writer.write(rows)?;
    writer.into_inner()
}

/// Rows out of an Arrow stream.
pub(crate) fn decode(bytes: &[u8]) -> Result<RecordBatch, ArrowError> {
    let reader = StreamReader::try_new(bytes, None)?;
    let schema: Arc<Schema> = reader.schema();
    let batches = reader.collect::<Result<Vec<_>, _>>()?;
    concat_batches(&schema, &batches)
}
