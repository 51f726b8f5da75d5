//! A daily figure before and after a change, one change a group. The row `change` has
//! the day of the change, the rows `day` the days around it.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::compared::shown;
use crate::metric::registry::Metric;
use crate::metric::rows::Row;
use crate::result::{Point, Unit};
use crate::stats::estimate::{Level, NotEstimable};
use crate::stats::real;
use crate::stats::regression::Effect;
use crate::stats::segmented::{Day, shift};

/// The row that says when.
const CHANGE: &str = "change";

#[derive(Default)]
struct Series {
    changed: Option<NaiveDate>,
    /// k and n by day.
    days: BTreeMap<NaiveDate, (i64, i64)>,
}

/// The metric's figures of every change.
pub(in crate::metric) fn points(metric: &Metric, rows: &[Row]) -> Vec<Point> {
    let mut changes: BTreeMap<Option<&str>, Series> = BTreeMap::new();
    for row in rows {
        let series = changes.entry(row.group.as_deref()).or_default();
        let Some(day) = row.day else { continue };
        if row.figure == CHANGE {
            series.changed = Some(day);
        } else {
            let sum = series.days.entry(day).or_default();
            (sum.0, sum.1) = (sum.0 + row.k, sum.1 + row.n);
        }
    }
    let mut points = Vec::new();
    for (group, series) in &changes {
        let Some(changed) = series.changed else { continue };
        for figure in &metric.figures {
            let found = match *figure {
                "before" => side(series, |day| day < changed),
                "after" => side(series, |day| day >= changed),
                other => effect(series, changed, other),
            };
            // A duration rests on those that could be timed: its sum is no count.
            let timed = metric.unit == Unit::Milliseconds && found.k > 0;
            points.push(Point {
                group: group.map(str::to_owned),
                figure: (*figure).to_owned(),
                k: if timed { found.n } else { found.k },
                ..found
            });
        }
    }
    points
}

/// The figure over all days of a side.
fn side(series: &Series, of: impl Fn(NaiveDate) -> bool) -> Point {
    let days = series.days.iter().filter(|(day, _)| of(**day));
    let (k, n) = days.fold((0, 0), |sum, (_, (k, n))| (sum.0 + k, sum.1 + n));
    Point { k, n, value: (n > 0).then(|| real(k) / real(n)), ..Point::default() }
}

/// The step at the change, or how much steeper it goes on.
fn effect(series: &Series, changed: NaiveDate, figure: &str) -> Point {
    let number = |day: NaiveDate| day.num_days_from_ce();
    let days = series.days.iter().filter(|(_, (_, n))| *n > 0).map(|(day, (k, n))| Day {
        day: number(*day),
        weekday: u8::try_from(day.weekday().num_days_from_monday()).unwrap_or_default(),
        value: real(*k) / real(*n),
    });
    let days: Vec<Day> = days.collect();
    let n = i64::try_from(days.len()).unwrap_or(i64::MAX);
    let found = shift(&days, number(changed), Level::P95);
    let found = found.and_then(|found| match figure {
        "step" => Ok((found.step, found.lags)),
        "slope" => Ok((found.slope, found.lags)),
        _ => Err(NotEstimable::Invalid("there is no such figure")),
    });
    match found {
        Ok((Effect { value, interval, p_value, .. }, lags)) => Point {
            n,
            value: Some(value),
            low: Some(interval.low),
            high: Some(interval.high),
            note: Some(format!("p {}, errors over {lags} days", shown(p_value))),
            ..Point::default()
        },
        Err(why) => Point { n, note: Some(why.to_string()), ..Point::default() },
    }
}
