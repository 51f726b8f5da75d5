//! Bounds where everyone is counted: [yes ÷ N, (yes + unknown) ÷ N]. Nothing is
//! sampled; what is uncertain is only what can't be told.

use super::{Ends, real};

/// Bounds of `yes` of `n` where `unknown` of `n` can't be told; `None` where `n`
/// is zero.
pub(crate) fn bounds(yes: i64, n: i64, unknown: i64) -> Option<Ends> {
    (n > 0).then(|| (real(yes) / real(n), (real(yes) + real(unknown)).min(real(n)) / real(n)))
}
