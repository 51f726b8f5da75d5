//! A line the size of a word, beside a figure.

use askama::Template;
use rollcall_query::Unit;

use super::scale::Scale;
use super::series::Series;
use super::trace::{Dot, Stretch, dots, stretches};

/// Height in pixels.
pub(crate) const HEIGHT: f64 = 40.0;

/// The line.
#[derive(Debug, Clone, Template)]
#[template(path = "chart/spark.svg")]
pub(crate) struct Spark {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) stretches: Vec<Stretch>,
    pub(crate) dots: Vec<Dot>,
    pub(crate) height: f64,
}

/// Draws a series from its lowest to its highest value: a spark shows a
/// movement, the figure beside it the level.
pub(crate) fn spark(id: String, title: String, series: &Series, unit: Unit) -> Spark {
    let values = || series.marks.iter().flatten().map(|mark| mark.value);
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    let (low, high) = if low.is_finite() { (low, high) } else { (0.0, 1.0) };
    let scale = Scale::new(low, high, unit, 8, 4.0, HEIGHT - 4.0);
    Spark {
        id,
        title,
        stretches: stretches(&series.marks, &scale),
        dots: dots(&series.marks, &scale),
        height: HEIGHT,
    }
}
