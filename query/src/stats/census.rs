//! Bounds where everyone is counted: yes, and yes or unknown, out of n. Nothing is
//! sampled; what is uncertain is only what can't be told.

use super::{Ends, real};

/// How many of `n` it is at least and at most, where `yes` are known and
/// `unknown` can't be told; `None` where `n` is zero.
pub(crate) fn bounds(yes: i64, n: i64, unknown: i64) -> Option<Ends> {
    (n > 0).then(|| (real(yes), real(yes.saturating_add(unknown).min(n))))
}
