//! Metrics: one `.sql` file each under `query/metrics/<area>/`. The SQL returns
//! counts and exposures, Rust turns them into rates.
//!
//! ```text
//! registry  the metrics, read from their files' headers
//! question  what is asked for: buckets, group, conditions, as bound values
//! counts    rows of (bucket, group, figure, k, n, unknown)
//! points    counts into points: rates, bands, buckets without data
//! completeness  how complete the period is
//! answer    all of it together
//! ```

mod answer;
mod completeness;
mod counts;
mod points;
mod question;
mod registry;
#[cfg(test)]
mod tests;

pub(crate) use answer::answer;
pub(crate) use question::minute;
pub use registry::{Metric, metrics};
