//! The ids that are stored around a period: of rows, and of records that gave none.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use rollcall_lake::{Segment, Snapshot, Table, read_rows};
use rollcall_schemas::Verdict;

use super::Known;
use crate::error::Result;
use crate::input::pull::id_of;
use crate::source::time::DAY;

/// Which ids.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) source: &'static str,
    pub(super) collector: String,
    /// The keys under which an event's id may be.
    pub(super) id: &'static [&'static str],
    pub(super) from: i64,
    pub(super) to: i64,
}

const EVENT_COLUMNS: [&str; 4] = ["source", "source_event_id", "collector", "time"];
const VERDICT_COLUMNS: [&str; 4] = ["source", "source_hint", "verdict", "raw"];

/// Reads them from files and tail.
pub(super) fn stored(snapshot: &Snapshot, wanted: &Wanted) -> Result<Known> {
    let mut known = Known::default();
    let around = (wanted.from.saturating_sub(DAY), wanted.to.saturating_add(DAY));
    let near = |segment: &Segment| {
        let (min, max) = (segment.tags.time_min, segment.tags.time_max);
        max.is_none_or(|max| max >= around.0) && min.is_none_or(|min| min <= around.1)
    };
    for segment in snapshot.table(Table::Events).segments.iter().filter(|s| near(s)) {
        for batch in read_rows(segment, &EVENT_COLUMNS, None)? {
            events(&batch, wanted, &mut known);
        }
    }
    for batch in snapshot.tail.events.iter() {
        events(batch, wanted, &mut known);
    }
    // A verdict has no time of its own; it came after its event, but for clocks.
    let after = |s: &Segment| s.tags.received_max.is_none_or(|max| max >= around.0);
    for segment in snapshot.table(Table::SetAside).segments.iter().filter(|s| after(s)) {
        for batch in read_rows(segment, &VERDICT_COLUMNS, None)? {
            verdicts(&batch, wanted, &mut known);
        }
    }
    for batch in snapshot.tail.set_aside.iter() {
        verdicts(batch, wanted, &mut known);
    }
    Ok(known)
}

fn events(batch: &RecordBatch, wanted: &Wanted, known: &mut Known) {
    let text = |name: &str| batch.column_by_name(name).map(|column| column.as_string_view());
    let time = batch.column_by_name("time").map(|c| c.as_primitive::<TimestampMicrosecondType>());
    let (Some(source), Some(ids), Some(collector), Some(time)) =
        (text("source"), text("source_event_id"), text("collector"), time)
    else {
        return;
    };
    for row in 0..batch.num_rows() {
        if source.value(row) != wanted.source || ids.is_null(row) {
            continue;
        }
        let id = ids.value(row);
        known.all.insert(id.to_owned());
        let in_it = (wanted.from..wanted.to).contains(&time.value(row));
        if in_it && collector.value(row) == wanted.collector {
            known.own.insert(id.to_owned());
        }
    }
}

/// Duplicates and what was joined have a row elsewhere; of the others the record tells.
fn verdicts(batch: &RecordBatch, wanted: &Wanted, known: &mut Known) {
    let text = |name: &str| batch.column_by_name(name).map(|column| column.as_string_view());
    let raw = batch.column_by_name("raw").map(|column| column.as_binary_view());
    let (Some(source), Some(hint), Some(verdict), Some(raw)) =
        (text("source"), text("source_hint"), text("verdict"), raw)
    else {
        return;
    };
    let kept = [Verdict::Quarantined.as_str(), Verdict::NotAuthentication.as_str()];
    for row in 0..batch.num_rows() {
        let is = |column: &arrow::array::StringViewArray| {
            column.is_valid(row) && column.value(row) == wanted.source
        };
        if !(is(source) || is(hint)) || raw.is_null(row) || !kept.contains(&verdict.value(row)) {
            continue;
        }
        known.all.extend(id_of(raw.value(row), wanted.id));
    }
}
