//! What pages ask, as a trait: the query crate answers, or a test does.
//!
//! ```text
//! library   the trait, and the query crate behind it
//! rows      rows of a page's query, cell by cell
//! ```

mod library;
mod rows;

pub use library::{Answers, Definition, Failure, FailureKind, Library, Value};
pub(crate) use rows::Row;
pub use rows::{Cell, Rows};
