//! How unusual a count is: the negative binomial distribution by mean and
//! dispersion, and p-values that know that counts come in steps.

use statrs::distribution::{Discrete, DiscreteCDF, NegativeBinomial, Poisson};

use super::estimate::{Estimate, NotEstimable};

/// Dispersion below which the Poisson distribution is used: the two differ by less
/// than a millionth of the mean, and the other's formula would lose digits.
const NEARLY_POISSON: f64 = 1e-6;

/// Counts with variance `mean + dispersion · mean²`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counts {
    mean: f64,
    dispersion: f64,
}

/// How much probability lies at a count and above it. Under chance alone a count's
/// p-value can't be spread evenly, since counts come in steps; the three answers say
/// what to do about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tail {
    /// Probability of this count or a larger one.
    pub at_least: f64,
    /// Probability of a larger one.
    pub above: f64,
}

impl Counts {
    /// A distribution with a mean (zero or more) and a dispersion (zero: Poisson).
    ///
    /// # Errors
    ///
    /// `Invalid` if one is negative or not finite.
    pub fn new(mean: f64, dispersion: f64) -> Estimate<Self> {
        let allowed = |value: f64| value.is_finite() && value >= 0.0;
        if allowed(mean) && allowed(dispersion) {
            Ok(Self { mean, dispersion })
        } else {
            Err(NotEstimable::Invalid("a mean or a dispersion is negative or not finite"))
        }
    }

    /// Expected count.
    #[must_use]
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// What variance there is beyond Poisson's, by the mean squared.
    #[must_use]
    pub const fn dispersion(&self) -> f64 {
        self.dispersion
    }

    /// Probability of more than `count`.
    fn above(&self, count: u64) -> f64 {
        if self.mean <= 0.0 {
            return 0.0;
        }
        if self.dispersion < NEARLY_POISSON {
            return Poisson::new(self.mean).map_or(f64::NAN, |counts| counts.sf(count));
        }
        self.negative_binomial().map_or(f64::NAN, |counts| counts.sf(count))
    }

    /// Probability of exactly `count`.
    #[must_use]
    pub fn exactly(&self, count: u64) -> f64 {
        if self.mean <= 0.0 {
            return if count == 0 { 1.0 } else { 0.0 };
        }
        if self.dispersion < NEARLY_POISSON {
            return Poisson::new(self.mean).map_or(f64::NAN, |counts| counts.pmf(count));
        }
        self.negative_binomial().map_or(f64::NAN, |counts| counts.pmf(count))
    }

    fn negative_binomial(&self) -> Option<NegativeBinomial> {
        let success = 1.0 / (1.0 + self.dispersion * self.mean);
        NegativeBinomial::new(1.0 / self.dispersion, success).ok()
    }

    /// How unusually large a count is.
    #[must_use]
    pub fn tail(&self, count: u64) -> Tail {
        let at_least = count.checked_sub(1).map_or(1.0, |less| self.above(less));
        Tail { at_least, above: self.above(count) }
    }

    /// The smallest count that is not exceeded with at least `probability` (below 1).
    #[must_use]
    pub fn quantile(&self, probability: f64) -> u64 {
        let enough = |count: u64| self.above(count) <= 1.0 - probability;
        let mut high = 1_u64;
        while !enough(high) && high < 1 << 62 {
            high *= 2;
        }
        let mut low = 0;
        while low < high {
            let middle = low + (high - low) / 2;
            if enough(middle) { high = middle } else { low = middle + 1 }
        }
        low
    }
}

impl Tail {
    /// The p-value to show: never too small, so that at most a share p of chance
    /// counts gets p or less.
    #[must_use]
    pub const fn reported(&self) -> f64 {
        self.at_least
    }

    /// Half of the count's own probability: right on average, can be too small.
    /// Lancaster 1961, "Significance tests in discrete distributions", JASA 56:223–234.
    #[must_use]
    pub fn mid(&self) -> f64 {
        f64::midpoint(self.at_least, self.above)
    }

    /// A share of the count's own probability that chance decides (`share` evenly
    /// between 0 and 1): exactly uniform under chance. For checks and for procedures
    /// that need uniform values; never shown, since it differs from draw to draw.
    #[must_use]
    pub fn randomised(&self, share: f64) -> f64 {
        self.above + share.clamp(0.0, 1.0) * (self.at_least - self.above)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    #[test]
    fn tails_agree_with_scipy() {
        for case in cases(include_str!("oracle/counts.json"), "tail") {
            let counts = Counts::new(case.number("mean"), case.number("dispersion"));
            let counts = counts.expect("a distribution");
            let count = u64::try_from(case.whole("count")).expect("a count");
            let tail = counts.tail(count);
            let what = format!("{counts:?} at {count}");
            close(tail.at_least, case.number("at_least"), 1e-9, &what);
            close(tail.above, case.number("above"), 1e-9, &what);
            close(counts.exactly(count), case.number("exactly"), 1e-9, &what);
            for (probability, name) in [(0.5, "median"), (0.975, "p97_5")] {
                let quantile = i64::try_from(counts.quantile(probability));
                assert_eq!(quantile, Ok(case.whole(name)), "{what} {name}");
            }
        }
    }

    #[test]
    fn nothing_expected_and_nothing_seen_is_usual() {
        let none = Counts::new(0.0, 0.3).expect("a distribution");
        assert_eq!(none.tail(0), Tail { at_least: 1.0, above: 0.0 });
        assert_eq!(none.tail(1).reported(), 0.0);
        assert_eq!(none.quantile(0.5), 0);
        assert!(Counts::new(-1.0, 0.0).is_err());
        assert!(Counts::new(1.0, f64::NAN).is_err());
    }
}
