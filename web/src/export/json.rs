//! JSON: a metric's result in full, or a list of objects.

use serde_json::{Map, Value, json};

use super::Sheet;
use crate::ask::Cell;
use crate::error::WebError;

/// Writes a sheet.
pub(super) fn write(sheet: &Sheet) -> Result<Vec<u8>, WebError> {
    let written = match &sheet.result {
        Some(result) => serde_json::to_vec_pretty(result),
        None => serde_json::to_vec_pretty(&rows(sheet)),
    };
    written.map_err(|error| WebError::Writing(error.to_string()))
}

fn rows(sheet: &Sheet) -> Value {
    let rows = sheet.rows.rows.iter().map(|row| {
        let pairs = sheet.rows.columns.iter().cloned().zip(row.iter().map(value));
        Value::Object(pairs.collect::<Map<_, _>>())
    });
    let about: Map<_, _> =
        sheet.about.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
    json!({ "about": about, "rows": rows.collect::<Vec<_>>() })
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Text(text) => json!(text),
        Cell::Int(n) => json!(n),
        Cell::Float(x) => json!(x),
        Cell::Bool(yes) => json!(yes),
        Cell::Time(at) => json!(at),
        Cell::Date(day) => json!(day),
        Cell::Bytes(bytes) => json!(String::from_utf8_lossy(bytes)),
    }
}
