//! How far an interrupted import came: what it sealed stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type};
use rollcall_lake::{LakeError, Segment, Snapshot, Standing, Table, committed_verdicts, read_rows};
use rollcall_schemas::Verdict;

use crate::tail::Sums;

/// Where to go on.
#[derive(Debug, Default)]
pub(crate) struct Resumed {
    /// The first record that isn't sealed.
    pub(crate) from: i64,
    /// Verdicts from there on that an interrupted seal committed.
    pub(crate) standing: Standing,
    /// None of its sealed records was received later, µs.
    pub(crate) received: i64,
    /// What became of the records before.
    pub(crate) sums: Sums,
}

impl Resumed {
    /// Looks at what is sealed of a shard, of which `finished` records are known to be:
    /// retention may have removed their files since.
    pub(crate) fn find(snapshot: &Snapshot, shard: i32, finished: i64) -> Result<Self, LakeError> {
        let events = of_shard(&snapshot.table(Table::Events).segments, shard);
        let set_aside = of_shard(&snapshot.table(Table::SetAside).segments, shard);
        if events.is_empty() && set_aside.is_empty() {
            let sums = Sums { records: finished, ..Sums::default() };
            return Ok(Self { from: finished, sums, ..Self::default() });
        }
        let from = end(&events, &set_aside, shard, finished);
        let standing = committed_verdicts(&set_aside, shard, from)?;
        let sums = sums(&events, &set_aside, shard, from)?;
        let both = events.iter().chain(&set_aside);
        let received = both.filter_map(|segment| segment.tags.received_max).max();
        Ok(Self { from, standing, received: received.unwrap_or_default(), sums })
    }
}

/// One past the last record of a shard that is sealed; `finished` are known to be.
pub(super) fn sealed_end(snapshot: &Snapshot, shard: i32, finished: i64) -> i64 {
    let [events, set_aside] = [Table::Events, Table::SetAside]
        .map(|table| of_shard(&snapshot.table(table).segments, shard));
    end(&events, &set_aside, shard, finished)
}

fn of_shard(segments: &[Arc<Segment>], shard: i32) -> Vec<Arc<Segment>> {
    segments
        .iter()
        .filter(|segment| segment.tags.ranges.iter().any(|range| range.shard == shard))
        .cloned()
        .collect()
}

/// A seal covers a run of records with up to two files. The run is done when its
/// events are: by their own file, or because its verdicts say that there are none.
fn end(events: &[Arc<Segment>], set_aside: &[Arc<Segment>], shard: i32, finished: i64) -> i64 {
    let ranges = |segments: &[Arc<Segment>]| {
        segments
            .iter()
            .flat_map(|segment| segment.tags.ranges.clone())
            .filter(|range| range.shard == shard)
            .collect::<Vec<_>>()
    };
    let mut done: Vec<(i64, i64)> = ranges(events).iter().map(|r| (r.from, r.to)).collect();
    done.extend(ranges(set_aside).iter().filter(|r| r.rows == 0).map(|r| (r.from, r.to)));
    done.sort_unstable();
    done.iter().fold(finished, |end, (from, to)| if *from <= end { end.max(*to) } else { end })
}

fn sums(
    events: &[Arc<Segment>],
    set_aside: &[Arc<Segment>],
    shard: i32,
    end: i64,
) -> Result<Sums, LakeError> {
    let mut sums = Sums { records: end, ..Sums::default() };
    let mut with_rows = BTreeSet::new();
    for segment in events {
        let of_shard = segment.tags.ranges.iter().filter(|range| range.shard == shard);
        sums.unchecked += of_shard.map(|range| range.unchecked).sum::<i64>();
        for batch in read_rows(segment, &["shard", "seq", "redactions", "revises_seq"], None)? {
            for row in rows(&batch, shard, end) {
                with_rows.insert(seq(&batch, row));
                sums.rows += 1;
                let revises = batch.column_by_name("revises_seq").is_some_and(|c| c.is_valid(row));
                sums.revisions += i64::from(revises);
                sums.redactions += redactions(&batch, row);
            }
        }
    }
    let mut verdicts: BTreeMap<i64, Verdict> = BTreeMap::new();
    for segment in set_aside {
        for batch in read_rows(segment, &["shard", "seq", "verdict", "redactions"], None)? {
            let Some(words) = batch.column_by_name("verdict") else { continue };
            for row in rows(&batch, shard, end) {
                sums.redactions += redactions(&batch, row);
                let seq = seq(&batch, row);
                if let Some(verdict) = Verdict::from_word(words.as_string_view().value(row))
                    && !with_rows.contains(&seq)
                {
                    let gravest = verdicts.entry(seq).or_insert(verdict);
                    *gravest = Sums::graver(*gravest, verdict);
                }
            }
        }
    }
    sums.rows_from = i64::try_from(with_rows.len()).unwrap_or_default();
    for verdict in verdicts.into_values() {
        sums.count(verdict);
    }
    Ok(sums)
}

fn rows(batch: &RecordBatch, shard: i32, end: i64) -> Vec<usize> {
    let Some(shards) = batch.column_by_name("shard") else { return Vec::new() };
    let shards = shards.as_primitive::<Int32Type>();
    (0..batch.num_rows())
        .filter(|row| shards.value(*row) == shard && seq(batch, *row) < end)
        .collect()
}

fn seq(batch: &RecordBatch, row: usize) -> i64 {
    let column = batch.column_by_name("seq").and_then(|c| c.as_primitive_opt::<Int64Type>());
    column.map_or(0, |column| column.value(row))
}

fn redactions(batch: &RecordBatch, row: usize) -> i64 {
    let column = batch.column_by_name("redactions").and_then(|c| c.as_primitive_opt::<Int32Type>());
    column.map_or(0, |column| i64::from(column.value(row)))
}
