//! Figures and lists to take along.
//!
//! ```text
//! sheet   rows with named columns, and what to know of them
//! csv     formulas neutralised
//! json    the rows, or a metric's result in full
//! xlsx    real numbers and dates, text as text
//! ```

mod csv;
mod json;
mod sheet;
mod xlsx;

use axum::response::{IntoResponse, Response};
use http::header;

pub(crate) use sheet::Sheet;

use crate::error::WebError;

/// A format, by the address' ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Json,
    Xlsx,
    Svg,
}

impl Format {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Csv, "csv", "text/csv; charset=utf-8"),
        (Self::Json, "json", "application/json"),
        (Self::Xlsx, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (Self::Svg, "svg", "image/svg+xml"),
    ];

    /// Splits `adoption/used.csv` into name and format.
    pub(crate) fn split(name: &str) -> (&str, Option<Self>) {
        name.rsplit_once('.')
            .and_then(|(stem, ending)| {
                let found = Self::ALL.into_iter().find(|(_, word, _)| *word == ending)?;
                Some((stem, Some(found.0)))
            })
            .unwrap_or((name, None))
    }

    /// The answer with these bytes; `name` is one of ours, never a user's.
    pub(crate) fn answer(self, name: &str, bytes: Vec<u8>) -> Response {
        let row = Self::ALL.into_iter().find(|(format, ..)| *format == self);
        let (ending, kind) = row.map_or(("bin", "application/octet-stream"), |(_, e, k)| (e, k));
        let file: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' })
            .collect();
        let how = format!("attachment; filename=\"{file}.{ending}\"");
        ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, how)], bytes)
            .into_response()
    }
}

impl Sheet {
    /// The bytes in a format that holds rows.
    pub(crate) fn write(&self, format: Format) -> Result<Vec<u8>, WebError> {
        match format {
            Format::Csv => Ok(csv::write(self).into_bytes()),
            Format::Json => json::write(self),
            Format::Xlsx => xlsx::write(self),
            Format::Svg => Err(WebError::NothingHere),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_tells_the_format() {
        assert_eq!(Format::split("adoption/used.csv"), ("adoption/used", Some(Format::Csv)));
        assert_eq!(Format::split("adoption/used"), ("adoption/used", None));
        assert_eq!(Format::split("adoption/used.exe"), ("adoption/used.exe", None));
    }

    #[test]
    fn a_file_name_holds_no_path_and_no_quote() {
        let answer = Format::Csv.answer("a/../b\"\r\nx", Vec::new());
        assert_eq!(
            answer.headers()["content-disposition"],
            "attachment; filename=\"a----b---x.csv\""
        );
    }
}
