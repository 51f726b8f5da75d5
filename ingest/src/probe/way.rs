//! Payloads through the reader to rows, as the pipeline reads them, and what must hold
//! of the rows whatever came in.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use arrow::error::ArrowError;
use chrono_tz::Tz;

use super::Seen;
use crate::input::records;
use crate::source::{Source, Sources};
use crate::tail::{Piece, ReadSettings, Reader};

/// When everything was taken in: 2026-11-25T00:00:00Z in µs since 1970 UTC.
pub const RECEIVED: i64 = 1_795_564_800 * 1_000_000;
const SHARD: i32 = 1;
/// What a text that is made up, and isn't the sender's, may be long.
const OWN_WORDS: usize = 1024;

/// Rows and verdicts.
#[derive(Debug)]
pub struct Taken {
    /// Rows of `events`.
    pub events: RecordBatch,
    /// Rows of `set_aside`.
    pub set_aside: RecordBatch,
}

/// The pipeline's reader, with nothing before and behind it.
pub struct Probe {
    reader: Reader,
    collector: Arc<str>,
    next: i64,
}

impl Default for Probe {
    fn default() -> Self {
        let settings =
            ReadSettings { zone: Tz::UTC, identifier_key: [7; 32], sources: Sources::default() };
        Self { reader: Reader::new(settings), collector: Arc::from("probe"), next: 0 }
    }
}

impl Probe {
    /// Looks at an imported file's records before any is read.
    pub fn survey<'a>(&mut self, hint: &str, records: impl Iterator<Item = &'a [u8]>) {
        self.reader.survey(SHARD, RECEIVED, hint, records);
    }

    /// Reads a record: recognised, or as one of the source named by `hint`; cut into its
    /// parts, redacted, and made rows and verdicts.
    pub fn read(&mut self, hint: &str, record: &[u8]) {
        let piece = Piece { seq: self.next, bytes: record };
        self.reader.read(SHARD, &self.collector, RECEIVED, hint, std::iter::once(piece));
        self.next += 1;
    }

    /// Rows and verdicts that wait to be taken.
    pub const fn waiting(&self) -> usize {
        self.reader.waiting()
    }

    /// What was read since the last time; nothing where that is nothing.
    ///
    /// # Errors
    /// If rows can't be made a batch.
    pub fn take(&mut self) -> Result<Option<Taken>, ArrowError> {
        let chunk = self.reader.take()?;
        Ok(chunk.map(|chunk| Taken { events: chunk.events, set_aside: chunk.set_aside }))
    }
}

/// Reads a payload, told by its content and, where that isn't this source, by name.
pub(super) fn run(source: &'static Source, payload: &[u8]) -> Result<Seen, String> {
    let mut seen = Seen::new();
    for hint in ["", source.name] {
        let mut probe = Probe::default();
        if source.stateful && !hint.is_empty() {
            probe.survey(hint, records::cut(payload));
        }
        records::cut(payload).for_each(|record| probe.read(hint, record));
        let count = probe.next;
        let Some(taken) = probe.take().map_err(|error| error.to_string())? else {
            return Ok(seen);
        };
        accounted(&taken, count)?;
        in_proportion(&taken, payload.len())?;
        signatures(&taken, &mut seen)?;
        let is_its = |batch: &RecordBatch| Ok::<_, String>(text(batch, "source")?.contains(source));
        if is_its(&taken.events)? || is_its(&taken.set_aside)? {
            break;
        }
    }
    Ok(seen)
}

/// Each record has a row or a verdict, and its parts are numbered from 0 on.
fn accounted(taken: &Taken, count: i64) -> Result<(), String> {
    let mut parts = positions(&taken.events)?;
    parts.extend(positions(&taken.set_aside)?);
    parts.sort_unstable();
    let mut expected = (0, 0);
    for (seq, part) in parts {
        if (seq, part) != expected && (seq, part) != (expected.0 + 1, 0) {
            return Err(format!("part {part} of record {seq} where {expected:?} was next"));
        }
        expected = (seq, part + 1);
    }
    let read = if expected == (0, 0) { 0 } else { expected.0 + 1 };
    if read == count { Ok(()) } else { Err(format!("{read} records of {count} have a verdict")) }
}

fn positions(batch: &RecordBatch) -> Result<Vec<(i64, i32)>, String> {
    let column = |name| batch.column_by_name(name).ok_or("a column of positions is missing");
    let seq = column("seq")?.as_primitive::<Int64Type>().values();
    let part = column("part")?.as_primitive::<Int32Type>().values();
    Ok(seq.iter().copied().zip(part.iter().copied()).collect())
}

/// No text of a row is longer than what came in can account for: bytes that aren't UTF-8
/// become three, and a secret of one letter a placeholder of ten.
fn in_proportion(taken: &Taken, bytes: usize) -> Result<(), String> {
    for batch in [&taken.events, &taken.set_aside] {
        let schema = batch.schema();
        for (field, column) in schema.fields().iter().zip(batch.columns()) {
            let longest = match field.data_type() {
                DataType::Utf8View => column.as_string_view().iter().flatten().map(str::len).max(),
                DataType::BinaryView => {
                    column.as_binary_view().iter().flatten().map(<[u8]>::len).max()
                }
                _ => None,
            };
            if longest.is_some_and(|longest| longest > bytes.saturating_mul(10) + OWN_WORDS) {
                return Err(format!("{} has {longest:?} bytes of {bytes}", field.name()));
            }
        }
    }
    Ok(())
}

struct Texts<'b>(&'b arrow::array::StringViewArray);

fn text<'b>(batch: &'b RecordBatch, name: &str) -> Result<Texts<'b>, String> {
    let column = batch.column_by_name(name).ok_or_else(|| format!("there is no {name}"))?;
    column.as_string_view_opt().map(Texts).ok_or_else(|| format!("{name} is no text"))
}

impl Texts<'_> {
    fn get(&self, row: usize) -> Option<&str> {
        (!self.0.is_null(row)).then(|| self.0.value(row))
    }

    fn contains(&self, source: &Source) -> bool {
        self.0.iter().any(|name| name == Some(source.name))
    }
}

/// What tells rows apart: their words, and which columns say something.
fn signatures(taken: &Taken, seen: &mut Seen) -> Result<(), String> {
    const WORDS: [&str; 8] =
        ["source", "activity", "outcome", "reason", "mfa", "factor", "credential", "policy_result"];
    let events = &taken.events;
    let words: Vec<Texts<'_>> =
        WORDS.iter().map(|name| text(events, name)).collect::<Result<_, _>>()?;
    for row in 0..events.num_rows() {
        let mut hasher = DefaultHasher::new();
        words.iter().for_each(|column| column.get(row).hash(&mut hasher));
        events.columns().iter().for_each(|column| column.is_null(row).hash(&mut hasher));
        seen.push(hasher.finish());
    }
    let aside = &taken.set_aside;
    let (source, verdict, reason) =
        (text(aside, "source")?, text(aside, "verdict")?, text(aside, "reason")?);
    for row in 0..aside.num_rows() {
        let mut hasher = DefaultHasher::new();
        (source.get(row), verdict.get(row)).hash(&mut hasher);
        // Numbers (where a parser stopped) don't make another reason.
        let reason = reason.get(row).unwrap_or_default();
        reason.bytes().filter(|b| !b.is_ascii_digit()).for_each(|byte| byte.hash(&mut hasher));
        seen.push(hasher.finish());
    }
    seen.sort_unstable();
    seen.dedup();
    Ok(())
}
