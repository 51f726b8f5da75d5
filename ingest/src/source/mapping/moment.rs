//! When an event happened, in the form in which a record says it.

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, FixedOffset, NaiveDateTime};
use chrono_tz::Tz;
use serde_json::Value;
use toml::de::DeTable;

use super::document::{Placed, get, only, pointers, text};
use super::fault::Faults;
use super::pointer::Pointer;
use super::unit::Unit;
use crate::source::time::{self, Moment, from_zone};

/// Where a time stands and how it is written.
#[derive(Debug)]
pub(super) struct Time {
    at: Vec<Pointer>,
    form: Form,
    /// The zone of times that name none; else that of the configuration.
    zone: Option<Tz>,
}

#[derive(Debug, PartialEq, Eq)]
enum Form {
    /// ISO 8601, or a number whose size tells its unit: as for every source.
    Any,
    Rfc3339,
    Epoch(Unit),
    /// A format of chrono's; whether it has an offset.
    Strftime(String, bool),
}

/// Told where a form can't be read.
const FORMS: &str = "\"any\", \"rfc3339\", \"epoch_s\", \"epoch_ms\", \"epoch_us\", \"epoch_ns\", or a \
     format with %Y, %m, %d, %H, %M, %S (and %3f, %z, …)";

impl Time {
    /// Reads `[time]`.
    pub(super) fn read(table: &DeTable<'_>, faults: &mut Faults<'_>) -> Self {
        only(table, "[time]", &["at", "format", "zone"], faults);
        let at = match get(table, "at") {
            Some(at) => pointers(at, "`at`", faults),
            None => {
                faults.whole("[time] needs `at`, the pointer to the time");
                Vec::new()
            }
        };
        let form = get(table, "format").and_then(|value| Form::read(value, faults));
        let zone = get(table, "zone").and_then(|value| {
            let name = text(value, "`zone`", faults)?;
            let zone = name.parse().ok();
            if zone.is_none() {
                let what = format!(
                    "{name:?} is no time zone; it takes a name such as Europe/Berlin or UTC"
                );
                faults.at(value.span(), what);
            }
            zone
        });
        Self { at, form: form.unwrap_or(Form::Any), zone }
    }

    /// What it looks at.
    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        self.at.iter()
    }

    /// µs since 1970 UTC; else why there is none. `zone` is that of the configuration.
    pub(super) fn micros(&self, record: &Value, zone: Tz) -> Result<i64, String> {
        let said = self
            .at
            .iter()
            .find_map(|at| at.of(record).filter(|value| !value.is_null()).map(|value| (at, value)));
        let Some((at, value)) = said else {
            let all: Vec<_> = self.at.iter().map(|at| format!("`{}`", at.as_str())).collect();
            return Err(format!("there is no time at {}", all.join(" nor at ")));
        };
        let zone = self.zone.unwrap_or(zone);
        self.form.micros(value, zone).ok_or_else(|| {
            format!(
                "what stands at `{}` is no time; {} was expected",
                at.as_str(),
                self.form.words()
            )
        })
    }
}

impl Form {
    fn read(value: &Placed<'_>, faults: &mut Faults<'_>) -> Option<Self> {
        let word = text(value, "`format`", faults)?;
        let form = match word {
            "any" => Some(Self::Any),
            "rfc3339" => Some(Self::Rfc3339),
            _ if word.contains('%') => Self::strftime(word),
            _ => word.strip_prefix("epoch_").and_then(Unit::of).map(Self::Epoch),
        };
        if form.is_none() {
            let what = if word.contains('%') {
                format!(
                    "the format {word:?} doesn't say a whole date and time: it needs a year, a month, a day, an hour, a minute and a second, or %s"
                )
            } else {
                format!("{word:?} is no form of a time; there are {FORMS}")
            };
            faults.at(value.span(), what);
        }
        form
    }

    /// A format of chrono's that says a time to the second: one that was written by it is
    /// read by it.
    fn strftime(format: &str) -> Option<Self> {
        if StrftimeItems::new(format).any(|item| matches!(item, Item::Error)) {
            return None;
        }
        let sample = DateTime::parse_from_rfc3339("2026-03-04T15:06:07+01:00").ok()?;
        let written = sample.format(format).to_string();
        let with_offset = DateTime::<FixedOffset>::parse_from_str(&written, format);
        if with_offset.is_ok_and(|read| read == sample) {
            return Some(Self::Strftime(format.to_owned(), true));
        }
        let local = NaiveDateTime::parse_from_str(&written, format);
        let is_whole =
            local.is_ok_and(|read| read == sample.naive_local() || read.and_utc() == sample);
        is_whole.then(|| Self::Strftime(format.to_owned(), false))
    }

    fn micros(&self, value: &Value, zone: Tz) -> Option<i64> {
        match (self, value) {
            (Self::Any, Value::String(text)) => time::parse(text, zone),
            (Self::Any, Value::Number(number)) => match number.as_i64() {
                Some(number) => Moment::Whole(number).micros(zone),
                None => Moment::Fraction(number.as_f64()?).micros(zone),
            },
            (Self::Rfc3339, Value::String(text)) => {
                Some(DateTime::parse_from_rfc3339(text.trim()).ok()?.timestamp_micros())
            }
            (Self::Epoch(unit), Value::Number(number)) => match number.as_i64() {
                Some(number) => unit.micros(number),
                None => unit.micros_of_fraction(number.as_f64()?),
            },
            (Self::Epoch(unit), Value::String(text)) => match text.trim().parse() {
                Ok(number) => unit.micros(number),
                Err(_) => unit.micros_of_fraction(text.trim().parse().ok()?),
            },
            (Self::Strftime(format, true), Value::String(text)) => {
                let read = DateTime::<FixedOffset>::parse_from_str(text.trim(), format);
                Some(read.ok()?.timestamp_micros())
            }
            (Self::Strftime(format, false), Value::String(text)) => {
                let local = NaiveDateTime::parse_from_str(text.trim(), format).ok()?;
                Some(from_zone(local.and_utc().timestamp_micros(), zone))
            }
            _ => None,
        }
    }

    /// For people.
    fn words(&self) -> String {
        match self {
            Self::Any => "ISO 8601 or a number".to_owned(),
            Self::Rfc3339 => "RFC 3339 with its offset".to_owned(),
            Self::Epoch(Unit::Seconds) => "a number of seconds since 1970".to_owned(),
            Self::Epoch(Unit::Milliseconds) => "a number of milliseconds since 1970".to_owned(),
            Self::Epoch(Unit::Microseconds) => "a number of microseconds since 1970".to_owned(),
            Self::Epoch(Unit::Nanoseconds) => "a number of nanoseconds since 1970".to_owned(),
            Self::Strftime(format, _) => format!("the form {format:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn time(toml: &str) -> (Time, Vec<String>) {
        let mut faults = Faults::of(toml);
        let table = DeTable::parse(toml).expect("TOML");
        let time = Time::read(table.get_ref(), &mut faults);
        (time, faults.found.into_iter().map(|fault| fault.what).collect())
    }

    #[test]
    fn every_form_of_one_instant_reads_the_same() {
        for (form, value) in [
            ("any", json!("2026-03-01T12:00:00.5Z")),
            ("any", json!(1_772_366_400_500_i64)),
            ("rfc3339", json!("2026-03-01T13:00:00.500+01:00")),
            ("epoch_s", json!(1_772_366_400.5)),
            ("epoch_s", json!("1772366400.5")),
            ("epoch_ms", json!(1_772_366_400_500_i64)),
            ("epoch_us", json!("1772366400500000")),
            ("epoch_ns", json!(1_772_366_400_500_000_000_i64)),
            ("%Y-%m-%d %H:%M:%S,%3f%z", json!("2026-03-01 07:00:00,500-0500")),
            ("%d/%b/%Y:%H:%M:%S%.f %z", json!("01/Mar/2026:12:00:00.5 +0000")),
        ] {
            let (time, faults) = time(&format!("at = '/t'\nformat = '{form}'"));
            assert!(faults.is_empty(), "{faults:?}");
            let read = time.micros(&json!({"t": value}), Tz::UTC);
            assert_eq!(read, Ok(1_772_366_400_500_000), "{form} {value}");
        }
    }

    #[test]
    fn a_form_without_an_offset_is_local_to_the_zone_that_is_named() {
        let (time, faults) =
            time("at = '/t'\nformat = '%d.%m.%Y %H:%M:%S'\nzone = 'Europe/Berlin'");
        assert!(faults.is_empty(), "{faults:?}");
        let read = time.micros(&json!({"t": "01.03.2026 13:00:00"}), Tz::UTC);
        assert_eq!(read, Ok(1_772_366_400_000_000));
    }

    #[test]
    fn a_form_that_says_no_whole_time_is_refused() {
        for (form, named) in [
            ("%H:%M:%S", "a year"),
            ("%Y-%m-%d", "an hour"),
            ("%Q", "%s"),
            ("epoch", "epoch_s"),
            ("ISO", "rfc3339"),
        ] {
            let (_, faults) = time(&format!("at = '/t'\nformat = '{form}'"));
            assert!(faults.iter().any(|what| what.contains(named)), "{form}: {faults:?}");
        }
        let (_, faults) = time("zone = 'Berlin'");
        assert!(faults.len() == 2 && faults[1].contains("Europe/Berlin"), "{faults:?}");
    }

    #[test]
    fn what_is_no_time_says_where_and_quotes_nothing() {
        let (time, _) = time("at = ['/t', '/u']\nformat = 'rfc3339'");
        let none = time.micros(&json!({"v": 1}), Tz::UTC).expect_err("missing");
        assert_eq!(none, "there is no time at `/t` nor at `/u`");
        let odd = time.micros(&json!({"u": "hunter2"}), Tz::UTC).expect_err("no time");
        assert!(
            odd.contains("`/u`") && odd.contains("RFC 3339") && !odd.contains("hunter2"),
            "{odd}"
        );
    }
}
