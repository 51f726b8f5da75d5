//! Records that couldn't be read: where they came from, why, and how they begin.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use chrono_tz::Tz;
use rollcall_query::Dimension;

use super::browse::{self, Before, Facet, FacetValue, before};
use super::frame::Frame;
use crate::address::Address;
use crate::ask::{Cell, Row, Rows, Value};
use crate::error::WebError;
use crate::guard::visitor::Visitor;
use crate::panel::State as PanelState;
use crate::panel::context::rows;
use crate::panel::metric::failed;
use crate::server::WebState;
use crate::text;

const PATH: &str = "/quarantine";
/// Parameters of the page. `source` is a dimension, known everywhere.
const OWN: [&str; 2] = ["reason", "before"];
const PAGE_ROWS: usize = 50;
/// Values of a facet.
const MOST_VALUES: usize = 15;
/// Characters of a record.
const EXCERPT: usize = 600;
/// Characters of a reason that is a link's text.
const REASON: usize = 90;

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    day: String,
    time: String,
    source: String,
    hint: String,
    collector: String,
    reason: String,
    position: String,
    redactions: String,
    raw: String,
}

#[derive(Template)]
#[template(path = "page/quarantine.html")]
struct QuarantinePage {
    frame: Frame,
    /// Filters that are on: what they say, and the address without.
    chips: Vec<(String, String)>,
    facets: Vec<Facet>,
    /// How many there are, of all sources and reasons; none where that can't be told.
    total: Option<String>,
    rows: Vec<Held>,
    state: PanelState,
    older: String,
    newest: String,
    as_of: String,
    zone: &'static str,
    sql: &'static str,
}

/// `GET /quarantine`
pub(crate) async fn get(
    State(state): State<WebState>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let address = Address::parse(&query.unwrap_or_default(), &OWN).map_err(WebError::Address)?;
    let before = before(&address)?;
    browse::only_source(&address, "records in quarantine are filtered by source and reason")?;
    let zone = address.zone.unwrap_or(state.settings.time_zone);
    let answers = state.library.open();
    let source = Value::Text(address.only(Dimension::Source).map(str::to_owned));
    let of_source = [("source", source.clone())];
    let parameters = parameters(&address, source, before);
    let (listed, counted) = futures::join!(
        rows(answers.as_ref(), "quarantine_page", &parameters),
        rows(answers.as_ref(), "quarantine_facets", &of_source),
    );
    let counted = counted.map_err(|failure| {
        tracing::error!(failure = failure.message, "records in quarantine can't be counted");
    });
    let counted = counted.ok();
    let (listed, fares) = match listed {
        Ok(rows) if rows.rows.is_empty() => (rows, nothing(&address)),
        Ok(rows) => (rows, PanelState::Whole),
        Err(failure) => (Rows::default(), failed(&failure, "quarantine_page")),
    };
    let older = match listed.rows.len() > PAGE_ROWS {
        true => listed.iter().nth(PAGE_ROWS - 1).and_then(|row| browse::key(row, "received")),
        false => None,
    };
    let page = QuarantinePage {
        frame: Frame::inside(
            "Quarantine",
            "/data-health",
            &address.shared().query(),
            href(&address),
            &visitor,
        )?,
        chips: chips(&address),
        total: counted.as_ref().map(|rows| text::plural(total(rows), "record is", "records are")),
        facets: counted.iter().flat_map(|rows| facets(rows, &address)).collect(),
        rows: listed.iter().take(PAGE_ROWS).map(|row| record(row, zone)).collect(),
        state: fares,
        older: older.map(|key| href(&address.with_own("before", Some(&key)))).unwrap_or_default(),
        newest: before.map(|_| href(&address.with_own("before", None))).unwrap_or_default(),
        as_of: text::instant(state.settings.clock.now()),
        zone: zone.name(),
        sql: state.library.page_sql("quarantine_page").unwrap_or_default(),
    };
    Ok(Html(page.render()?).into_response())
}

fn href(address: &Address) -> String {
    format!("{PATH}{}", address.query())
}

fn parameters(
    address: &Address,
    source: Value,
    before: Option<Before>,
) -> Vec<(&'static str, Value)> {
    let filters =
        [("source", source), ("reason", Value::Text(address.own("reason").map(str::to_owned)))];
    filters.into_iter().chain(browse::page(before, "before_received_us", PAGE_ROWS)).collect()
}

fn nothing(address: &Address) -> PanelState {
    let filters: Vec<_> = chips(address).into_iter().map(|(label, _)| label).collect();
    if filters.is_empty() {
        return PanelState::NoEvents("Nothing is in quarantine.".to_owned());
    }
    PanelState::Excluded { filters: filters.join(", "), href: PATH.to_owned() }
}

fn chips(address: &Address) -> Vec<(String, String)> {
    let reason = address.own("reason").map(|value| {
        let label = text::short(&text::visible(value), REASON);
        (format!("reason: {label}"), href(&address.with_own("reason", None)))
    });
    browse::source_chip(address, PATH).into_iter().chain(reason).collect()
}

fn total(counted: &Rows) -> i64 {
    let sources = counted.iter().filter(|row| row.raw("facet") == Some("source"));
    sources.filter_map(|row| row.int("n")).fold(0, i64::saturating_add)
}

fn facets<'a>(counted: &'a Rows, address: &'a Address) -> impl Iterator<Item = Facet> + 'a {
    ["source", "reason"].into_iter().filter_map(move |name| facet(name, counted, address))
}

fn facet(name: &str, counted: &Rows, address: &Address) -> Option<Facet> {
    let all = counted.iter().filter(|row| row.raw("facet") == Some(name));
    let values = all.map(|row| facet_value(name, row, address)).collect();
    Facet::of(text::sentence(name), values, MOST_VALUES)
}

fn facet_value(facet: &str, row: Row<'_>, address: &Address) -> FacetValue {
    let value = row.raw("value").unwrap_or_default();
    let on = browse::is_on(address, facet, value);
    let wanted = (!on).then_some(value);
    let changed = match facet {
        // Of another source the reasons are others.
        "source" => Some(address.with_only(Dimension::Source, wanted).with_own("reason", None)),
        // Longer ones are no filter.
        _ if value.chars().count() > 200 => None,
        _ => Some(address.with_own("reason", wanted)),
    };
    FacetValue {
        name: text::short(&text::visible(value), REASON),
        n: text::count(row.int("n").unwrap_or(0)),
        href: changed.map(|to| href(&to)).unwrap_or_default(),
        on,
    }
}

fn record(row: Row<'_>, zone: Tz) -> Held {
    let at = row.time("received").map(|at| at.with_timezone(&zone));
    let format = |how: &str| at.map(|at| at.format(how).to_string()).unwrap_or_default();
    let part = |name| row.int(name).unwrap_or(0);
    let raw = match row.get("raw") {
        Cell::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        cell => cell.show(),
    };
    let redactions = part("redactions");
    Held {
        day: format("%-d %b %Y"),
        time: format("%H:%M:%S"),
        source: row.show("source"),
        hint: row.show("source_hint"),
        collector: row.show("collector"),
        reason: row.show("reason"),
        position: format!("{}-{}-{}", part("shard"), part("seq"), part("part")),
        redactions: match redactions {
            0 => String::new(),
            n => format!("{} cut out", text::plural(n, "secret", "secrets")),
        },
        raw: text::visible(&text::short(&raw, EXCERPT)),
    }
}
