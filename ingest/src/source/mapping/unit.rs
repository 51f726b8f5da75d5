//! Units in which a record counts time.

use super::document::{Placed, text};
use super::fault::{Faults, meant};
use crate::source::text::whole_of;

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

const UNITS: [(&str, Unit); 4] = [
    ("s", Unit::Seconds),
    ("ms", Unit::Milliseconds),
    ("us", Unit::Microseconds),
    ("ns", Unit::Nanoseconds),
];

impl Unit {
    /// Reads a duration's unit; milliseconds where none is named.
    pub(super) fn read(value: Option<&Placed<'_>>, faults: &mut Faults<'_>) -> Self {
        let Some(value) = value else { return Self::Milliseconds };
        let Some(word) = text(value, "`unit`", faults) else { return Self::Milliseconds };
        Self::of(word).unwrap_or_else(|| {
            let meant = meant(word, UNITS.iter().map(|(word, _)| *word));
            faults.at(value.span(), format!("{word:?} is no unit{meant}"));
            Self::Milliseconds
        })
    }

    /// The unit of a word.
    pub(super) fn of(word: &str) -> Option<Self> {
        UNITS.iter().find(|(known, _)| *known == word).map(|(_, unit)| *unit)
    }

    /// µs of so many.
    pub(super) fn micros(self, number: i64) -> Option<i64> {
        match self {
            Self::Seconds => number.checked_mul(1_000_000),
            Self::Milliseconds => number.checked_mul(1_000),
            Self::Microseconds => Some(number),
            Self::Nanoseconds => Some(number.div_euclid(1_000)),
        }
    }

    /// µs of so many, with a fraction.
    pub(super) fn micros_of_fraction(self, number: f64) -> Option<i64> {
        let micros = match self {
            Self::Seconds => 1e6,
            Self::Milliseconds => 1e3,
            Self::Microseconds => 1.0,
            Self::Nanoseconds => 1e-3,
        };
        number.is_finite().then(|| whole_of((number * micros).round())).flatten()
    }

    /// Milliseconds of so many, as a record says them.
    pub(super) fn milliseconds(self, text: &str) -> Option<i64> {
        let text = text.trim();
        let micros = match text.parse() {
            Ok(number) => self.micros(number),
            Err(_) => self.micros_of_fraction(text.parse().ok()?),
        };
        micros.map(|micros| micros.div_euclid(1_000))
    }
}
