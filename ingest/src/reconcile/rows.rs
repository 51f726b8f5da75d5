//! Outcomes in the table `reconciliations`.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, Int64Array, RecordBatch, StringViewArray, TimestampMicrosecondArray,
};
use arrow::datatypes::TimestampMicrosecondType;
use chrono::Utc;
use rollcall_lake::{Lake, Table, read_rows};
use rollcall_schemas::directory::reconciliations_schema;

use super::{Comparison, Outcome, Period};
use crate::error::Result;

/// The state of an outcome, as it stands in the table.
const RECONCILED: &str = "reconciled";
const NOT_RECONCILED: &str = "not_reconciled";

/// An outcome as a row.
pub(super) fn batch(outcome: &Outcome) -> Result<RecordBatch> {
    let time = |micros: i64| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from(vec![micros]).with_timezone("UTC"))
    };
    let text = |text: Option<&str>| -> ArrayRef { Arc::new(StringViewArray::from(vec![text])) };
    let found = outcome.found.as_ref().ok();
    let count = |of: fn(&Comparison) -> u64| -> ArrayRef {
        let count = found.map(|found| i64::try_from(of(found)).unwrap_or(i64::MAX));
        Arc::new(Int64Array::from(vec![count]))
    };
    let listed = |ids: fn(&Comparison) -> &[String]| -> ArrayRef {
        let ids = found.map(ids).filter(|ids| !ids.is_empty());
        text(ids.map(|ids| ids.join("\n")).as_deref())
    };
    let state = if found.is_some() { RECONCILED } else { NOT_RECONCILED };
    let columns = vec![
        time(Utc::now().timestamp_micros()),
        text(Some(&outcome.collector)),
        text(Some(&outcome.source)),
        time(outcome.period.from.timestamp_micros()),
        time(outcome.period.to.timestamp_micros()),
        text(Some(state)),
        text(outcome.found.as_ref().err().map(String::as_str)),
        count(|found| found.vendor),
        count(|found| found.stored),
        count(|found| found.missing),
        count(|found| found.fetched),
        count(|found| found.extra),
        listed(|found| &found.missing_ids),
        listed(|found| &found.extra_ids),
    ];
    Ok(RecordBatch::try_new(reconciliations_schema(), columns)?)
}

/// The collectors for which a period was looked at already, whatever came of it.
///
/// # Errors
/// If the table can't be read.
pub fn reconciled(lake: &Lake, period: Period) -> Result<BTreeSet<String>> {
    let columns = ["collector", "period_from", "period_to"];
    let (from, to) = (period.from.timestamp_micros(), period.to.timestamp_micros());
    let mut done = BTreeSet::new();
    for segment in lake.snapshot().table(Table::Reconciliations).segments.iter() {
        for batch in read_rows(segment, &columns, None)? {
            let time = |name: &str| {
                batch.column_by_name(name).map(|c| c.as_primitive::<TimestampMicrosecondType>())
            };
            let collector = batch.column_by_name("collector").map(|c| c.as_string_view());
            let (Some(collector), Some(begins), Some(ends)) =
                (collector, time("period_from"), time("period_to"))
            else {
                continue;
            };
            let same = |row: &usize| begins.value(*row) == from && ends.value(*row) == to;
            let rows = (0..batch.num_rows()).filter(same);
            done.extend(rows.map(|row| collector.value(row).to_owned()));
        }
    }
    Ok(done)
}
