//! What a reader with state must see again after a restart: what came in the last
//! ten minutes of its stream, rows and verdicts alike. A line that was only joined
//! to a row moved its connection on as well.

use std::cmp::Reverse;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use rollcall_lake::{LakeError, Segment, Snapshot, Table, read_rows};
use rollcall_schemas::Record;

use crate::source::{Source, Sources};

/// How far back a connection can matter, µs.
const WINDOW: i64 = 10 * 60 * 1_000_000;

/// A record to be read again.
pub(crate) struct Remembered {
    pub(crate) source: &'static Source,
    pub(crate) record: Record,
    pub(crate) part: i32,
    pub(crate) raw: Vec<u8>,
}

/// Records of a shard before `end` that came in the ten minutes before the last of
/// them, of sources whose reading depends on earlier records, in order.
pub(crate) fn recent(
    snapshot: &Snapshot,
    sources: &Sources,
    shard: i32,
    end: i64,
) -> Result<Vec<Remembered>, LakeError> {
    let tables = [Table::Events, Table::SetAside].map(|table| snapshot.table(table).segments);
    let mut segments: Vec<&Arc<Segment>> = tables
        .iter()
        .flat_map(|segments| segments.iter())
        .filter(|s| s.tags.ranges.iter().any(|r| r.shard == shard && r.from < end))
        .collect();
    // A segment's times are those of all its shards: an upper bound of this one's.
    segments.sort_by_key(|segment| Reverse(segment.tags.received_max));
    let mut last = i64::MIN;
    let mut times: Vec<(&Arc<Segment>, Vec<Option<i64>>)> = Vec::new();
    for segment in segments {
        if segment.tags.received_max.is_some_and(|time| time < last.saturating_sub(WINDOW)) {
            break;
        }
        let received = received(segment, sources, shard, end)?;
        last = last.max(received.iter().flatten().copied().max().unwrap_or(i64::MIN));
        times.push((segment, received));
    }
    let since = last.saturating_sub(WINDOW);
    let mut found = Vec::new();
    for (segment, received) in times {
        let rows: Vec<u32> = (0..)
            .zip(&received)
            .filter(|(_, time)| time.is_some_and(|time| time >= since))
            .map(|(row, _)| row)
            .collect();
        if !rows.is_empty() {
            let columns = ["shard", "seq", "part", "source", "received", "raw"];
            for batch in read_rows(segment, &columns, Some(&rows))? {
                collect(&batch, sources, shard, &mut found);
            }
        }
    }
    found.sort_by_key(|remembered| (remembered.record.seq, remembered.part));
    // Several rows of one record carry the same bytes; it is read once.
    found.dedup_by_key(|remembered| remembered.record.seq);
    Ok(found)
}

/// When each row of a segment was received; `None` for those of other shards, from
/// `end` on, and of sources without state.
fn received(
    segment: &Segment,
    of: &Sources,
    shard: i32,
    end: i64,
) -> Result<Vec<Option<i64>>, LakeError> {
    let mut times = Vec::new();
    for batch in read_rows(segment, &["shard", "seq", "received", "source"], None)? {
        let column = |name| batch.column_by_name(name);
        let (Some(shards), Some(seqs), Some(received), Some(sources)) =
            (column("shard"), column("seq"), column("received"), column("source"))
        else {
            continue;
        };
        let has_state = |name: Option<&str>| {
            name.and_then(|name| of.find(name)).is_some_and(|source| source.stateful)
        };
        let states = sources.as_string_view().iter().map(has_state);
        let shards = shards.as_primitive::<Int32Type>().values();
        let seqs = seqs.as_primitive::<Int64Type>().values();
        let received = received.as_primitive::<TimestampMicrosecondType>().values();
        let rows = shards.iter().zip(seqs).zip(received).zip(states);
        times.extend(rows.map(|(((of, seq), time), has_state)| {
            (has_state && *of == shard && *seq < end).then_some(*time)
        }));
    }
    Ok(times)
}

fn collect(batch: &RecordBatch, of: &Sources, shard: i32, found: &mut Vec<Remembered>) {
    let column = |name| batch.column_by_name(name);
    let (Some(seqs), Some(parts)) = (column("seq"), column("part")) else { return };
    let (Some(sources), Some(received), Some(raw)) =
        (column("source"), column("received"), column("raw"))
    else {
        return;
    };
    let (sources, raw) = (sources.as_string_view(), raw.as_binary_view());
    let received = received.as_primitive::<TimestampMicrosecondType>();
    for row in (0..batch.num_rows()).filter(|row| raw.is_valid(*row) && sources.is_valid(*row)) {
        let stateful = of.find(sources.value(row)).filter(|source| source.stateful);
        let Some(source) = stateful else { continue };
        found.push(Remembered {
            source,
            record: Record {
                shard,
                seq: seqs.as_primitive::<Int64Type>().value(row),
                collector: Arc::from(""),
                received: received.value(row),
            },
            part: parts.as_primitive::<Int32Type>().value(row),
            raw: raw.value(row).to_vec(),
        });
    }
}
