//! A file of rows with named columns, CSV or JSON. Every error names the line and says
//! what would be right.

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sha2::{Digest, Sha256};

use super::json;
use super::pulled::EPOCH;
use crate::error::{IngestError, Result};

/// A file, read.
pub(super) struct Rows {
    path: String,
    /// SHA-256 of the file, hex.
    pub(super) sha256: String,
    /// The day on which it was written last, UTC, since 1970; today where it is no file.
    pub(super) written_on: i32,
    columns: HashMap<String, usize>,
    records: Vec<(usize, csv::StringRecord)>,
}

/// One of its lines.
pub(super) struct Line<'a> {
    rows: &'a Rows,
    number: usize,
    record: &'a csv::StringRecord,
}

impl Rows {
    /// # Errors
    /// If the file can't be read, is neither CSV with a header nor JSON, or has no row.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let unread = || IngestError::file("can't read", path);
        let bytes = std::fs::read(path).map_err(unread())?;
        let written = std::fs::metadata(path).and_then(|of| of.modified()).map_err(unread())?;
        let written_on = DateTime::<Utc>::from(written).num_days_from_ce() - EPOCH;
        Ok(Self { written_on, ..Self::of(path.display().to_string(), &bytes)? })
    }

    /// The same of bytes.
    pub(super) fn of(name: String, bytes: &[u8]) -> Result<Self> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let wrong = |(line, detail): (usize, String)| IngestError::Table {
            path: name.clone(),
            line,
            detail,
        };
        let is_json = text.trim_ascii_start().first().is_some_and(|byte| b"[{".contains(byte));
        let table = if is_json { json::table(text) } else { csv_table(text) };
        let (columns, records) = table.map_err(wrong)?;
        if records.is_empty() {
            let detail = "there are no rows in it; a file holds everything of its subject, so \
                          an empty one would take everything away";
            return Err(wrong((1, detail.to_owned())));
        }
        let sha256 = hex::encode(Sha256::digest(bytes));
        let written_on = Utc::now().num_days_from_ce() - EPOCH;
        Ok(Self { path: name, sha256, written_on, columns, records })
    }

    /// Whether there is a column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.contains_key(name)
    }

    /// Refuses a file with a column that isn't known or without one that is needed.
    pub(super) fn expect(&self, needed: &[&str], optional: &[&str]) -> Result<()> {
        let known = || needed.iter().chain(optional);
        if let Some(missing) = needed.iter().find(|name| !self.columns.contains_key(**name)) {
            return Err(self.wrong(
                1,
                format!("there is no column {missing:?}; needed are {}", needed.join(", ")),
            ));
        }
        let mut unknown: Vec<&String> =
            self.columns.keys().filter(|name| !known().any(|k| k == name)).collect();
        unknown.sort();
        if let Some(name) = unknown.first() {
            let all: Vec<&str> = known().copied().collect();
            return Err(
                self.wrong(1, format!("column {name:?} isn't known; known are {}", all.join(", ")))
            );
        }
        Ok(())
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.records.iter().map(|(number, record)| Line { rows: self, number: *number, record })
    }

    pub(super) fn wrong(&self, line: usize, detail: String) -> IngestError {
        IngestError::Table { path: self.path.clone(), line, detail }
    }
}

/// Columns by name with their place, and the records with their line.
pub(super) type Table = (HashMap<String, usize>, Vec<(usize, csv::StringRecord)>);

/// The line of a fault, and what it is.
pub(super) type Fault = (usize, String);

fn csv_table(text: &[u8]) -> Result<Table, Fault> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let header = reader.headers().map_err(|error| (1, error.to_string()))?.clone();
    let columns = header.iter().enumerate().map(|(i, name)| (name.to_lowercase(), i)).collect();
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            (usize::try_from(line).unwrap_or_default(), error.to_string())
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        records.push((usize::try_from(line).unwrap_or_default(), record));
    }
    Ok((columns, records))
}

impl<'a> Line<'a> {
    /// A value; `None` where the column is missing or the cell empty.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        let index = self.rows.columns.get(name)?;
        self.record.get(*index).filter(|value| !value.is_empty())
    }

    /// A value that must be there.
    pub(super) fn needed(&self, name: &str) -> Result<&'a str> {
        self.text(name).ok_or_else(|| self.wrong(format!("{name} is empty; it is needed")))
    }

    /// One of some words.
    pub(super) fn word(
        &self,
        name: &str,
        words: &[&'static str],
        default: &'static str,
    ) -> Result<&'static str> {
        let Some(text) = self.text(name) else { return Ok(default) };
        words.iter().copied().find(|word| word.eq_ignore_ascii_case(text)).ok_or_else(|| {
            self.wrong(format!("{name} is {text:?}; it may be {}", words.join(", ")))
        })
    }

    /// A date, as days since 1970: four, two and two digits, and nothing else.
    pub(super) fn date(&self, name: &str) -> Result<Option<i32>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        // The parser would also take +2026-1-5 and blanks.
        let has_form = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| has_form);
        match date {
            Some(date) => Ok(Some(date.num_days_from_ce() - EPOCH)),
            None => Err(self.wrong(format!(
                "{name} is {text:?}; a date is written 2026-11-25, without a time"
            ))),
        }
    }

    pub(super) fn wrong(&self, detail: String) -> IngestError {
        self.rows.wrong(self.number, detail)
    }
}
