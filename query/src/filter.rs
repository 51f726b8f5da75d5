//! Which part of the data a question is about: period, grain, dimension and
//! the values that rows must have. Values are bound, never pasted into SQL.

use chrono::NaiveDate;
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
    /// The whole period.
    Total,
}

impl Grain {
    /// Every grain.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Total];

    /// The word in addresses and SQL (`date_trunc`'s).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Total => "total",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|g| g.as_str() == word)
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
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 12] = [
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

    /// The word in addresses, and the column of the view `attempts`.
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
