//! So many per exposure: per 1,000 attempts, per person-week.
//!
//! Clustered by person, each row is a person. Clustered by day, rows of the figure
//! `exposure` are the days, the others what happened on them: a day on which nothing did
//! has a zero.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{Key, point};
use crate::metric::registry::Metric;
use crate::metric::rows::Row;
use crate::metric::statistic::Statistic;
use crate::result::{Point, Unit};
use crate::stats::{cluster, poisson, real};

/// The figure of the exposure itself.
const EXPOSURE: &str = "exposure";

/// Counts and exposures of a figure's clusters.
type Clusters = BTreeMap<(Key, String), Vec<(i64, i64)>>;

/// One point a bucket, group and figure.
pub(in crate::metric) fn points(metric: &Metric, rows: Vec<Row>) -> Vec<Point> {
    let clusters = match metric.statistic {
        Statistic::ClusteredByDay => by_day(rows),
        _ => by_row(rows),
    };
    let rated = clusters.into_iter().map(|(((bucket, group), figure), clusters)| {
        rated(metric, Row { bucket, group, figure, ..Row::default() }, &clusters)
    });
    rated.collect()
}

fn by_row(rows: Vec<Row>) -> Clusters {
    let mut clusters = Clusters::new();
    for row in rows {
        let of = clusters.entry(((row.bucket, row.group), row.figure)).or_default();
        of.push((row.k, row.n));
    }
    clusters
}

fn by_day(rows: Vec<Row>) -> Clusters {
    let mut exposures: BTreeMap<Key, BTreeMap<Option<NaiveDate>, i64>> = BTreeMap::new();
    let mut counts: BTreeMap<(Key, String, Option<NaiveDate>), i64> = BTreeMap::new();
    let mut figures: BTreeMap<Option<String>, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        let key = (row.bucket, row.group);
        if row.figure == EXPOSURE {
            *exposures.entry(key).or_default().entry(row.day).or_default() += row.n;
        } else {
            figures.entry(key.1.clone()).or_default().insert(row.figure.clone());
            *counts.entry((key, row.figure, row.day)).or_default() += row.k;
        }
    }
    let mut clusters = Clusters::new();
    for (key, days) in &exposures {
        for figure in figures.get(&key.1).into_iter().flatten() {
            let of = days.iter().map(|(day, n)| {
                let counted = counts.get(&(key.clone(), figure.clone(), *day));
                (counted.copied().unwrap_or(0), *n)
            });
            clusters.insert((key.clone(), figure.clone()), of.collect());
        }
    }
    clusters
}

fn rated(metric: &Metric, row: Row, clusters: &[(i64, i64)]) -> Point {
    let sum = |part: fn(&(i64, i64)) -> i64| clusters.iter().map(part).sum::<i64>();
    let (k, n) = (sum(|cluster| cluster.0), sum(|cluster| cluster.1));
    // A duration rests on the exposure that it was taken over: its sum is no count.
    let shown = if metric.unit == Unit::Milliseconds { n } else { k };
    let row = Row { k: shown, n, ..row };
    if n <= 0 {
        return point(row, None, None);
    }
    let scale = metric.per.map_or(1.0, |per| real(per.number));
    let rate = |count: f64| scale * count / real(n);
    let (ends, note) = match metric.statistic {
        Statistic::ClusteredByDay | Statistic::ClusteredByPerson => {
            let ends = cluster::mean(clusters).and_then(|mean| mean.ends);
            // There is no rate below zero.
            let ends = ends.map(|(low, high)| ((scale * low).max(0.0), scale * high));
            let of = if metric.statistic == Statistic::ClusteredByDay { "day" } else { "person" };
            let alone = format!("no interval: one {of} alone shows no spread");
            (ends, (clusters.len() < 2).then_some(alone))
        }
        _ => (poisson::interval(k).map(|(low, high)| (rate(low), rate(high))), None),
    };
    Point { note, ..point(row, Some(rate(real(k))), ends) }
}
