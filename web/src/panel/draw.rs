//! A metric's result as a chart of the panel's shape.

use chrono::NaiveDate;
use rollcall_query::{MetricResult, Unit};

use super::spec::Shape;
use crate::chart::flag::{Change, Flag};
use crate::chart::series::{PER_1000, Series, Split, base, mark, over_time};
use crate::chart::stack::Layer;
use crate::chart::{Chart, Head, bars, dots, ink, line, multiples, stack};
use crate::text;

/// More bars than these are no longer read.
const MOST_BARS: usize = 16;
/// More small charts than these are no longer read.
const MOST_SMALL: usize = 12;

/// What is drawn, and what goes with it.
pub(crate) struct Drawing {
    pub(crate) chart: Option<Chart>,
    pub(crate) series: Vec<Series>,
    pub(crate) left_out: Vec<String>,
}

impl Drawing {
    /// A key to the colours, where the chart has no labels of its own.
    pub(crate) fn key(&self) -> Vec<Layer> {
        match &self.chart {
            Some(Chart::Stack(chart)) => chart
                .layers
                .iter()
                .map(|layer| Layer {
                    whole: String::new(),
                    few: String::new(),
                    partial: String::new(),
                    ..layer.clone()
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// A key to the flags.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        match &self.chart {
            Some(Chart::Line(chart)) => chart.flags.clone(),
            Some(Chart::Stack(chart)) => chart.flags.clone(),
            _ => Vec::new(),
        }
    }
}

/// What to draw.
pub(crate) struct Wish<'a> {
    pub(crate) shape: Shape,
    pub(crate) figures: &'static [&'static str],
    pub(crate) grouped: bool,
    pub(crate) buckets: &'a [NaiveDate],
    pub(crate) grain: rollcall_query::Grain,
    pub(crate) changes: &'a [Change],
}

impl Wish<'_> {
    fn split(&self) -> Split<'static> {
        match (self.grouped, self.figures) {
            (true, figures) => Split::Groups(figures.first().copied().unwrap_or("")),
            (false, figures) => Split::Figures(figures),
        }
    }
}

/// Draws a result.
pub(crate) fn draw(result: &MetricResult, wish: &Wish<'_>, mut head: Head) -> Drawing {
    if !wish.shape.over_time() {
        let (chart, left_out) = match wish.shape {
            Shape::Dots => of_quantiles(result, wish, head),
            _ => of_values(result, wish, head),
        };
        return Drawing { chart, series: Vec::new(), left_out };
    }
    let (series, left_out) = match wish.shape {
        // Every group on its own: nothing has to be folded.
        Shape::Multiples => every_group(result, wish),
        _ => over_time(result, wish.buckets, wish.split()),
    };
    if series.iter().all(|series| series.last().is_none()) {
        return Drawing { chart: None, series, left_out };
    }
    head.desc = describe(&series, wish.buckets, result.unit);
    let (buckets, grain, unit) = (wish.buckets, wish.grain, result.unit);
    let chart = match wish.shape {
        Shape::Stack => {
            Chart::Stack(stack::stack(head, &series, buckets, grain, unit, wish.changes))
        }
        Shape::Multiples => Chart::Multiples(multiples::multiples(head, &series, unit)),
        _ => Chart::Line(line::line(head, &series, buckets, grain, unit, wish.changes)),
    };
    Drawing { chart: Some(chart), series, left_out }
}

/// The largest groups, each with its own series, and the names of the others.
fn every_group(result: &MetricResult, wish: &Wish<'_>) -> (Vec<Series>, Vec<String>) {
    let mut weights: std::collections::BTreeMap<&str, i64> = Default::default();
    for point in &result.points {
        *weights.entry(point.group.as_deref().unwrap_or("unknown")).or_default() +=
            base(point, result.unit);
    }
    let mut names: Vec<_> = weights.into_iter().collect();
    names.sort_by_key(|(name, n)| (std::cmp::Reverse(*n), *name));
    let mut all = Vec::new();
    for (name, _) in names.iter().take(MOST_SMALL) {
        let points = result
            .points
            .iter()
            .filter(|point| point.group.as_deref().unwrap_or("unknown") == *name)
            .cloned()
            .collect();
        let one = MetricResult { points, ..result.clone() };
        all.append(&mut over_time(&one, wish.buckets, wish.split()).0);
    }
    for (place, series) in all.iter_mut().enumerate() {
        series.ink = ink::of(&series.key, place % 4);
    }
    let left_out = names.iter().skip(MOST_SMALL).map(|(name, _)| text::words(name)).collect();
    (all, left_out)
}

/// Bars, and the names of those that there is no room for.
fn of_values(
    result: &MetricResult,
    wish: &Wish<'_>,
    mut head: Head,
) -> (Option<Chart>, Vec<String>) {
    let lead = wish.figures.first().copied().unwrap_or("");
    let mut values: Vec<_> = result
        .points
        .iter()
        .filter(|point| match wish.grouped {
            true => point.figure == lead,
            false if wish.figures.is_empty() => !point.figure.starts_with(PER_1000),
            false => wish.figures.contains(&point.figure.as_str()),
        })
        .map(|point| {
            let key = match wish.grouped {
                true => point.group.as_deref().unwrap_or("unknown"),
                false => &point.figure,
            };
            let mark = mark(point, result.band, result.unit);
            // A metric can have groups of its own: what changed, a source.
            let name = match point.group.as_deref().filter(|_| !wish.grouped) {
                Some(group) => format!("{} {}", text::words(group), text::words(key)),
                None => text::words(key),
            };
            bars::Value {
                name: name.trim_end().to_owned(),
                value: mark.map(|mark| mark.value),
                band: mark.and_then(|mark| mark.band),
                n: point.n.max(point.k),
                // Bars of one thing have one colour; factors have their own.
                ink: match ink::of(key, 99) {
                    ink::GREY if !matches!(key, "unknown" | "other") => ink::of("", 0),
                    ink => ink,
                },
            }
        })
        .collect();
    values.sort_by(|a, b| b.value.unwrap_or(-1.0).total_cmp(&a.value.unwrap_or(-1.0)));
    let rest = values.split_off(values.len().min(MOST_BARS));
    let left_out = rest.into_iter().map(|value| value.name).collect();
    if values.is_empty() {
        return (None, left_out);
    }
    let parts = values
        .iter()
        .map(|value| format!("{} {}", value.name, text::value_or_dash(value.value, result.unit)));
    head.desc = format!("Bars from zero: {}.", parts.collect::<Vec<_>>().join(", "));
    (Some(Chart::Bars(bars::bars(head, &values, result.unit))), left_out)
}

/// Dots, and the names of the groups that there is no room for.
fn of_quantiles(
    result: &MetricResult,
    wish: &Wish<'_>,
    mut head: Head,
) -> (Option<Chart>, Vec<String>) {
    let mut groups: Vec<dots::Group> = Vec::new();
    for figure in wish.figures {
        for point in result.points.iter().filter(|point| point.figure == *figure) {
            let key = point.group.as_deref().unwrap_or("unknown");
            let name = text::words(key);
            let Some(value) = point.value else { continue };
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.quantiles.push((figure, value)),
                None => groups.push(dots::Group {
                    name,
                    quantiles: vec![(figure, value)],
                    n: base(point, result.unit),
                    ink: ink::of(key, 0),
                }),
            }
        }
    }
    groups.sort_by(|a, b| first(a).total_cmp(&first(b)));
    let rest = groups.split_off(groups.len().min(MOST_BARS));
    let left_out = rest.into_iter().map(|group| group.name).collect();
    if groups.is_empty() {
        return (None, left_out);
    }
    let names = wish.figures.join(", ");
    let parts = groups.iter().map(|group| {
        let values = group.quantiles.iter().map(|(_, value)| text::value(*value, result.unit));
        format!("{} {}", group.name, values.collect::<Vec<_>>().join(", "))
    });
    head.desc = format!("{names} of each: {}.", parts.collect::<Vec<_>>().join("; "));
    (Some(Chart::Dots(dots::dots(head, &groups, result.unit))), left_out)
}

fn first(group: &dots::Group) -> f64 {
    group.quantiles.first().map_or(0.0, |(_, value)| *value)
}

/// What a chart over time says to someone who doesn't see it.
fn describe(series: &[Series], buckets: &[NaiveDate], unit: Unit) -> String {
    let mut parts = Vec::new();
    if let (Some(first), Some(last)) = (buckets.first(), buckets.last()) {
        parts.push(format!("{} points from {first} to {last}.", buckets.len()));
    }
    for series in series {
        let values = || series.marks.iter().flatten().map(|mark| mark.value);
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        let Some(last) = series.last() else { continue };
        let name = if series.name.is_empty() { "Values" } else { &series.name };
        let show = |value| text::value(value, unit);
        parts.push(format!(
            "{name}: between {} and {}, last {}.",
            show(low),
            show(high),
            show(last.value)
        ));
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{point, result};

    #[test]
    fn what_there_is_no_room_for_is_named() {
        let points: Vec<_> = (0..20)
            .map(|i| rollcall_query::Point {
                group: Some(format!("team-{i:02}")),
                ..point("p50", 100 - i, 100)
            })
            .collect();
        let buckets = [NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()];
        for (shape, most) in [(Shape::Bars, 16), (Shape::Dots, 16), (Shape::Multiples, 12)] {
            let wish = Wish {
                shape,
                figures: &["p50"],
                grouped: true,
                buckets: &buckets,
                grain: rollcall_query::Grain::Day,
                changes: &[],
            };
            let drawing = draw(&result("x", Unit::Share, points.clone()), &wish, Head::default());
            assert_eq!(drawing.left_out.len(), 20 - most, "{shape:?}");
        }
    }
}
