//! How long cases lasted, where not all of them have ended: quantiles, restricted
//! means and shares by a time.

use std::collections::BTreeMap;

use super::{Key, Sides};
use crate::metric::registry::Metric;
use crate::metric::rows::Row;
use crate::metric::statistic::Statistic;
use crate::result::Point;
use crate::stats::estimate::{Level, NotEstimable};
use crate::stats::incidence::{self, Fate};
use crate::stats::real;
use crate::stats::survival::{Curve, Spell};

/// What one figure asks of the cases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::metric) enum Asked {
    /// The length that this share doesn't exceed, 0 to 1.
    Quantile(f64),
    /// The mean of lengths cut at so many milliseconds.
    Restricted(i64),
    /// The share to which it has happened within so many milliseconds.
    Within(i64),
}

/// Reads a figure: `p50`, `mean_8h`, `within_10m`.
pub(in crate::metric) fn asked(figure: &str) -> Option<Asked> {
    if let Some(time) = figure.strip_prefix("within_") {
        return span_ms(time).map(Asked::Within);
    }
    if let Some(time) = figure.strip_prefix("mean_") {
        return span_ms(time).map(Asked::Restricted);
    }
    let percent: f64 = figure.strip_prefix('p')?.parse().ok()?;
    Some(Asked::Quantile(percent / 100.0))
}

/// A number and `s`, `m`, `h` or `d`, in milliseconds.
fn span_ms(text: &str) -> Option<i64> {
    let unit = text.chars().next_back()?;
    let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    Some(number * seconds * 1_000)
}

/// The metric's figures of every bucket and group.
pub(in crate::metric) fn points(metric: &Metric, rows: Vec<Row>) -> Vec<Point> {
    let mut cases: BTreeMap<Key, Vec<(f64, Fate)>> = BTreeMap::new();
    for row in rows {
        let fate = match row.word.as_str() {
            "event" => Fate::Event,
            "other" => Fate::Other,
            _ => Fate::Open,
        };
        let count = usize::try_from(row.n).unwrap_or(0);
        let of = cases.entry((row.bucket, row.group)).or_default();
        of.extend(std::iter::repeat_n((real(row.k), fate), count));
    }
    let mut points = Vec::new();
    for ((bucket, group), cases) in cases {
        let count = |of: Fate| cases.iter().filter(|(_, fate)| *fate == of).count();
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        for figure in &metric.figures {
            let (sides, note) = match figure_of(metric.statistic, &cases, figure) {
                Ok(sides) => (sides, None),
                Err(why) => ((None, None, None), Some(why.to_string())),
            };
            points.push(Point {
                bucket,
                group: group.clone(),
                figure: (*figure).to_owned(),
                k: whole(count(Fate::Event)),
                n: whole(cases.len()),
                unknown: whole(count(Fate::Open)),
                value: sides.0,
                low: sides.1,
                high: sides.2,
                note,
                ..Point::default()
            });
        }
    }
    points
}

fn figure_of(
    statistic: Statistic,
    cases: &[(f64, Fate)],
    figure: &str,
) -> Result<Sides, NotEstimable> {
    let asked = asked(figure).ok_or(NotEstimable::Invalid("there is no such figure"))?;
    match (statistic, asked) {
        (Statistic::CumulativeIncidence, Asked::Within(ms)) => by(cases, ms),
        (Statistic::CumulativeIncidence, _) => {
            Err(NotEstimable::Invalid("what may never happen has no length"))
        }
        (_, asked) => lasting(cases, asked),
    }
}

/// The share to which the event has happened by a time.
fn by(cases: &[(f64, Fate)], ms: i64) -> Result<Sides, NotEstimable> {
    let longest = cases.iter().fold(0.0_f64, |most, (length, _)| most.max(*length));
    let open = cases.iter().any(|(_, fate)| *fate == Fate::Open);
    if open && longest < real(ms) {
        return Err(NotEstimable::Invalid("nothing was watched for that long"));
    }
    let steps = incidence::cumulative(cases)?;
    let Some(step) = steps.iter().take_while(|step| step.time <= real(ms)).last() else {
        return Ok((Some(0.0), None, None));
    };
    let ends = step.interval(Level::P95);
    Ok((Some(step.share), ends.map(|ends| ends.low), ends.map(|ends| ends.high)))
}

fn lasting(cases: &[(f64, Fate)], asked: Asked) -> Result<Sides, NotEstimable> {
    let spells =
        cases.iter().map(|(length, fate)| Spell { length: *length, ended: *fate == Fate::Event });
    let curve = Curve::new(&spells.collect::<Vec<_>>())?;
    match asked {
        Asked::Quantile(share) => {
            // A tenth is not quite one less nine tenths.
            let found = curve.quantile(1.0 - share + 1e-12, Level::P95);
            let found = found.ok_or(NotEstimable::Invalid("too many haven't ended yet"))?;
            Ok((Some(found.value), found.low, found.high))
        }
        Asked::Restricted(ms) => {
            let found = curve.restricted_mean(real(ms))?;
            let ends = found.interval(Level::P95);
            Ok((Some(found.mean), Some(ends.low.max(0.0)), Some(ends.high.min(real(ms)))))
        }
        Asked::Within(ms) => {
            let lasting = curve.lasting(real(ms));
            let lasting =
                lasting.ok_or(NotEstimable::Invalid("nothing was watched for that long"))?;
            let step = curve.steps().iter().take_while(|step| step.length <= real(ms)).last();
            let ends = step.and_then(|step| step.interval(Level::P95));
            Ok((
                Some(1.0 - lasting),
                ends.map(|ends| 1.0 - ends.high),
                ends.map(|ends| 1.0 - ends.low),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read() {
        assert_eq!(asked("p90"), Some(Asked::Quantile(0.9)));
        assert_eq!(asked("mean_8h"), Some(Asked::Restricted(28_800_000)));
        assert_eq!(asked("within_10m"), Some(Asked::Within(600_000)));
        assert_eq!(asked("within_x"), None);
        assert_eq!(asked("mean"), None);
    }

    #[test]
    fn what_was_not_watched_is_not_told() {
        let open = [(5_000.0, Fate::Event), (9_000.0, Fate::Open)];
        assert!(by(&open, 10_000).is_err());
        assert_eq!(by(&open, 4_000), Ok((Some(0.0), None, None)));
        let (share, low, high) = by(&open, 9_000).expect("a share");
        assert_eq!(share, Some(0.5));
        assert!(low < share && share < high);
        assert!(lasting(&open, Asked::Within(10_000)).is_err());
        assert!(lasting(&open, Asked::Quantile(0.9)).is_err());
    }
}
