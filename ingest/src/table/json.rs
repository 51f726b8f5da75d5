//! The same rows as JSON: an array of objects, or an object a line. A list of texts is what
//! CSV has in one cell, separated by blanks.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::rows::{Fault, Table};

/// Columns and records of a JSON text.
pub(super) fn table(text: &[u8]) -> Result<Table, Fault> {
    let text = std::str::from_utf8(text)
        .map_err(|error| (line_of(text, error.valid_up_to()), "it isn't UTF-8".to_owned()))?;
    let mut columns: HashMap<String, usize> = HashMap::new();
    let mut rows = Vec::new();
    for raw in objects(text)? {
        let at = raw.get().as_ptr().addr().saturating_sub(text.as_ptr().addr());
        let line = line_of(text.as_bytes(), at);
        let wrong = |detail: String| (line, detail);
        let object: Map<String, Value> = serde_json::from_str(raw.get())
            .map_err(|error| wrong(format!("an object was expected: {error}")))?;
        let mut row = HashMap::new();
        for (name, value) in &object {
            let next = columns.len();
            let column = *columns.entry(name.to_lowercase()).or_insert(next);
            row.insert(column, cell(name, value).map_err(wrong)?);
        }
        rows.push((line, row));
    }
    let records = rows.into_iter().map(|(line, mut row)| {
        let cells = (0..columns.len()).map(|column| row.remove(&column).unwrap_or_default());
        (line, cells.collect())
    });
    Ok((columns.clone(), records.collect()))
}

/// The objects of a list, or of lines.
fn objects(text: &str) -> Result<Vec<&RawValue>, Fault> {
    let fault = |error: serde_json::Error| (error.line(), format!("it isn't JSON: {error}"));
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map_err(fault);
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    values.by_ref().collect::<Result<_, _>>().map_err(fault)
}

/// What CSV would have in the cell.
fn cell(name: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.trim().to_owned()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Array(_) => {
            let texts = Vec::<String>::deserialize(value)
                .map_err(|_| format!("{name} is a list of something else than texts"))?;
            match texts.iter().find(|text| text.contains(char::is_whitespace) || text.is_empty()) {
                Some(odd) => Err(format!("{name} has {odd:?}; it may not be empty or hold blanks")),
                None => Ok(texts.join(" ")),
            }
        }
        Value::Object(_) => {
            Err(format!("{name} is an object; a text or a list of texts is expected"))
        }
    }
}

/// The line that an offset lies in, from 1.
fn line_of(text: &[u8], offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
