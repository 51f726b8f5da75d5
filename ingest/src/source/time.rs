//! Vendors' forms of a time, into µs since 1970 UTC: with an offset, with `Z` or
//! with none (then the zone that is configured for the source); seconds, milli-,
//! micro- and nanoseconds as numbers or as text; a leap second as the instant
//! after it.

use std::borrow::Cow;

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;
use serde::de::{Deserialize, Deserializer};

use super::text::{FromScalar, Text, whole_of};

/// µs in a second.
pub(crate) const SECOND: i64 = 1_000_000;
/// µs in a minute.
pub(crate) const MINUTE: i64 = 60 * SECOND;
/// µs in a day.
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// A time in a record, not yet understood.
#[derive(Debug, Default, Clone)]
pub(crate) enum Moment<'a> {
    /// Not said.
    #[default]
    Missing,
    /// A whole number of a unit that its size tells.
    Whole(i64),
    /// A number with a fraction.
    Fraction(f64),
    /// Text.
    Text(Cow<'a, str>),
}

impl<'de: 'a, 'a> FromScalar<'de> for Moment<'a> {
    fn borrowed(text: &'de str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
    fn text(text: &str) -> Self {
        Self::Text(Cow::Owned(text.to_owned()))
    }
    fn whole(number: i64) -> Self {
        Self::Whole(number)
    }
    fn fraction(number: f64) -> Self {
        Self::Fraction(number)
    }
    fn truth(_: bool) -> Self {
        Self::Missing
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Moment<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::text::scalar(deserializer)
    }
}

impl Moment<'_> {
    /// µs since 1970 UTC; `zone` for a form that names none.
    pub(crate) fn micros(&self, zone: Tz) -> Option<i64> {
        match self {
            Self::Missing => None,
            Self::Whole(number) => whole(*number),
            Self::Fraction(number) => fraction(*number),
            Self::Text(text) => parse(text, zone),
        }
    }
}

/// A time of a text column that a vendor writes as text only.
pub(crate) fn of_text(text: &Text<'_>, zone: Tz) -> Option<i64> {
    text.get().and_then(|text| parse(text, zone))
}

/// Reads a time from text: ISO 8601 in its usual forms, or a number.
pub(crate) fn parse(text: &str, zone: Tz) -> Option<i64> {
    let text = text.trim();
    let (local, rest) = match civil(text) {
        Some(read) => read,
        None => {
            return text.parse::<i64>().map_or_else(|_| fraction(text.parse().ok()?), whole);
        }
    };
    match offset(rest)? {
        Some(offset) => local.checked_sub(offset),
        None => Some(from_zone(local, zone)),
    }
}

/// A number of seconds, milli-, micro- or nanoseconds; the size tells which:
/// each unit has a range of years (to 5138) that the others don't reach.
fn whole(number: i64) -> Option<i64> {
    match number.unsigned_abs() {
        0..=99_999_999_999 => number.checked_mul(SECOND),
        100_000_000_000..=99_999_999_999_999 => number.checked_mul(1_000),
        100_000_000_000_000..=99_999_999_999_999_999 => Some(number),
        _ => Some(number.div_euclid(1_000)),
    }
}

fn fraction(number: f64) -> Option<i64> {
    if !number.is_finite() {
        return None;
    }
    let unit = match number.abs() {
        size if size < 1e11 => 1e6,
        size if size < 1e14 => 1e3,
        size if size < 1e17 => 1.0,
        _ => 1e-3,
    };
    whole_of((number * unit).round())
}

/// The date and time at the start of `text`, in µs as if it were UTC, and what
/// follows them.
fn civil(text: &str) -> Option<(i64, &str)> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| digits(bytes.get(from..to)?);
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    if !(is(4, b"-/") && is(7, b"-/") && is(10, b"Tt ") && is(13, b":")) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute) = (number(11, 13)?, number(14, 16)?);
    let (second, mut at) = if is(16, b":") { (number(17, 19)?, 19) } else { (0, 16) };
    // 60 is a leap second; the sum below makes it the next minute's first.
    if !valid(year, month, day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut micros = 0;
    if is(at, b".,") {
        at += 1;
        let mut scale = 100_000;
        while let Some(digit) = bytes.get(at).filter(|byte| byte.is_ascii_digit()) {
            micros += i64::from(digit - b'0') * scale;
            scale /= 10;
            at += 1;
        }
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some((seconds * SECOND + micros, text.get(at..)?))
}

/// The offset in µs that `rest` names: `Some(None)` where it names none, `None`
/// where it can't be read.
fn offset(rest: &str) -> Option<Option<i64>> {
    let rest = rest.trim();
    if rest.is_empty() {
        return Some(None);
    }
    if matches!(rest, "Z" | "z" | "UTC" | "GMT") {
        return Some(Some(0));
    }
    let bytes = rest.as_bytes();
    let sign = match bytes.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = digits(bytes.get(1..3)?)?;
    let minutes = match bytes.get(3..)? {
        [] => 0,
        [b':', minutes @ ..] | minutes => (minutes.len() == 2).then(|| digits(minutes))??,
    };
    (hours <= 23 && minutes <= 59).then_some(Some(sign * (hours * 60 + minutes) * MINUTE))
}

/// Local time in µs to UTC. Of an hour that comes twice, the first; in an hour
/// that is skipped, as if the clock had not been moved yet.
pub(crate) fn from_zone(local: i64, zone: Tz) -> i64 {
    if zone == Tz::UTC {
        return local;
    }
    let naive = |micros: i64| -> Option<NaiveDateTime> {
        DateTime::from_timestamp_micros(micros).map(|time| time.naive_utc())
    };
    let offset = |micros: i64| match zone.offset_from_local_datetime(&naive(micros)?) {
        LocalResult::Single(offset) | LocalResult::Ambiguous(offset, _) => Some(offset),
        LocalResult::None => None,
    };
    let offset = offset(local).or_else(|| offset(local - 120 * MINUTE));
    local - offset.map_or(0, |offset| i64::from(offset.fix().local_minus_utc()) * SECOND)
}

/// A number of decimal digits only.
pub(crate) fn digits(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 9 {
        return None;
    }
    bytes.iter().try_fold(0, |number: i64, byte| {
        byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
    })
}

/// Whether there is such a day.
pub(crate) fn valid(year: i64, month: i64, day: i64) -> bool {
    let longest = match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=longest).contains(&day)
}

fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. The year is counted
/// from March, so that the leap day comes last.
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let century = year.div_euclid(400);
    let of_400 = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    century * 146_097 + of_400 * 365 + of_400 / 4 - of_400 / 100 + of_year - 719_468
}

/// The year of a time in µs.
pub(crate) fn year(micros: i64) -> i64 {
    let day = micros.div_euclid(DAY);
    // A first guess by the mean year, then at most one step either way.
    let guess = 1970 + (day * 400).div_euclid(146_097);
    if days(guess + 1, 1, 1) <= day {
        guess + 1
    } else if days(guess, 1, 1) > day {
        guess - 1
    } else {
        guess
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_772_366_400 * SECOND; // 2026-03-01T12:00:00Z

    #[test]
    fn every_form_of_one_instant_reads_the_same() {
        for text in [
            "2026-03-01T12:00:00Z",
            "2026-03-01T12:00:00.000Z",
            "2026-03-01 12:00:00+00:00",
            "2026-03-01T13:00:00+01:00",
            "2026-03-01T13:00:00+0100",
            "2026-03-01T06:30:00-0530",
            "2026-03-01T14:00+02",
            "2026-03-01T12:00:00.0000000Z",
            "2026/03/01 12:00:00",
            "1772366400",
            "1772366400.0",
            "1772366400000",
            "1772366400000000",
            "1772366400000000000",
            " 2026-03-01T11:59:60Z ",
        ] {
            assert_eq!(parse(text, Tz::UTC), Some(NOON), "{text}");
        }
    }

    #[test]
    fn fractions_are_kept_to_the_microsecond() {
        assert_eq!(parse("2026-03-01T12:00:00.1234567Z", Tz::UTC), Some(NOON + 123_456));
        assert_eq!(parse("2026-03-01T12:00:00,5Z", Tz::UTC), Some(NOON + 500_000));
        assert_eq!(parse("1772366400.25", Tz::UTC), Some(NOON + 250_000));
    }

    #[test]
    fn a_time_without_a_zone_is_local_and_odd_hours_have_an_answer() {
        let berlin = Tz::Europe__Berlin;
        assert_eq!(parse("2026-03-01T13:00:00", berlin), Some(NOON));
        // 02:30 comes twice on 25 October and never on 29 March.
        let first = parse("2026-10-25T02:30:00", berlin);
        assert_eq!(first, parse("2026-10-25T00:30:00Z", Tz::UTC));
        let skipped = parse("2026-03-29T02:30:00", berlin);
        assert_eq!(skipped, parse("2026-03-29T01:30:00Z", Tz::UTC));
    }

    #[test]
    fn what_is_no_time_gives_none() {
        for text in [
            "",
            "x",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-03-01T24:00:00Z",
            "2026-03-01T12:61:00Z",
            "2026-03-01T12:00:00 o'clock",
            "NaN",
            "inf",
            "é026-03-01T12:00",
            "2026-03-01T12:00:00+9",
            "2026-03-01",
        ] {
            assert_eq!(parse(text, Tz::UTC), None, "{text}");
        }
    }

    #[test]
    fn calendar_arithmetic_agrees_with_chrono() {
        for day in (-800_000..800_000).step_by(97) {
            let time = DateTime::from_timestamp(day * 86_400, 0).expect("in range");
            let text = time.format("%Y-%m-%d").to_string();
            if text.len() != 10 {
                continue;
            }
            let read = |from, to| digits(&text.as_bytes()[from..to]).expect("digits");
            assert_eq!(days(read(0, 4), read(5, 7), read(8, 10)), day, "{text}");
            assert_eq!(year(day * DAY), read(0, 4), "{text}");
        }
    }
}
