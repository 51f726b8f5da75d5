//! The difference of two shares of unlike people: Newcombe 1998, "Interval
//! estimation for the difference between independent proportions: comparison of
//! eleven methods", Statistics in Medicine 17:873–890, method 10.

use super::{
    estimate::{Interval, Level},
    proportion::Proportion,
};

/// A difference of shares, −1 to 1, and its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The first share less the second.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
}

/// The first share less the second. Both groups must be of people that don't
/// resemble each other for being in one team: where they do, compare by team
/// (`permutation`, `did`).
#[must_use]
pub fn newcombe(first: Proportion, second: Proportion, level: Level) -> Difference {
    let (a, b) = (first.wilson(level), second.wilson(level));
    let value = first.share() - second.share();
    let below = (first.share() - a.low).hypot(b.high - second.share());
    let above = (a.high - first.share()).hypot(second.share() - b.low);
    Difference { value, interval: Interval { low: value - below, high: value + above, level } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    #[test]
    fn differences_agree_with_statsmodels() {
        for case in cases(include_str!("oracle/proportion.json"), "newcombe") {
            let part =
                |k: &str, n: &str| Proportion::new(case.whole(k), case.whole(n)).expect("a share");
            let level = Level::new(case.number("level")).expect("a level");
            let found = newcombe(part("k1", "n1"), part("k2", "n2"), level);
            close(found.interval.low, case.number("low"), 1e-9, "low");
            close(found.interval.high, case.number("high"), 1e-9, "high");
            close(found.value, case.number("value"), 1e-12, "difference");
        }
    }
}
