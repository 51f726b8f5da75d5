//! What all panels of a page share: answers of one instant, one period.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use rollcall_query::Dimension;

use super::State;
use super::spec::Needs;
use crate::address::{Address, Span, View};
use crate::ask::{Answers, Cell, Definition, Failure, Library, Rows, Value};
use crate::chart::flag::Change;
use crate::server::WebState;
use crate::status::Status;

/// Changes that are asked for: far more than have a flag, since the others are
/// counted beside the first of these.
const MOST_CHANGES: i64 = 10_000;

/// What there is in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) events: i64,
    pub(crate) set_aside: i64,
    pub(crate) sources: i64,
    pub(crate) people: i64,
    pub(crate) span: Option<Span>,
    pub(crate) last_received: Option<DateTime<Utc>>,
}

/// Shared by the panels of a page.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) answers: Arc<dyn Answers>,
    pub(crate) library: Arc<dyn Library>,
    pub(crate) status: Arc<dyn Status>,
    pub(crate) view: Arc<View>,
    /// `None` where even that couldn't be told.
    pub(crate) totals: Option<Arc<Totals>>,
    pub(crate) changes: Arc<[Change]>,
    pub(crate) now: DateTime<Utc>,
    /// Path of the page, for links that change its address.
    pub(crate) path: &'static str,
}

impl Context {
    /// Opens the data at this instant and completes the address by it.
    pub(crate) async fn open(state: &WebState, path: &'static str, address: Address) -> Self {
        let answers = state.library.open();
        let now = state.settings.clock.now();
        // Without totals a page still stands: its panels say what fails.
        let totals = totals(answers.as_ref()).await.map_err(|failure| {
            tracing::error!(failure = failure.message, "totals can't be read");
        });
        let totals = totals.ok();
        let span = totals.as_ref().and_then(|totals| totals.span);
        let view = View::new(address, span, state.settings.time_zone, now);
        let changes = changes(answers.as_ref(), &view).await;
        Self {
            answers,
            library: Arc::clone(&state.library),
            status: Arc::clone(&state.status),
            view: Arc::new(view),
            totals: totals.map(Arc::new),
            changes: changes.into(),
            now,
            path,
        }
    }

    /// Whether there is data from that day on: a period that the data begins
    /// within can't be compared with a whole one.
    pub(crate) fn has_data_since(&self, day: NaiveDate) -> bool {
        let span = self.totals.as_ref().and_then(|totals| totals.span);
        span.is_some_and(|span| span.first.with_timezone(&self.view.zone).date_naive() <= day)
    }

    /// What a metric is.
    pub(crate) fn definition(&self, name: &str) -> Option<Definition> {
        self.library.definitions().into_iter().find(|definition| definition.name == name)
    }

    /// What a metric may be split by, of what is asked.
    pub(crate) fn split(&self, metric: &str, by: Option<Dimension>) -> Option<Dimension> {
        let definition = self.definition(metric);
        by.filter(|by| definition.is_none_or(|definition| definition.dimensions.contains(by)))
    }

    /// The state of a panel over a metric that can't be filtered as the
    /// address says: showing it unfiltered would answer another question.
    pub(crate) fn unfit(&self, metric: &str) -> Option<State> {
        let known = self.definition(metric)?.dimensions;
        let only = &self.view.address.only;
        let (unknown, _) = only.iter().find(|(dimension, _)| !known.contains(dimension))?;
        let word = crate::text::words(unknown.as_str());
        Some(State::NoEvents(format!("This can't be filtered by {word}.")))
    }

    /// The state of a panel whose needs aren't met.
    pub(crate) fn missing(&self, needs: Needs) -> Option<State> {
        let totals = self.totals.as_ref()?;
        let text = match needs {
            Needs::Nothing => return None,
            _ if totals.events == 0 && totals.set_aside == 0 => {
                "No event has come in yet. Make a token with `rollcall token create`, point a \
                 collector here, or import a file with `rollcall ingest FILE`."
            }
            Needs::People if totals.people == 0 => {
                "There is no directory yet, so nobody can be counted. Import one with \
                 `rollcall people import FILE`, or provision it over SCIM."
            }
            _ => return None,
        };
        Some(State::NotConfigured(text.to_owned()))
    }
}

/// Asks a page's query and reads its rows.
pub(crate) async fn rows(
    answers: &dyn Answers,
    name: &str,
    parameters: &[(&'static str, Value)],
) -> Result<Rows, Failure> {
    Rows::read(&answers.page(name, parameters).await?)
}

async fn totals(answers: &dyn Answers) -> Result<Totals, Failure> {
    let rows = rows(answers, "overview_totals", &[]).await?;
    let Some(row) = rows.iter().next() else { return Ok(Totals::default()) };
    let int = |name| row.int(name).unwrap_or(0);
    let span = row.time("first_time").zip(row.time("last_time"));
    Ok(Totals {
        events: int("events"),
        set_aside: int("set_aside"),
        sources: int("sources"),
        people: int("people"),
        span: span.map(|(first, last)| Span { first, last }),
        last_received: row.time("last_received"),
    })
}

/// Changes of how people sign in, in the period, for flags. A chart without flags is better
/// than none, so a failure is only logged.
async fn changes(answers: &dyn Answers, view: &View) -> Vec<Change> {
    let (from, to) = view.micros();
    let parameters = [
        ("from_us", Value::Int(Some(from))),
        ("to_us", Value::Int(Some(to))),
        ("limit", Value::Int(Some(MOST_CHANGES))),
    ];
    let rows = match rows(answers, "policy_changes", &parameters).await {
        Ok(rows) => rows,
        Err(failure) => {
            tracing::warn!(failure = failure.message, "policy changes can't be read");
            return Vec::new();
        }
    };
    let mut changes: Vec<_> = rows
        .iter()
        .filter(|row| row.get("sign_in") == &Cell::Bool(true))
        .filter_map(|row| {
            let at = row.time("time")?;
            let day = view.zone.from_utc_datetime(&at.naive_utc()).date_naive();
            let name = row.show("policy_name");
            let name = if name.is_empty() { "a policy".to_owned() } else { name };
            let operation = row.show("operation");
            Some(Change { day, what: format!("{name} ({operation})") })
        })
        .collect();
    changes.sort_by_key(|change| change.day);
    changes
}
