//! How complete the data of a period is: printed with every figure.

use chrono::{DateTime, Utc};
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::scalar::ScalarValue;

use crate::catalog::Session;
use crate::catalog::world::Derived;
use crate::error::Result;
use crate::result::Completeness;

const NAME: &str = "completeness_of_period";
const SQL: &str = include_str!("../../metrics/completeness_of_period.sql");

/// A source is silent when it has been quiet for longer than twice its own
/// longest gap of the last two weeks, and for more than an hour.
const SILENT_GAPS: f64 = 2.0;
const SILENT_SECONDS: f64 = 3600.0;

/// The completeness of `[from, to)`.
pub(super) async fn of(
    session: &Session,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Completeness> {
    let time = |at: DateTime<Utc>| {
        ScalarValue::TimestampMicrosecond(Some(at.timestamp_micros()), Some("UTC".into()))
    };
    let period = vec![("from".to_owned(), time(from)), ("to".to_owned(), time(to))];
    let pages = &session.world().inner.pages;
    let ask = async |session: Session| session.run(NAME, SQL, period, Derived::Counted).await;
    let totals = pages.answer(session, format!("{NAME} {from} {to}"), ask).await?;
    let health = session.page("sources_health", &[]).await?;
    Ok(Completeness {
        lag_p95_s: real(&totals, "lag_p95_s").first().copied().flatten(),
        live: (whole(&totals, "live"), whole(&totals, "events")),
        silent_sources: silent(&health),
        quarantined: whole(&totals, "quarantined"),
        unmatched: (whole(&totals, "unmatched"), whole(&totals, "attempts")),
    })
}

fn silent(health: &[RecordBatch]) -> Vec<String> {
    let sources = health.iter().flat_map(|batch| {
        let column = batch.column_by_name("source").and_then(|c| cast(c, &DataType::Utf8).ok());
        let names: Vec<Option<String>> = column.map_or_else(Vec::new, |column| {
            column.as_string::<i32>().iter().map(|name| name.map(str::to_owned)).collect()
        });
        names
    });
    let silence = real(health, "silent_s");
    let gaps = real(health, "usual_gap_s");
    sources
        .zip(silence.into_iter().zip(gaps))
        .filter_map(|(source, (silence, gap))| {
            let quiet = silence? > (SILENT_GAPS * gap?).max(SILENT_SECONDS);
            if quiet { source } else { None }
        })
        .collect()
}

fn real(batches: &[RecordBatch], name: &str) -> Vec<Option<f64>> {
    let columns = batches
        .iter()
        .filter_map(|batch| cast(batch.column_by_name(name)?, &DataType::Float64).ok());
    columns
        .flat_map(|column| column.as_primitive::<Float64Type>().iter().collect::<Vec<_>>())
        .collect()
}

fn whole(batches: &[RecordBatch], name: &str) -> i64 {
    let column =
        batches.first().and_then(|batch| cast(batch.column_by_name(name)?, &DataType::Int64).ok());
    column.map_or(0, |column| {
        let column = column.as_primitive::<Int64Type>();
        if column.is_empty() || column.is_null(0) { 0 } else { column.value(0) }
    })
}
