//! Which buckets a period has: also those that no row fell into, so that a
//! gap is a gap.

use std::collections::VecDeque;

use chrono::{Datelike, NaiveDate};
use rollcall_query::{Filter, Grain};

/// More points than this are no longer seen.
pub(crate) const MOST: usize = 200;

/// First days of the buckets, in order; the newest where there are too many.
pub(crate) fn buckets(filter: &Filter) -> Vec<NaiveDate> {
    let mut newest = VecDeque::new();
    for day in filter.grain.first_days(filter.from, filter.to) {
        if newest.len() == MOST {
            newest.pop_front();
        }
        newest.push_back(day);
    }
    newest.into()
}

/// Whether a chart has room for every bucket of `[from, to)`.
pub(crate) fn fits(grain: Grain, from: NaiveDate, to: NaiveDate) -> bool {
    grain.first_days(from, to).nth(MOST).is_none()
}

/// What to say where there is no room for all buckets.
pub(crate) fn cut_off(filter: &Filter) -> Option<String> {
    if fits(filter.grain, filter.from, filter.to) {
        return None;
    }
    let first = buckets(filter).first().copied()?;
    Some(format!(
        "Cut off: only the last {MOST} points are drawn, from {} on; the CSV has all.",
        crate::text::bucket(first, filter.grain)
    ))
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
        let label = match (grain, year == Some(day.year())) {
            (Grain::Quarter, _) => crate::text::bucket(*day, grain),
            (Grain::Month, true) => day.format("%b").to_string(),
            (Grain::Month, false) => day.format("%b %Y").to_string(),
            (_, true) => day.format("%-d %b").to_string(),
            (_, false) => day.format("%-d %b %Y").to_string(),
        };
        year = Some(day.year());
        out.push((i, label));
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
    fn a_period_has_every_bucket_that_it_touches() {
        let weeks = buckets(&filter("2026-03-04", "2026-03-17", Grain::Week));
        assert_eq!(
            weeks.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["2026-03-02", "2026-03-09", "2026-03-16"]
        );
        let months = buckets(&filter("2025-12-31", "2026-02-01", Grain::Month));
        assert_eq!(months.len(), 2);
        assert_eq!(buckets(&filter("2026-01-01", "2026-01-29", Grain::Day)).len(), 28);
        let since_2000 = buckets(&filter("2000-01-01", "2026-01-29", Grain::Quarter));
        assert_eq!(
            (since_2000.len(), since_2000.last().unwrap().to_string()),
            (105, "2026-01-01".to_owned())
        );
    }

    #[test]
    fn where_there_is_no_room_the_newest_stay_and_it_is_said() {
        let many = filter("2000-01-01", "2026-01-29", Grain::Day);
        assert_eq!(buckets(&many).len(), MOST);
        assert_eq!(buckets(&many).last().unwrap().to_string(), "2026-01-28");
        let said = cut_off(&many).unwrap();
        assert!(said.contains("the last 200 points are drawn, from Sun 13 Jul 2025 on"), "{said}");
        assert_eq!(cut_off(&filter("2000-01-01", "2026-01-29", Grain::Quarter)), None);
        // 200 weeks fit, and 201 don't, however few days the first one has.
        assert_eq!(cut_off(&filter("2022-01-03", "2025-11-01", Grain::Week)), None);
        assert!(cut_off(&filter("2022-01-02", "2025-11-01", Grain::Week)).is_some());
    }

    #[test]
    fn quarters_are_said_with_their_year() {
        let quarters = buckets(&filter("2025-12-22", "2026-07-19", Grain::Quarter));
        let labels: Vec<_> =
            labels(&quarters, Grain::Quarter, 5).into_iter().map(|(_, l)| l).collect();
        assert_eq!(labels, ["2025 Q4", "2026 Q1", "2026 Q2", "2026 Q3"]);
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
