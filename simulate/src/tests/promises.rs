use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta, TimeZone, Utc};

use super::{COMPANY, SUMMARY, until};
use crate::{Company, Feed, Plan};

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

#[test]
fn period_starts_with_the_last_but_one_closed_quarter() {
    let start =
        |y, m, d| Plan::new(1, Utc.with_ymd_and_hms(y, m, d, 0, 0, 0).unwrap()).start.date_naive();
    assert_eq!(start(2026, 11, 25), day(2026, 4, 1));
    assert_eq!(start(2026, 10, 1), day(2026, 4, 1), "a quarter is closed at its end");
    assert_eq!(start(2026, 9, 30), day(2026, 1, 1));
    assert_eq!(start(2026, 2, 3), day(2025, 7, 1));
}

#[test]
fn same_seed_same_bytes_other_seed_other_bytes() {
    let date = day(2026, 7, 14);
    let again = Company::new(&Plan::new(7, until()));
    assert_eq!(COMPANY.day(date), again.day(date));
    assert_eq!(COMPANY.people_csv(), again.people_csv());
    assert_eq!(COMPANY.factors_csv(date), again.factors_csv(date));
    let other = Company::new(&Plan::new(8, until()));
    assert_ne!(COMPANY.day(date), other.day(date));
}

#[test]
fn a_day_is_in_order_of_time_and_within_itself() {
    for date in [day(2026, 4, 1), day(2026, 7, 14), day(2026, 10, 25), day(2029, 3, 5)] {
        let records = COMPANY.day(date);
        assert!(records.is_sorted_by_key(|record| record.time), "{date}");
        assert!(records.iter().all(|record| record.time.date_naive() == date), "{date}");
        assert!(records.len() > 1000, "{date}: {}", records.len());
    }
}

/// A day knows nothing of the day before: what begins right before midnight
/// is told in two halves by two days, and the halves have to fit.
#[test]
fn there_is_no_seam_at_midnight() {
    let begun = &SUMMARY.before_midnight;
    let done = begun.intersection(&SUMMARY.arrived).count();
    assert!(begun.len() > 15, "{}", begun.len());
    assert!(done * 10 >= begun.len() * 9, "{done} of {}", begun.len());
}

#[test]
fn volume_is_that_of_400_people() {
    assert_eq!(COMPANY.days().count(), 239);
    let total: usize = SUMMARY.feeds.values().sum();
    assert!((1_200_000..2_500_000).contains(&total), "{total}");
    assert_eq!(SUMMARY.feeds.len(), Feed::ALL.len());
    let enough = |count: &usize| *count > 50_000;
    assert!(SUMMARY.feeds.values().all(enough), "{:?}", SUMMARY.feeds);
}

#[test]
fn nights_and_weekends_are_quieter() {
    let okta = |date: NaiveDate| {
        let records = COMPANY.day(date);
        records.iter().filter(|record| record.feed == Feed::Okta).count()
    };
    let wednesday = okta(day(2026, 9, 16));
    let sunday = okta(day(2026, 9, 20));
    assert!(sunday * 3 < wednesday, "{sunday} {wednesday}");
}

#[test]
fn vendors_repeat_some_lines_later() {
    let date = day(2026, 6, 9);
    let records = COMPANY.day(date);
    let mut first = BTreeMap::new();
    let mut repeats = 0_usize;
    for record in records.iter().filter(|record| record.feed != Feed::Sshd) {
        if let Some(earlier) = first.insert(&record.line, record.time) {
            assert!(record.time > earlier);
            repeats += 1;
        }
    }
    assert!((3..60).contains(&repeats), "{repeats} of {}", records.len());
}

#[test]
fn directory_has_everybody_once() {
    let csv = COMPANY.people_csv();
    let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert!(rows.iter().all(|row| row.len() == 13));
    let humans: Vec<_> = rows.iter().filter(|row| row[2] == "human").collect();
    let present = humans.iter().filter(|row| row[12].is_empty()).count();
    assert!((375..=400).contains(&present), "{present}");
    assert!(humans.len() > present, "nobody left");
    for (kind, least) in [("service", 25), ("shared", 3), ("break_glass", 2)] {
        assert_eq!(rows.iter().filter(|row| row[2] == kind).count(), least, "{kind}");
    }
    let mut logins: Vec<&str> = rows.iter().flat_map(|row| row[3].split(' ')).collect();
    let count = logins.len();
    logins.sort_unstable();
    logins.dedup();
    assert_eq!(logins.len(), count, "a login belongs to two people");
    let okta = logins.iter().filter(|login| login.starts_with("okta:")).count();
    let entra = logins.iter().filter(|login| login.starts_with("entra:")).count();
    assert!(okta > entra && entra > 100, "{okta} {entra}");
}

#[test]
fn live_traffic_goes_on_after_until() {
    let tomorrow = (until() + TimeDelta::days(30)).date_naive();
    assert!(COMPANY.day(tomorrow).len() > 3000);
}
