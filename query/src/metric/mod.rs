//! Metrics: one `.sql` file each under `query/metrics/<area>/`. The SQL returns
//! counts and exposures, Rust turns them into rates.
//!
//! ```text
//! registry   the metrics, read from their files' headers (header, statistic)
//! question   what is asked for: buckets, group, conditions, as bound values
//! rows       the rows that the SQL gives
//! shape      rows into points, by the metric's shape
//! points     buckets without data, and what is too few to compare
//! explain    what each figure compares with what, in words
//! completeness  how complete the period is
//! answer     all of it together
//! ```

mod answer;
mod completeness;
mod explain;
mod header;
mod points;
mod question;
mod registry;
mod rows;
mod shape;
mod statistic;
#[cfg(test)]
mod tests;

pub(crate) use answer::answer;
pub(crate) use question::minute;
pub use registry::{Metric, Per, Shape, metrics};
pub use statistic::Statistic;
