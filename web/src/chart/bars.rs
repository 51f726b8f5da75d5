//! One value a group, as horizontal bars from zero.

use askama::Template;
use rollcall_query::Unit;

use super::ink::Ink;
use super::scale::Scale;
use super::{At, FEW, Head};

const ROW: f64 = 26.0;

/// A value to draw.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Value {
    pub(crate) name: String,
    pub(crate) value: Option<f64>,
    pub(crate) band: Option<(f64, f64)>,
    pub(crate) n: i64,
    pub(crate) ink: Ink,
}

/// A bar as drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bar {
    pub(crate) y: At,
    pub(crate) middle: At,
    pub(crate) width: At,
    pub(crate) end: At,
    /// Begin and end of the band.
    pub(crate) band: Option<(At, At)>,
    pub(crate) ink: Ink,
    pub(crate) few: bool,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// The chart.
#[derive(Debug, Clone, Template)]
#[template(path = "chart/bars.svg")]
pub(crate) struct Bars {
    pub(crate) head: Head,
    pub(crate) bars: Vec<Bar>,
}

/// Draws values in their order.
pub(crate) fn bars(head: Head, values: &[Value], unit: Unit) -> Bars {
    let highest = values
        .iter()
        .filter_map(|v| v.value.map(|value| v.band.map_or(value, |band| band.1.max(value))))
        .fold(0.0, f64::max);
    let scale = Scale::new(0.0, highest, unit, 1, 0.0, 1.0);
    let x = |value: f64| scale.share(value) * 100.0;
    let bars = values
        .iter()
        .enumerate()
        .map(|(i, value)| {
            let y = i as f64 * ROW + 4.0;
            let end = value.value.map_or(0.0, x);
            let far = value.band.map_or(end, |(_, high)| x(high).max(end));
            Bar {
                y: At(y),
                middle: At(y + ROW / 2.0),
                width: At(end),
                end: At(far),
                band: value.band.map(|(low, high)| (At(x(low)), At(x(high)))),
                ink: value.ink,
                few: value.n < FEW,
                name: crate::text::short(&value.name, 22),
                value: crate::text::value_or_dash(value.value, unit),
            }
        })
        .collect();
    let height = values.len() as f64 * ROW + 8.0;
    Bars { head: Head { height, kind: "bars", left: 170, right: 80, ..head }, bars }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::ink;

    fn value(value: Option<f64>, n: i64) -> Value {
        Value { name: "x".repeat(40), value, band: None, n, ink: ink::GREY }
    }

    #[test]
    fn bars_begin_at_zero() {
        let chart = bars(
            Head::default(),
            &[value(Some(10.0), 99), value(Some(5.0), 29), value(None, 0)],
            Unit::Count,
        );
        let widths: Vec<_> = chart.bars.iter().map(|bar| bar.width.0).collect();
        assert_eq!(widths, [100.0, 50.0, 0.0]);
        assert_eq!(chart.bars[2].value, "–", "no data is no zero");
        assert!(!chart.bars[0].few && chart.bars[1].few);
        assert_eq!(chart.bars[0].name.chars().count(), 22);
        assert_eq!(chart.head.height, 86.0);
    }
}
