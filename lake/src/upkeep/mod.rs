//! What changes which files hold the rows, never the rows: provably, each with an
//! entry of its own in the ledger.
//!
//! ```text
//! compact   many small files of closed days become one
//! retain    files whose time is over are removed
//! erase     someone's personal columns are erased
//! removal   files leave a table: append-only is lifted for as long
//! ```

mod compact;
mod erase;
mod removal;
mod retain;

/// Files that one entry of the ledger can name, each in a range of its own.
const TOGETHER: usize = 500;

pub use compact::Compacted;
pub(crate) use erase::SUPERSEDED_AND_ERASED;
pub use erase::{Erased, Identifiers, SHORTEST, Unfinished, is_searchable};
pub use retain::{RetainRule, Retained};
