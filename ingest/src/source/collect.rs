//! For tests: reads records through a source and keeps all that it says.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema};
use chrono_tz::Tz;
use rollcall_schemas::{Event, EventRows, Position, Record};
use serde_json::Value;

use super::{Adapter, Context, Output, Source, envelope};

/// 2026-11-25T00:00:00Z in µs: when the tests' records were taken in.
pub(super) const RECEIVED: i64 = 1_795_564_800 * 1_000_000;

/// What a source said of a part of a record.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// A row; its columns that aren't null.
    Row(Value),
    /// Joined to the row there.
    Joined(Position),
    NotAuthentication,
    Rejected(String),
}

/// Everything a source said.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) verdicts: Vec<(Position, Verdict)>,
    seq: i64,
    part: i32,
}

impl Collected {
    fn position(&mut self) -> Position {
        self.part += 1;
        Position { shard: 1, seq: self.seq, part: self.part - 1 }
    }

    /// The rows, less those that a later one replaced.
    pub(super) fn rows(&self) -> Vec<&Value> {
        let mut rows: HashMap<Position, &Value> = HashMap::new();
        for (position, verdict) in &self.verdicts {
            if let Verdict::Row(row) = verdict {
                let revised =
                    ["revises_shard", "revises_seq", "revises_part"].map(|name| row[name].as_i64());
                if let [Some(shard), Some(seq), Some(part)] = revised {
                    let narrow = |number| i32::try_from(number).expect("a small number");
                    let revised = Position { shard: narrow(shard), seq, part: narrow(part) };
                    assert!(rows.remove(&revised).is_some(), "{revised} was replaced before");
                }
                rows.insert(*position, row);
            }
        }
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.sort_by_key(|(position, _)| *position);
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// The one row there is.
    pub(super) fn row(&self) -> &Value {
        let rows = self.rows();
        assert_eq!(rows.len(), 1, "{:#?}", self.verdicts);
        rows[0]
    }
}

impl Output for Collected {
    fn event(&mut self, event: &mut Event<'_>) -> Position {
        let position = self.position();
        let row = columns(position, event);
        self.verdicts.push((position, Verdict::Row(row)));
        position
    }
    fn joined(&mut self, of: Position) {
        let position = self.position();
        self.verdicts.push((position, Verdict::Joined(of)));
    }
    fn not_authentication(&mut self) {
        let position = self.position();
        self.verdicts.push((position, Verdict::NotAuthentication));
    }
    fn reject(&mut self, reason: &str) {
        let position = self.position();
        self.verdicts.push((position, Verdict::Rejected(reason.to_owned())));
    }
}

/// The columns of an event that say something.
fn columns(position: Position, event: &mut Event<'_>) -> Value {
    let record = Record {
        shard: position.shard,
        seq: position.seq,
        collector: Arc::from("test"),
        received: RECEIVED,
    };
    let mut rows = EventRows::default();
    rows.push(&record, position.part, "test", event, 0, b"");
    let batch = with_offset(&rows.finish().expect("one row"));
    let mut writer = arrow::json::LineDelimitedWriter::new(Vec::new());
    writer.write(&batch).expect("JSON");
    writer.finish().expect("JSON");
    let mut row: Value = serde_json::from_slice(&writer.into_inner()).expect("JSON");
    let columns = row.as_object_mut().expect("a row");
    for name in ["shard", "seq", "part", "source", "collector", "received", "redactions", "raw"] {
        columns.remove(name);
    }
    row
}

/// The same with `+00:00` for `UTC`: arrow writes a zone's name only with a
/// database of zones built in.
fn with_offset(batch: &RecordBatch) -> RecordBatch {
    fn data_type(of: &DataType) -> DataType {
        match of {
            DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, Some("+00:00".into())),
            DataType::List(element) => DataType::List(Arc::new(field(element))),
            DataType::Struct(fields) => {
                DataType::Struct(fields.iter().map(|inner| Arc::new(field(inner))).collect())
            }
            other => other.clone(),
        }
    }
    fn field(of: &Field) -> Field {
        of.clone().with_data_type(data_type(of.data_type()))
    }
    let schema = batch.schema();
    let fields: Vec<_> = schema.fields().iter().map(|of| field(of)).collect();
    let columns = batch
        .columns()
        .iter()
        .zip(&fields)
        .map(|(column, field)| arrow::compute::cast(column, field.data_type()).expect("a cast"))
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).expect("the same columns")
}

/// Reads records as they come in a stream.
pub(super) fn stream<'r>(
    source: &Source,
    records: impl IntoIterator<Item = &'r [u8]>,
) -> Collected {
    read(&mut *(source.open)(), source, records, &context())
}

/// Reads records as those of an imported file: looked at first, then read.
pub(super) fn file(source: &Source, records: &[&[u8]]) -> Collected {
    let mut adapter = (source.open)();
    for record in records {
        adapter.survey(record, &context());
    }
    read(&mut *adapter, source, records.iter().copied(), &context())
}

/// Reads one record.
pub(super) fn one(source: &Source, record: &str) -> Collected {
    stream(source, [record.as_bytes()])
}

/// Reads records in a context; each must have a verdict.
pub(super) fn read<'r>(
    adapter: &mut dyn Adapter,
    source: &Source,
    records: impl IntoIterator<Item = &'r [u8]>,
    context: &Context<'_>,
) -> Collected {
    let mut collected = Collected::default();
    for record in records {
        let parts = source.split.map_or_else(|| vec![record], |split| split(record));
        assert!(!parts.is_empty(), "a record without a part has no verdict");
        for part in parts {
            let before = collected.verdicts.len();
            envelope::read(adapter, part, context, &mut collected);
            assert!(collected.verdicts.len() > before, "no verdict on {part:?}");
        }
        collected.seq += 1;
        collected.part = 0;
    }
    collected
}

/// UTC, [`RECEIVED`], and a hash that is plainly not a real one.
pub(super) fn context() -> Context<'static> {
    Context { received: RECEIVED, sent: None, shard: 1, zone: Tz::UTC, keyed_hash: &keyed_hash }
}

fn keyed_hash(id: &str) -> String {
    format!("{:032x}", xxhash_rust::xxh3::xxh3_64(id.as_bytes()))
}

/// A file of the shared real inputs; `None`, and a word about it, where they
/// aren't there.
pub(super) fn shared(path: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(path);
    if file.exists() {
        return Some(file);
    }
    #[allow(clippy::print_stderr, reason = "a skipped test must say so")]
    {
        eprintln!("skipped: {} isn't there", file.display());
    }
    None
}
