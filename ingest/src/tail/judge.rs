//! Duplicates and revisions, in the order of the stream; and, after a crash
//! between two commits, the verdicts that stand already.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int32Array, Int64Array, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow::error::ArrowError;
use rollcall_lake::{Known, LakeError, Lookup, Standing};
use rollcall_schemas::{Position, Record, SetAside, SetAsideRows, Verdict};

use super::Chunk;
use super::sums::Sums;

/// A chunk after judgement.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) shard: i32,
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) events: Option<RecordBatch>,
    pub(crate) set_aside: Vec<RecordBatch>,
    /// Positions that rows of this chunk replace.
    pub(crate) revised: Vec<Position>,
    /// Verdicts over its records that an interrupted seal committed.
    pub(crate) stood: Standing,
    pub(crate) sums: Sums,
}

/// Judges a chunk. What stands of it is taken out of `standing`: those parts give
/// nothing a second time, and count with the chunk.
pub(crate) fn judge(
    chunk: Chunk,
    known: &mut Known,
    standing: &mut Standing,
) -> Result<Judged, LakeError> {
    let Chunk { shard, from, to, mut events, mut ids, mut set_aside } = chunk;
    let stood = take(standing, from, to);
    if !stood.is_empty() {
        let keep = not_standing(&events, &stood);
        ids = ids.into_iter().zip(&keep).filter(|(_, keep)| **keep).map(|(id, _)| id).collect();
        events = filter_record_batch(&events, &BooleanArray::from(keep))?;
        let keep = not_standing(&set_aside, &stood);
        set_aside = filter_record_batch(&set_aside, &BooleanArray::from(keep))?;
    }
    let lookups = look_up(&events, &ids, known)?;
    let unchecked = unchecked(&events, &ids, &lookups, known);
    let mut verdicts = vec![set_aside];
    if lookups.iter().any(|lookup| matches!(lookup, Lookup::Duplicate(_))) {
        verdicts.push(duplicates(&events, &lookups)?);
        let keep = lookups.iter().map(|lookup| !matches!(lookup, Lookup::Duplicate(_)));
        events = filter_record_batch(&revise(&events, &lookups)?, &keep.map(Some).collect())?;
    } else if lookups.iter().any(|lookup| matches!(lookup, Lookup::Revision(_))) {
        events = revise(&events, &lookups)?;
    }
    verdicts.retain(|batch| batch.num_rows() > 0);
    let events = (events.num_rows() > 0).then_some(events);
    let revised = events.as_ref().map(revised).unwrap_or_default();
    if !stood.is_empty() {
        tracing::info!(shard, verdicts = stood.len(), "verdicts of an interrupted seal stand");
    }
    let sums = Sums { unchecked, ..Sums::of(to - from, events.as_ref(), &verdicts, &stood) };
    Ok(Judged { shard, from, to, events, set_aside: verdicts, revised, stood, sums })
}

/// Takes what stands of some records.
fn take(standing: &mut Standing, from: i64, to: i64) -> Standing {
    if standing.is_empty() {
        return Standing::new();
    }
    let mut taken = standing.split_off(&(from, i32::MIN));
    let mut later = taken.split_off(&(to, i32::MIN));
    standing.append(&mut later);
    taken
}

/// Rows that may be stored already, in a segment older than the memory of ids.
fn unchecked(
    events: &RecordBatch,
    ids: &[Option<(u128, u64)>],
    lookups: &[Lookup],
    known: &Known,
) -> i64 {
    let times = events
        .column_by_name("time")
        .and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>())
        .map_or(&[][..], |column| column.values());
    let new = ids.iter().zip(lookups).map(|(id, lookup)| id.is_some() && *lookup == Lookup::New);
    let old = times.iter().zip(new).filter(|(time, new)| *new && known.is_unchecked(**time));
    i64::try_from(old.count()).unwrap_or_default()
}

fn positions(batch: &RecordBatch, names: [&str; 3]) -> Option<(ArrayRef, ArrayRef, ArrayRef)> {
    let [shard, seq, part] = names.map(|name| batch.column_by_name(name).map(Arc::clone));
    Some((shard?, seq?, part?))
}

fn not_standing(batch: &RecordBatch, standing: &Standing) -> Vec<bool> {
    let Some((_, seq, part)) = positions(batch, ["shard", "seq", "part"]) else {
        return vec![true; batch.num_rows()];
    };
    let seq = seq.as_primitive::<Int64Type>().values();
    let part = part.as_primitive::<Int32Type>().values();
    seq.iter().zip(part).map(|(seq, part)| !standing.contains_key(&(*seq, *part))).collect()
}

fn look_up(
    events: &RecordBatch,
    ids: &[Option<(u128, u64)>],
    known: &mut Known,
) -> Result<Vec<Lookup>, LakeError> {
    let Some((shard, seq, part)) = positions(events, ["shard", "seq", "part"]) else {
        return Ok(Vec::new());
    };
    let shard = shard.as_primitive::<Int32Type>().values();
    let seq = seq.as_primitive::<Int64Type>().values();
    let part = part.as_primitive::<Int32Type>().values();
    ids.iter()
        .zip(shard.iter().zip(seq).zip(part))
        .map(|(id, ((shard, seq), part))| match id {
            Some((id, bytes)) => {
                known.check(*id, *bytes, Position { shard: *shard, seq: *seq, part: *part })
            }
            None => Ok(Lookup::New),
        })
        .collect()
}

/// Fills `revises_…` where a row is a new version of a stored event and its
/// adapter didn't say so itself.
fn revise(events: &RecordBatch, lookups: &[Lookup]) -> Result<RecordBatch, ArrowError> {
    let names = ["revises_shard", "revises_seq", "revises_part"];
    let Some((shard, seq, part)) = positions(events, names) else { return Ok(events.clone()) };
    let (shard, seq, part) = (
        shard.as_primitive::<Int32Type>(),
        seq.as_primitive::<Int64Type>(),
        part.as_primitive::<Int32Type>(),
    );
    let targets: Vec<Option<Position>> = lookups
        .iter()
        .enumerate()
        .map(|(row, lookup)| match lookup {
            _ if shard.is_valid(row) => Some(Position {
                shard: shard.value(row),
                seq: seq.value(row),
                part: part.value(row),
            }),
            Lookup::Revision(of) => Some(*of),
            _ => None,
        })
        .collect();
    let target = |f: fn(&Position) -> i32| -> ArrayRef {
        Arc::new(targets.iter().map(|t| t.as_ref().map(f)).collect::<Int32Array>())
    };
    let columns: Vec<ArrayRef> = events
        .schema_ref()
        .fields()
        .iter()
        .zip(events.columns())
        .map(|(field, column)| match field.name().as_str() {
            "revises_shard" => target(|t| t.shard),
            "revises_part" => target(|t| t.part),
            "revises_seq" => {
                Arc::new(targets.iter().map(|t| t.map(|t| t.seq)).collect::<Int64Array>())
            }
            _ => Arc::clone(column),
        })
        .collect();
    RecordBatch::try_new(events.schema(), columns)
}

/// Verdicts over the rows that are stored already. Their bytes aren't kept: the
/// row at `of` holds the same.
fn duplicates(events: &RecordBatch, lookups: &[Lookup]) -> Result<RecordBatch, ArrowError> {
    let mut rows = SetAsideRows::default();
    let text = |name: &str| events.column_by_name(name).map(|c| c.as_string_view());
    let received = events.column_by_name("received");
    let received = received.map(|c| c.as_primitive::<TimestampMicrosecondType>());
    let redactions = events.column_by_name("redactions").map(|c| c.as_primitive::<Int32Type>());
    let Some((shard, seq, part)) = positions(events, ["shard", "seq", "part"]) else {
        return rows.finish();
    };
    for (row, lookup) in lookups.iter().enumerate() {
        let Lookup::Duplicate(of) = lookup else { continue };
        let record = Record {
            shard: shard.as_primitive::<Int32Type>().value(row),
            seq: seq.as_primitive::<Int64Type>().value(row),
            collector: text("collector").map_or("", |c| c.value(row)).into(),
            received: received.map_or(0, |c| c.value(row)),
        };
        rows.push(
            &record,
            &SetAside {
                part: part.as_primitive::<Int32Type>().value(row),
                source: text("source").map(|c| c.value(row)),
                source_hint: None,
                verdict: Verdict::Duplicate,
                reason: None,
                of: Some(*of),
                redactions: redactions.map_or(0, |c| c.value(row)),
                raw: None,
            },
        );
    }
    rows.finish()
}

fn revised(events: &RecordBatch) -> Vec<Position> {
    let names = ["revises_shard", "revises_seq", "revises_part"];
    let Some((shard, seq, part)) = positions(events, names) else { return Vec::new() };
    if shard.null_count() == shard.len() {
        return Vec::new();
    }
    let (shard, seq, part) = (
        shard.as_primitive::<Int32Type>(),
        seq.as_primitive::<Int64Type>(),
        part.as_primitive::<Int32Type>(),
    );
    (0..events.num_rows())
        .filter(|row| shard.is_valid(*row))
        .map(|row| Position { shard: shard.value(row), seq: seq.value(row), part: part.value(row) })
        .collect()
}
