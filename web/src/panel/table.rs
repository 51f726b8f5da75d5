//! Tables: what a chart shows, as text.

use chrono::NaiveDate;
use rollcall_query::{Band, Grain, MetricResult, Point, Unit};

use crate::chart::series::Series;
use crate::text;

/// More rows than these aren't read on a page; the export has them all.
pub(crate) const MOST_ROWS: usize = 200;

/// A column's heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// What it says.
    pub(crate) heading: String,
    /// Whether its cells are numbers.
    pub(crate) number: bool,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cell {
    /// What it says.
    pub(crate) text: String,
    /// Where it leads; empty: nowhere.
    pub(crate) href: String,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Table {
    /// What it holds.
    pub(crate) caption: String,
    /// The columns.
    pub(crate) columns: Vec<Column>,
    /// The rows.
    pub(crate) rows: Vec<Vec<Cell>>,
    /// Rows that aren't shown.
    pub(crate) more: usize,
}

impl Table {
    /// An empty table with these columns; the names with a `#` are numbers.
    pub(crate) fn new(caption: &str, headings: &[&str]) -> Self {
        let columns = headings
            .iter()
            .map(|heading| Column {
                heading: heading.trim_end_matches('#').to_owned(),
                number: heading.ends_with('#'),
            })
            .collect();
        Self { caption: caption.to_owned(), columns, rows: Vec::new(), more: 0 }
    }

    /// Adds a row, or counts it where there are too many.
    pub(crate) fn push(&mut self, cells: Vec<Cell>) {
        if self.rows.len() < MOST_ROWS {
            self.rows.push(cells);
        } else {
            self.more += 1;
        }
    }

    /// The cells of a row with their columns.
    pub(crate) fn cells<'a>(
        &'a self,
        row: &'a [Cell],
    ) -> impl Iterator<Item = (&'a Column, &'a Cell)> {
        self.columns.iter().zip(row)
    }
}

/// A cell with text alone.
pub(crate) fn cell(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), href: String::new() }
}

/// Series over time: a row for every bucket.
pub(crate) fn over_time(
    result: &MetricResult,
    series: &[Series],
    buckets: &[NaiveDate],
    grain: Grain,
) -> Table {
    if let [one] = series {
        return single(result, one, buckets, grain);
    }
    let mut headings = vec![heading(grain).to_owned()];
    headings.extend(series.iter().map(|series| format!("{}#", series.name)));
    let headings: Vec<_> = headings.iter().map(String::as_str).collect();
    let mut table = Table::new(result.question, &headings);
    for (i, bucket) in buckets.iter().enumerate() {
        let mut row = vec![cell(text::bucket(*bucket, grain))];
        row.extend(series.iter().map(|series| {
            let mark = series.marks.get(i).copied().flatten();
            cell(text::value_or_dash(mark.map(|mark| mark.value), result.unit))
        }));
        table.push(row);
    }
    table
}

fn single(result: &MetricResult, one: &Series, buckets: &[NaiveDate], grain: Grain) -> Table {
    let (low, high) = band_headings(result.band);
    let mut headings = vec![heading(grain), "Value#"];
    if result.band != Band::None {
        headings.extend([low, high]);
    }
    if result.unit == Unit::Share {
        headings.push("Had it#");
    }
    headings.push("Of#");
    let mut table = Table::new(result.question, &headings);
    for (bucket, mark) in buckets.iter().zip(&one.marks) {
        let mut row = vec![cell(text::bucket(*bucket, grain))];
        let show = |value| cell(text::value_or_dash(value, result.unit));
        row.push(show(mark.map(|mark| mark.value)));
        if result.band != Band::None {
            let band = mark.and_then(|mark| mark.band);
            row.extend([show(band.map(|band| band.0)), show(band.map(|band| band.1))]);
        }
        let (k, n) = mark.map_or((0, 0), |mark| (mark.k, mark.n));
        if result.unit == Unit::Share {
            row.push(cell(text::count(k)));
        }
        let open = if mark.is_some_and(|mark| mark.partial) { " (not over)" } else { "" };
        row.push(cell(format!("{}{open}", text::count(n))));
        table.push(row);
    }
    table
}

/// Groups over the whole period: a row for every point.
pub(crate) fn of_points(result: &MetricResult, wanted: &[&str], dimension: Option<&str>) -> Table {
    let points = || {
        let shown = |point: &&Point| wanted.is_empty() || wanted.contains(&point.figure.as_str());
        result.points.iter().filter(shown)
    };
    let figures = points().any(|point| !point.figure.is_empty());
    let (low, high) = band_headings(result.band);
    let mut headings = Vec::new();
    let group = dimension.map(text::words);
    headings.extend(group.as_deref());
    if figures {
        headings.push("Figure");
    }
    headings.push("Value#");
    if result.band != Band::None {
        headings.extend([low, high]);
    }
    if result.unit != Unit::Milliseconds {
        headings.push("Had it#");
    }
    headings.push("Of#");
    let mut table = Table::new(result.question, &headings);
    for point in points() {
        let show = |value| cell(text::value_or_dash(value, result.unit));
        let mut row = Vec::new();
        if group.is_some() {
            row.push(cell(text::visible(point.group.as_deref().unwrap_or("unknown"))));
        }
        if figures {
            row.push(cell(text::words(&point.figure)));
        }
        row.push(show(point.value));
        if result.band != Band::None {
            row.extend([show(point.low), show(point.high)]);
        }
        if result.unit != Unit::Milliseconds {
            row.push(cell(text::count(point.k)));
        }
        row.push(cell(text::count(point.n)));
        table.push(row);
    }
    table
}

const fn band_headings(band: Band) -> (&'static str, &'static str) {
    match band {
        Band::None => ("", ""),
        Band::Bounds => ("At least#", "At most#"),
        Band::Interval95 => ("95% from#", "95% to#"),
    }
}

const fn heading(grain: Grain) -> &'static str {
    match grain {
        Grain::Day => "Day",
        Grain::Week => "Week",
        Grain::Month => "Month",
        Grain::Quarter => "Quarter",
        Grain::Total => "Period",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_beyond_the_page_are_counted() {
        let mut table = Table::new("x", &["a", "b#"]);
        for i in 0..MOST_ROWS + 7 {
            table.push(vec![cell(i.to_string()), cell("1")]);
        }
        assert_eq!((table.rows.len(), table.more), (MOST_ROWS, 7));
        assert!(table.columns[1].number && table.columns[1].heading == "b");
    }
}
