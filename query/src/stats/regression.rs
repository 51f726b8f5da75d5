//! Effects from a regression whose rows resemble each other: in clusters (a team's
//! weeks) or in time (a day resembles the one before).

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{
    estimate::{Estimate, Interval, Level, NotEstimable},
    linear::Fit,
    size,
};

/// How the rows of a regression resemble each other.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Alike<'a> {
    /// Rows of one cluster do; the slice tells each row's cluster. Liang & Zeger
    /// 1986, Biometrika 73:13–22, with G/(G−1)·(n−1)/(n−p), and t with G−1 degrees.
    Clusters(&'a [usize]),
    /// Rows at most this many steps apart do. Newey & West 1987, Econometrica
    /// 55:703–708 (Bartlett weights), with n/(n−p), and t with n−p degrees.
    Steps(usize),
}

/// One effect with what is known about its size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The effect, in the unit of what was measured.
    pub value: f64,
    /// Its standard error, same unit.
    pub standard_error: f64,
    /// Its interval.
    pub interval: Interval,
    /// How often chance alone gives an effect at least as far from zero.
    pub p_value: f64,
}

/// The effect that a coefficient is.
///
/// # Errors
///
/// `TooFew` clusters or rows to tell the spread.
pub(crate) fn effect(
    fit: &Fit,
    coefficient: usize,
    alike: Alike<'_>,
    level: Level,
) -> Estimate<Effect> {
    let value = fit.coefficients.get(coefficient).copied().ok_or(NotEstimable::NoData)?;
    let scores: Vec<f64> = fit
        .influence_on(coefficient)
        .iter()
        .zip(&fit.residuals)
        .map(|(weight, residual)| weight * residual)
        .collect();
    let (rows, columns) = (scores.len(), fit.coefficients.len());
    if rows <= columns {
        return Err(NotEstimable::TooFew { what: "rows", have: rows, need: columns + 1 });
    }
    let free = size(rows - columns);
    let (variance, degrees) = match alike {
        Alike::Clusters(cluster) => {
            let (sum, groups) = by_cluster(&scores, cluster)?;
            let more = size(groups) / size(groups - 1) * size(rows - 1) / free;
            (sum * more, size(groups - 1))
        }
        Alike::Steps(steps) => (by_steps(&scores, steps) * size(rows) / free, free),
    };
    let standard_error = variance.max(0.0).sqrt();
    let interval = Interval::around(value, level.student(degrees)? * standard_error, level);
    let p_value = two_sided(value / standard_error, degrees)?;
    Ok(Effect { value, standard_error, interval, p_value })
}

/// Sum over clusters of the squared sum of scores, and how many clusters there are.
fn by_cluster(scores: &[f64], cluster: &[usize]) -> Estimate<(f64, usize)> {
    if scores.len() != cluster.len() {
        return Err(NotEstimable::Invalid("not every row has a cluster"));
    }
    let mut sums = std::collections::BTreeMap::<usize, f64>::new();
    for (score, cluster) in scores.iter().zip(cluster) {
        *sums.entry(*cluster).or_default() += score;
    }
    if sums.len() < 2 {
        return Err(NotEstimable::TooFew { what: "clusters", have: sums.len(), need: 2 });
    }
    Ok((sums.values().map(|sum| sum * sum).sum(), sums.len()))
}

/// Squares of scores and, weighing less the farther apart, products of neighbours.
fn by_steps(scores: &[f64], steps: usize) -> f64 {
    let product = |apart: usize| -> f64 {
        scores.iter().zip(scores.iter().skip(apart)).map(|(a, b)| a * b).sum()
    };
    let neighbours: f64 =
        (1..=steps).map(|apart| 2.0 * (1.0 - size(apart) / size(steps + 1)) * product(apart)).sum();
    product(0) + neighbours
}

/// Probability of a t at least this far from zero; without any spread there is
/// nothing to compare with.
fn two_sided(t: f64, degrees: f64) -> Estimate<f64> {
    if t.is_nan() {
        return Err(NotEstimable::Invalid("the values don't vary"));
    }
    let student = StudentsT::new(0.0, 1.0, degrees)
        .map_err(|_| NotEstimable::Invalid("no degrees of freedom are left"))?;
    Ok((2.0 * student.cdf(-t.abs())).min(1.0))
}
