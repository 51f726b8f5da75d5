//! Quarantined records read again, after a fix. What they give keeps the records'
//! positions and supersedes the verdicts; no position moves.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use chrono::Utc;
use rollcall_lake::{Lake, Segment, Snapshot, Table, read_rows};
use rollcall_schemas::{Position, Record, Verdict};

use crate::error::{IngestError, Result};
use crate::tail::{Held, Pipeline, ReadSettings, Reader, positions};

/// Which quarantined records are read again, and as what.
#[derive(Debug, Clone, Default)]
pub struct ReplayChoice {
    /// Only those of this source.
    pub source: Option<String>,
    /// Read as records of this source: those of `source`, which was the wrong one, or else
    /// only those that none recognises.
    pub read_as: Option<String>,
}

/// What a replay did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReplayReport {
    /// Parts of records that were in quarantine.
    pub tried: usize,
    /// Records that gave rows now.
    pub rows_from: usize,
    /// Rows made of them.
    pub rows: usize,
    /// Parts that are stored already.
    pub duplicate: usize,
    /// Parts whose content is in another row.
    pub joined: usize,
    /// Parts that say nothing about authentication.
    pub not_authentication: usize,
    /// Parts that stay in quarantine.
    pub quarantined: usize,
}

/// A quarantined part.
struct Part {
    record: Record,
    part: i32,
    /// The source that was found, or else the one that the sender named.
    source: String,
    hint: String,
    raw: Vec<u8>,
}

/// Reads quarantined records again. What gives rows or another verdict leaves
/// quarantine; the rest stays, so that a second replay changes nothing.
///
/// # Errors
/// If a source isn't known, a sealed file can't be read or the lake refuses.
pub async fn replay(
    lake: Arc<Lake>,
    pipeline: &Pipeline,
    settings: &ReadSettings,
    choice: ReplayChoice,
) -> Result<ReplayReport> {
    for name in choice.source.iter().chain(&choice.read_as) {
        if settings.sources.find(name).is_none() {
            return Err(IngestError::UnknownSource(name.clone()));
        }
    }
    // What is only in the tail can't be superseded by a file.
    pipeline.seal().await?;
    let snapshot = lake.snapshot();
    let settings = settings.clone();
    let (held, chunk) = tokio::task::spawn_blocking(move || {
        let parts = parts(&snapshot, &choice)?;
        let held: HashSet<Position> = parts.iter().map(|p| p.record.part(p.part)).collect();
        let chunk = Reader::new(settings)
            .reread(&together(&snapshot, parts)?, Utc::now().timestamp_micros())?;
        Ok::<_, IngestError>((held, chunk))
    })
    .await
    .map_err(|error| IngestError::Worker(error.to_string()))??;
    let tried = held.len();
    let done = pipeline.replay(chunk, held).await?;
    let count = |verdict| done.verdicts.iter().filter(|found| **found == verdict).count();
    Ok(ReplayReport {
        tried,
        rows_from: done.rows_from,
        rows: done.rows,
        duplicate: count(Verdict::Duplicate),
        joined: count(Verdict::Joined),
        not_authentication: count(Verdict::NotAuthentication),
        quarantined: tried - done.parts.min(tried),
    })
}

/// Quarantined parts that nothing has superseded, in order.
fn parts(snapshot: &Snapshot, choice: &ReplayChoice) -> Result<Vec<Part>> {
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
    let mut parts = Vec::new();
    let set_aside = snapshot.table(Table::SetAside).segments;
    for segment in set_aside.iter() {
        for batch in read_rows(segment, &columns, None)? {
            collect(&batch, choice, &mut parts);
        }
    }
    let events = snapshot.table(Table::Events).segments;
    let superseded: HashSet<(i32, i64, i32)> = events
        .iter()
        .chain(set_aside.iter())
        .flat_map(|segment| segment.tags.replays.iter().copied())
        .collect();
    let at = |part: &Part| (part.record.shard, part.record.seq, part.part);
    parts.retain(|part| !superseded.contains(&at(part)));
    parts.sort_by_key(at);
    Ok(parts)
}

fn collect(batch: &RecordBatch, choice: &ReplayChoice, parts: &mut Vec<Part>) {
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
        if text("verdict", row) != Verdict::Quarantined.as_str() || !raw.is_valid(row) {
            continue;
        }
        let (found, hint) = (text("source", row), text("source_hint", row));
        let source = if found.is_empty() { hint.clone() } else { found };
        let Some(source) = choice.source_of(source) else { continue };
        parts.push(Part {
            record: Record {
                shard: position.shard,
                seq: position.seq,
                collector: text("collector", row).into(),
                received: received.value(row),
            },
            part: position.part,
            hint: if hint.is_empty() { source.clone() } else { hint },
            source,
            raw: raw.value(row).to_vec(),
        });
    }
}

impl ReplayChoice {
    /// The source as which a part is read (empty: told by content), if it is to be.
    fn source_of(&self, source: String) -> Option<String> {
        let is_chosen = match (&self.source, &self.read_as) {
            (Some(wanted), _) => *wanted == source,
            (None, Some(_)) => source.is_empty(),
            (None, None) => true,
        };
        is_chosen.then(|| self.read_as.clone().unwrap_or(source))
    }
}

/// Parts of one record that hold the same bytes are read together.
fn together(snapshot: &Snapshot, parts: Vec<Part>) -> Result<Vec<Held>> {
    let free = free(snapshot, &parts)?;
    let mut all: Vec<Held> = Vec::new();
    for part in parts {
        let record = (part.record.shard, part.record.seq);
        if let Some(last) = all.last_mut()
            && (last.record.shard, last.record.seq, last.end) == (record.0, record.1, part.part)
            && last.raw == part.raw
        {
            last.end += 1;
            continue;
        }
        all.push(Held {
            record: part.record,
            first: part.part,
            end: part.part + 1,
            free: free.get(&record).copied().unwrap_or_default().max(part.part + 1),
            source: part.source,
            hint: part.hint,
            raw: part.raw,
        });
    }
    Ok(all)
}

/// One past the last part of each record.
fn free(snapshot: &Snapshot, parts: &[Part]) -> Result<BTreeMap<(i32, i64), i32>> {
    let mut free: BTreeMap<(i32, i64), i32> =
        parts.iter().map(|part| ((part.record.shard, part.record.seq), 0)).collect();
    let tables = [Table::Events, Table::SetAside].map(|table| snapshot.table(table).segments);
    for segment in tables.iter().flat_map(|segments| segments.iter()) {
        if !concerns(segment, &free) {
            continue;
        }
        for batch in read_rows(segment, &["shard", "seq", "part"], None)? {
            for at in positions(&batch) {
                if let Some(end) = free.get_mut(&(at.shard, at.seq)) {
                    *end = (*end).max(at.part + 1);
                }
            }
        }
    }
    Ok(free)
}

fn concerns(segment: &Segment, records: &BTreeMap<(i32, i64), i32>) -> bool {
    let tags = &segment.tags;
    tags.ranges.iter().any(|r| records.range((r.shard, r.from)..(r.shard, r.to)).next().is_some())
        || tags.replays.iter().any(|(shard, seq, _)| records.contains_key(&(*shard, *seq)))
}
