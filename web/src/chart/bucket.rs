//! Which buckets a period has: also those that no row fell into, so that a
//! gap is a gap.

use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use rollcall_query::{Filter, Grain};

/// More than `address::view` lets through; a bound for whatever else asks.
const MOST: usize = 200;

/// First days of the buckets, in order.
pub(crate) fn buckets(filter: &Filter) -> Vec<NaiveDate> {
    let mut out = Vec::new();
    let mut day = start(filter.from, filter.grain);
    while day < filter.to && out.len() < MOST {
        out.push(day);
        match next(day, filter.grain) {
            Some(after) => day = after,
            None => break,
        }
    }
    out
}

fn start(day: NaiveDate, grain: Grain) -> NaiveDate {
    let found = match grain {
        Grain::Day | Grain::Total => Some(day),
        Grain::Week => {
            day.checked_sub_signed(TimeDelta::days(day.weekday().num_days_from_monday().into()))
        }
        Grain::Month => day.with_day(1),
    };
    found.unwrap_or(day)
}

fn next(day: NaiveDate, grain: Grain) -> Option<NaiveDate> {
    match grain {
        Grain::Day => day.succ_opt(),
        Grain::Week => day.checked_add_signed(TimeDelta::days(7)),
        Grain::Month => day.checked_add_months(Months::new(1)),
        Grain::Total => None,
    }
}

/// The bucket that a day falls into.
pub(crate) fn of(day: NaiveDate, buckets: &[NaiveDate]) -> Option<usize> {
    buckets.partition_point(|bucket| *bucket <= day).checked_sub(1)
}

/// Labels for an axis of time: a few, evenly spread, with the year where it
/// isn't the one before.
pub(crate) fn labels(buckets: &[NaiveDate], grain: Grain, most: usize) -> Vec<(usize, String)> {
    let step = buckets.len().div_ceil(most.max(1)).max(1);
    let mut year = None;
    let mut out = Vec::new();
    for (i, day) in buckets.iter().enumerate().step_by(step) {
        let format = match (grain, year == Some(day.year())) {
            (Grain::Month, true) => "%b",
            (Grain::Month, false) => "%b %Y",
            (_, true) => "%-d %b",
            (_, false) => "%-d %b %Y",
        };
        year = Some(day.year());
        out.push((i, day.format(format).to_string()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(from: &str, to: &str, grain: Grain) -> Filter {
        let day = |text: &str| text.parse().unwrap();
        let time_zone = chrono_tz::Tz::UTC;
        Filter { from: day(from), to: day(to), time_zone, grain, by: None, only: Vec::new() }
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let weeks = buckets(&filter("2026-03-04", "2026-03-17", Grain::Week));
        assert_eq!(
            weeks.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["2026-03-02", "2026-03-09", "2026-03-16"]
        );
        let months = buckets(&filter("2025-12-31", "2026-02-01", Grain::Month));
        assert_eq!(months.len(), 2);
        assert_eq!(buckets(&filter("2026-01-01", "2026-01-29", Grain::Day)).len(), 28);
        assert_eq!(buckets(&filter("2000-01-01", "2026-01-29", Grain::Day)).len(), MOST);
    }

    #[test]
    fn a_day_finds_its_bucket() {
        let weeks = buckets(&filter("2026-03-02", "2026-03-23", Grain::Week));
        let find = |day: &str| of(day.parse().unwrap(), &weeks);
        assert_eq!(find("2026-03-01"), None);
        assert_eq!(find("2026-03-02"), Some(0));
        assert_eq!(find("2026-03-15"), Some(1));
    }

    #[test]
    fn the_year_is_said_once() {
        let days = buckets(&filter("2025-12-22", "2026-01-19", Grain::Day));
        let labels: Vec<_> = labels(&days, Grain::Day, 4).into_iter().map(|(_, l)| l).collect();
        assert_eq!(labels, ["22 Dec 2025", "29 Dec", "5 Jan 2026", "12 Jan"]);
    }
}
