//! Quantiles of groups: a dot each, on one line.

use askama::Template;
use rollcall_query::Unit;

use super::ink::Ink;
use super::scale::Scale;
use super::{At, FEW, Head};

const ROW: f64 = 28.0;
const TOP: f64 = 26.0;

/// Quantiles of one group, smallest first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) quantiles: Vec<(&'static str, f64)>,
    pub(crate) n: i64,
    pub(crate) ink: Ink,
}

/// A group as drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) y: At,
    pub(crate) from: At,
    pub(crate) to: At,
    pub(crate) dots: Vec<At>,
    pub(crate) ink: Ink,
    pub(crate) few: bool,
    pub(crate) name: String,
    /// Smallest and largest, in words.
    pub(crate) value: String,
}

/// A label of the axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) x: At,
    pub(crate) label: String,
}

/// The chart.
#[derive(Debug, Clone, Template)]
#[template(path = "chart/dots.svg")]
pub(crate) struct Dots {
    pub(crate) head: Head,
    pub(crate) ticks: Vec<Tick>,
    pub(crate) rows: Vec<Row>,
}

/// Draws groups in their order.
pub(crate) fn dots(head: Head, groups: &[Group], unit: Unit) -> Dots {
    let values = groups.iter().flat_map(|group| &group.quantiles);
    let highest = values.map(|(_, value)| *value).fold(0.0, f64::max);
    let scale = Scale::new(0.0, highest, unit, 3, 0.0, 1.0);
    let x = |value: f64| At(scale.share(value) * 100.0);
    let rows: Vec<_> = groups
        .iter()
        .enumerate()
        .map(|(i, group)| {
            let first = group.quantiles.first().map_or(0.0, |(_, value)| *value);
            let last = group.quantiles.last().map_or(first, |(_, value)| *value);
            let words = |value| crate::text::value(value, unit);
            Row {
                y: At(TOP + (i as f64 + 0.5) * ROW),
                from: x(first),
                to: x(last),
                dots: group.quantiles.iter().map(|(_, value)| x(*value)).collect(),
                ink: group.ink,
                few: group.n < FEW,
                name: crate::text::short(&group.name, 18),
                value: format!("{} · {}", words(first), words(last)),
            }
        })
        .collect();
    let ticks = scale
        .ticks
        .iter()
        .map(|tick| Tick { x: x(*tick), label: crate::text::tick(*tick, unit) })
        .collect();
    let height = TOP + groups.len() as f64 * ROW + 6.0;
    Dots { head: Head { height, kind: "dots", left: 150, right: 130, ..head }, ticks, rows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::ink;

    #[test]
    fn dots_share_one_axis_from_zero() {
        let group = |n, quantiles: &[f64]| Group {
            name: "a".to_owned(),
            quantiles: ["p50", "p90", "p95"].into_iter().zip(quantiles.iter().copied()).collect(),
            n,
            ink: ink::GREY,
        };
        let groups = [group(99, &[1_000.0, 2_000.0, 3_000.0]), group(3, &[500.0])];
        let chart = dots(Head::default(), &groups, Unit::Milliseconds);
        assert_eq!(chart.ticks[0].x, At(0.0));
        assert_eq!(chart.rows[0].to, At(100.0));
        assert_eq!(chart.rows[0].dots.len(), 3);
        assert_eq!(chart.rows[0].value, "1.0 s · 3.0 s");
        assert!(chart.rows[1].few && !chart.rows[0].few);
        assert_eq!(chart.rows[1].from, chart.rows[1].to);
    }
}
