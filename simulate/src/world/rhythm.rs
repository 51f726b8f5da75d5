//! The rhythm of the week: when people work, in their own local time.

use chrono::{Datelike, NaiveDate, Weekday};

/// Shares of the 168 hours of the week in local time (Monday 00 is 0): how
/// 217 developers' commits are distributed over it.
const HOURS_OF_WEEK: &str = include_str!("../../data/hours-of-week.csv");

/// The shares, ready to be asked.
pub(crate) struct Rhythm {
    shares: Vec<f64>,
}

impl Rhythm {
    pub(crate) fn new() -> Self {
        let shares = HOURS_OF_WEEK
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(',')?.1.parse().ok())
            .collect();
        Self { shares }
    }

    /// The shares of a date's 24 hours in the week.
    pub(crate) fn hours(&self, date: NaiveDate) -> [f64; 24] {
        let first = date.weekday().num_days_from_monday() as usize * 24;
        let mut hours = [0.0; 24];
        for (hour, slot) in hours.iter_mut().enumerate() {
            *slot = self.shares.get(first + hour).copied().unwrap_or(0.0);
        }
        hours
    }
}

/// Days on which hardly anyone works, wherever they are (month, day).
const EVERYWHERE: &[(u32, u32)] = &[(1, 1), (12, 24), (12, 25), (12, 26), (12, 31)];

/// Public holidays on fixed dates by country code: enough for a rhythm, not a
/// calendar to rely on.
const BY_COUNTRY: &[(&str, &[(u32, u32)])] = &[
    ("DE", &[(5, 1), (10, 3)]),
    ("NL", &[(4, 27)]),
    ("GB", &[(5, 4), (8, 31)]),
    ("PL", &[(5, 1), (5, 3), (11, 11)]),
    ("PT", &[(4, 25), (6, 10), (10, 5)]),
    ("US", &[(6, 19), (7, 4), (9, 7), (11, 26), (11, 27)]),
    ("CA", &[(7, 1), (9, 7)]),
    ("BR", &[(4, 21), (9, 7), (10, 12), (11, 15)]),
    ("IN", &[(1, 26), (8, 15), (10, 2)]),
    ("SG", &[(8, 9)]),
    ("JP", &[(4, 29), (5, 3), (5, 4), (5, 5), (11, 3), (11, 23)]),
    ("AU", &[(1, 26), (4, 25)]),
];

/// Whether most people of the country are off on that date.
pub(crate) fn is_holiday(country: &str, date: NaiveDate) -> bool {
    let day = (date.month(), date.day());
    EVERYWHERE.contains(&day)
        || BY_COUNTRY.iter().any(|(code, days)| *code == country && days.contains(&day))
}

/// Whether the date is a Saturday or Sunday.
pub(crate) fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}
