//! Which part of the data a question is about: period, grain, dimension and
//! the values that rows must have. Values are bound, never pasted into SQL.

use chrono::{Datelike, Days, Months, NaiveDate};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};

/// Width of a bucket of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A month.
    Month,
    /// A quarter of the year.
    Quarter,
    /// The whole period.
    Total,
}

impl Grain {
    /// Every grain.
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Total];

    /// The word in addresses and SQL (`date_trunc`'s).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Total => "total",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|g| g.as_str() == word)
    }

    /// First day of the bucket that a day lies in; of `Total` the day itself.
    pub fn first_day(self, day: NaiveDate) -> NaiveDate {
        let first = match self {
            Self::Day | Self::Total => Some(day),
            Self::Week => {
                day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into()))
            }
            Self::Month => day.with_day(1),
            Self::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
        };
        first.unwrap_or(day)
    }

    /// First day of the next bucket; none behind the whole period, and behind
    /// the last day that there is.
    pub fn next(self, first_day: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day => first_day.succ_opt(),
            Self::Week => first_day.checked_add_days(Days::new(7)),
            Self::Month => first_day.checked_add_months(Months::new(1)),
            Self::Quarter => first_day.checked_add_months(Months::new(3)),
            Self::Total => None,
        }
    }

    /// First days of the buckets that have a day in `[from, to)`, in order.
    pub fn first_days(self, from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        std::iter::successors(Some(self.first_day(from)), move |day| self.next(*day))
            .take_while(move |day| *day < to)
    }
}

/// A dimension that a metric can be split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// Source of the event.
    Source,
    /// Kind of service.
    Platform,
    /// Service.
    Service,
    /// Factor.
    Factor,
    /// Team of the person.
    Team,
    /// Role of the person.
    Role,
    /// Rollout cohort of the person.
    Cohort,
    /// Kind of account.
    AccountKind,
    /// Environment.
    Environment,
    /// Country as the source says.
    Country,
    /// Policy.
    Policy,
    /// Whether the device is managed.
    DeviceManaged,
    /// The autonomous system that the address belongs to, as the source says.
    Network,
    /// Factor, platform and country at once.
    FactorPlatformCountry,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 14] = [
        Self::Source,
        Self::Platform,
        Self::Service,
        Self::Factor,
        Self::Team,
        Self::Role,
        Self::Cohort,
        Self::AccountKind,
        Self::Environment,
        Self::Country,
        Self::Policy,
        Self::DeviceManaged,
        Self::Network,
        Self::FactorPlatformCountry,
    ];

    /// Those that every metric of attempts has; a metric names others one by one.
    pub const OF_ATTEMPTS: [Self; 12] = [
        Self::Source,
        Self::Platform,
        Self::Service,
        Self::Factor,
        Self::Team,
        Self::Role,
        Self::Cohort,
        Self::AccountKind,
        Self::Environment,
        Self::Country,
        Self::Policy,
        Self::DeviceManaged,
    ];

    /// The word in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Platform => "platform",
            Self::Service => "service",
            Self::Factor => "factor",
            Self::Team => "team",
            Self::Role => "role",
            Self::Cohort => "cohort",
            Self::AccountKind => "account_kind",
            Self::Environment => "environment",
            Self::Country => "country",
            Self::Policy => "policy",
            Self::DeviceManaged => "device_managed",
            Self::Network => "network",
            Self::FactorPlatformCountry => "factor_platform_country",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.as_str() == word)
    }
}

/// The part of the data that a question is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// First day, in `time_zone`.
    pub from: NaiveDate,
    /// Day after the last.
    pub to: NaiveDate,
    /// The organisation's time zone, that days are cut in.
    #[serde(serialize_with = "name")]
    pub time_zone: Tz,
    /// Width of a bucket.
    pub grain: Grain,
    /// What to split by.
    pub by: Option<Dimension>,
    /// Dimensions that must have a value.
    pub only: Vec<(Dimension, String)>,
}

fn name<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn weeks_begin_on_monday_months_and_quarters_on_the_first() {
        assert_eq!(Grain::Week.first_day(day("2026-03-01")), day("2026-02-23"));
        assert_eq!(Grain::Week.next(day("2026-02-23")), Some(day("2026-03-02")));
        assert_eq!(Grain::Month.first_day(day("2026-03-31")), day("2026-03-01"));
        assert_eq!(Grain::Month.next(day("2026-12-01")), Some(day("2027-01-01")));
        for (within, first) in [
            ("2026-01-01", "2026-01-01"),
            ("2026-03-31", "2026-01-01"),
            ("2026-06-30", "2026-04-01"),
            ("2026-12-31", "2026-10-01"),
        ] {
            assert_eq!(Grain::Quarter.first_day(day(within)), day(first));
        }
        assert_eq!(Grain::Quarter.next(day("2026-10-01")), Some(day("2027-01-01")));
    }

    #[test]
    fn a_period_has_the_buckets_that_it_begins_and_ends_in() {
        let quarters: Vec<_> =
            Grain::Quarter.first_days(day("2025-12-31"), day("2026-04-02")).collect();
        assert_eq!(quarters, [day("2025-10-01"), day("2026-01-01"), day("2026-04-01")]);
        assert_eq!(Grain::Quarter.first_days(day("2026-01-01"), day("2026-04-01")).count(), 1);
        // 1399 days, from a Sunday: 199.9 weeks long, in 201 of them.
        assert_eq!(Grain::Week.first_days(day("2022-01-02"), day("2025-11-01")).count(), 201);
        assert_eq!(Grain::Total.first_days(day("2026-01-01"), day("2026-04-01")).count(), 1);
    }
}
