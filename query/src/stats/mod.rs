//! Counts into rates. Every formula names its source and is checked against
//! values that another program computed (`reference/`).
//!
//! ```text
//! wilson     interval of a share, for SQL over a sample
//! poisson    exact interval of a count, likewise
//! census     bounds where everyone is counted and some can't be told
//! histogram  exact quantiles with order-statistic intervals
//! cluster    mean of values that come in clusters (persons), with interval
//! ```

pub(crate) mod census;
pub(crate) mod cluster;
pub(crate) mod histogram;
pub(crate) mod poisson;
#[cfg(test)]
mod reference;
pub(crate) mod wilson;

/// Both ends of an interval.
pub(crate) type Ends = (f64, f64);

/// Half of 1 − 0.95 on each side.
pub(crate) const TAIL: f64 = 0.025;

/// A count as a number to calculate with: exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) const fn real(count: i64) -> f64 {
    count as f64
}
