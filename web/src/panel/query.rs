//! A panel over a page's query.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::context::{Context, rows};
use super::listing::{Listing, Show, Takes, in_all};
use super::metric::failed;
use super::spec::Spec;
use super::table::{Cell as TableCell, Column, Table};
use super::{Link, Panel, State};
use crate::address::View;
use crate::ask::{Cell, Failure, FailureKind, Row, Rows, Value};
use crate::chart::{self, Chart, Head, ink};
use crate::text;

/// Rows that a panel asks for; its sentence is about all there are.
const PANEL_ROWS: i64 = 2_000;
/// Characters of a record in a table.
const EXCERPT: usize = 120;

/// Asks and shows.
pub(crate) async fn build(spec: &Spec, listing: &'static Listing, context: &Context) -> Panel {
    let bare = |state| Panel {
        sql: context.library.page_sql(listing.name).unwrap_or_default().to_owned(),
        links: links(listing, &context.view),
        ..Panel::bare(spec.id, listing.title.to_owned(), spec.wide, state)
    };
    if let Some(state) = context.missing(spec.needs) {
        return bare(state);
    }
    let parameters = parameters(listing, &context.view, PANEL_ROWS);
    let rows = match rows(context.answers.as_ref(), listing.name, &parameters).await {
        Ok(rows) => rows,
        Err(failure) => return bare(failed(&failure, listing.name)),
    };
    if rows.rows.is_empty() {
        return bare(State::NoEvents(listing.empty.to_owned()));
    }
    let chart = match chart(listing, &rows).map(|chart| chart.markup()).transpose() {
        Ok(chart) => chart,
        Err(error) => {
            let failure = Failure { kind: FailureKind::Failed, message: error.to_string() };
            return bare(failed(&failure, listing.name));
        }
    };
    let n = i64::try_from(rows.rows.len()).unwrap_or(i64::MAX);
    let all = in_all(&rows);
    let mut partial = Vec::new();
    if all > n {
        partial.push(format!(
            "The first {} of {} rows shown; the CSV has more.",
            text::count(n),
            text::count(all)
        ));
    }
    if !context.view.address.only.is_empty() {
        partial.push("The page's filters don't apply to this list.".to_owned());
    }
    let state = if partial.is_empty() { State::Whole } else { State::Partial(partial) };
    let mut footer = vec![("As of", text::instant(context.now)), ("Rows", text::count(all))];
    if listing.columns.iter().any(|(_, _, show)| *show == Show::Instant) {
        footer.push(("Times in", context.view.zone.name().to_owned()));
    }
    if listing.takes == Takes::Period {
        footer.push(("Period", context.view.period_words()));
    }
    footer.push(("Counts", listing.counts.to_owned()));
    Panel {
        finding: (listing.finding)(&rows),
        chart,
        table: Some(table(listing, &rows, context.view.zone)),
        open: true,
        footer,
        ..bare(state)
    }
}

/// What the query is given.
pub(crate) fn parameters(listing: &Listing, view: &View, limit: i64) -> Vec<(&'static str, Value)> {
    let limit = ("limit", Value::Int(Some(limit)));
    let (from, to) = view.micros();
    match listing.takes {
        Takes::Nothing => Vec::new(),
        Takes::Limit => vec![limit],
        Takes::Period => {
            vec![("from_us", Value::Int(Some(from))), ("to_us", Value::Int(Some(to))), limit]
        }
        Takes::Day => vec![("as_of_date", Value::Date(view.days.last)), limit],
    }
}

/// The listing's chart, where it has one.
pub(crate) fn chart(listing: &Listing, rows: &Rows) -> Option<Chart> {
    let bars = listing.bars?;
    let value_of = |row: Row<'_>| Some((row.show(bars.name), row.int(bars.value)?));
    let mut values: Vec<(String, i64)> = rows.iter().filter_map(value_of).collect();
    values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if bars.is_of_group() {
        // Each row of a group says the same of it.
        values.dedup();
    }
    for (name, _) in values.iter_mut().filter(|(name, _)| name.is_empty()) {
        "not named".clone_into(name);
    }
    let parts: Vec<_> =
        values.iter().take(8).map(|(name, n)| format!("{name} {}", text::count(*n))).collect();
    let head = Head {
        id: listing.name.to_owned(),
        title: listing.title.to_owned(),
        desc: format!("Bars from zero: {}.", parts.join(", ")),
        ..Head::default()
    };
    let values: Vec<_> = values
        .into_iter()
        .take(8)
        .map(|(name, n)| chart::bars::Value {
            name,
            value: Some(n as f64),
            band: None,
            // Plain counts aren't estimates: few isn't unsure.
            n: i64::MAX,
            ink: ink::of("", 0),
        })
        .collect();
    Some(Chart::Bars(chart::bars::bars(head, &values, rollcall_query::Unit::Count)))
}

fn table(listing: &Listing, rows: &Rows, zone: Tz) -> Table {
    let columns = listing
        .columns
        .iter()
        .map(|(_, heading, show)| Column {
            heading: (*heading).to_owned(),
            number: matches!(show, Show::Number | Show::Seconds | Show::Lag),
        })
        .collect();
    let mut table = Table { caption: listing.title.to_owned(), columns, ..Table::default() };
    for row in rows.iter() {
        let mut cells: Vec<_> = listing
            .columns
            .iter()
            .map(|(column, _, show)| TableCell {
                text: shown(row.get(column), *show, zone),
                href: String::new(),
            })
            .collect();
        if let Some(href) = listing.href.and_then(|href| href(row))
            && let Some(cell) = cells.get_mut(1)
        {
            cell.href = href;
        }
        table.push(cells);
    }
    let here = i64::try_from(rows.rows.len()).unwrap_or(i64::MAX);
    table.more += usize::try_from(in_all(rows).saturating_sub(here)).unwrap_or(usize::MAX);
    table
}

fn shown(cell: &Cell, show: Show, zone: Tz) -> String {
    match (show, cell) {
        (Show::Word, _) => text::words(&cell.show()),
        (Show::Number, Cell::Int(n)) => text::count(*n),
        (Show::Seconds | Show::Lag, Cell::Int(s)) => text::seconds(*s as f64),
        (Show::Seconds | Show::Lag, Cell::Float(s)) => text::seconds(*s),
        (Show::Lag, Cell::Null) => "no live input".to_owned(),
        (Show::Instant, Cell::Time(at)) => text::moment(*at, zone),
        (Show::Day, _) => day(cell),
        (Show::Excerpt, _) => text::short(&text::visible(&cell.show()), EXCERPT),
        _ => cell.show(),
    }
}

fn day(cell: &Cell) -> String {
    let show = |day: NaiveDate| day.format("%-d %b %Y").to_string();
    match cell {
        Cell::Date(day) => show(*day),
        Cell::Time(at) => show(at.date_naive()),
        cell => cell.show(),
    }
}

fn links(listing: &Listing, view: &View) -> Vec<Link> {
    let query = view.frozen().shared().query();
    let link =
        |label, ending: &str| Link { label, href: format!("/q/{}{ending}{query}", listing.name) };
    let mut links = vec![link("CSV", ".csv"), link("XLSX", ".xlsx"), link("JSON", ".json")];
    if listing.bars.is_some() {
        links.push(link("SVG", ".svg"));
    }
    links
}
