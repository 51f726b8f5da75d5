//! Ids under which failures stand in the log and on the page.

use crate::state::random;

/// A new one.
pub(crate) fn id() -> String {
    random::<5>().map_or_else(|_| "unnumbered".to_owned(), hex::encode)
}
