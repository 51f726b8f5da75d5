//! The time at the start of a line, in the server's zone.
//!
//! The file logger writes `Nov 10, 2024 2:29:30,662 PM` and a separator that is
//! configured, without one too; up to version 2.5 of the plugin there are no
//! milliseconds. The console logger writes what is configured; read are ISO 8601
//! and its like, `2024-11-10 14:29:30:662 - `. The console's own preset has minutes
//! and hours mixed up with the month, and can't be read by anyone.

use super::super::time::{self, SECOND};

/// µs as if the server's clock were UTC, and what follows the time.
pub(super) fn parse(text: &str) -> Option<(i64, &str)> {
    of_file(text).or_else(|| of_console(text))
}

fn of_file(text: &str) -> Option<(i64, &str)> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (name, rest) = text.split_at_checked(3)?;
    let month = MONTHS.iter().zip(1..).find(|(month, _)| **month == name)?.1;
    let (day, rest) = number(rest.strip_prefix(' ')?)?;
    let (year, rest) = number(rest.strip_prefix(", ")?)?;
    let (hour, rest) = number(rest.strip_prefix(' ')?)?;
    let (minute, rest) = number(rest.strip_prefix(':')?)?;
    let (second, rest) = number(rest.strip_prefix(':')?)?;
    let (micros, rest) = fraction(rest, &[',', '.']);
    let after = rest.trim_start();
    let half = after.get(..2).unwrap_or_default();
    let (hour, rest) = if half.eq_ignore_ascii_case("am") || half.eq_ignore_ascii_case("pm") {
        let is_afternoon = half.eq_ignore_ascii_case("pm");
        if !(1..=12).contains(&hour) {
            return None;
        }
        (hour % 12 + if is_afternoon { 12 } else { 0 }, after.get(2..)?)
    } else {
        (hour, rest)
    };
    let is_time = time::valid(year, month, day)
        && (1000..=9999).contains(&year)
        && hour <= 23
        && minute <= 59
        && second <= 60;
    if !is_time {
        return None;
    }
    let seconds = time::days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some((seconds * SECOND + micros, rest))
}

fn of_console(text: &str) -> Option<(i64, &str)> {
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let (stamp, rest) = text.split_once(" - ")?;
    // Milliseconds behind a colon are this format's own.
    let (whole, millis) = stamp.split_at_checked(19)?;
    let (micros, after) = fraction(millis, &[':', ',', '.']);
    let whole = after.is_empty().then(|| time::parse(whole, chrono_tz::Tz::UTC))??;
    Some((whole + micros, rest))
}

/// Up to nine digits, and what follows them.
fn number(text: &str) -> Option<(i64, &str)> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((time::digits(digits.as_bytes())?, rest))
}

/// The fraction of a second in µs behind one of `marks`; 0 where there is none.
fn fraction<'a>(text: &'a str, marks: &[char]) -> (i64, &'a str) {
    let found = || {
        let (number, rest) = number(text.strip_prefix(marks)?)?;
        let digits = text.len() - 1 - rest.len();
        let scale = 10_i64.checked_pow(6_u32.checked_sub(u32::try_from(digits).ok()?)?)?;
        Some((number * scale, rest))
    };
    found().unwrap_or((0, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-11-10T14:29:30Z in µs.
    const AT: i64 = 1_731_248_970 * SECOND;

    #[test]
    fn every_form_of_one_instant_reads_the_same() {
        for (text, micros, rest) in [
            ("Nov 10, 2024 2:29:30,662 PM /x", 662_000, " /x"),
            ("Nov 10, 2024 2:29:30,662 PM/x", 662_000, "/x"),
            ("Nov 10, 2024 2:29:30 PM /x", 0, " /x"),
            ("Nov 10, 2024 14:29:30.662 /x", 662_000, " /x"),
            ("2024-11-10 14:29:30:662 - /x", 662_000, "/x"),
            ("2024/11/10 14:29:30 - /x", 0, "/x"),
        ] {
            assert_eq!(parse(text), Some((AT + micros, rest)), "{text}");
        }
    }

    #[test]
    fn midnight_and_noon_are_twelve() {
        let hour = |text: &str| parse(text).map(|(micros, _)| micros / SECOND % 86_400 / 3_600);
        assert_eq!(hour("Jan 8, 2026 12:28:02,611 AM/x"), Some(0));
        assert_eq!(hour("Jan 8, 2026 12:28:02,611 PM/x"), Some(12));
        assert_eq!(hour("Jan 8, 2026 11:28:02,611 PM/x"), Some(23));
    }

    #[test]
    fn what_is_no_time_gives_none() {
        for text in [
            "",
            "Nov",
            "Nov 31, 2024 2:29:30,662 PM /x",
            "Nov 10, 2024 13:29:30,662 PM /x",
            "Nov 10, 2024 0:29:30,662 AM /x",
            "Nov 10, 24 2:29:30 PM /x",
            "Nov 10, 2024 2:61:30 PM /x",
            // The console's preset: year, month, day, month, second.
            "2024/11/10 11:30:662 - /x",
            "2024-11-10 14:29:30:662 /x",
            "Mär 1, 2026 2:29:30 PM /x",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
