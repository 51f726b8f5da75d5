//! Words and numbers as people read them.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rollcall_query::{Grain, Unit};

/// Text of an event with everything visible that would otherwise hide or
/// rearrange it: control characters, and marks that turn the direction.
pub(crate) fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '\u{0}'..='\u{1f}' => {
                out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'));
            }
            '\u{7f}' => out.push('\u{2421}'),
            '\u{80}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}' => out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
            _ => out.push(c),
        }
        out
    })
}

/// A word of a vocabulary or a column, for people.
pub(crate) fn words(word: &str) -> String {
    visible(word).replace('_', " ")
}

/// The text with its first letter as a capital.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
}

/// A sentence in pieces; those between backticks are commands.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = (&str, bool)> {
    text.split('`').enumerate().map(|(i, piece)| (piece, i % 2 == 1))
}

/// At most so many characters.
pub(crate) fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// `12,340`
pub(crate) fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if n < 0 { format!("−{out}") } else { out }
}

/// A number whose unit is none: whole where it is, else as many digits as matter.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if size >= 1e15 || !value.is_finite() {
        return format!("{value:e}");
    }
    if size >= 100.0 || (value - value.round()).abs() < 1e-9 {
        // Below 1e15 an f64 is exact as a whole number.
        #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
        return count(value.round() as i64);
    }
    let text = if size < 1.0 { format!("{value:.2}") } else { format!("{value:.1}") };
    text.replace('-', "−")
}

/// `97.2%`; close to the ends with more digits, never `100%` for less.
pub(crate) fn percent(share: f64) -> String {
    let value = share * 100.0;
    if share == 0.0 || share == 1.0 {
        return format!("{value:.0}%");
    }
    let text = if value.abs() < 0.1 || (99.9..100.0).contains(&value) {
        format!("{value:.2}%")
    } else {
        format!("{value:.1}%")
    };
    match text.as_str() {
        "100.00%" => ">99.99%".to_owned(),
        "0.00%" => "<0.01%".to_owned(),
        _ => text.replace('-', "−"),
    }
}

/// `840 ms`, `2.4 s`, `3 min 5 s`, `2 h 10 min`
pub(crate) fn milliseconds(ms: f64) -> String {
    match ms {
        _ if ms < 1_000.0 => format!("{ms:.0} ms"),
        _ if ms < 60_000.0 => format!("{:.1} s", ms / 1_000.0),
        _ => seconds(ms / 1_000.0),
    }
}

/// `12 s`, `3 min 5 s`, `2 h 10 min`, `4 d 2 h`
pub(crate) fn seconds(s: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "bounded by clamp")]
    let s = s.clamp(0.0, 1e12).round() as i64;
    let two = |a: i64, unit: &str, b: i64, smaller: &str| {
        if b == 0 { format!("{a} {unit}") } else { format!("{a} {unit} {b} {smaller}") }
    };
    match s {
        ..60 => format!("{s} s"),
        60..3_600 => two(s / 60, "min", s % 60, "s"),
        3_600..86_400 => two(s / 3_600, "h", s % 3_600 / 60, "min"),
        _ => two(s / 86_400, "d", s % 86_400 / 3_600, "h"),
    }
}

/// `512 bytes`, `3.4 MiB`
pub(crate) fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if n < 1 << 10 {
        return plural(i64::try_from(n).unwrap_or(i64::MAX), "byte", "bytes");
    }
    let mut size = n as f64 / 1024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while size >= 1024.0 {
        let Some(next) = units.next() else { break };
        (size, unit) = (size / 1024.0, Some(next));
    }
    format!("{size:.1} {}", unit.copied().unwrap_or_default())
}

/// A value in its unit.
pub(crate) fn value(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Count | Unit::Rate => number(value),
        Unit::Share => percent(value),
        Unit::Milliseconds => milliseconds(value),
    }
}

/// A value on an axis: round values without the digits that say nothing.
pub(crate) fn tick(value: f64, unit: Unit) -> String {
    let whole = |x: f64| (x - x.round()).abs() < 1e-6;
    match unit {
        _ if value == 0.0 && unit != Unit::Share => "0".to_owned(),
        Unit::Share if whole(value * 100.0) => format!("{:.0}%", value * 100.0),
        Unit::Milliseconds if (1_000.0..60_000.0).contains(&value) && whole(value / 1_000.0) => {
            format!("{:.0} s", value / 1_000.0)
        }
        _ => self::value(value, unit),
    }
}

/// A value in its unit; a dash where there is no data.
pub(crate) fn value_or_dash(value_: Option<f64>, unit: Unit) -> String {
    value_.map_or_else(|| "–".to_owned(), |v| value(v, unit))
}

/// A bucket's name in a table.
pub(crate) fn bucket(day: NaiveDate, grain: Grain) -> String {
    match grain {
        Grain::Day => day.format("%a %-d %b %Y").to_string(),
        Grain::Week => format!("week of {}", day.format("%-d %b %Y")),
        Grain::Month => day.format("%B %Y").to_string(),
        Grain::Quarter => format!("{} Q{}", day.year(), day.month0() / 3 + 1),
        Grain::Total => day.format("from %-d %b %Y").to_string(),
    }
}

/// An instant.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// An instant in a table, in that zone; it doesn't break.
pub(crate) fn moment(at: DateTime<Utc>, zone: chrono_tz::Tz) -> String {
    at.with_timezone(&zone).format("%-d\u{a0}%b\u{a0}%Y,\u{a0}%H:%M").to_string()
}

/// How long ago something was, in words.
pub(crate) fn ago(age: chrono::Duration) -> String {
    let (minutes, hours, days) = (age.num_minutes(), age.num_hours(), age.num_days());
    match (minutes, hours, days) {
        _ if age < chrono::Duration::zero() => "in the future by this clock".to_owned(),
        (0, ..) => "less than a minute ago".to_owned(),
        (_, 0, _) => format!("{} ago", plural(minutes, "minute", "minutes")),
        (_, _, 0) => format!("{} ago", plural(hours, "hour", "hours")),
        _ => format!("{} ago", plural(days, "day", "days")),
    }
}

/// `1 person`, `3 people`
pub(crate) fn plural(n: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_show() {
        assert_eq!(visible("a\u{1b}[31m\n"), "a␛[31m␊");
        assert_eq!(visible("ab\u{202e}c\u{200b}\u{7f}"), "ab⟨U+202E⟩c⟨U+200B⟩␡");
        assert_eq!(visible("Zoë 你好"), "Zoë 你好");
    }

    #[test]
    fn numbers_are_grouped_and_short() {
        assert_eq!(count(0), "0");
        assert_eq!(count(-1_234_567), "−1,234,567");
        assert_eq!(count(i64::MIN), "−9,223,372,036,854,775,808");
        assert_eq!(number(2.0), "2");
        assert_eq!(number(2.345), "2.3");
        assert_eq!(number(0.125), "0.12");
        assert_eq!(number(1234.5), "1,235");
    }

    #[test]
    fn a_share_below_one_is_never_a_hundred_percent() {
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.999_999), ">99.99%");
        assert_eq!(percent(0.9995), "99.95%");
        assert_eq!(percent(0.000_001), "<0.01%");
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(0.972), "97.2%");
    }

    #[test]
    fn bytes_are_told_in_the_largest_unit_that_fits() {
        let told = [0, 1, 1_023, 1_024, 1_536, 1 << 20, 5 << 40].map(bytes);
        let expected =
            ["0 bytes", "1 byte", "1,023 bytes", "1.0 KiB", "1.5 KiB", "1.0 MiB", "5.0 TiB"];
        assert_eq!(told, expected);
    }

    #[test]
    fn durations_have_two_units_at_most() {
        assert_eq!(milliseconds(840.4), "840 ms");
        assert_eq!(milliseconds(2_400.0), "2.4 s");
        assert_eq!(milliseconds(185_000.0), "3 min 5 s");
        assert_eq!(seconds(7_800.0), "2 h 10 min");
        assert_eq!(seconds(86_400.0 * 4.0), "4 d");
        assert_eq!(seconds(f64::NAN), "0 s");
    }
}
