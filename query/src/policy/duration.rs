//! Lengths of time as a policy writes them: `30s`, `15m`, `12h`, `7d`.

use super::fault::Place;

const UNITS: [(char, i64); 4] = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];

/// The longest that a policy may name, in seconds: decisions look back as far.
pub(super) const LONGEST_S: i64 = 7 * 86_400;

/// How it is written.
pub(super) const FORM: &str = "a length of time is written 30s, 15m, 12h or 7d";

/// Reads a length of time, in seconds.
pub(super) fn seconds(text: &str) -> Result<i64, String> {
    let refused = || format!("{text:?} is no length of time; {FORM}");
    let unit = text.chars().next_back().ok_or_else(refused)?;
    let (_, scale) = UNITS.iter().find(|(known, _)| *known == unit).ok_or_else(refused)?;
    let digits = text.strip_suffix(unit).unwrap_or_default();
    let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    let count: i64 = digits.parse().ok().filter(|_| whole).ok_or_else(refused)?;
    let seconds = count.checked_mul(*scale).filter(|seconds| (1..=LONGEST_S).contains(seconds));
    seconds.ok_or_else(|| format!("{text:?} isn't between 1s and 7d, as far as is looked back"))
}

/// The same in a policy's words.
pub(super) fn in_words(seconds: i64) -> String {
    let unit = UNITS.iter().rev().find(|(_, scale)| seconds % scale == 0);
    unit.map_or_else(String::new, |(unit, scale)| format!("{}{unit}", seconds / scale))
}

/// Reads a key's length of time; tells what is wrong with it.
pub(super) fn read(
    text: &str,
    place: &Place,
    faults: &mut Vec<super::fault::Fault>,
) -> Option<i64> {
    match seconds(text) {
        Ok(seconds) => Some(seconds),
        Err(what) => {
            faults.push(place.error(what));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_written_alike() {
        for (text, length) in [("30s", 30), ("15m", 900), ("12h", 43_200), ("7d", LONGEST_S)] {
            assert_eq!(seconds(text), Ok(length));
            assert_eq!(in_words(length), text);
        }
        assert_eq!(in_words(5400), "90m");
        for wrong in ["", "m", "15", "-1m", "1.5h", "8d", "0m", "15 m", "15µ"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
