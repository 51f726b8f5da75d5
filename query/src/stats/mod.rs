//! Counts into rates. Every formula names its source and is checked against
//! values that another program computed (`oracle/`).
//!
//! ```text
//! poisson       exact interval of a count
//! census        bounds where everyone is counted and some can't be told
//! histogram     exact quantiles with order-statistic intervals
//! cluster       mean of values that come in clusters (persons), with interval
//!
//! estimate      levels, intervals, and why there may be none
//! proportion    a share of a sample: Wilson and exact intervals at any level
//! difference    the difference of two shares
//! did           what a pilot changed, against the other teams
//! segmented     what a change did to a daily figure
//! permutation   two groups of few teams
//! ranks, shift  whether, and by how much, one sample's values are larger
//! survival      how long something lasts, where not all of it has ended
//! incidence     how much has happened, where something else may come before
//! counts        how unusual a count is; p-values of counts
//! fdr, online   the share of chance among what many tests find
//! change_points when a figure's level moved
//! baseline      what an hour's count should be
//! back_off      how unexpected a value is for a person, their team and all
//! hours         how usual an hour is for a person
//!
//! linear, regression   least squares, and errors of rows that resemble each other
//! ```

pub mod back_off;
pub mod baseline;
pub(crate) mod census;
pub mod change_points;
pub(crate) mod cluster;
pub mod counts;
#[cfg(test)]
mod coverage;
pub mod did;
pub mod difference;
pub mod estimate;
pub mod fdr;
pub(crate) mod histogram;
pub mod hours;
pub mod incidence;
mod linear;
#[cfg(test)]
mod null;
pub mod online;
#[cfg(test)]
mod oracle;
pub mod permutation;
pub(crate) mod poisson;
pub mod proportion;
pub mod ranks;
pub mod regression;
pub mod segmented;
pub mod shift;
pub mod survival;

/// Both ends of an interval.
pub(crate) type Ends = (f64, f64);

/// Half of 1 − 0.95 on each side.
pub(crate) const TAIL: f64 = 0.025;

/// A count as a number to calculate with: exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) const fn real(count: i64) -> f64 {
    count as f64
}

/// A number of rows to calculate with, likewise.
#[expect(clippy::cast_precision_loss, reason = "there are far fewer than 2^53 rows")]
pub(crate) const fn size(rows: usize) -> f64 {
    rows as f64
}
