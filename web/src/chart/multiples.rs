//! The same small chart for every group, on the same axes.

use askama::Template;
use rollcall_query::Unit;

use super::ink::Ink;
use super::scale::Scale;
use super::series::Series;
use super::trace::{Dot, Stretch, dots, stretches};
use super::{At, Head};

/// Height of one of them.
pub(crate) const HEIGHT: f64 = 84.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = HEIGHT - 6.0;
/// How many stand beside each other in a file.
const COLUMNS: usize = 4;

/// One group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Small {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) last: String,
    pub(crate) n: String,
    pub(crate) ink: Ink,
    pub(crate) stretches: Vec<Stretch>,
    pub(crate) dots: Vec<Dot>,
    /// Its place in a file: percent and pixels.
    pub(crate) x: At,
    pub(crate) y: At,
}

/// The charts.
#[derive(Debug, Clone, Template)]
#[template(path = "chart/multiples.svg")]
pub(crate) struct Multiples {
    pub(crate) head: Head,
    pub(crate) small: Vec<Small>,
    /// Lines of the grid, the same for all.
    pub(crate) grid: Vec<At>,
    /// What the upper line stands for.
    pub(crate) top: String,
}

/// Draws every series on its own.
pub(crate) fn multiples(head: Head, series: &[Series], unit: Unit) -> Multiples {
    let marks = series.iter().flat_map(|series| series.marks.iter().flatten());
    let highest = marks.map(|mark| mark.value).fold(0.0, f64::max);
    let scale = Scale::new(0.0, highest, unit, 2, TOP, BOTTOM);
    let small: Vec<_> = series
        .iter()
        .enumerate()
        .map(|(i, series)| Small {
            id: format!("{}-{i}", head.id),
            name: crate::text::short(&series.name, 24),
            last: crate::text::value_or_dash(series.last().map(|mark| mark.value), unit),
            n: crate::text::count(series.weight()),
            ink: series.ink,
            stretches: stretches(&series.marks, &scale),
            dots: dots(&series.marks, &scale),
            x: At((i % COLUMNS) as f64 * 100.0 / COLUMNS as f64),
            y: At((i / COLUMNS) as f64 * (HEIGHT + 28.0)),
        })
        .collect();
    let rows = series.len().div_ceil(COLUMNS);
    let height = rows as f64 * (HEIGHT + 28.0);
    Multiples {
        head: Head { height, kind: "multiples", left: 8, right: 8, ..head },
        small,
        grid: scale.ticks.iter().map(|tick| At(scale.y(*tick))).collect(),
        top: crate::text::tick(scale.max, unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::ink;
    use crate::chart::series::Mark;

    #[test]
    fn all_share_the_axis_of_the_largest() {
        let series = |value: f64| Series {
            key: "a".to_owned(),
            name: "a".to_owned(),
            ink: ink::GREY,
            marks: vec![Some(Mark { value, band: None, k: 0, n: 99, partial: false })],
        };
        let all: Vec<_> = [10.0, 5.0, 1.0, 1.0, 1.0].map(series).into();
        let chart = multiples(Head::default(), &all, Unit::Count);
        assert_eq!(chart.small[0].dots[0].y, At(TOP));
        assert_eq!(chart.small[1].dots[0].y, At(f64::midpoint(TOP, BOTTOM)));
        assert_eq!(chart.small[4].x, At(0.0), "the fifth begins a row");
        assert!(chart.small[4].y > chart.small[3].y);
    }
}
