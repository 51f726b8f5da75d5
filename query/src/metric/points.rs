//! Counts into points. A bucket without data is there with `n` = 0 and no value:
//! "no data" is not zero.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::counts::Row;
use super::question::Bucket;
use super::registry::{Metric, Shape};
use crate::result::{Band, Point, Unit};
use crate::stats::cluster;
use crate::stats::histogram::Histogram;
use crate::stats::{Ends, census, real};

/// The figure of those of which it isn't said.
const UNKNOWN: &str = "unknown";

/// Points by figure, group and bucket, every begun bucket of every series.
pub(super) fn points(metric: &Metric, rows: Vec<Row>, buckets: &[Bucket]) -> Vec<Point> {
    let points = match metric.shape {
        Shape::Counts => rows.into_iter().flat_map(|row| counted(metric, row)).collect(),
        Shape::Histogram => histograms(metric, rows),
    };
    complete(metric, points, buckets)
}

fn point(row: Row, value: Option<f64>, band: Option<Ends>) -> Point {
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
        partial: false,
    }
}

fn counted(metric: &Metric, row: Row) -> Vec<Point> {
    let whole = match metric.unit {
        Unit::Share => real(row.n),
        Unit::Count | Unit::Milliseconds => 1.0,
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
        let per = Row { figure: format!("per_1000/{}", row.figure), ..row.clone() };
        points.push(point(
            per,
            value.map(scale),
            band.map(|(low, high)| (scale(low), scale(high))),
        ));
    }
    points.push(point(row, value, band));
    points
}

#[derive(Default)]
struct Distribution {
    histogram: Histogram,
    clusters: Vec<(i64, i64)>,
    population: Option<i64>,
}

fn histograms(metric: &Metric, rows: Vec<Row>) -> Vec<Point> {
    let mut distributions: BTreeMap<(Option<NaiveDate>, Option<String>), Distribution> =
        BTreeMap::new();
    for row in rows {
        let distribution = distributions.entry((row.bucket, row.group)).or_default();
        match row.figure.as_str() {
            "value" => distribution.histogram.add(row.k, row.n),
            "cluster" => distribution.clusters.push((row.k, row.n)),
            _ => distribution.population = Some(row.n),
        }
    }
    let mut points = Vec::new();
    for ((bucket, group), distribution) in distributions {
        let measured = distribution.histogram.n();
        // Milliseconds: k measured of n completed. Counts: k in all over n.
        let (k, n) = match metric.unit {
            Unit::Milliseconds => (measured, distribution.population.unwrap_or(measured)),
            Unit::Count | Unit::Share => (distribution.histogram.sum(), measured),
        };
        for figure in &metric.figures {
            let (value, low, high) = match (figure_of(&distribution, figure), metric.band) {
                // Everything is counted: nothing is sampled, so there is no interval.
                ((value, ..), Band::None) => (value, None, None),
                (ends, Band::Interval95 | Band::Bounds) => ends,
            };
            points.push(Point {
                bucket,
                group: group.clone(),
                figure: (*figure).to_owned(),
                k,
                n,
                unknown: 0,
                value,
                low,
                high,
                partial: false,
            });
        }
    }
    points
}

fn figure_of(distribution: &Distribution, figure: &str) -> (Option<f64>, Option<f64>, Option<f64>) {
    let quantile = |percent: f64| {
        let quantile = distribution.histogram.quantile(percent / 100.0);
        quantile.map_or((None, None, None), |q| (Some(q.value), q.low, q.high))
    };
    match figure.strip_prefix('p').and_then(|percent| percent.parse().ok()) {
        Some(percent) => quantile(percent),
        None => cluster::mean(&distribution.clusters).map_or((None, None, None), |mean| {
            (Some(mean.value), mean.ends.map(|ends| ends.0), mean.ends.map(|ends| ends.1))
        }),
    }
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
                    k: 0,
                    n: 0,
                    unknown: 0,
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
            let figure = name.strip_prefix("per_1000/").unwrap_or(&name).to_owned();
            let row = Row {
                bucket: empty.bucket,
                group: empty.group.clone(),
                unknown: if figure == UNKNOWN { 0 } else { *untold },
                figure,
                k: 0,
                n: *n,
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
