//! Catalog, views, SQL guard, metrics: counts over one pinned picture of the
//! data, and what they mean.
//!
//! ```text
//! settings  what an operator sets; limits of a typed query
//! catalog   a snapshot's files and tail as tables; the views over them
//! days      views that are kept by day, in memory and on disk
//! counted   what was counted of each day stands for the day's rows
//! function  functions that analysts need
//! geo       where addresses are, by databases of the user
//! guard     SQL that a person typed
//! page      rollcall's own queries, by name
//! policy    policies as code: checked, kept by version, held against history
//! metric    metrics: SQL gives counts, Rust gives rates
//! stats     counts into rates
//! anomaly   what is unusual in counts, latencies and silence
//! detect    detectors: events into alerts
//! filter    which part of the data a question is about
//! result    what a metric answers
//! error     what can go wrong
//! caught    libraries that give up on damaged files
//! ```
//!
//! SQL lies in `query/{views,pages,policies,metrics,days,detect}/`, one file each.

pub mod anomaly;
mod catalog;
mod caught;
mod counted;
mod days;
pub mod detect;
mod error;
mod filter;
#[cfg(test)]
mod fixture;
mod function;
mod geo;
mod guard;
mod metric;
mod page;
pub mod policy;
mod result;
mod settings;
pub mod stats;

pub use catalog::{Catalog, ColumnHelp, Session, TableHelp};
pub use error::{QueryError, Result};
pub use filter::{Dimension, Filter, Grain};
pub use function::{FunctionHelp, functions};
pub use geo::{GeoDatabase, GeoSettings, GeoState};
pub use guard::{End, Reached, Typed, TypedItem};
pub use metric::{Metric, Per, Shape, Statistic, metrics};
pub use page::{Page, pages};
pub use result::*;
pub use settings::{Limits, Settings};
