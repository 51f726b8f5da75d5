//! 95% interval of a share: Wilson 1927, "Probable inference, the law of
//! succession, and statistical inference", JASA 22:209–212 (without continuity
//! correction).

use super::{Ends, real};

/// The 97.5% point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Interval of `k` of `n`; `None` where there is nothing to tell (`n` is zero)
/// or the counts contradict each other.
pub(crate) fn interval(k: i64, n: i64) -> Option<Ends> {
    if n <= 0 || k < 0 || k > n {
        return None;
    }
    let (share, n_real) = (real(k) / real(n), real(n));
    let z2 = Z * Z;
    let centre = (share + z2 / (2.0 * n_real)) / (1.0 + z2 / n_real);
    let spread = Z / (1.0 + z2 / n_real)
        * (share * (1.0 - share) / n_real + z2 / (4.0 * n_real * n_real)).sqrt();
    // At the ends the formula gives 0 or 1 up to rounding: say so exactly.
    let low = if k == 0 { 0.0 } else { centre - spread };
    let high = if k == n { 1.0 } else { centre + spread };
    Some((low, high))
}
