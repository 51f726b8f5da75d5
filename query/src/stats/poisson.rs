//! Exact 95% interval of a count: Garwood 1936, "Fiducial limits for the Poisson
//! distribution", Biometrika 28:437–442.

use statrs::distribution::{ContinuousCDF, Gamma};

use super::{Ends, TAIL, real};

/// Interval of the expected value behind a count of `k`; `None` for a negative
/// count.
pub(crate) fn interval(k: i64) -> Option<Ends> {
    if k < 0 {
        return None;
    }
    let low = if k == 0 { 0.0 } else { Gamma::new(real(k), 1.0).ok()?.inverse_cdf(TAIL) };
    let high = Gamma::new(real(k) + 1.0, 1.0).ok()?.inverse_cdf(1.0 - TAIL);
    Some((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    #[test]
    fn intervals_agree_with_scipy() {
        for case in cases(include_str!("oracle/intervals.json"), "poisson") {
            let k = case.whole("k");
            let (low, high) = interval(k).expect("an interval");
            close(low, case.number("low"), 1e-9, &format!("low of {k}"));
            close(high, case.number("high"), 1e-9, &format!("high of {k}"));
        }
        assert_eq!(interval(-1), None);
    }
}
