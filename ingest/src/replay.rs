//! Quarantined records read again, after a fix. Their rows keep the records'
//! positions and supersede the verdicts; no position moves.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use rollcall_lake::{Lake, Snapshot, Table, read_rows};
use rollcall_schemas::{Position, Record, Verdict};

use crate::error::{IngestError, Result};
use crate::tail::{Chunk, Pipeline, ReadSettings, Reader};

/// What a replay did.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct ReplayReport {
    /// Records that were in quarantine.
    pub tried: usize,
    /// Records that gave rows now.
    pub rows_from: usize,
    /// Rows made of them.
    pub rows: usize,
}

struct Held {
    record: Record,
    part: i32,
    hint: String,
    raw: Vec<u8>,
}

/// Reads quarantined records again; only those of `source`, if it is given.
///
/// # Errors
/// If a sealed file can't be read or the lake refuses.
pub async fn replay(
    lake: Arc<Lake>,
    pipeline: &Pipeline,
    settings: &ReadSettings,
    source: Option<&str>,
) -> Result<ReplayReport> {
    // What is only in the tail can't be superseded by a file.
    pipeline.seal().await?;
    let snapshot = lake.snapshot();
    let wanted = source.map(str::to_owned);
    let settings = settings.clone();
    let (held, chunk) = tokio::task::spawn_blocking(move || {
        let held = held(&snapshot, wanted.as_deref())?;
        let mut reader = Reader::new(settings);
        let chunk =
            reader
                .reread(held.iter().map(|held| {
                    (&held.record, held.part, held.hint.as_str(), held.raw.as_slice())
                }))?;
        Ok::<_, IngestError>((held, chunk))
    })
    .await
    .map_err(|error| IngestError::Worker(error.to_string()))??;
    let mut report = ReplayReport { tried: held.len(), ..ReplayReport::default() };
    if let Some(chunk) = chunk {
        report.rows_from = distinct(&chunk);
        report.rows = pipeline.replay(chunk).await?;
    }
    Ok(report)
}

fn distinct(chunk: &Chunk) -> usize {
    positions(&chunk.events).iter().map(|p| (p.shard, p.seq)).collect::<HashSet<_>>().len()
}

/// Quarantined parts that no row has superseded.
fn held(snapshot: &Snapshot, source: Option<&str>) -> Result<Vec<Held>> {
    let mut held = Vec::new();
    let columns = [
        "shard",
        "seq",
        "part",
        "source",
        "source_hint",
        "collector",
        "received",
        "verdict",
        "raw",
    ];
    let events = snapshot.table(Table::Events).segments;
    for segment in snapshot.table(Table::SetAside).segments.iter() {
        for batch in read_rows(segment, &columns, None)? {
            collect(&batch, source, &mut held);
        }
    }
    let replayed: HashSet<(i32, i64, i32)> =
        events.iter().flat_map(|segment| segment.tags.replays.iter().copied()).collect();
    held.retain(|held| !replayed.contains(&(held.record.shard, held.record.seq, held.part)));
    held.sort_by_key(|held| (held.record.shard, held.record.seq, held.part));
    Ok(held)
}

fn collect(batch: &RecordBatch, source: Option<&str>, held: &mut Vec<Held>) {
    let text = |name: &str, row: usize| {
        batch
            .column_by_name(name)
            .map(|column| column.as_string_view())
            .filter(|column| column.is_valid(row))
            .map(|column| column.value(row).to_owned())
            .unwrap_or_default()
    };
    let (Some(received), Some(raw)) =
        (batch.column_by_name("received"), batch.column_by_name("raw"))
    else {
        return;
    };
    let received = received.as_primitive::<TimestampMicrosecondType>();
    let raw = raw.as_binary_view();
    for (row, position) in positions(batch).into_iter().enumerate() {
        let quarantined = text("verdict", row) == Verdict::Quarantined.as_str();
        let matching = source.is_none_or(|wanted| {
            [text("source", row), text("source_hint", row)].iter().any(|s| s == wanted)
        });
        if !(quarantined && matching && raw.is_valid(row)) {
            continue;
        }
        let (found, hint) = (text("source", row), text("source_hint", row));
        held.push(Held {
            record: Record {
                shard: position.shard,
                seq: position.seq,
                collector: text("collector", row).into(),
                received: received.value(row),
            },
            part: position.part,
            hint: if hint.is_empty() { found } else { hint },
            raw: raw.value(row).to_vec(),
        });
    }
}

fn positions(batch: &RecordBatch) -> Vec<Position> {
    let [shard, seq, part] = ["shard", "seq", "part"].map(|name| batch.column_by_name(name));
    let (Some(shard), Some(seq), Some(part)) = (shard, seq, part) else { return Vec::new() };
    let shard = shard.as_primitive::<Int32Type>().values();
    let seq = seq.as_primitive::<Int64Type>().values();
    let part = part.as_primitive::<Int32Type>().values();
    let both = shard.iter().zip(seq).zip(part);
    both.map(|((shard, seq), part)| Position { shard: *shard, seq: *seq, part: *part }).collect()
}
