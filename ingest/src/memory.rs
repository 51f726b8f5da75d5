//! What a reader with state must see again after a restart: the rows of the
//! last ten minutes of its stream.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use rollcall_lake::{LakeError, Snapshot, Table, read_rows};
use rollcall_schemas::Record;

use crate::source::{self, Source};

/// How far back a connection can matter, µs.
const WINDOW: i64 = 10 * 60 * 1_000_000;

/// A record to be read again.
pub(crate) struct Remembered {
    pub(crate) source: &'static Source,
    pub(crate) record: Record,
    pub(crate) part: i32,
    pub(crate) raw: Vec<u8>,
}

/// Records of a shard received in the ten minutes before its last sealed one,
/// of sources whose reading depends on earlier records, in order.
pub(crate) fn recent(snapshot: &Snapshot, shard: i32) -> Result<Vec<Remembered>, LakeError> {
    let segments = snapshot.table(Table::Events).segments;
    let of_shard =
        |s: &&Arc<rollcall_lake::Segment>| s.tags.ranges.iter().any(|r| r.shard == shard);
    let last = segments.iter().filter(of_shard).filter_map(|s| s.tags.received_max).max();
    let Some(since) = last.map(|last| last - WINDOW) else { return Ok(Vec::new()) };
    let columns = ["shard", "seq", "part", "source", "collector", "received", "raw"];
    let mut found = Vec::new();
    let concerned = segments
        .iter()
        .filter(of_shard)
        .filter(|segment| segment.tags.received_max.is_some_and(|time| time >= since));
    for segment in concerned {
        for batch in read_rows(segment, &columns, None)? {
            collect(&batch, shard, since, &mut found);
        }
    }
    found.sort_by_key(|remembered| (remembered.record.seq, remembered.part));
    // Several rows of one record carry the same bytes; it is read once.
    found.dedup_by_key(|remembered| remembered.record.seq);
    Ok(found)
}

fn collect(batch: &RecordBatch, shard: i32, since: i64, found: &mut Vec<Remembered>) {
    let column = |name| batch.column_by_name(name);
    let (Some(shards), Some(seqs), Some(parts)) = (column("shard"), column("seq"), column("part"))
    else {
        return;
    };
    let (Some(sources), Some(received), Some(raw)) =
        (column("source"), column("received"), column("raw"))
    else {
        return;
    };
    let (sources, raw) = (sources.as_string_view(), raw.as_binary_view());
    let received = received.as_primitive::<TimestampMicrosecondType>();
    for row in 0..batch.num_rows() {
        let matching = shards.as_primitive::<Int32Type>().value(row) == shard
            && received.value(row) >= since
            && raw.is_valid(row);
        let stateful = source::find(sources.value(row)).filter(|source| source.stateful);
        if let Some(source) = stateful.filter(|_| matching) {
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
}
