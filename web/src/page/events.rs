//! Events: counts by value beside a table, newest first, a page at a time.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use rollcall_query::Dimension;

use super::bar::Bar;
use super::browse::{self, Before, Facet, FacetValue, before};
use super::frame::Frame;
use crate::address::{Address, View};
use crate::ask::{Row, Rows, Value};
use crate::error::WebError;
use crate::guard::visitor::Visitor;
use crate::panel::State as PanelState;
use crate::panel::context::{Context, rows};
use crate::panel::metric::failed;
use crate::panel::spec::Needs;
use crate::server::WebState;
use crate::text;

const PATH: &str = "/events";
/// Parameters of the page. `source` is a dimension, known everywhere.
const OWN: [&str; 5] = ["outcome", "activity", "user", "ip", "before"];
const PAGE_ROWS: usize = 100;
/// Values of a facet.
const MOST_VALUES: usize = 12;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventRow {
    pub(crate) href: String,
    pub(crate) day: String,
    pub(crate) time: String,
    pub(crate) who: String,
    pub(crate) who_href: String,
    pub(crate) account: String,
    pub(crate) activity: String,
    pub(crate) outcome: String,
    pub(crate) outcome_class: &'static str,
    pub(crate) reason: String,
    pub(crate) source: String,
    pub(crate) service: String,
    pub(crate) mfa: String,
    pub(crate) factor: String,
    pub(crate) ip: String,
    pub(crate) ip_href: String,
    pub(crate) place: String,
}

#[derive(Template)]
#[template(path = "page/events.html")]
struct EventsPage {
    frame: Frame,
    bar: Bar,
    user: String,
    ip: String,
    /// Filters of this page that are on: what they say, and the address without.
    chips: Vec<(String, String)>,
    facets: Vec<Facet>,
    rows: Vec<EventRow>,
    state: PanelState,
    older: String,
    newest: String,
    as_of: String,
}

/// `GET /events`
pub(crate) async fn get(
    State(state): State<WebState>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let address = Address::parse(&query.unwrap_or_default(), &OWN).map_err(WebError::Address)?;
    let before = before(&address)?;
    browse::only_source(&address, "events are filtered by source, outcome, activity, user and ip")?;
    let context = Context::open(&state, PATH, address).await;
    let view = &context.view;
    let (from, to) = view.micros();
    let span = [("from_us", Value::Int(Some(from))), ("to_us", Value::Int(Some(to)))];
    let parameters = parameters(view, before);
    let answers = context.answers.as_ref();
    let (listed, counted) = futures::join!(
        rows(answers, "events_list", &parameters),
        rows(answers, "events_facets", &span),
    );
    let facets = counted.map(|rows| facets(&rows, &view.address)).unwrap_or_default();
    let (listed, state) = match listed {
        Ok(rows) if rows.rows.is_empty() => (rows, nothing(&context)),
        Ok(rows) => (rows, PanelState::Whole),
        Err(failure) => (Rows::default(), failed(&failure, "events_list")),
    };
    let shown: Vec<_> = listed.iter().take(PAGE_ROWS).map(|row| event(row, view)).collect();
    let older = match listed.rows.len() > PAGE_ROWS {
        true => {
            let last = listed.iter().nth(PAGE_ROWS - 1);
            last.and_then(|row| browse::key(row, "time")).unwrap_or_default()
        }
        false => String::new(),
    };
    let href = |address: Address| format!("{PATH}{}", address.query());
    let page = EventsPage {
        frame: Frame::inside(
            "Events",
            PATH,
            &view.address.shared().query(),
            href(view.address.clone()),
            &visitor,
        )?,
        bar: Bar::new(PATH, view),
        user: view.address.own("user").unwrap_or_default().to_owned(),
        ip: view.address.own("ip").unwrap_or_default().to_owned(),
        chips: chips(&view.address),
        facets,
        rows: shown,
        state,
        older: match older.as_str() {
            "" => String::new(),
            key => href(view.frozen().with_own("before", Some(key))),
        },
        newest: match before {
            Some(_) => href(view.address.with_own("before", None)),
            None => String::new(),
        },
        as_of: text::instant(context.now),
    };
    Ok(Html(page.render()?).into_response())
}

fn parameters(view: &View, before: Option<Before>) -> Vec<(&'static str, Value)> {
    let (from, to) = view.micros();
    let own = |name| Value::Text(view.address.own(name).map(str::to_owned));
    let filters = [
        ("from_us", Value::Int(Some(from))),
        ("to_us", Value::Int(Some(to))),
        ("source", Value::Text(view.address.only(Dimension::Source).map(str::to_owned))),
        ("outcome", own("outcome")),
        ("activity", own("activity")),
        ("user", own("user")),
        ("ip", own("ip")),
    ];
    filters.into_iter().chain(browse::page(before, "before_time_us", PAGE_ROWS)).collect()
}

fn nothing(context: &Context) -> PanelState {
    if let Some(state) = context.missing(Needs::Events) {
        return state;
    }
    let address = &context.view.address;
    let chips = chips(address);
    if chips.is_empty() {
        let period = context.view.period_words();
        return PanelState::NoEvents(format!("No event in {period}."));
    }
    let filters: Vec<_> = chips.into_iter().map(|(label, _)| label).collect();
    let clear = Address { own: Vec::new(), only: Vec::new(), ..address.clone() };
    PanelState::Excluded { filters: filters.join(", "), href: format!("{PATH}{}", clear.query()) }
}

fn chips(address: &Address) -> Vec<(String, String)> {
    let href = |address: Address| format!("{PATH}{}", address.query());
    let own = address.own.iter().filter(|(name, _)| name != "before").map(|(name, value)| {
        (format!("{name}: {}", text::visible(value)), href(address.with_own(name, None)))
    });
    browse::source_chip(address, PATH).into_iter().chain(own).collect()
}

fn facets(rows: &Rows, address: &Address) -> Vec<Facet> {
    const ORDER: [&str; 6] = ["outcome", "source", "activity", "mfa", "factor", "platform"];
    let facet = |name: &&str| {
        let mut values: Vec<_> = rows
            .iter()
            .filter(|row| row.raw("facet") == Some(name))
            .map(|row| (row.raw("value").unwrap_or_default(), row.int("n").unwrap_or(0)))
            .collect();
        values.sort_by_key(|(value, n)| (std::cmp::Reverse(*n), *value));
        let values =
            values.into_iter().map(|(value, n)| facet_value(name, value, n, address)).collect();
        Facet::of(text::sentence(&text::words(name)), values, MOST_VALUES)
    };
    ORDER.iter().filter_map(facet).collect()
}

fn facet_value(facet: &str, value: &str, n: i64, address: &Address) -> FacetValue {
    let on = browse::is_on(address, facet, value);
    let wanted = (!on).then_some(value);
    let changed = match facet {
        _ if value.is_empty() => None,
        "source" => Some(address.with_only(Dimension::Source, wanted)),
        "outcome" | "activity" => Some(address.with_own(facet, wanted)),
        _ => None,
    };
    let shown = if value.is_empty() { "not said".to_owned() } else { text::words(value) };
    FacetValue {
        name: shown,
        n: text::count(n),
        href: changed.map(|to| format!("{PATH}{}", to.query())).unwrap_or_default(),
        on,
    }
}

fn event(row: Row<'_>, view: &View) -> EventRow {
    let time = row.time("time").map(|at| at.with_timezone(&view.zone));
    let format = |how: &str| time.map(|at| at.format(how).to_string()).unwrap_or_default();
    let outcome = row.show("outcome");
    let with = |name: &str, value: Option<&str>| match value {
        Some(value) if !value.is_empty() => {
            format!("{PATH}{}", view.address.with_own(name, Some(value)).query())
        }
        _ => String::new(),
    };
    let (person, account) = (row.show("person"), row.show("user_name"));
    let known = !person.is_empty() && person != account;
    EventRow {
        href: href_of(row).unwrap_or_default(),
        day: format("%-d %b %Y"),
        time: format("%H:%M:%S"),
        who: if known { person } else { account.clone() },
        who_href: with("user", row.raw("user_name")),
        account: if known { account } else { String::new() },
        activity: text::words(&row.show("activity")),
        outcome_class: outcome_class(&outcome),
        outcome: text::words(&outcome),
        reason: text::words(&row.show("reason")),
        source: row.show("source"),
        service: row.show("service"),
        mfa: text::words(&row.show("mfa")),
        factor: text::words(&row.show("factor")),
        ip: row.show("ip"),
        ip_href: with("ip", row.raw("ip")),
        place: place(row),
    }
}

/// Where an address is and whose network that is; who says so of each, where it isn't
/// the source.
fn place(row: Row<'_>) -> String {
    let told = |columns: &[&str]| {
        let parts = columns.iter().map(|column| row.show(column));
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    };
    let marked = |told: String, basis| match row.raw(basis) {
        Some("database") if !told.is_empty() => told + ", by GeoIP",
        _ => told,
    };
    if row.raw("place_basis") == row.raw("as_basis") {
        return marked(told(&["country", "city", "as_org"]), "place_basis");
    }
    let place = marked(told(&["country", "city"]), "place_basis");
    let network = marked(told(&["as_org"]), "as_basis");
    let between = if place.is_empty() || network.is_empty() { "" } else { "; " };
    format!("{place}{between}{network}")
}

/// The address of an event.
pub(crate) fn href_of(row: Row<'_>) -> Option<String> {
    let (shard, seq, part) = (row.int("shard")?, row.int("seq")?, row.int("part")?);
    Some(format!("{PATH}/{shard}-{seq}-{part}"))
}

/// Class of an outcome's mark: its colour on charts.
pub(crate) fn outcome_class(outcome: &str) -> &'static str {
    crate::chart::ink::of(outcome, 99).colour
}
