//! Counts or shares over time that add up: bars from zero, one path a series.

use std::fmt::Write;

use askama::Template;
use chrono::NaiveDate;
use rollcall_query::{Grain, Unit};

use super::flag::{Change, Flag, flags};
use super::ink::Ink;
use super::line::{TickX, TickY, ticks_x};
use super::scale::Scale;
use super::series::Series;
use super::{At, FEW, Head};

const HEIGHT: f64 = 232.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = HEIGHT - 26.0;
/// How much of its bucket a bar fills.
const FILL: f64 = 0.76;

/// One series as drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layer {
    pub(crate) ink: Ink,
    pub(crate) name: String,
    /// Its share of everything, in words.
    pub(crate) share: String,
    /// Bars of buckets that are over.
    pub(crate) whole: String,
    /// Bars that rest on few.
    pub(crate) few: String,
    /// The bar of a bucket that isn't over.
    pub(crate) partial: String,
}

/// The chart.
#[derive(Debug, Clone, Template)]
#[template(path = "chart/stack.svg")]
pub(crate) struct Stack {
    pub(crate) head: Head,
    pub(crate) ticks_y: Vec<TickY>,
    pub(crate) ticks_x: Vec<TickX>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) flags: Vec<Flag>,
}

/// Draws series on top of each other.
pub(crate) fn stack(
    head: Head,
    series: &[Series],
    buckets: &[NaiveDate],
    grain: Grain,
    unit: Unit,
    changes: &[Change],
) -> Stack {
    let count = buckets.len();
    let height = |i: usize| marks(series, i).map(|mark| mark.value.max(0.0)).sum::<f64>();
    let highest = (0..count).map(height).fold(0.0, f64::max);
    let scale = Scale::new(0.0, highest.min(top_of(unit)), unit, 4, TOP, BOTTOM);
    let mut floor = vec![0.0; count];
    let total: f64 = (0..count).map(height).sum();
    let layers = series
        .iter()
        .map(|series| {
            let sum: f64 = series.marks.iter().flatten().map(|mark| mark.value).sum();
            let share = if total > 0.0 { crate::text::percent(sum / total) } else { String::new() };
            let mut layer = Layer {
                ink: series.ink,
                name: series.name.clone(),
                share,
                whole: String::new(),
                few: String::new(),
                partial: String::new(),
            };
            for (i, (mark, floor)) in series.marks.iter().zip(&mut floor).enumerate() {
                let Some(mark) = mark else { continue };
                let path = match (mark.partial, mark.n < FEW) {
                    (true, _) => &mut layer.partial,
                    (_, true) => &mut layer.few,
                    _ => &mut layer.whole,
                };
                let top = *floor + mark.value.max(0.0);
                bar(path, i, count, scale.y(*floor), scale.y(top));
                *floor = top;
            }
            layer
        })
        .collect();
    Stack {
        head: Head {
            height: HEIGHT,
            kind: "stacks",
            left: 56,
            right: 12,
            below: 26.0,
            buckets: count,
            ..head
        },
        ticks_y: scale
            .ticks
            .iter()
            .map(|tick| TickY { y: At(scale.y(*tick)), label: crate::text::tick(*tick, unit) })
            .collect(),
        ticks_x: ticks_x(buckets, grain),
        layers,
        flags: flags(changes, buckets),
    }
}

fn marks(series: &[Series], i: usize) -> impl Iterator<Item = super::series::Mark> + '_ {
    series.iter().filter_map(move |series| series.marks.get(i).copied().flatten())
}

const fn top_of(unit: Unit) -> f64 {
    match unit {
        Unit::Share => 1.0,
        _ => f64::MAX,
    }
}

fn bar(path: &mut String, i: usize, count: usize, bottom: f64, top: f64) {
    let width = 1000.0 / count.max(1) as f64;
    let left = (i as f64 + (1.0 - FILL) / 2.0) * width;
    let (bottom, top) = (At(bottom), At(top));
    if bottom.to_string() == top.to_string() {
        return;
    }
    let right = At(left + width * FILL);
    let _ = write!(path, "M{} {bottom}V{top}H{right}V{bottom}Z", At(left));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::ink;
    use crate::chart::series::Mark;

    fn series(values: &[f64], n: i64) -> Series {
        let mark = |value: &f64| Some(Mark { value: *value, band: None, k: 0, n, partial: false });
        let marks = values.iter().map(mark).collect();
        Series { key: "a".to_owned(), name: "a".to_owned(), ink: ink::GREY, marks }
    }

    fn draw(series: &[Series], unit: Unit) -> Stack {
        let days: Vec<_> =
            NaiveDate::from_ymd_opt(2026, 3, 2).unwrap().iter_days().take(2).collect();
        stack(Head::default(), series, &days, Grain::Day, unit, &[])
    }

    #[test]
    fn bars_begin_at_zero_and_stand_on_each_other() {
        let chart = draw(&[series(&[10.0, 0.0], 99), series(&[10.0, 5.0], 99)], Unit::Count);
        assert_eq!(chart.ticks_y[0].label, "0");
        assert_eq!(chart.layers[0].whole, "M60 206V118H440V206Z");
        assert_eq!(chart.layers[1].whole, "M60 118V30H440V118ZM560 206V162H940V206Z");
        assert_eq!(chart.layers[0].share, "40.0%");
    }

    #[test]
    fn shares_reach_all_and_no_further() {
        let chart = draw(&[series(&[0.7, 0.7], 99), series(&[0.300_001, 0.3], 99)], Unit::Share);
        assert_eq!(chart.ticks_y.last().unwrap().label, "100%");
    }

    #[test]
    fn few_are_drawn_apart() {
        let layer = &draw(&[series(&[10.0, 0.0], 29)], Unit::Count).layers[0];
        assert!(layer.whole.is_empty() && !layer.few.is_empty());
    }
}
