//! Negative-binomial regression with a log link and a known dispersion, by weighted
//! least squares again and again: McCullagh & Nelder 1989, "Generalized Linear
//! Models", 2.5; Hilbe 2011, "Negative Binomial Regression", 8.

use crate::stats::{
    estimate::{Estimate, NotEstimable},
    linear::{self, Fit},
    size,
};

/// Steps after which a fit that still moves is given up.
const STEPS: usize = 100;

/// What a regression explains, and what is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    /// Counts, one a row.
    pub(super) counts: &'a [f64],
    /// ln of what the mean is multiplied with.
    pub(super) offsets: &'a [f64],
    /// How much each row weighs.
    pub(super) weights: &'a [f64],
}

/// Fits coefficients of ln(mean). The fit's influences are on rows with variance 1:
/// a coefficient's variance is the sum of their squares.
pub(super) fn fit(columns: &[Vec<f64>], given: &Given<'_>, dispersion: f64) -> Estimate<Fit> {
    let Given { counts, offsets, weights } = given;
    if counts.is_empty() {
        return Err(NotEstimable::NoData);
    }
    let mean = counts.iter().sum::<f64>() / size(counts.len());
    let mut means: Vec<f64> = counts.iter().map(|count| f64::midpoint(*count, mean)).collect();
    let mut before: Vec<f64> = Vec::new();
    for _ in 0..STEPS {
        let scales: Vec<f64> = means
            .iter()
            .zip(*weights)
            .map(|(mean, weight)| (weight * mean / (1.0 + dispersion * mean)).sqrt())
            .collect();
        let working: Vec<f64> = means
            .iter()
            .zip(counts.iter().zip(*offsets))
            .map(|(mean, (count, offset))| mean.ln() - offset + (count - mean) / mean)
            .zip(&scales)
            .map(|(value, scale)| value * scale)
            .collect();
        let scaled: Vec<Vec<f64>> = columns
            .iter()
            .map(|column| column.iter().zip(&scales).map(|(x, scale)| x * scale).collect())
            .collect();
        let fit = linear::fit(&scaled, &working)?;
        let moved = fit.coefficients.iter().zip(&before).map(|(new, old)| (new - old).abs());
        if !before.is_empty() && moved.fold(0.0, f64::max) < 1e-11 {
            return Ok(fit);
        }
        before.clone_from(&fit.coefficients);
        means = offsets.to_vec();
        for (column, coefficient) in columns.iter().zip(&fit.coefficients) {
            for (sum, x) in means.iter_mut().zip(column) {
                *sum += x * coefficient;
            }
        }
        // Kept where neither the mean nor its logarithm overflows.
        means.iter_mut().for_each(|mean| *mean = mean.clamp(-50.0, 50.0).exp());
    }
    Err(NotEstimable::Unsettled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{
        linear::dot,
        oracle::{cases, close},
    };

    #[test]
    fn coefficients_and_errors_agree_with_statsmodels() {
        for case in cases(include_str!("../oracle/counts.json"), "glm") {
            let counts = case.numbers("count");
            let columns = vec![vec![1.0; counts.len()], case.numbers("x1"), case.numbers("x2")];
            let (offsets, weights) = (case.numbers("offset"), case.numbers("weight"));
            let given = Given { counts: &counts, offsets: &offsets, weights: &weights };
            let fit = fit(&columns, &given, case.number("dispersion")).expect("a fit");
            let (found, errors) = (case.numbers("coefficients"), case.numbers("errors"));
            for (at, (coefficient, error)) in found.into_iter().zip(errors).enumerate() {
                close(fit.coefficients[at], coefficient, 1e-6, "coefficient");
                let influence = fit.influence_on(at);
                close(dot(&influence, &influence).sqrt(), error, 1e-6, "standard error");
            }
        }
    }
}
