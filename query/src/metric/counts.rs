//! The rows that a metric's SQL gives, out of Arrow.

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Int64Type};
use datafusion::common::{DataFusionError, Result};

/// One row: `k` of `n` where the shape is counts, a value that occurs `n` times
/// where it is a histogram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) bucket: Option<NaiveDate>,
    pub(super) group: Option<String>,
    pub(super) figure: String,
    pub(super) k: i64,
    pub(super) n: i64,
    pub(super) unknown: i64,
}

/// Reads the rows; `first` names the column that goes into `k`.
pub(super) fn read(batches: &[RecordBatch], first: &str) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for batch in batches {
        let bucket = column(batch, "bucket", &DataType::Date32)?;
        let group = column(batch, "grp", &DataType::Utf8)?;
        let figure = column(batch, "figure", &DataType::Utf8)?;
        let k = column(batch, first, &DataType::Int64)?;
        let n = column(batch, "n", &DataType::Int64)?;
        let unknown = column(batch, "unknown", &DataType::Int64).ok();
        let (bucket, group) = (bucket.as_primitive::<Date32Type>(), group.as_string::<i32>());
        let figure = figure.as_string::<i32>();
        let number = |array: &ArrayRef, row: usize| {
            let array = array.as_primitive::<Int64Type>();
            if array.is_valid(row) { array.value(row) } else { 0 }
        };
        for row in 0..batch.num_rows() {
            rows.push(Row {
                bucket: bucket.is_valid(row).then(|| bucket.value_as_date(row)).flatten(),
                group: group.is_valid(row).then(|| group.value(row).to_owned()),
                figure: if figure.is_valid(row) { figure.value(row) } else { "" }.to_owned(),
                k: number(&k, row),
                n: number(&n, row),
                unknown: unknown.as_ref().map_or(0, |unknown| number(unknown, row)),
            });
        }
    }
    Ok(rows)
}

fn column(batch: &RecordBatch, name: &str, data_type: &DataType) -> Result<ArrayRef> {
    let column = batch
        .column_by_name(name)
        .ok_or_else(|| DataFusionError::Internal(format!("a metric gives no column {name}")))?;
    Ok(cast(column, data_type)?)
}
