//! How much more counts vary than Poisson's would: the α of variance μ + αμ².

use super::anscombe::USUAL;
use crate::stats::size;

/// Beyond this a distribution has nearly all its counts at zero.
const LARGEST: f64 = 100.0;

/// Median of the chi-squared distribution with one degree of freedom.
const MIDDLE: f64 = 0.454_936_423_119_572_7;

/// The α at which Pearson's sum Σ (y − μ)²/(μ + αμ²) is what it should be, its degrees of
/// freedom; zero if it is no larger even without dispersion. Breslow 1984, "Extra-Poisson
/// variation in log-linear models", Applied Statistics 33:38–44. An hour that weighs less
/// than 1 counts as one at the edge of the usual: neither left out, which would make α
/// too small, nor what an outbreak would make of it.
pub(super) fn of_all(counts: &[f64], means: &[f64], weights: &[f64], parameters: f64) -> f64 {
    let freedom = size(counts.len()) - parameters;
    if freedom <= 0.0 {
        return of_the_middle(counts, means);
    }
    let excess = |dispersion: f64| -> f64 {
        let each = counts.iter().zip(means).zip(weights).map(|((count, mean), weight)| {
            let square = (count - mean).powi(2) / (mean + dispersion * mean * mean);
            if *weight < 1.0 { square.min(USUAL * USUAL) } else { square }
        });
        each.sum::<f64>() - freedom
    };
    if excess(0.0) <= 0.0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, LARGEST);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if excess(middle) > 0.0 {
            low = middle
        } else {
            high = middle
        }
        if high - low <= 1e-13 * high {
            break;
        }
    }
    f64::midpoint(low, high)
}

/// A first guess from the hours in the middle: half of squared deviations lie below
/// 0.455 variances. Hours that expect less than one event say nothing here.
pub(super) fn of_the_middle(counts: &[f64], means: &[f64]) -> f64 {
    let mut each: Vec<f64> = counts
        .iter()
        .zip(means)
        .filter(|(_, mean)| **mean >= 1.0)
        .map(|(count, mean)| ((count - mean).powi(2) / MIDDLE - mean) / (mean * mean))
        .collect();
    each.sort_by(f64::total_cmp);
    each.get(each.len() / 2).copied().unwrap_or(0.0).clamp(0.0, LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    #[test]
    fn dispersions_agree_with_scipys_root() {
        for case in cases(include_str!("../oracle/counts.json"), "dispersion") {
            let (counts, means) = (case.numbers("count"), case.numbers("mean"));
            let weights = case.numbers("weight");
            let found = of_all(&counts, &means, &weights, case.number("parameters"));
            close(found, case.number("dispersion"), 1e-9, "dispersion");
        }
    }

    #[test]
    fn counts_that_vary_less_than_poissons_have_none() {
        assert_eq!(of_all(&[5.0; 9], &[5.0; 9], &[1.0; 9], 1.0), 0.0);
        assert_eq!(of_the_middle(&[5.0; 9], &[5.0; 9]), 0.0);
        assert_eq!(of_the_middle(&[], &[]), 0.0);
    }
}
