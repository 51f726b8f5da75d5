//! Sealed files read back, a few columns at a time.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type, SchemaRef};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, RowSelection, RowSelector};
use parquet::errors::ParquetError;
use rollcall_schemas::{Position, Verdict};

use crate::error::{LakeError, Result};
use crate::footer::{self, Decoded};
use crate::segment::Segment;

/// Reads columns of a sealed file, all rows or the given ones (ascending).
///
/// # Errors
/// If the file is missing, unreadable or damaged.
pub fn read_rows(
    segment: &Segment,
    columns: &[&str],
    rows: Option<&[u32]>,
) -> Result<Vec<RecordBatch>> {
    let (schema, batches) = batches_of(segment, columns, rows)?;
    let batches = batches.collect::<Result<Vec<_>>>()?;
    Ok(if batches.is_empty() { vec![RecordBatch::new_empty(schema)] } else { batches })
}

/// The same, one batch after the other as they are read.
pub(crate) fn batches_of<'a>(
    segment: &'a Segment,
    columns: &[&str],
    rows: Option<&[u32]>,
) -> Result<(SchemaRef, impl Iterator<Item = Result<RecordBatch>> + use<'a>)> {
    let path = &segment.path;
    let fail = move || LakeError::parquet("can't read", path);
    // The types that memory uses, whatever the file's own would be read as.
    let options = ArrowReaderOptions::new().with_schema(segment.table.schema());
    let builder = footer::open(path, options)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let mut builder = builder.with_projection(mask).with_batch_size(8192);
    if let Some(rows) = rows {
        builder = builder.with_row_selection(selection(rows));
    }
    let (schema, reader) = Decoded::built(builder).map_err(fail())?;
    let failed = move |error: ArrowError| fail()(ParquetError::External(error.into()));
    Ok((schema, reader.map(move |batch| batch.map_err(failed))))
}

fn selection(rows: &[u32]) -> RowSelection {
    let mut selectors = Vec::new();
    let mut next = 0_usize;
    for row in rows.iter().filter_map(|row| usize::try_from(*row).ok()) {
        if row > next {
            selectors.push(RowSelector::skip(row - next));
        }
        selectors.push(RowSelector::select(1));
        next = row + 1;
    }
    RowSelection::from(selectors)
}

/// Positions of a batch that has the three columns.
pub(crate) fn positions(batch: &RecordBatch) -> Vec<Position> {
    triple(batch, ["shard", "seq", "part"])
}

fn triple(batch: &RecordBatch, names: [&str; 3]) -> Vec<Position> {
    let [shard, seq, part] = names.map(|name| batch.column_by_name(name));
    let (Some(shard), Some(seq), Some(part)) = (shard, seq, part) else { return Vec::new() };
    let shards = shard.as_primitive::<Int32Type>();
    let seqs = seq.as_primitive::<Int64Type>();
    let parts = part.as_primitive::<Int32Type>();
    (0..batch.num_rows())
        .filter(|row| shards.is_valid(*row))
        .map(|row| Position {
            shard: shards.value(row),
            seq: seqs.value(row),
            part: parts.value(row),
        })
        .collect()
}

/// The rows that a file's revisions point back to.
pub(crate) fn revised_positions(segment: &Segment) -> Result<Vec<Position>> {
    let names = ["revises_shard", "revises_seq", "revises_part"];
    let batches = read_rows(segment, &names, None)?;
    Ok(batches.iter().flat_map(|batch| triple(batch, names)).collect())
}

/// The row numbers of some positions in a file.
pub(crate) fn rows_at(segment: &Segment, wanted: &HashSet<Position>) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    let mut row = 0_u32;
    for batch in read_rows(segment, &["shard", "seq", "part"], None)? {
        for position in positions(&batch) {
            if wanted.contains(&position) {
                found.push(row);
            }
            row += 1;
        }
    }
    Ok(found)
}

/// Verdicts of a shard, by record and part, that an interrupted seal committed;
/// with the secrets that were cut out.
pub type Standing = BTreeMap<(i64, i32), (Verdict, i32)>;

/// The verdicts of `set_aside` over records of `shard` from `from` on: what an
/// interrupted seal has committed already.
///
/// # Errors
/// If a file can't be read.
pub fn committed_verdicts(segments: &[Arc<Segment>], shard: i32, from: i64) -> Result<Standing> {
    let mut found = Standing::new();
    let concerned =
        segments.iter().filter(|s| s.tags.ranges.iter().any(|r| r.shard == shard && r.to > from));
    for segment in concerned {
        for batch in read_rows(segment, &["shard", "seq", "part", "verdict", "redactions"], None)? {
            let verdicts = batch.column_by_name("verdict").map(|c| c.as_string_view());
            let redactions = batch.column_by_name("redactions");
            let redactions = redactions.map(|c| c.as_primitive::<Int32Type>());
            for (row, at) in positions(&batch).into_iter().enumerate() {
                let verdict = verdicts.and_then(|c| Verdict::from_word(c.value(row)));
                if let Some(verdict) = verdict.filter(|_| at.shard == shard && at.seq >= from) {
                    let redactions = redactions.map_or(0, |c| c.value(row));
                    found.insert((at.seq, at.part), (verdict, redactions));
                }
            }
        }
    }
    Ok(found)
}
