//! `bucket(grain, time, zone)`: the first day of the day, week (from Monday),
//! month or quarter that a time lies in, as clocks in the zone show it; null for
//! `total`.
//! DataFusion's `date_trunc` asks the zone for every row; here each bucket's
//! ends are found once and rows are compared with them.

use std::sync::Arc;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use datafusion::arrow::array::{Array, AsArray, Date32Array};
use datafusion::arrow::datatypes::{DataType, Date32Type, TimestampMicrosecondType};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use crate::filter::Grain;

/// Buckets of a grain in a zone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calendar {
    /// Width of a bucket.
    pub(crate) grain: Grain,
    /// Whose clocks.
    pub(crate) zone: Tz,
}

impl Calendar {
    /// First day of the bucket that a day lies in.
    pub(crate) fn first_day(&self, day: NaiveDate) -> NaiveDate {
        self.grain.first_day(day)
    }

    /// First day of the next bucket.
    pub(crate) fn next(&self, first_day: NaiveDate) -> NaiveDate {
        self.grain.next(first_day).unwrap_or(NaiveDate::MAX)
    }

    /// The instant at which a day begins. Where clocks jump over midnight it is
    /// the first instant after it; where midnight comes twice, the earlier one.
    pub(crate) fn begins(&self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(NaiveTime::MIN);
        for quarter in 0..8 {
            let local = midnight + chrono::TimeDelta::minutes(15 * quarter);
            match self.zone.from_local_datetime(&local) {
                LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => {
                    return time.with_timezone(&Utc);
                }
                LocalResult::None => {}
            }
        }
        midnight.and_utc()
    }

    /// The day that clocks in the zone show.
    pub(crate) fn day_of(&self, time: DateTime<Utc>) -> NaiveDate {
        time.with_timezone(&self.zone).date_naive()
    }
}

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Bucket {
    signature: Signature,
}

impl Default for Bucket {
    fn default() -> Self {
        let time = rollcall_schemas::arrow::time_type();
        let arguments = vec![DataType::Utf8, time, DataType::Utf8];
        Self { signature: Signature::exact(arguments, Volatility::Immutable) }
    }
}

fn word(value: Option<&ColumnarValue>) -> Result<&str> {
    match value {
        Some(ColumnarValue::Scalar(ScalarValue::Utf8(Some(word)))) => Ok(word),
        _ => exec_err!("bucket(grain, time, zone): grain and zone are the same for all rows"),
    }
}

impl ScalarUDFImpl for Bucket {
    fn name(&self) -> &'static str {
        "bucket"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Date32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let grain = word(args.args.first())?;
        let Some(grain) = Grain::from_word(grain) else {
            return exec_err!("bucket: grain {grain} is none of day, week, month, quarter, total");
        };
        let zone = word(args.args.get(2))?;
        let Ok(zone) = zone.parse::<Tz>() else {
            return exec_err!("bucket: there is no time zone {zone}");
        };
        if grain == Grain::Total {
            return Ok(ColumnarValue::Array(Arc::new(Date32Array::new_null(args.number_rows))));
        }
        let Some(times) = args.args.get(1) else { return exec_err!("bucket: no time") };
        let times = times.to_array(args.number_rows)?;
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let calendar = Calendar { grain, zone };
        // Neighbours mostly share their bucket: keep the last few.
        let mut known: Vec<(i64, i64, i32)> = Vec::new();
        let days: Date32Array = (0..times.len())
            .map(|row| times.is_valid(row).then(|| times.value(row)))
            .map(|time| time.and_then(|time| find(&mut known, &calendar, time)))
            .collect();
        Ok(ColumnarValue::Array(Arc::new(days)))
    }
}

fn find(known: &mut Vec<(i64, i64, i32)>, calendar: &Calendar, time: i64) -> Option<i32> {
    let hit = known.iter().position(|(from, to, _)| *from <= time && time < *to);
    if let Some(at) = hit {
        known.swap(0, at);
        return known.first().map(|(_, _, day)| *day);
    }
    let first = calendar.first_day(calendar.day_of(DateTime::from_timestamp_micros(time)?));
    let day = Date32Type::from_naive_date(first);
    let from = calendar.begins(first).timestamp_micros();
    let to = calendar.begins(calendar.next(first)).timestamp_micros();
    known.insert(0, (from, to, day));
    Some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(grain: Grain, zone: &str) -> Calendar {
        Calendar { grain, zone: zone.parse().expect("a zone") }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn days_begin_where_clocks_say_so() {
        let berlin = calendar(Grain::Day, "Europe/Berlin");
        // 29 March 2026 has 23 hours.
        assert_eq!(berlin.begins(day("2026-03-29")).to_rfc3339(), "2026-03-28T23:00:00+00:00");
        assert_eq!(berlin.begins(day("2026-03-30")).to_rfc3339(), "2026-03-29T22:00:00+00:00");
        // In Beirut, 29 March 2026 begins at 01:00: there is no midnight.
        let beirut = calendar(Grain::Day, "Asia/Beirut");
        assert_eq!(beirut.begins(day("2026-03-29")).to_rfc3339(), "2026-03-28T22:00:00+00:00");
    }
}
