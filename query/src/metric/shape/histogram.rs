//! Values and how often each one occurs: quantiles, and the mean by person.

use std::collections::BTreeMap;

use super::{Key, Sides};
use crate::metric::registry::Metric;
use crate::metric::rows::Row;
use crate::result::{Band, Point, Unit};
use crate::stats::cluster;
use crate::stats::histogram::Histogram;

#[derive(Default)]
struct Distribution {
    histogram: Histogram,
    clusters: Vec<(i64, i64)>,
    population: Option<i64>,
}

/// The metric's figures of every bucket and group.
pub(in crate::metric) fn points(metric: &Metric, rows: Vec<Row>) -> Vec<Point> {
    let mut distributions: BTreeMap<Key, Distribution> = BTreeMap::new();
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
            Unit::Count | Unit::Share | Unit::Rate => (distribution.histogram.sum(), measured),
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
                value,
                low,
                high,
                ..Point::default()
            });
        }
    }
    points
}

fn figure_of(distribution: &Distribution, figure: &str) -> Sides {
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
