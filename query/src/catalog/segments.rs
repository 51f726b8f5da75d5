//! What the snapshot's commits say of its files, as tables.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::error::ArrowError;
use rollcall_lake::{Segment, ShardRange, Snapshot, Table};

/// `replayed`: positions of quarantined records that later rows supersede.
pub(super) fn replayed(snapshot: &Snapshot) -> Result<RecordBatch, ArrowError> {
    let positions: Vec<(i32, i64, i32)> = snapshot
        .tables
        .values()
        .flat_map(|table| table.segments.iter())
        .flat_map(|segment| segment.tags.replays.iter().copied())
        .collect();
    RecordBatch::try_from_iter(vec![
        (
            "shard",
            Arc::new(positions.iter().map(|p| Some(p.0)).collect::<Int32Array>()) as ArrayRef,
        ),
        ("seq", Arc::new(positions.iter().map(|p| Some(p.1)).collect::<Int64Array>())),
        ("part", Arc::new(positions.iter().map(|p| Some(p.2)).collect::<Int32Array>())),
    ])
}

/// Records that files of `events` account for, by shard: where those of `set_aside` say
/// the same again.
struct InEvents(HashMap<i32, Vec<(i64, i64)>>);

impl InEvents {
    fn new(ranges: &[(&Segment, &ShardRange)]) -> Self {
        let mut by_shard: HashMap<i32, Vec<(i64, i64)>> = HashMap::new();
        for (_, range) in ranges.iter().filter(|(file, _)| file.table == Table::Events) {
            by_shard.entry(range.shard).or_default().push((range.from, range.to));
        }
        by_shard.values_mut().for_each(|ranges| ranges.sort_unstable());
        Self(by_shard)
    }

    /// Records in gaps that this file alone tells of, or a file of `events`. A gap lies
    /// within one seal, so that its first record stands for all of it.
    fn gaps(&self, file: &Segment, range: &ShardRange) -> i64 {
        let known = self.0.get(&range.shard).map_or(&[][..], Vec::as_slice);
        let is_told = |at: i64| {
            let behind = known.partition_point(|(from, _)| *from <= at);
            let last = behind.checked_sub(1).and_then(|last| known.get(last));
            last.is_some_and(|(_, to)| at < *to)
        };
        let own = |gap: &&(i64, i64)| file.table == Table::Events || !is_told(gap.0);
        range.gaps.iter().filter(own).map(|(from, to)| to - from).sum()
    }
}

/// `ranges`: what the files account for, one row a file and shard. Both files of a seal
/// say the same of it: `gaps_once` counts what of `gap_records` no file of `events` has.
pub(super) fn ranges(snapshot: &Snapshot) -> Result<RecordBatch, ArrowError> {
    let ranges: Vec<(&Segment, &ShardRange)> = snapshot
        .tables
        .values()
        .flat_map(|table| table.segments.iter())
        .flat_map(|segment| segment.tags.ranges.iter().map(|range| (&**segment, range)))
        .collect();
    let text = |pick: fn(&Segment) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(ranges.iter().map(|(file, _)| pick(file))))
    };
    let number = |pick: fn(&ShardRange) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(ranges.iter().map(|(_, range)| pick(range))))
    };
    let time = |pick: fn(&Segment) -> Option<i64>| -> ArrayRef {
        let times: TimestampMicrosecondArray = ranges.iter().map(|(file, _)| pick(file)).collect();
        Arc::new(times.with_timezone("UTC"))
    };
    let shards = ranges.iter().map(|(_, range)| range.shard);
    let in_events = InEvents::new(&ranges);
    let gaps_once = ranges.iter().map(|(file, range)| in_events.gaps(file, range));
    RecordBatch::try_from_iter_with_nullable(vec![
        ("table_name", text(|file| file.table.name()), false),
        ("name", text(|file| &file.name), false),
        ("shard", Arc::new(Int32Array::from_iter_values(shards)) as ArrayRef, false),
        ("from_seq", number(|range| range.from), false),
        ("to_seq", number(|range| range.to), false),
        ("made_rows", number(|range| range.rows), false),
        ("unchecked", number(|range| range.unchecked), false),
        ("gap_records", number(|range| range.gaps.iter().map(|(from, to)| to - from).sum()), false),
        ("gaps_once", Arc::new(Int64Array::from_iter_values(gaps_once)), false),
        ("received_max", time(|file| file.tags.received_max), true),
        ("committed", time(|file| file.committed.checked_mul(1_000)), true),
    ])
}

/// `segments`: one row a file.
pub(super) fn segments(snapshot: &Snapshot) -> Result<RecordBatch, ArrowError> {
    let segments: Vec<&Arc<Segment>> =
        snapshot.tables.values().flat_map(|table| table.segments.iter()).collect();
    let text = |pick: &dyn Fn(&Segment) -> Option<String>| -> ArrayRef {
        Arc::new(segments.iter().map(|s| pick(s)).collect::<StringArray>())
    };
    let number = |pick: &dyn Fn(&Segment) -> Option<i64>| -> ArrayRef {
        Arc::new(segments.iter().map(|s| pick(s)).collect::<Int64Array>())
    };
    let time = |pick: &dyn Fn(&Segment) -> Option<i64>| -> ArrayRef {
        let times: TimestampMicrosecondArray = segments.iter().map(|s| pick(s)).collect();
        Arc::new(times.with_timezone("UTC"))
    };
    RecordBatch::try_from_iter(vec![
        ("table_name", text(&|s| Some(s.table.name().to_owned()))),
        ("name", text(&|s| Some(s.name.clone()))),
        ("bytes", number(&|s| i64::try_from(s.bytes).ok())),
        ("rows", number(&|s| Some(s.tags.rows))),
        ("revisions", number(&|s| Some(s.tags.revisions))),
        ("time_min", time(&|s| s.tags.time_min)),
        ("time_max", time(&|s| s.tags.time_max)),
        ("received_min", time(&|s| s.tags.received_min)),
        ("received_max", time(&|s| s.tags.received_max)),
        ("sha256", text(&|s| Some(s.tags.sha256.clone()))),
        ("row_root", text(&|s| s.tags.row_root.clone())),
    ])
}
