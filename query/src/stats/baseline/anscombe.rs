//! How far a count is from its mean on a scale on which counts are nearly normal, and
//! what an outbreak weighs: Anscombe 1953, discussion of Hotelling, Journal of the
//! Royal Statistical Society B 15:229–230; McCullagh & Nelder 1989, 2.4.2.

use crate::stats::size;

/// Residual from which on an hour weighs less: one in 200 without outbreaks.
pub(super) const USUAL: f64 = 2.58;

/// At most this share of hours is taken for outbreaks: what is frequent is dispersion.
const MOST: usize = 10;

/// Points and weights of Gauss and Legendre's rule with ten points, the positive half.
const RULE: [(f64, f64); 5] = [
    (0.148_874_338_981_631_22, 0.295_524_224_714_752_8),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_5),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_4),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
];

/// Pieces that the integral is cut into.
const PIECES: usize = 24;

/// ∫ V^(−1/3) from the mean to the count, by V(mean)^(1/6), with V = t + αt².
pub(super) fn residual(count: f64, mean: f64, dispersion: f64) -> f64 {
    // With t = s³ the integrand 3s/(1 + αs³)^(1/3) is smooth, also at zero.
    let (from, to) = (mean.cbrt(), count.cbrt());
    let width = (to - from) / size(PIECES);
    let at = |s: f64| 3.0 * s / (1.0 + dispersion * s * s * s).cbrt();
    let piece = |piece: usize| -> f64 {
        let (middle, half) = (from + (size(piece) + 0.5) * width, width / 2.0);
        let points =
            RULE.iter().map(|(x, weight)| weight * (at(middle - half * x) + at(middle + half * x)));
        half * points.sum::<f64>()
    };
    let integral: f64 = (0..PIECES).map(piece).sum();
    integral / (mean + dispersion * mean * mean).powf(1.0 / 6.0)
}

/// Weights of hours: 1, or for one that is unusually high the inverse square of its
/// residual, so that it moves the fit no more the higher it is. `means` are what is usual
/// then (`usual`).
pub(super) fn weights(counts: &[f64], means: &[f64], dispersion: f64) -> Vec<f64> {
    let residuals: Vec<f64> = counts
        .iter()
        .zip(means)
        .map(|(count, mean)| {
            // Above the mean this one is no larger than Pearson's, since variances grow:
            // most hours need no integral.
            let pearson = (count - mean) / (mean + dispersion * mean * mean).sqrt();
            if pearson > USUAL { residual(*count, *mean, dispersion) } else { 0.0 }
        })
        .collect();
    let mut sorted = residuals.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let limit = sorted.get(sorted.len() / MOST).copied().unwrap_or(0.0).max(USUAL);
    let weight = |residual: &f64| if *residual > limit { residual.powi(-2) } else { 1.0 };
    residuals.iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    #[test]
    fn residuals_agree_with_statsmodels() {
        for case in cases(include_str!("../oracle/counts.json"), "anscombe") {
            let (count, mean) = (case.number("count"), case.number("mean"));
            let found = residual(count, mean, case.number("dispersion"));
            close(found, case.number("residual"), 1e-9, &format!("{count} of {mean}"));
        }
    }

    #[test]
    fn only_high_and_rare_hours_weigh_less() {
        let mut counts = vec![10.0; 99];
        counts.push(400.0);
        let means = vec![10.0; 100];
        let found = weights(&counts, &means, 0.1);
        assert!(found[..99].iter().all(|weight| *weight == 1.0));
        assert!(found[99] < 0.05, "{}", found[99]);
        counts[..30].fill(400.0);
        assert!(weights(&counts, &means, 0.1).iter().all(|weight| *weight == 1.0));
        counts.fill(0.0);
        assert!(weights(&counts, &means, 0.1).iter().all(|weight| *weight == 1.0));
    }
}
