//! The points of a metric: those of its rows, and buckets without data with `n` = 0
//! and no value: "no data" is not zero.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::question::Bucket;
use super::registry::{Metric, Shape};
use super::rows::Row;
use super::shape::counts::{PER_1000, counted};
use super::shape::{self, point};
use crate::result::{Band, FEW, Point, Unit};

/// The figure of those of which it isn't said.
const UNKNOWN: &str = "unknown";

/// Figures of a comparison that rest on people or attempts; the others rest on teams
/// and days, which are few by nature.
const OF_MANY: &[&str] = &["pilot", "control", "difference", "before", "after"];

/// Points by figure, group and bucket, every begun bucket of every series.
pub(super) fn points(
    metric: &Metric,
    rows: Vec<Row>,
    buckets: &[Bucket],
    from: NaiveDate,
) -> Vec<Point> {
    let mut points = complete(metric, shape::points(metric, rows, from), buckets);
    for point in &mut points {
        // Of those that could be timed; elsewhere of all.
        let timed = metric.shape == Shape::Histogram && metric.unit == Unit::Milliseconds;
        let behind = if timed { point.k } else { point.n };
        let of_many = match metric.shape {
            Shape::Compared | Shape::Segmented => OF_MANY.contains(&point.figure.as_str()),
            Shape::Counts | Shape::Histogram | Shape::Rate | Shape::Spells => true,
        };
        point.few = of_many && (1..FEW).contains(&behind);
    }
    points
}

/// Adds the buckets that have no row, tells which are partial, and sorts.
fn complete(metric: &Metric, mut points: Vec<Point>, buckets: &[Bucket]) -> Vec<Point> {
    let mut series: BTreeSet<(String, Option<String>)> =
        points.iter().map(|point| (point.figure.clone(), point.group.clone())).collect();
    if series.is_empty() {
        let figures: &[&str] = if metric.figures.is_empty() { &[""] } else { &metric.figures };
        series.extend(figures.iter().map(|figure| ((*figure).to_owned(), None)));
    }
    let there: BTreeSet<(String, Option<String>, Option<NaiveDate>)> = points
        .iter()
        .map(|point| (point.figure.clone(), point.group.clone(), point.bucket))
        .collect();
    for (figure, group) in series {
        for bucket in buckets {
            let at = (figure.clone(), group.clone(), bucket.first_day);
            if !there.contains(&at) {
                let row = Row {
                    bucket: bucket.first_day,
                    group: group.clone(),
                    figure: figure.clone(),
                    ..Row::default()
                };
                points.push(point(row, None, None));
            }
        }
    }
    count_nothing(metric, &mut points);
    for point in &mut points {
        let bucket = buckets.iter().find(|bucket| bucket.first_day == point.bucket);
        point.partial = bucket.is_none_or(|bucket| bucket.partial);
    }
    points.sort_by(|a, b| (&a.figure, &a.group, a.bucket).cmp(&(&b.figure, &b.group, b.bucket)));
    points
}

/// Where others of the same bucket and group were counted, a figure that wasn't
/// seen is a zero out of the same number.
fn count_nothing(metric: &Metric, points: &mut [Point]) {
    if !metric.absent_is_zero {
        return;
    }
    // How many there are in all, and of how many the figure isn't known: any of
    // these can be one of a figure that wasn't seen.
    let mut counted: BTreeMap<(Option<NaiveDate>, Option<String>), (i64, i64)> = BTreeMap::new();
    for point in points.iter().filter(|point| point.n > 0) {
        let (n, untold) = counted.entry((point.bucket, point.group.clone())).or_default();
        *n = point.n;
        if metric.band == Band::Bounds && point.figure == UNKNOWN {
            *untold = point.k;
        }
    }
    for empty in points.iter_mut().filter(|point| point.n == 0) {
        if let Some((n, untold)) = counted.get(&(empty.bucket, empty.group.clone())) {
            let name = empty.figure.clone();
            let figure = name.strip_prefix(PER_1000).unwrap_or(&name).to_owned();
            let row = Row {
                bucket: empty.bucket,
                group: empty.group.clone(),
                unknown: if figure == UNKNOWN { 0 } else { *untold },
                figure,
                n: *n,
                ..Row::default()
            };
            if let Some(zero) = counted_as(metric, row, &name) {
                *empty = zero;
            }
        }
    }
}

fn counted_as(metric: &Metric, row: Row, figure: &str) -> Option<Point> {
    counted(metric, row).into_iter().find(|point| point.figure == figure)
}
