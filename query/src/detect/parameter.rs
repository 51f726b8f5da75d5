//! What an operator can set of a detector: numbers with a unit and a default.

use std::collections::BTreeMap;

use super::row::{DAY, HOUR, MINUTE};

/// What a parameter's number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Events, people, attempts: whole, at least one.
    Count,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// Kilometres.
    Kilometres,
    /// Kilometres an hour.
    Speed,
    /// A probability or share, above 0 and below 1.
    Share,
    /// A number without a unit, above 0.
    Number,
    /// 1 for yes, 0 for no.
    Flag,
}

impl Unit {
    /// In words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Count => "",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Kilometres => "km",
            Self::Speed => "km/h",
            Self::Share => "(0 to 1)",
            Self::Number => "",
            Self::Flag => "(true or false)",
        }
    }

    /// Whether a number makes sense.
    fn allows(self, value: f64) -> bool {
        match self {
            Self::Count => value >= 1.0 && value.fract() == 0.0 && value <= 1e6,
            Self::Minutes | Self::Hours | Self::Days => value > 0.0 && value <= 1e5,
            Self::Kilometres | Self::Speed | Self::Number => value > 0.0 && value <= 1e6,
            Self::Share => value > 0.0 && value < 1.0,
            Self::Flag => value == 0.0 || value == 1.0,
        }
    }
}

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its key in `[detect.NAME]`.
    pub name: &'static str,
    /// What stands where nobody set it.
    pub default: f64,
    /// What it counts.
    pub unit: Unit,
    /// What it means, for people.
    pub doc: &'static str,
}

/// The parameters of one detector as they are set.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    values: BTreeMap<&'static str, (f64, Unit)>,
}

impl Parameters {
    /// The defaults, and over them what was set.
    ///
    /// # Errors
    /// What is wrong with a key or a value, in words.
    pub fn set(all: &[Parameter], set: &BTreeMap<String, f64>) -> Result<Self, String> {
        let mut values: BTreeMap<_, _> =
            all.iter().map(|one| (one.name, (one.default, one.unit))).collect();
        for (name, value) in set {
            let Some((kept, unit)) = values.get_mut(name.as_str()) else {
                let known: Vec<&str> = all.iter().map(|one| one.name).collect();
                return Err(format!("has no {name}; it has {}", known.join(", ")));
            };
            if !unit.allows(*value) {
                let unit = unit.word();
                return Err(format!("{name} can't be {value} {unit}").trim_end().to_owned());
            }
            *kept = *value;
        }
        Ok(Self { values })
    }

    /// A number as it is set; 0 for a parameter that the detector doesn't have.
    pub(crate) fn number(&self, name: &str) -> f64 {
        debug_assert!(self.values.contains_key(name), "no parameter {name}");
        self.values.get(name).map_or(0.0, |(value, _)| *value)
    }

    /// A whole number.
    pub(crate) fn count(&self, name: &str) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts are whole and between 1 and a million"
        )]
        let count = self.number(name).clamp(0.0, 1e6) as u32;
        count
    }

    /// A span of time in µs.
    pub(crate) fn span(&self, name: &str) -> i64 {
        let unit = match self.values.get(name) {
            Some((_, Unit::Hours)) => HOUR,
            Some((_, Unit::Days)) => DAY,
            _ => MINUTE,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "at most 100,000 days"
        )]
        let span = (self.number(name) * unit as f64) as i64;
        span
    }

    /// Whether a flag is set.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.number(name) > 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Parameter] = &[
        Parameter { name: "prompts", default: 5.0, unit: Unit::Count, doc: "" },
        Parameter { name: "within", default: 10.0, unit: Unit::Minutes, doc: "" },
    ];

    #[test]
    fn what_is_set_goes_over_the_defaults() {
        let set = BTreeMap::from([("within".to_owned(), 1.5)]);
        let parameters = Parameters::set(ALL, &set).expect("fits");
        assert_eq!(parameters.count("prompts"), 5);
        assert_eq!(parameters.span("within"), 90_000_000);
    }

    #[test]
    fn slips_of_the_pen_are_told() {
        let set =
            |name: &str, value| Parameters::set(ALL, &BTreeMap::from([(name.to_owned(), value)]));
        let told = set("prompt", 3.0).expect_err("no such key");
        assert!(told.contains("prompts, within"), "{told}");
        assert_eq!(set("prompts", 0.0), Err("prompts can't be 0".to_owned()));
        assert!(set("prompts", 2.5).is_err() && set("within", -1.0).is_err());
    }
}
