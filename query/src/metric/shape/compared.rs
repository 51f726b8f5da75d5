//! A pilot's people against the others: the difference now, team by team, and how much
//! more the pilot's teams changed than the others did.
//!
//! Rows without a day are over the whole period; those with one are a team's week, of
//! the period and of as long a time before it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::metric::registry::Metric;
use crate::metric::rows::Row;
use crate::metric::statistic::Statistic;
use crate::result::{Point, Unit};
use crate::stats::did::{Change, TeamPeriod, change};
use crate::stats::difference::newcombe;
use crate::stats::estimate::{Estimate, Level};
use crate::stats::permutation::{self, Permuted};
use crate::stats::proportion::Proportion;
use crate::stats::real;

/// The side that is compared.
const PILOT: &str = "pilot";

/// A figure's value, ends and what else to know of it.
#[derive(Default)]
struct Found {
    k: i64,
    n: i64,
    value: Option<f64>,
    ends: Option<(f64, f64)>,
    note: Option<String>,
}

/// Sums of k and n.
type Sum = (i64, i64);

/// The five figures of every group.
pub(in crate::metric) fn points(metric: &Metric, rows: &[Row], from: NaiveDate) -> Vec<Point> {
    let groups: BTreeSet<Option<&str>> = rows.iter().map(|row| row.group.as_deref()).collect();
    let mut points = Vec::new();
    for group in groups {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.group.as_deref() == group).collect();
        for figure in &metric.figures {
            let found = figure_of(metric, &rows, figure, from);
            points.push(Point {
                group: group.map(str::to_owned),
                figure: (*figure).to_owned(),
                k: found.k,
                n: found.n,
                value: found.value,
                low: found.ends.map(|ends| ends.0),
                high: found.ends.map(|ends| ends.1),
                note: found.note,
                ..Point::default()
            });
        }
    }
    points
}

fn figure_of(metric: &Metric, rows: &[&Row], figure: &str, from: NaiveDate) -> Found {
    // A duration rests on those that could be timed: its sum is no count.
    let counted = |found: Found| match metric.unit {
        Unit::Milliseconds => Found { k: found.n, ..found },
        Unit::Count | Unit::Share | Unit::Rate => found,
    };
    let side = |pilot: bool| {
        let whole = rows.iter().filter(|row| row.day.is_none() && (row.word == PILOT) == pilot);
        whole.fold((0, 0), |sum, row| (sum.0 + row.k, sum.1 + row.n))
    };
    match figure {
        PILOT => counted(share(side(true))),
        "control" => counted(share(side(false))),
        "difference" => counted(difference(metric.statistic, side(true), side(false))),
        "by_team" => by_team(rows),
        _ => more(rows, from),
    }
}

fn share((k, n): Sum) -> Found {
    Found { k, n, value: (n > 0).then(|| real(k) / real(n)), ..Found::default() }
}

/// The pilot's value less the others'.
fn difference(statistic: Statistic, pilot: Sum, control: Sum) -> Found {
    let (k, n) = (pilot.0 + control.0, pilot.1 + control.1);
    if pilot.1 == 0 || control.1 == 0 {
        let side = if pilot.1 == 0 { "in the pilot" } else { "outside of the pilot" };
        return Found { k, n, note: Some(format!("no data {side}")), ..Found::default() };
    }
    let value = real(pilot.0) / real(pilot.1) - real(control.0) / real(control.1);
    let found = Found { k, n, value: Some(value), ..Found::default() };
    if statistic != Statistic::Newcombe {
        return found;
    }
    let parts = Proportion::new(pilot.0, pilot.1).and_then(|pilot| {
        Proportion::new(control.0, control.1).map(|control| newcombe(pilot, control, Level::P95))
    });
    match parts {
        Ok(parts) => Found { ends: Some((parts.interval.low, parts.interval.high)), ..found },
        Err(why) => Found { note: Some(why.to_string()), ..found },
    }
}

/// Each team's value of the whole period, and all ways to choose the pilot's teams.
fn by_team(rows: &[&Row]) -> Found {
    let mut teams: BTreeMap<(&str, bool), Sum> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.day.is_none() && !row.team.is_empty()) {
        let sum = teams.entry((row.team.as_str(), row.word == PILOT)).or_default();
        (sum.0, sum.1) = (sum.0 + row.k, sum.1 + row.n);
    }
    let values = |pilot: bool| -> Vec<f64> {
        let side = teams.iter().filter(|((_, of), sum)| *of == pilot && sum.1 > 0);
        side.map(|(_, (k, n))| real(*k) / real(*n)).collect()
    };
    let (pilot, control) = (values(true), values(false));
    let sides = (pilot.len(), control.len());
    permuted(permutation::test(&pilot, &control, seed(rows)), sides)
}

fn permuted(found: Estimate<Permuted>, (pilot, control): (usize, usize)) -> Found {
    let n = i64::try_from(pilot + control).unwrap_or(i64::MAX);
    match found {
        Ok(found) => {
            let ways = if found.exact { "all" } else { "random" };
            let note = format!(
                "p {} by {ways} {} ways to choose {pilot} of {} teams",
                shown(found.p_value),
                found.tried,
                pilot + control
            );
            Found { n, value: Some(found.value), note: Some(note), ..Found::default() }
        }
        Err(why) => Found { n, note: Some(why.to_string()), ..Found::default() },
    }
}

/// How much more the pilot's teams changed, from the time before to the period.
fn more(rows: &[&Row], from: NaiveDate) -> Found {
    let mut weeks: BTreeMap<(&str, bool), Vec<(bool, f64)>> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.team.is_empty() && row.n > 0) {
        if let Some(day) = row.day {
            let of = weeks.entry((row.team.as_str(), row.word == PILOT)).or_default();
            of.push((day >= from, real(row.k) / real(row.n)));
        }
    }
    let all = weeks.len();
    weeks.retain(|_, weeks| [true, false].iter().all(|side| weeks.iter().any(|w| w.0 == *side)));
    let left_out = all - weeks.len();
    let pilot = weeks.keys().filter(|(_, pilot)| *pilot).count();
    let sides = (pilot, weeks.len() - pilot);
    let periods = weeks.iter().enumerate().flat_map(|(team, ((_, pilot), weeks))| {
        weeks.iter().map(move |(after, value)| TeamPeriod {
            team,
            pilot: *pilot,
            after: *after,
            value: *value,
        })
    });
    let mut found = match change(&periods.collect::<Vec<_>>(), Level::P95, seed(rows)) {
        Ok(Change::Clustered(effect)) => Found {
            n: i64::try_from(weeks.len()).unwrap_or(i64::MAX),
            value: Some(effect.value),
            ends: Some((effect.interval.low, effect.interval.high)),
            note: Some(format!("p {}, clustered by {} teams", shown(effect.p_value), weeks.len())),
            ..Found::default()
        },
        Ok(Change::Permuted(found)) => permuted(Ok(found), sides),
        // No team at all on a side: as if there were no data.
        Err(why) => permuted(Err(why), sides),
    };
    if left_out > 0 {
        let said = found.note.take().unwrap_or_default();
        found.note =
            Some(format!("{said}; {left_out} teams without a week on both sides left out"));
    }
    found
}

/// A p-value with as many digits as say something.
pub(in crate::metric) fn shown(p: f64) -> String {
    if p < 0.001 { "below 0.001".to_owned() } else { format!("{p:.3}") }
}

/// The seed of random choices: the data's own, so that the same rows give the same p.
/// FNV-1a, 64 bits (Internet-Draft draft-eastlake-fnv): it stays what it is from one
/// release to the next.
fn seed(rows: &[&Row]) -> u64 {
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {} {:?} {} {}", row.team, row.word, row.day, row.k, row.n))
        .collect();
    lines.sort();
    lines.iter().flat_map(|line| line.bytes()).fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
