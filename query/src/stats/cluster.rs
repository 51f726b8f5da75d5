//! Mean of values that come in clusters: one person's sign-ins resemble each
//! other, so the interval counts persons, not sign-ins. Linearised ratio
//! estimator with G/(G−1), as cluster-robust regression on a constant gives it
//! (Liang & Zeger 1986, Biometrika 73:13–22), and Student's t with G−1 degrees
//! of freedom.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{Ends, TAIL, real};

/// The mean and its interval; the interval needs at least two clusters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mean {
    /// Sum of values by number of values.
    pub(crate) value: f64,
    /// Its interval.
    pub(crate) ends: Option<Ends>,
}

/// Mean over clusters of (sum of values, number of values); `None` without
/// values.
pub(crate) fn mean(clusters: &[(i64, i64)]) -> Option<Mean> {
    let n: i64 = clusters.iter().map(|(_, n)| n).sum();
    if n <= 0 {
        return None;
    }
    let total: f64 = clusters.iter().map(|(sum, _)| real(*sum)).sum();
    let value = total / real(n);
    let groups = real(i64::try_from(clusters.len()).ok()?);
    let ends = (groups >= 2.0).then(|| {
        let squares: f64 =
            clusters.iter().map(|(sum, n)| (real(*sum) - real(*n) * value).powi(2)).sum();
        let error = (groups / (groups - 1.0) * squares).sqrt() / real(n);
        let t = StudentsT::new(0.0, 1.0, groups - 1.0).ok()?.inverse_cdf(1.0 - TAIL);
        Some((value - t * error, value + t * error))
    });
    Some(Mean { value, ends: ends.flatten() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    #[test]
    fn clustered_means_agree_with_statsmodels() {
        for case in cases(include_str!("oracle/intervals.json"), "cluster") {
            let sums = case.wholes("sums").into_iter().zip(case.wholes("ns"));
            let found = mean(&sums.collect::<Vec<_>>()).expect("a mean");
            let (low, high) = found.ends.expect("an interval");
            close(found.value, case.number("mean"), 1e-9, "mean");
            close(low, case.number("low"), 1e-9, "low");
            close(high, case.number("high"), 1e-9, "high");
        }
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[(10, 2)]).expect("a mean").ends, None, "one person tells no spread");
    }
}
