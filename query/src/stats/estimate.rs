//! What an estimate is made of: how sure, between which ends, and why there may
//! be none. Nothing is estimated from nothing: zero observations are "no data",
//! never 0 %.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// Why a figure can't be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotEstimable {
    /// There is nothing to count.
    #[error("no data")]
    NoData,
    /// There is something, but less than the method needs.
    #[error("not estimable: {have} {what}, the method needs {need}")]
    TooFew {
        /// What there is too little of, in the plural.
        what: &'static str,
        /// How many there are.
        have: usize,
        /// How many the method needs.
        need: usize,
    },
    /// Columns of a regression say the same thing, so their effects can't be told
    /// apart.
    #[error("not estimable: two of the explanations can't be told apart in this data")]
    Collinear,
    /// An iteration didn't settle.
    #[error("not estimable: the fit didn't settle")]
    Unsettled,
    /// A value is negative, infinite or not a number where that has no meaning, or
    /// lengths differ.
    #[error("not estimable: {0}")]
    Invalid(&'static str),
}

/// An estimate, or why there is none.
pub type Estimate<T> = Result<T, NotEstimable>;

/// How often an interval made this way holds the true value: above 0, below 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Level(f64);

impl Level {
    /// 95 %, which every page shows.
    pub const P95: Self = Self(0.95);

    /// A level between 0 and 1, both excluded.
    #[must_use]
    pub fn new(level: f64) -> Option<Self> {
        (level > 0.0 && level < 1.0).then_some(Self(level))
    }

    /// The level as a share.
    #[must_use]
    pub const fn share(self) -> f64 {
        self.0
    }

    /// The probability left on each side.
    #[must_use]
    pub fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// The point of the standard normal distribution that leaves [`Self::tail`]
    /// above it.
    #[must_use]
    pub fn normal(self) -> f64 {
        -Normal::standard().inverse_cdf(self.tail())
    }

    /// The same of Student's t; without degrees of freedom (not above 0) there is
    /// none.
    pub(crate) fn student(self, degrees: f64) -> Estimate<f64> {
        let t = StudentsT::new(0.0, 1.0, degrees)
            .map_err(|_| NotEstimable::Invalid("no degrees of freedom are left"))?;
        Ok(-t.inverse_cdf(self.tail()))
    }
}

/// Between which values the true one lies, and how surely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end, in the unit of the estimate.
    pub low: f64,
    /// Upper end, in the unit of the estimate.
    pub high: f64,
    /// How often such an interval holds the true value.
    pub level: Level,
}

impl Interval {
    /// Both ends at the same distance from the estimate.
    pub(crate) const fn around(value: f64, reach: f64, level: Level) -> Self {
        Self { low: value - reach, high: value + reach, level }
    }

    /// Whether a value lies in it; the ends belong to it.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// Refuses values that can't be calculated with.
pub(crate) fn finite<'a>(values: impl IntoIterator<Item = &'a f64>) -> Estimate<()> {
    if values.into_iter().all(|value| value.is_finite()) {
        Ok(())
    } else {
        Err(NotEstimable::Invalid("a value is not a finite number"))
    }
}
