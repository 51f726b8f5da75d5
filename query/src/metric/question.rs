//! What a metric is asked for, as SQL with bound values. Only columns of the
//! closed list of dimensions go into the text; whatever a person typed is bound.

use std::fmt::Write;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};
use datafusion::arrow::array::{Date32Array, RecordBatch};
use datafusion::arrow::datatypes::Date32Type;
use datafusion::arrow::error::ArrowError;
use datafusion::scalar::ScalarValue;

use super::header::body;
use super::registry::Metric;
use crate::error::{QueryError, Result};
use crate::filter::{Dimension, Filter, Grain};
use crate::function::Calendar;

/// One bucket of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bucket {
    /// Its first day; `None` for the whole period.
    pub(super) first_day: Option<NaiveDate>,
    /// Its last day within the period.
    pub(super) last_day: NaiveDate,
    /// Whether it isn't over yet, or the period cuts it off.
    pub(super) partial: bool,
}

/// A metric's SQL with its values.
#[derive(Debug)]
pub(super) struct Question {
    /// The metric's name.
    name: &'static str,
    /// The SQL.
    pub(super) sql: String,
    /// Its values.
    pub(super) values: Vec<(String, ScalarValue)>,
    /// The buckets that have begun.
    pub(super) buckets: Vec<Bucket>,
}

/// Dimensions that are no column of the view `attempts`, but made of some.
const NETWORK: &str = include_str!("../../dimensions/network.sql");
const FACTOR_PLATFORM_COUNTRY: &str = include_str!("../../dimensions/factor_platform_country.sql");

/// The dimension as SQL over columns of the view `attempts`.
fn column(dimension: Dimension) -> String {
    match dimension {
        Dimension::Policy => "policy_name".to_owned(),
        Dimension::Network => body(NETWORK),
        Dimension::FactorPlatformCountry => body(FACTOR_PLATFORM_COUNTRY),
        other => other.as_str().to_owned(),
    }
}

fn text(value: &str) -> ScalarValue {
    ScalarValue::Utf8(Some(value.to_owned()))
}

fn time(at: DateTime<Utc>) -> ScalarValue {
    ScalarValue::TimestampMicrosecond(Some(at.timestamp_micros()), Some("UTC".into()))
}

/// First day of as long a time before the period.
pub(super) fn before(filter: &Filter) -> NaiveDate {
    let days = (filter.to - filter.from).num_days().max(0).unsigned_abs();
    filter.from.checked_sub_days(Days::new(days)).unwrap_or(filter.from)
}

impl Question {
    /// Puts a filter to a metric.
    pub(super) fn new(metric: &Metric, filter: &Filter, as_of: DateTime<Utc>) -> Result<Self> {
        let wrong = |name: &str, problem: String| QueryError::Parameter {
            name: name.to_owned(),
            of: metric.name.to_owned(),
            problem,
        };
        if filter.from >= filter.to {
            return Err(wrong("from", format!("({}) is not before {}", filter.from, filter.to)));
        }
        if !metric.grain.contains(&filter.grain) {
            return Err(wrong("grain", format!("can't be {}", filter.grain.as_str())));
        }
        let asked =
            filter.by.into_iter().chain(filter.only.iter().map(|(dimension, _)| *dimension));
        for dimension in asked {
            if !metric.dimensions.contains(&dimension) {
                return Err(wrong("by", format!("can't be {}", dimension.as_str())));
            }
        }
        let calendar = Calendar { grain: filter.grain, zone: filter.time_zone };
        let mut values = vec![
            ("from".to_owned(), time(calendar.begins(filter.from))),
            ("to".to_owned(), time(calendar.begins(filter.to))),
            ("before".to_owned(), time(calendar.begins(before(filter)))),
            ("grain".to_owned(), text(filter.grain.as_str())),
            ("time_zone".to_owned(), text(filter.time_zone.name())),
            ("as_of".to_owned(), time(as_of)),
        ];
        let mut only = String::new();
        for (number, (dimension, value)) in filter.only.iter().enumerate() {
            // Writing to a string can't fail.
            let _ = write!(
                only,
                "\n    AND coalesce(CAST({} AS VARCHAR), 'unknown') = $only_{number}",
                column(*dimension)
            );
            values.push((format!("only_{number}"), text(value)));
        }
        let group = filter.by.map_or_else(
            || "CAST(NULL AS VARCHAR)".to_owned(),
            |by| format!("coalesce(CAST({} AS VARCHAR), 'unknown')", column(by)),
        );
        let sql = metric.sql.replace("{group}", &group).replace("{only}", &only);
        let buckets = buckets(filter, &calendar, as_of);
        Ok(Self { name: metric.name, sql, values, buckets })
    }

    /// Everything that the answer depends on beside the data.
    pub(super) fn asked(&self, filter: &Filter, as_of: DateTime<Utc>) -> String {
        format!("{} {filter:?} {:?} {:?}", self.name, self.buckets, minute(&self.sql, as_of))
    }

    /// The buckets as a table, for metrics that look at their last days.
    pub(super) fn bucket_table(&self) -> Result<RecordBatch, ArrowError> {
        let days = |pick: &dyn Fn(&Bucket) -> Option<NaiveDate>| -> Arc<Date32Array> {
            Arc::new(
                self.buckets.iter().map(|b| pick(b).map(Date32Type::from_naive_date)).collect(),
            )
        };
        RecordBatch::try_from_iter_with_nullable(vec![
            ("bucket", days(&|bucket| bucket.first_day) as _, true),
            ("last_day", days(&|bucket| Some(bucket.last_day)) as _, true),
        ])
    }

    /// The SQL as people see it: values stand before it as comments.
    pub(super) fn shown(&self) -> String {
        let mut shown = String::new();
        for (name, value) in &self.values {
            if self.sql.contains(&format!("${name}")) {
                let value = value.to_string().replace(['\n', '\r'], " ");
                let _ = writeln!(shown, "-- ${name} = {value}");
            }
        }
        let body = self.sql.lines().skip_while(|line| line.starts_with("--"));
        for line in body {
            let _ = writeln!(shown, "{line}");
        }
        shown
    }
}

/// The minute, where the SQL depends on the instant: its answer holds that long.
pub(crate) fn minute(sql: &str, as_of: DateTime<Utc>) -> Option<i64> {
    let named = sql.split("$as_of").skip(1).any(|rest| !rest.starts_with('_'));
    named.then(|| as_of.timestamp().div_euclid(60))
}

fn buckets(filter: &Filter, calendar: &Calendar, as_of: DateTime<Utc>) -> Vec<Bucket> {
    let day_before = |day: NaiveDate| day.pred_opt().unwrap_or(day);
    let today = calendar.day_of(as_of);
    // A bucket that hasn't begun says nothing; its last day is at most today.
    let last_day = |end: NaiveDate| day_before(end.min(filter.to)).min(today);
    if filter.grain == Grain::Total {
        let partial = calendar.begins(filter.to) > as_of;
        return vec![Bucket { first_day: None, last_day: last_day(filter.to), partial }];
    }
    let mut buckets = Vec::new();
    let mut first = calendar.first_day(filter.from);
    while first < filter.to && calendar.begins(first) <= as_of {
        let end = calendar.next(first);
        let cut = first < filter.from || end > filter.to;
        buckets.push(Bucket {
            first_day: Some(first),
            last_day: last_day(end),
            partial: cut || calendar.begins(end) > as_of,
        });
        first = end;
    }
    buckets
}
