//! `k` of `n`, where everyone is counted: no interval, but bounds where something
//! can't be told.

use super::point;
use crate::metric::registry::Metric;
use crate::metric::rows::Row;
use crate::result::{Band, Point, Unit};
use crate::stats::{census, real};

/// What figures begin with that say counts per 1,000.
pub(in crate::metric) const PER_1000: &str = "per_1000/";

/// The points of one row: the figure, and before it the same per 1,000 where the metric
/// gives that too.
pub(in crate::metric) fn counted(metric: &Metric, row: Row) -> Vec<Point> {
    let whole = match metric.unit {
        Unit::Share => real(row.n),
        Unit::Count | Unit::Milliseconds | Unit::Rate => 1.0,
    };
    let value = (row.n > 0).then(|| real(row.k) / whole);
    // Everyone is counted: nothing is sampled, so there is no interval.
    let band = match metric.band {
        Band::Bounds => census::bounds(row.k, row.n, row.unknown),
        Band::Interval95 | Band::None => None,
    };
    let band = band.map(|(low, high)| (low / whole, high / whole));
    let mut points = Vec::with_capacity(2);
    if metric.per_1000 {
        let scale = |x: f64| 1000.0 * x / real(row.n);
        let per = Row { figure: format!("{PER_1000}{}", row.figure), ..row.clone() };
        points.push(point(
            per,
            value.map(scale),
            band.map(|(low, high)| (scale(low), scale(high))),
        ));
    }
    points.push(point(row, value, band));
    points
}
