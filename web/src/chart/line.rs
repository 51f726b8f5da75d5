//! Values over time.

use askama::Template;
use chrono::NaiveDate;
use rollcall_query::{Grain, Unit};

use super::flag::{Change, Flag, flags};
use super::ink::Ink;
use super::scale::Scale;
use super::series::Series;
use super::trace::{Dot, Stretch, band, dots, middle, stretches};
use super::{At, Head, bucket};

const HEIGHT: f64 = 232.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = HEIGHT - 26.0;
/// Lines of text don't come closer than this.
const LINE: f64 = 15.0;

/// A line of the grid.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TickY {
    pub(crate) y: At,
    pub(crate) label: String,
}

/// A label of the time axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TickX {
    pub(crate) x: At,
    pub(crate) label: String,
}

/// One series as drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) ink: Ink,
    pub(crate) name: String,
    /// The area of its band; empty without one.
    pub(crate) band: String,
    pub(crate) stretches: Vec<Stretch>,
    pub(crate) dots: Vec<Dot>,
    /// Where its label stands, and the value that it says.
    pub(crate) label_y: At,
    pub(crate) last: String,
}

/// The chart.
#[derive(Debug, Clone, Template)]
#[template(path = "chart/line.svg")]
pub(crate) struct Line {
    pub(crate) head: Head,
    pub(crate) ticks_y: Vec<TickY>,
    pub(crate) ticks_x: Vec<TickX>,
    pub(crate) series: Vec<Drawn>,
    pub(crate) flags: Vec<Flag>,
}

/// Draws series over these buckets.
pub(crate) fn line(
    head: Head,
    series: &[Series],
    buckets: &[NaiveDate],
    grain: Grain,
    unit: Unit,
    changes: &[Change],
) -> Line {
    let scale = scale(series, unit);
    // Several bands over each other say nothing any more.
    let has_band = |series: &&Series| series.marks.iter().flatten().any(|m| m.band.is_some());
    let banded = series.iter().filter(has_band).count();
    let mut drawn: Vec<Drawn> = series
        .iter()
        .map(|series| Drawn {
            ink: series.ink,
            name: crate::text::short(&series.name, 15),
            band: if banded == 1 { band(&series.marks, &scale) } else { String::new() },
            stretches: stretches(&series.marks, &scale),
            dots: dots(&series.marks, &scale),
            label_y: At(series.last().map_or(BOTTOM, |mark| scale.y(mark.value))),
            last: crate::text::value_or_dash(series.last().map(|mark| mark.value), unit),
        })
        .collect();
    keep_apart(&mut drawn);
    let labelled = series.len() > 1;
    Line {
        head: Head {
            height: HEIGHT,
            kind: "lines",
            left: 56,
            right: if labelled { 168 } else { 12 },
            labelled,
            buckets: buckets.len(),
            ..head
        },
        ticks_y: scale
            .ticks
            .iter()
            .map(|tick| TickY { y: At(scale.y(*tick)), label: crate::text::tick(*tick, unit) })
            .collect(),
        ticks_x: ticks_x(buckets, grain),
        series: drawn,
        flags: flags(changes, buckets),
    }
}

/// Labels of the time axis, under the middle of their bucket.
pub(crate) fn ticks_x(buckets: &[NaiveDate], grain: Grain) -> Vec<TickX> {
    bucket::labels(buckets, grain, 5)
        .into_iter()
        .map(|(i, label)| TickX { x: At(middle(i, buckets.len()) * 100.0), label })
        .collect()
}

fn scale(series: &[Series], unit: Unit) -> Scale {
    let marks = || series.iter().flat_map(|series| series.marks.iter().flatten());
    let lowest = marks().map(|m| m.band.map_or(m.value, |b| b.0)).fold(f64::INFINITY, f64::min);
    let highest = marks().map(|m| m.band.map_or(m.value, |b| b.1)).fold(0.0, f64::max);
    // Only a share may leave zero out, and only where zero is far away.
    let low = match unit {
        Unit::Share if lowest.is_finite() && lowest > 0.5 => lowest,
        _ => 0.0,
    };
    Scale::new(low, highest, unit, 4, TOP, BOTTOM)
}

/// Moves labels apart, from the top down, and back up where they'd leave.
fn keep_apart(drawn: &mut [Drawn]) {
    let mut order: Vec<&mut Drawn> = drawn.iter_mut().collect();
    order.sort_by(|a, b| a.label_y.0.total_cmp(&b.label_y.0));
    let mut least = TOP;
    for label in &mut order {
        label.label_y.0 = label.label_y.0.max(least);
        least = label.label_y.0 + LINE;
    }
    let mut most = BOTTOM;
    for label in order.iter_mut().rev() {
        label.label_y.0 = label.label_y.0.min(most);
        most = label.label_y.0 - LINE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::ink;
    use crate::chart::series::Mark;

    fn series(values: &[Option<f64>]) -> Series {
        let mark = |value: &Option<f64>| {
            let band = value.map(|v| (v - 0.01, v + 0.01));
            value.map(|value| Mark { value, band, k: 0, n: 99, partial: false })
        };
        let marks = values.iter().map(mark).collect();
        Series { key: "a".to_owned(), name: "a".to_owned(), ink: ink::GREY, marks }
    }

    fn days(count: usize) -> Vec<NaiveDate> {
        NaiveDate::from_ymd_opt(2026, 3, 2).unwrap().iter_days().take(count).collect()
    }

    fn draw(series: &[Series], unit: Unit) -> Line {
        line(Head::default(), series, &days(3), Grain::Day, unit, &[])
    }

    #[test]
    fn a_high_share_may_leave_zero_out_and_nothing_else_may() {
        let high = [series(&[Some(0.93), Some(0.96), None])];
        assert_ne!(draw(&high, Unit::Share).ticks_y[0].label, "0%");
        let low = [series(&[Some(0.2), Some(0.96), None])];
        assert_eq!(draw(&low, Unit::Share).ticks_y[0].label, "0%");
        let slow = [series(&[Some(9_000.0), Some(9_500.0), None])];
        assert_eq!(draw(&slow, Unit::Milliseconds).ticks_y[0].label, "0");
    }

    #[test]
    fn one_band_is_drawn_and_two_are_not() {
        let one = series(&[Some(0.2), Some(0.3), None]);
        assert!(!draw(std::slice::from_ref(&one), Unit::Share).series[0].band.is_empty());
        assert!(draw(&[one.clone(), one], Unit::Share).series[0].band.is_empty());
    }

    #[test]
    fn labels_do_not_touch_and_stay_inside() {
        let same: Vec<_> = (0..5).map(|_| series(&[Some(0.5), Some(0.5), Some(0.0)])).collect();
        let mut at: Vec<_> = draw(&same, Unit::Share).series.iter().map(|s| s.label_y.0).collect();
        at.sort_by(f64::total_cmp);
        assert!(at.windows(2).all(|pair| pair[1] - pair[0] >= LINE - 0.01), "{at:?}");
        assert!(at[0] >= TOP && at[4] <= BOTTOM);
    }

    #[test]
    fn text_from_the_data_is_escaped() {
        let mut evil = series(&[Some(0.2), Some(0.3), None]);
        evil.name = "<script>\"&".to_owned();
        let head = Head { title: "</title><script>".to_owned(), ..Head::default() };
        let svg = line(head, &[evil], &days(3), Grain::Day, Unit::Share, &[]).render().unwrap();
        assert!(!svg.contains("<script>"), "{svg}");
        assert!(svg.contains("role=\"img\""));
    }
}
