//! What an hour should have, how surely, and how unusual what it has is.

use crate::stats::{
    counts::{Counts, Tail},
    estimate::{Estimate, Interval, Level},
};

/// How far a baseline has come that hasn't seen enough yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Learning {
    /// Weeks of data it has.
    pub weeks: f64,
    /// Weeks it needs.
    pub need: f64,
}

/// An hour's expected count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// The mean.
    pub mean: f64,
    /// Variance of counts beyond Poisson's, by the mean squared.
    pub dispersion: f64,
    /// Variance of ln(mean): how unsure the mean itself is. Large while learning.
    pub unsure: f64,
    /// Set while there are fewer weeks than it needs: nothing should be raised then.
    pub learning: Option<Learning>,
}

impl Expected {
    pub(super) const fn new(
        mean: f64,
        dispersion: f64,
        unsure: f64,
        learning: Option<Learning>,
    ) -> Self {
        Self { mean, dispersion, unsure, learning }
    }

    /// The same for a part of the hour (0.25: 15 minutes).
    #[must_use]
    pub fn part(self, share: f64) -> Self {
        Self { mean: self.mean * share, ..self }
    }

    /// Distribution of a count to come: what counts vary by themselves, and what the
    /// mean may be off by, which is as a further dispersion.
    ///
    /// # Errors
    ///
    /// `Invalid` if a part of an hour was negative or not finite.
    pub fn counts(&self) -> Estimate<Counts> {
        Counts::new(self.mean, self.dispersion + self.unsure)
    }

    /// How unusually large a count is.
    ///
    /// # Errors
    ///
    /// As [`Self::counts`].
    pub fn tail(&self, count: u64) -> Estimate<Tail> {
        Ok(self.counts()?.tail(count))
    }

    /// Between which counts one should lie.
    ///
    /// # Errors
    ///
    /// As [`Self::counts`].
    pub fn range(&self, level: Level) -> Estimate<Interval> {
        let counts = self.counts()?;
        let end = |probability| {
            let whole = counts.quantile(probability);
            crate::stats::real(i64::try_from(whole).unwrap_or(i64::MAX))
        };
        Ok(Interval { low: end(level.tail()), high: end(1.0 - level.tail()), level })
    }
}
