//! A share of something that was sampled, and its intervals at any level. Where
//! everyone is counted, `census` has bounds instead.

use statrs::distribution::{Beta, Continuous, ContinuousCDF};

use super::{
    estimate::{Estimate, Interval, Level, NotEstimable},
    real,
};

/// `k` of `n`, with `0 ≤ k ≤ n` and `n` above zero: a share of nothing can't be
/// made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proportion {
    k: i64,
    n: i64,
}

impl Proportion {
    /// `k` of `n`.
    ///
    /// # Errors
    ///
    /// `NoData` if `n` is zero, `Invalid` if the counts contradict each other.
    pub const fn new(k: i64, n: i64) -> Estimate<Self> {
        if n == 0 {
            Err(NotEstimable::NoData)
        } else if k < 0 || k > n {
            Err(NotEstimable::Invalid("a part is not between nothing and the whole"))
        } else {
            Ok(Self { k, n })
        }
    }

    /// How many have it.
    #[must_use]
    pub const fn k(self) -> i64 {
        self.k
    }

    /// Of how many.
    #[must_use]
    pub const fn n(self) -> i64 {
        self.n
    }

    /// The share, 0 to 1.
    #[must_use]
    pub fn share(self) -> f64 {
        real(self.k) / real(self.n)
    }

    /// Wilson 1927, JASA 22:209–212, without continuity correction. Its coverage
    /// is near the level on average, not at each share.
    #[must_use]
    pub fn wilson(self, level: Level) -> Interval {
        let (z2, n) = (level.normal().powi(2), real(self.n));
        let share = self.share();
        let scale = 1.0 + z2 / n;
        let centre = (share + z2 / (2.0 * n)) / scale;
        let spread = (z2 * (share * (1.0 - share) / n + z2 / (4.0 * n * n))).sqrt() / scale;
        // At the ends the formula gives 0 or 1 up to rounding: say so exactly.
        let low = if self.k == 0 { 0.0 } else { centre - spread };
        let high = if self.k == self.n { 1.0 } else { centre + spread };
        Interval { low, high, level }
    }

    /// Clopper & Pearson 1934, "The use of confidence or fiducial limits illustrated
    /// in the case of the binomial", Biometrika 26:404–413. Covers the true share at
    /// least as often as the level says, whatever it is, and so is wider.
    ///
    /// # Errors
    ///
    /// `Unsettled` if the beta distribution can't be inverted.
    pub fn exact(self, level: Level) -> Estimate<Interval> {
        let (k, n) = (real(self.k), real(self.n));
        let low = if self.k == 0 { 0.0 } else { point(k, n - k + 1.0, level.tail())? };
        let high = if self.k == self.n { 1.0 } else { point(k + 1.0, n - k, 1.0 - level.tail())? };
        Ok(Interval { low, high, level })
    }
}

/// The point of a beta distribution with `probability` below it. statrs stops some digits
/// before the last where the point is small; two more of Newton's steps give them.
fn point(a: f64, b: f64, probability: f64) -> Estimate<f64> {
    let beta = Beta::new(a, b).map_err(|_| NotEstimable::Unsettled)?;
    let mut point = beta.inverse_cdf(probability);
    for _ in 0..2 {
        let next = point - (beta.cdf(point) - probability) / beta.pdf(point);
        if next > 0.0 && next < 1.0 {
            point = next;
        }
    }
    Some(point).filter(|x| x.is_finite()).ok_or(NotEstimable::Unsettled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    #[test]
    fn intervals_agree_with_statsmodels() {
        for case in cases(include_str!("oracle/proportion.json"), "proportion") {
            let part = Proportion::new(case.whole("k"), case.whole("n")).expect("a share");
            let level = Level::new(case.number("level")).expect("a level");
            for (found, name) in
                [(part.wilson(level), "wilson"), (part.exact(level).expect("exact"), "exact")]
            {
                let [low, high] = case.numbers(name)[..] else { panic!("two ends") };
                close(found.low, low, 1e-9, &format!("{name} low of {part:?}"));
                close(found.high, high, 1e-9, &format!("{name} high of {part:?}"));
            }
        }
    }

    #[test]
    fn a_share_of_nothing_is_no_data() {
        assert_eq!(Proportion::new(0, 0), Err(NotEstimable::NoData));
        assert!(Proportion::new(2, 1).is_err());
        assert!(Proportion::new(-1, 1).is_err());
    }
}
