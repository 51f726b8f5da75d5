//! The unsealed rows, less those that a revision replaced.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::{Int32Type, Int64Type};
use rollcall_schemas::Position;

/// Every unsealed row.
pub(super) fn all(batches: &[Arc<RecordBatch>]) -> Vec<RecordBatch> {
    batches.iter().map(|batch| batch.as_ref().clone()).collect()
}

/// The unsealed rows without the replaced ones. Batches that have none are
/// passed on as they are.
pub(super) fn current(
    batches: &[Arc<RecordBatch>],
    replaced: &HashSet<Position>,
) -> Vec<RecordBatch> {
    if replaced.is_empty() {
        return all(batches);
    }
    batches
        .iter()
        .filter_map(|batch| {
            let keep = positions(batch).map(|p| !replaced.contains(&p)).collect::<Vec<_>>();
            if keep.iter().all(|keep| *keep) {
                return Some(batch.as_ref().clone());
            }
            filter_record_batch(batch, &BooleanArray::from(keep)).ok()
        })
        .collect()
}

fn positions(batch: &RecordBatch) -> impl Iterator<Item = Position> {
    let shards = batch.column(0).as_primitive::<Int32Type>().values();
    let seqs = batch.column(1).as_primitive::<Int64Type>().values();
    let parts = batch.column(2).as_primitive::<Int32Type>().values();
    shards.iter().zip(seqs).zip(parts).map(|((shard, seq), part)| Position {
        shard: *shard,
        seq: *seq,
        part: *part,
    })
}
