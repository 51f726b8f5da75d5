//! One event: every column with its meaning, and the record as it came.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use rollcall_schemas::Position;
use rollcall_schemas::column::{self, Group};

use super::events::outcome_class;
use super::frame::Frame;
use super::metric::failed;
use crate::ask::{Cell, Row, Value};
use crate::error::WebError;
use crate::guard::visitor::Visitor;
use crate::panel::context::rows;
use crate::server::WebState;
use crate::text;

/// A column of the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) doc: &'static str,
    /// Whether it can identify somebody.
    pub(crate) personal: bool,
}

#[derive(Template)]
#[template(path = "page/event.html")]
struct EventPage {
    frame: Frame,
    position: String,
    headline: String,
    when: String,
    outcome: String,
    outcome_class: &'static str,
    lines: Vec<Line>,
    /// Columns that say nothing.
    silent: Vec<&'static str>,
    raw: String,
    raw_bytes: String,
    /// Address of the row that replaced this one, or was replaced by it.
    replaced_by: String,
    revises: String,
}

/// `GET /events/{position}`
pub(crate) async fn get(
    State(state): State<WebState>,
    visitor: Visitor,
    Path(position): Path<String>,
) -> Result<Response, WebError> {
    let at: Position = position.parse().map_err(|_| WebError::NothingHere)?;
    let parameters = [
        ("shard", Value::Int(Some(at.shard.into()))),
        ("seq", Value::Int(Some(at.seq))),
        ("part", Value::Int(Some(at.part.into()))),
    ];
    let answers = state.library.open();
    let rows = rows(answers.as_ref(), "event_one", &parameters)
        .await
        .map_err(|failure| failed(&failure, "event_one"))?;
    let row = rows.iter().next().ok_or(WebError::NothingHere)?;
    let path = format!("/events/{at}");
    let outcome = row.show("outcome");
    let raw = raw_of(row);
    let (lines, silent) = lines(row);
    let page = EventPage {
        frame: Frame::inside("Event", "/events", "", path, &visitor)?,
        position: at.to_string(),
        headline: headline(row),
        when: when(row, &state),
        outcome_class: outcome_class(&outcome),
        outcome: text::words(&outcome),
        lines,
        silent,
        raw_bytes: raw.map(|raw| text::plural(length(raw), "byte", "bytes")).unwrap_or_default(),
        raw: raw.map(readable).unwrap_or_default(),
        replaced_by: linked(row, "replaced_by"),
        revises: linked(row, "revises"),
    };
    Ok(Html(page.render()?).into_response())
}

fn headline(row: Row<'_>) -> String {
    let who = row.show("user_name");
    let who = if who.is_empty() { "somebody unnamed".to_owned() } else { who };
    let service = row.show("service");
    let to = if service.is_empty() { String::new() } else { format!(" at {service}") };
    text::sentence(&format!("{} by {who}{to}", text::words(&row.show("activity"))))
}

fn when(row: Row<'_>, state: &WebState) -> String {
    let zone = state.settings.time_zone;
    row.time("time")
        .map(|at| at.with_timezone(&zone).format("%A, %-d %B %Y, %H:%M:%S%.3f %Z").to_string())
        .unwrap_or_default()
}

fn lines(row: Row<'_>) -> (Vec<Line>, Vec<&'static str>) {
    let mut lines = Vec::new();
    let mut silent = Vec::new();
    for column in column::events().filter(|column| column.group != Group::Raw) {
        let value = match row.get(column.name) {
            Cell::Null => {
                silent.push(column.name);
                continue;
            }
            Cell::Bytes(bytes) => hex::encode(bytes),
            Cell::Time(at) => at.format("%Y-%m-%d %H:%M:%S%.6f UTC").to_string(),
            cell => cell.show(),
        };
        let personal = column.group == Group::Personal;
        lines.push(Line { name: column.name, value, doc: column.doc, personal });
    }
    (lines, silent)
}

fn raw_of(row: Row<'_>) -> Option<&[u8]> {
    match row.get("raw") {
        Cell::Bytes(bytes) => Some(bytes),
        Cell::Text(text) => Some(text.as_bytes()),
        _ => None,
    }
}

/// The record as text: line breaks and tabs stay, whatever else hides shows.
fn readable(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let lines: Vec<_> = text
        .split('\n')
        .map(|line| line.split('\t').map(text::visible).collect::<Vec<_>>().join("\t"))
        .collect();
    lines.join("\n")
}

fn length(raw: &[u8]) -> i64 {
    i64::try_from(raw.len()).unwrap_or(i64::MAX)
}

fn linked(row: Row<'_>, which: &str) -> String {
    let part = |name: &str| row.int(&format!("{which}_{name}"));
    match (part("shard"), part("seq"), part("part")) {
        (Some(shard), Some(seq), Some(part)) => format!("/events/{shard}-{seq}-{part}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_its_lines_and_shows_what_hides() {
        assert_eq!(readable(b"a\n\tb\x1b[0m\r\n\xff"), "a\n\tb␛[0m␍\n\u{fffd}");
    }
}
