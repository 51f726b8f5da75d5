//! The batches that aren't sealed, and which records they account for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use rollcall_lake::{SealInput, ShardRange};
use rollcall_schemas::Tail;

use super::judge::Judged;

/// Batches that are smaller are merged with their neighbours.
const SMALL: usize = 4_096;

/// Rows on their way into a file.
#[derive(Debug, Default)]
pub(crate) struct Unsealed {
    events: Vec<Arc<RecordBatch>>,
    set_aside: Vec<Arc<RecordBatch>>,
    ranges: BTreeMap<i32, ShardRange>,
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
    pub(crate) since: Option<Instant>,
}

impl Unsealed {
    /// Whether there is nothing to seal. Records whose verdicts all stand already
    /// are accounted for with those that follow, unless a position has to move.
    pub(crate) fn is_empty(&self, transactional: impl Fn(i32) -> bool) -> bool {
        self.rows == 0 && !self.ranges.keys().any(|shard| transactional(*shard))
    }

    /// Adds a chunk.
    pub(crate) fn push(&mut self, judged: Judged) -> Result<(), ArrowError> {
        self.since.get_or_insert_with(Instant::now);
        self.account(&judged);
        if let Some(batch) = judged.events {
            self.rows += batch.num_rows();
            self.bytes += raw_bytes(&batch);
            append(&mut self.events, batch)?;
        }
        for batch in judged.set_aside {
            self.rows += batch.num_rows();
            self.bytes += raw_bytes(&batch);
            append(&mut self.set_aside, batch)?;
        }
        Ok(())
    }

    /// Says where a shard's next record should be, before what came in its place.
    pub(crate) fn expect(&mut self, shard: i32, seq: i64) {
        let range = || ShardRange { shard, from: seq, to: seq, ..ShardRange::default() };
        self.ranges.entry(shard).or_insert_with(range);
    }

    fn account(&mut self, judged: &Judged) {
        let range = self.ranges.entry(judged.shard).or_insert_with(|| ShardRange {
            shard: judged.shard,
            from: judged.from,
            to: judged.from,
            ..ShardRange::default()
        });
        if judged.from > range.to {
            range.gaps.push((range.to, judged.from));
        }
        range.to = range.to.max(judged.to);
        range.rows += judged
            .events
            .as_ref()
            .map_or(0, |batch| i64::try_from(batch.num_rows()).unwrap_or_default());
        for batch in &judged.set_aside {
            let Some(verdicts) = batch.column_by_name("verdict") else { continue };
            for verdict in verdicts.as_string_view().iter().flatten() {
                *range.verdicts.entry(verdict.to_owned()).or_default() += 1;
            }
        }
        for (verdict, _) in judged.stood.values() {
            *range.verdicts.entry(verdict.as_str().to_owned()).or_default() += 1;
            range.standing += 1;
        }
        range.unchecked += judged.sums.unchecked;
    }

    /// What is to be sealed. `transactional` says which shards keep their
    /// position in the table's transactions.
    pub(crate) fn seal_input(&self, transactional: impl Fn(i32) -> bool) -> SealInput {
        SealInput {
            events: self.events.clone(),
            set_aside: self.set_aside.clone(),
            ranges: self.ranges.values().cloned().collect(),
            positions: self
                .ranges
                .values()
                .filter(|range| transactional(range.shard))
                .map(|range| (range.shard, range.to))
                .collect(),
            ..SealInput::default()
        }
    }

    /// One past the last record of a shard, if it has any here.
    pub(crate) fn end(&self, shard: i32) -> Option<i64> {
        self.ranges.get(&shard).map(|range| range.to)
    }

    /// The tail that readers see: these rows behind those of `sealing`.
    pub(crate) fn tail(&self, sealing: Option<&Self>) -> Tail {
        let join = |pick: fn(&Self) -> &Vec<Arc<RecordBatch>>| {
            Arc::new(sealing.into_iter().chain([self]).flat_map(pick).cloned().collect::<Vec<_>>())
        };
        Tail { events: join(|u| &u.events), set_aside: join(|u| &u.set_aside) }
    }
}

fn raw_bytes(batch: &RecordBatch) -> usize {
    let Some(raw) = batch.column_by_name("raw").and_then(|c| c.as_binary_view_opt()) else {
        return 0;
    };
    // The length is the first word of a view, whatever else it holds.
    raw.views().iter().map(|view| usize::try_from(view & 0xffff_ffff).unwrap_or_default()).sum()
}

/// Appends a batch, merging small ones as they come: a trickle of single events
/// must neither leave ten thousand batches nor hold a block of memory a column each.
fn append(batches: &mut Vec<Arc<RecordBatch>>, batch: RecordBatch) -> Result<(), ArrowError> {
    let mut batch = compact(batch)?;
    while let Some(last) = batches.last()
        && last.num_rows() < SMALL
        && batch.num_rows() < SMALL
        && last.num_rows() <= batch.num_rows() * 2
    {
        batch = compact(concat_batches(&batch.schema(), [last.as_ref(), &batch])?)?;
        batches.pop();
    }
    batches.push(Arc::new(batch));
    Ok(())
}

/// Copies what small batches' views point to, so that their half-empty blocks
/// are freed.
fn compact(batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
    if batch.num_rows() >= SMALL {
        return Ok(batch);
    }
    let columns: Vec<ArrayRef> = batch
        .columns()
        .iter()
        .map(|column| match column.data_type() {
            DataType::Utf8View => Arc::new(column.as_string_view().gc()) as ArrayRef,
            DataType::BinaryView => Arc::new(column.as_binary_view().gc()) as ArrayRef,
            _ => Arc::clone(column),
        })
        .collect();
    RecordBatch::try_new(batch.schema(), columns)
}
