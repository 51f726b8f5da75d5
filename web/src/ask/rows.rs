//! Rows of a page's query, cell by cell.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{DateTime, NaiveDate, Utc};

use super::Failure;
use super::library::FailureKind;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// Text as the source sent it: escape it, make it visible.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// An instant.
    Time(DateTime<Utc>),
    /// A day.
    Date(NaiveDate),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Cell {
    /// The cell as visible text; empty for null.
    pub fn show(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) => crate::text::visible(text),
            Self::Int(n) => n.to_string(),
            Self::Float(x) => crate::text::number(*x),
            Self::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Self::Time(at) => crate::text::instant(*at),
            Self::Date(day) => day.to_string(),
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

/// Rows with named columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// A cell for every column.
    pub rows: Vec<Vec<Cell>>,
}

impl Rows {
    /// Reads batches that share a schema.
    pub fn read(batches: &[RecordBatch]) -> Result<Self, Failure> {
        let mut out = Self::default();
        for batch in batches {
            if out.columns.is_empty() {
                out.columns =
                    batch.schema().fields().iter().map(|field| field.name().clone()).collect();
            }
            let columns = batch.columns().iter().map(cells).collect::<Result<Vec<_>, _>>();
            let columns = columns.map_err(|error| Failure {
                kind: FailureKind::Failed,
                message: error.to_string(),
            })?;
            let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
            for _ in 0..batch.num_rows() {
                let row = columns.iter_mut().map(|column| column.next().unwrap_or(Cell::Null));
                out.rows.push(row.collect());
            }
        }
        Ok(out)
    }

    /// Every row as a thing to look columns up in.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { columns: &self.columns, cells })
    }
}

/// One row.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    columns: &'a [String],
    cells: &'a [Cell],
}

impl Rows {
    /// The same without the columns that begin so.
    pub(crate) fn without(mut self, prefix: &str) -> Self {
        let kept: Vec<bool> = self.columns.iter().map(|name| !name.starts_with(prefix)).collect();
        let mut keep = kept.iter();
        self.columns.retain(|_| *keep.next().unwrap_or(&true));
        for row in &mut self.rows {
            let mut keep = kept.iter();
            row.retain(|_| *keep.next().unwrap_or(&true));
        }
        self
    }
}

impl<'a> Row<'a> {
    /// The cell of a column; null where there is no such column.
    pub fn get(&self, name: &str) -> &'a Cell {
        let at = self.columns.iter().position(|column| column == name);
        at.and_then(|at| self.cells.get(at)).unwrap_or(&Cell::Null)
    }

    /// Visible text; empty for null.
    pub fn show(&self, name: &str) -> String {
        self.get(name).show()
    }

    /// Text exactly as it is, for links and comparisons.
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        match self.get(name) {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number.
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Cell::Int(n) => Some(*n),
            #[expect(clippy::cast_possible_truncation, reason = "counts that SQL summed as floats")]
            Cell::Float(x) => Some(*x as i64),
            _ => None,
        }
    }

    /// A number.
    pub fn float(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            Cell::Int(n) => Some(*n as f64),
            Cell::Float(x) => Some(*x),
            _ => None,
        }
    }

    /// An instant.
    pub fn time(&self, name: &str) -> Option<DateTime<Utc>> {
        match self.get(name) {
            Cell::Time(at) => Some(*at),
            _ => None,
        }
    }
}

fn cells(column: &ArrayRef) -> Result<Vec<Cell>, arrow::error::ArrowError> {
    use DataType as T;
    let to = |kind: &T| cast(column, kind);
    Ok(match column.data_type() {
        T::Utf8 | T::LargeUtf8 | T::Utf8View | T::Dictionary(..) => {
            let texts = to(&T::Utf8)?;
            every(texts.as_string::<i32>().iter(), |text| Cell::Text(text.to_owned()))
        }
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64 => {
            let numbers = to(&T::Int64)?;
            every(numbers.as_primitive::<Int64Type>().iter(), Cell::Int)
        }
        T::Float16 | T::Float32 | T::Float64 | T::Decimal128(..) => {
            let numbers = to(&T::Float64)?;
            every(numbers.as_primitive::<Float64Type>().iter(), Cell::Float)
        }
        T::Boolean => every(column.as_boolean().iter(), Cell::Bool),
        T::Timestamp(..) => {
            let times = to(&T::Timestamp(TimeUnit::Microsecond, None))?;
            every(times.as_primitive::<TimestampMicrosecondType>().iter(), |us| {
                DateTime::from_timestamp_micros(us).map_or(Cell::Null, Cell::Time)
            })
        }
        T::Date32 => {
            let days = to(&T::Date32)?;
            every(days.as_primitive::<arrow::datatypes::Date32Type>().iter(), |days| {
                let day = NaiveDate::default()
                    .checked_add_signed(chrono::TimeDelta::days(i64::from(days)));
                day.map_or(Cell::Null, Cell::Date)
            })
        }
        T::Binary | T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_) => {
            let bytes = to(&T::Binary)?;
            every(bytes.as_binary::<i32>().iter(), |bytes| Cell::Bytes(bytes.to_vec()))
        }
        _ => {
            let options = FormatOptions::default();
            let formatter = ArrayFormatter::try_new(column, &options)?;
            (0..column.len())
                .map(|row| match column.is_null(row) {
                    true => Cell::Null,
                    false => Cell::Text(formatter.value(row).to_string()),
                })
                .collect()
        }
    })
}

fn every<T>(values: impl Iterator<Item = Option<T>>, make: impl Fn(T) -> Cell) -> Vec<Cell> {
    values.map(|value| value.map_or(Cell::Null, &make)).collect()
}
