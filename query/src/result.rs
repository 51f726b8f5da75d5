//! What a metric answers: counts with their population, how sure they are, as
//! of when, and by which SQL.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

/// What a metric's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A number of things.
    Count,
    /// A share between 0 and 1.
    Share,
    /// Milliseconds.
    Milliseconds,
    /// So many per a number of exposures: per 1,000 attempts, per person-day.
    Rate,
}

/// What `low` and `high` of a point are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Nothing to say: a plain count.
    None,
    /// A census: [yes ÷ n, (yes + unknown) ÷ n].
    Bounds,
    /// A 95% confidence interval.
    Interval95,
}

/// One value: of one group, in one bucket of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Point {
    /// First day of the bucket, in the organisation's time zone; `None` for a
    /// value over the whole period.
    pub bucket: Option<NaiveDate>,
    /// Value of the dimension; `None` where the metric has none.
    pub group: Option<String>,
    /// Which of several figures: `p50`, `p95`, `performed`, …; empty where
    /// there is one.
    pub figure: String,
    /// How many had it.
    pub k: i64,
    /// Out of how many.
    pub n: i64,
    /// How many of `n` can't be told.
    pub unknown: i64,
    /// The value in the metric's unit; `None` is "no data", never zero.
    pub value: Option<f64>,
    /// Lower end of the band.
    pub low: Option<f64>,
    /// Upper end of the band.
    pub high: Option<f64>,
    /// Whether the bucket isn't over yet.
    pub partial: bool,
    /// Whether fewer than [`FEW`] are behind it: too few to compare.
    pub few: bool,
    /// What else to know of the value: how often chance gives as much, or why there
    /// is none.
    pub note: Option<String>,
}

/// Fewer than these are too few to compare with others.
pub const FEW: i64 = 30;

/// What some figures of a metric compare with what, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The figures that it is about; `*` stands for each one that the others don't
    /// name.
    pub figures: Vec<String>,
    /// In words.
    pub words: String,
}

/// How complete the data of the period is.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Completeness {
    /// Seconds between an event and its receipt, 95th percentile in the period,
    /// of what came in live: not from a file, and not as history that a
    /// collector caught up on when it began. `None`: nothing did.
    pub lag_p95_s: Option<f64>,
    /// Events that came in live, and all events of the period.
    pub live: (i64, i64),
    /// Sources that have been silent for longer than their own rhythm allows.
    pub silent_sources: Vec<String>,
    /// Records in quarantine.
    pub quarantined: i64,
    /// Attempts of accounts that no person is known for, and all attempts.
    pub unmatched: (i64, i64),
}

/// The instant that figures were computed at: the version of every table, and
/// how many rows of the tail were seen.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Pin {
    /// `table=version`.
    pub tables: Vec<(String, u64)>,
    /// Rows that weren't sealed yet.
    pub tail_rows: usize,
    /// When the snapshot was taken.
    pub as_of: Option<DateTime<Utc>>,
}

/// The answer of one metric.
#[derive(Debug, Clone, Serialize)]
pub struct MetricResult {
    /// The metric's name, for instance `adoption/used`.
    pub name: &'static str,
    /// Its version.
    pub version: u32,
    /// Its title as a question.
    pub question: &'static str,
    /// What it is measured in.
    pub unit: Unit,
    /// What the band of its points is.
    pub band: Band,
    /// First day.
    pub from: NaiveDate,
    /// Day after the last.
    pub to: NaiveDate,
    /// The zone that days are cut in.
    pub time_zone: String,
    /// The values.
    pub points: Vec<Point>,
    /// The population that the metric counts, in words.
    pub population: &'static str,
    /// What it leaves out, in words.
    pub excludes: &'static str,
    /// What each figure compares with what, and what its interval rests on.
    pub explained: Vec<Explanation>,
    /// The instant.
    pub pin: Pin,
    /// How complete the period is.
    pub completeness: Completeness,
    /// The SQL that gave the counts, with the parameters filled in as comments.
    pub sql: String,
}
