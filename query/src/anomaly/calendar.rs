//! The organisation's week: which hour of it an instant is, and which days are holidays.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, Timelike};
use chrono_tz::Tz;

use super::window::{Hour, Minute};
use crate::stats::baseline::When;

/// Time zone and holidays.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: Tz,
    holidays: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// The organisation's time zone, and its holidays there.
    #[must_use]
    pub fn new(zone: Tz, holidays: impl IntoIterator<Item = NaiveDate>) -> Self {
        Self { zone, holidays: holidays.into_iter().collect() }
    }

    /// When an hour is. In zones that are not whole hours from UTC it is the local hour
    /// in which the hour begins, week for week the same one.
    pub(super) fn when(&self, hour: Hour) -> When {
        let local = DateTime::from_timestamp(i64::from(hour) * 3_600, 0)
            .unwrap_or_default()
            .with_timezone(&self.zone);
        let of_week = local.weekday().num_days_from_monday() * 24 + local.hour();
        When {
            hour_of_week: u8::try_from(of_week).unwrap_or(0),
            week: f64::from(hour) / 168.0,
            holiday: self.holidays.contains(&local.date_naive()),
        }
    }

    /// A minute in words: `Wed 19 Feb 2025 08:30 UTC`.
    pub(super) fn words(&self, minute: Minute) -> String {
        DateTime::from_timestamp(i64::from(minute) * 60, 0)
            .unwrap_or_default()
            .with_timezone(&self.zone)
            .format("%a %-d %b %Y %H:%M %Z")
            .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_local_also_after_the_clocks_change() {
        let christmas = NaiveDate::from_ymd_opt(2026, 12, 25).expect("a date");
        let calendar = Calendar::new(Tz::Europe__Berlin, [christmas]);
        let at = |time: &str| {
            let time = DateTime::parse_from_rfc3339(time).expect("a time").timestamp();
            calendar.when(u32::try_from(time / 3_600).expect("an hour"))
        };
        // Monday 08:00 in winter, in summer; Sunday 23:00.
        assert_eq!(at("2026-01-05T07:00:00Z").hour_of_week, 8);
        assert_eq!(at("2026-07-06T06:00:00Z").hour_of_week, 8);
        assert_eq!(at("2026-07-05T21:00:00Z").hour_of_week, 167);
        assert!(at("2026-12-24T23:00:00Z").holiday && !at("2026-12-25T23:00:00Z").holiday);
        let week = at("2026-01-12T07:00:00Z").week - at("2026-01-05T07:00:00Z").week;
        assert!((week - 1.0).abs() < 1e-9);
        assert_eq!(calendar.words(29_399_010), "Mon 24 Nov 2025 00:30 CET");
    }
}
