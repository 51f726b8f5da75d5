//! The rows that a metric's SQL gives, out of Arrow.

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Int64Type};
use datafusion::common::{DataFusionError, Result};

use super::registry::Shape;

/// One row. What its numbers are depends on the metric's shape; [`columns`] says which
/// columns they come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) bucket: Option<NaiveDate>,
    pub(super) group: Option<String>,
    pub(super) figure: String,
    /// How many had it; a value that occurs `n` times; the length of a spell.
    pub(super) k: i64,
    /// Out of how many; how often; the exposure.
    pub(super) n: i64,
    /// How many of `n` can't be told.
    pub(super) unknown: i64,
    /// How a spell went out (event, other, open); which side of a comparison it is on
    /// (pilot, control).
    pub(super) word: String,
    /// The team that it was counted in, of a comparison.
    pub(super) team: String,
    /// The first day that it was counted over: of a rate's cluster, a comparison's week, a
    /// series.
    pub(super) day: Option<NaiveDate>,
}

/// Where the parts of a row come from; empty where a shape has none.
struct Columns {
    k: &'static str,
    n: &'static str,
    word: &'static str,
    team: &'static str,
    day: &'static str,
}

const fn columns(shape: Shape) -> Columns {
    let plain = Columns { k: "k", n: "n", word: "", team: "", day: "" };
    match shape {
        Shape::Counts => plain,
        Shape::Histogram => Columns { k: "value", ..plain },
        Shape::Rate => Columns { n: "exposure", day: "day", ..plain },
        Shape::Spells => Columns { k: "length", word: "fate", ..plain },
        Shape::Compared => Columns { word: "side", team: "team", day: "day", ..plain },
        Shape::Segmented => Columns { day: "day", ..plain },
    }
}

/// Reads the rows of a shape.
pub(super) fn read(batches: &[RecordBatch], shape: Shape) -> Result<Vec<Row>> {
    let columns = columns(shape);
    let mut rows = Vec::new();
    for batch in batches {
        let buckets = Days::of(batch, "bucket")?;
        let groups = Texts::of(batch, "grp")?;
        let figures = Texts::of(batch, "figure")?;
        let (k, n) = (Numbers::of(batch, columns.k)?, Numbers::of(batch, columns.n)?);
        // Where everything is known a metric may leave it out.
        let unknown = Numbers::of(batch, "unknown").unwrap_or(Numbers(None));
        let (words, teams) = (Texts::of(batch, columns.word)?, Texts::of(batch, columns.team)?);
        let days = match shape {
            // Persons have no day.
            Shape::Rate => Days::of(batch, columns.day).unwrap_or(Days(None)),
            _ => Days::of(batch, columns.day)?,
        };
        rows.extend((0..batch.num_rows()).map(|row| Row {
            bucket: buckets.at(row),
            group: groups.at(row),
            figure: figures.at(row).unwrap_or_default(),
            k: k.at(row),
            n: n.at(row),
            unknown: unknown.at(row),
            word: words.at(row).unwrap_or_default(),
            team: teams.at(row).unwrap_or_default(),
            day: days.at(row),
        }));
    }
    Ok(rows)
}

struct Numbers(Option<ArrayRef>);
struct Texts(Option<ArrayRef>);
struct Days(Option<ArrayRef>);

impl Numbers {
    fn of(batch: &RecordBatch, name: &str) -> Result<Self> {
        column(batch, name, &DataType::Int64).map(Self)
    }

    fn at(&self, row: usize) -> i64 {
        let array = self.0.as_ref().map(|array| array.as_primitive::<Int64Type>());
        array.filter(|array| array.is_valid(row)).map_or(0, |array| array.value(row))
    }
}

impl Texts {
    fn of(batch: &RecordBatch, name: &str) -> Result<Self> {
        column(batch, name, &DataType::Utf8).map(Self)
    }

    fn at(&self, row: usize) -> Option<String> {
        let array = self.0.as_ref()?.as_string::<i32>();
        array.is_valid(row).then(|| array.value(row).to_owned())
    }
}

impl Days {
    fn of(batch: &RecordBatch, name: &str) -> Result<Self> {
        column(batch, name, &DataType::Date32).map(Self)
    }

    fn at(&self, row: usize) -> Option<NaiveDate> {
        let array = self.0.as_ref()?.as_primitive::<Date32Type>();
        array.is_valid(row).then(|| array.value_as_date(row)).flatten()
    }
}

/// A column by its name; none where the shape has no such column.
fn column(batch: &RecordBatch, name: &str, data_type: &DataType) -> Result<Option<ArrayRef>> {
    if name.is_empty() {
        return Ok(None);
    }
    let column = batch
        .column_by_name(name)
        .ok_or_else(|| DataFusionError::Internal(format!("a metric gives no column {name}")))?;
    Ok(Some(cast(column, data_type)?))
}
