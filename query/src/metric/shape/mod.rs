//! Rows into points, a file a shape.
//!
//! ```text
//! counts     k of n
//! histogram  values and how often each one occurs
//! rate       k over an exposure, a row a cluster
//! spells     how long cases lasted, and how they went out
//! compared   a pilot's teams against the others
//! segmented  a daily figure before and after a change
//! ```

pub(super) mod compared;
pub(super) mod counts;
mod histogram;
mod rate;
pub(super) mod segmented;
pub(super) mod spells;

use chrono::NaiveDate;

use super::registry::{Metric, Shape};
use super::rows::Row;
use crate::result::Point;
use crate::stats::Ends;

/// Bucket and group of a point.
type Key = (Option<NaiveDate>, Option<String>);

/// A value with both ends of its interval.
type Sides = (Option<f64>, Option<f64>, Option<f64>);

/// The points of a metric's rows. `from` is the first day of the period.
pub(super) fn points(metric: &Metric, rows: Vec<Row>, from: NaiveDate) -> Vec<Point> {
    match metric.shape {
        Shape::Counts => rows.into_iter().flat_map(|row| counts::counted(metric, row)).collect(),
        Shape::Histogram => histogram::points(metric, rows),
        Shape::Rate => rate::points(metric, rows),
        Shape::Spells => spells::points(metric, rows),
        Shape::Compared => compared::points(metric, &rows, from),
        Shape::Segmented => segmented::points(metric, &rows),
    }
}

/// A row's point.
pub(super) fn point(row: Row, value: Option<f64>, band: Option<Ends>) -> Point {
    Point {
        bucket: row.bucket,
        group: row.group,
        figure: row.figure,
        k: row.k,
        n: row.n,
        unknown: row.unknown,
        value,
        low: band.map(|ends| ends.0),
        high: band.map(|ends| ends.1),
        ..Point::default()
    }
}
