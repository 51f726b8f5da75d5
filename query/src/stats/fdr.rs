//! Among what many tests at once find, the share that is chance.
//!
//! [`adjusted`] is for tests that come all at once and independent (or positively
//! dependent): Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B
//! 57:289–300. [`Discrete`] is for tests of small counts, whose p-values can't be
//! small: Döhler, Durand & Roquain 2018, "New FDR bounds for discrete and
//! heterogeneous tests", Electronic Journal of Statistics 12:1867–1900 (step-up).
//! Tests that come one after the other: `online`.

use super::{
    estimate::{Estimate, NotEstimable},
    size,
};

/// Q-values in the order of the p-values: the smallest share of chance at which each
/// would still be found.
///
/// # Errors
///
/// `Invalid` if a p-value is not between 0 and 1.
pub fn adjusted(p_values: &[f64]) -> Estimate<Vec<f64>> {
    check(p_values)?;
    let mut order: Vec<(usize, f64)> = p_values.iter().copied().enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let all = size(p_values.len());
    let mut least = 1.0_f64;
    let mut q_values = vec![1.0; p_values.len()];
    for (passed, (at, p)) in order.into_iter().enumerate() {
        // The largest comes first: it is the last in rank.
        least = least.min(p * all / (all - size(passed)));
        if let Some(q) = q_values.get_mut(at) {
            *q = least;
        }
    }
    Ok(q_values)
}

fn check(p_values: &[f64]) -> Estimate<()> {
    if p_values.iter().all(|p| (0.0..=1.0).contains(p)) {
        Ok(())
    } else {
        Err(NotEstimable::Invalid("a p-value is not between 0 and 1"))
    }
}

/// A test whose p-value can only take some values.
#[derive(Debug, Clone, PartialEq)]
pub struct Discrete {
    /// The p-value found; one of the attainable ones.
    p_value: f64,
    /// All it could have been, ascending.
    attainable: Vec<f64>,
}

impl Discrete {
    /// A p-value and all that it could have been (of a count: each count's
    /// `Tail::at_least`; values below any that matters may be left out, at the price
    /// of finding less).
    ///
    /// # Errors
    ///
    /// `Invalid` if one is not between 0 and 1 or the p-value is not attainable.
    pub fn new(p_value: f64, mut attainable: Vec<f64>) -> Estimate<Self> {
        check(&attainable)?;
        attainable.sort_by(f64::total_cmp);
        if attainable.iter().all(|other| other.total_cmp(&p_value).is_ne()) {
            return Err(NotEstimable::Invalid("a p-value is not among the attainable ones"));
        }
        Ok(Self { p_value, attainable })
    }

    /// Probability of at most `limit` under chance: the largest attainable value not
    /// above it.
    fn chance(&self, limit: f64) -> f64 {
        let upto = self.attainable.partition_point(|value| *value <= limit);
        upto.checked_sub(1).and_then(|at| self.attainable.get(at)).copied().unwrap_or(0.0)
    }
}

/// Which of the tests are found at a false-discovery rate of `rate`, in their order.
/// For independent tests. Those that could never be small cost the others nothing.
///
/// # Errors
///
/// `Invalid` if the rate is not between 0 and 1.
pub fn step_up(tests: &[Discrete], rate: f64) -> Estimate<Vec<bool>> {
    if !(rate > 0.0 && rate < 1.0) {
        return Err(NotEstimable::Invalid("a rate is not between 0 and 1"));
    }
    let all = size(tests.len());
    let odds = |limit: f64| -> f64 {
        tests.iter().map(|test| test.chance(limit)).map(|chance| chance / (1.0 - chance)).sum()
    };
    // The largest attainable value at which all could be found.
    let mut attainable: Vec<f64> =
        tests.iter().flat_map(|test| &test.attainable).copied().collect();
    attainable.sort_by(f64::total_cmp);
    attainable.dedup();
    let usable = attainable.partition_point(|limit| odds(*limit) <= rate * all);
    let Some(most) = usable.checked_sub(1).and_then(|at| attainable.get(at)).copied() else {
        return Ok(vec![false; tests.len()]);
    };
    let expected = |limit: f64| -> f64 {
        tests.iter().map(|test| test.chance(limit) / (1.0 - test.chance(most))).sum()
    };
    let mut found: Vec<f64> = tests.iter().map(|test| test.p_value).collect();
    found.sort_by(f64::total_cmp);
    let limit = found
        .iter()
        .enumerate()
        .rev()
        .find(|(at, p)| **p <= most && expected(**p) <= rate * (size(*at) + 1.0))
        .map(|(_, p)| *p);
    Ok(tests.iter().map(|test| limit.is_some_and(|limit| test.p_value <= limit)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    #[test]
    fn q_values_agree_with_statsmodels() {
        for case in cases(include_str!("oracle/counts.json"), "benjamini_hochberg") {
            let found = adjusted(&case.numbers("p")).expect("q-values");
            for (found, expected) in found.iter().zip(case.numbers("q")) {
                close(*found, expected, 1e-12, "q");
            }
        }
        assert_eq!(adjusted(&[]), Ok(Vec::new()));
        assert!(adjusted(&[1.5]).is_err());
        assert!(adjusted(&[f64::NAN]).is_err());
    }

    /// What six small tests could have given: (attainable p-value, its probability).
    fn small() -> Vec<Vec<(f64, f64)>> {
        let steps = |values: &[f64]| {
            let mut before = 0.0;
            let mut all = Vec::new();
            for value in values {
                all.push((*value, value - before));
                before = *value;
            }
            all
        };
        vec![
            steps(&[0.001, 0.03, 0.4, 1.0]),
            steps(&[0.012, 0.2, 1.0]),
            steps(&[0.3, 1.0]),
            steps(&[0.02, 0.09, 1.0]),
            steps(&[0.7, 1.0]),
            steps(&[0.004, 0.05, 0.5, 1.0]),
        ]
    }

    /// Expected share of chance among what is found, over all outcomes; the first
    /// `real` tests always give their smallest value.
    fn false_share(real: usize, rate: f64) -> (f64, f64) {
        let small = small();
        let (mut share, mut power) = (0.0, 0.0);
        let outcomes: usize = small.iter().map(Vec::len).product();
        for outcome in 0..outcomes {
            let (mut rest, mut probability, mut tests) = (outcome, 1.0, Vec::new());
            for (at, values) in small.iter().enumerate() {
                let (p, chance) = values[rest % values.len()];
                rest /= values.len();
                let p = if at < real { values[0].0 } else { p };
                probability *= chance;
                let attainable = values.iter().map(|value| value.0).collect();
                tests.push(Discrete::new(p, attainable).expect("a test"));
            }
            let found = step_up(&tests, rate).expect("found");
            let wrong = found.iter().skip(real).filter(|found| **found).count();
            let right = found.iter().take(real).filter(|found| **found).count();
            share += probability * size(wrong) / size((wrong + right).max(1));
            power += probability * size(right);
        }
        (share, power)
    }

    #[test]
    fn the_share_of_chance_is_kept_by_exact_summation() {
        for rate in [0.02, 0.05, 0.1, 0.2] {
            for real in [0, 1, 2] {
                let (share, _) = false_share(real, rate);
                assert!(share <= rate + 1e-12, "{share} at {rate} with {real} real ones");
            }
        }
        // It isn't kept by never finding anything.
        assert!(false_share(2, 0.1).1 > 1.9);
    }

    #[test]
    fn tests_that_can_find_nothing_cost_nothing() {
        let hopeless = Discrete::new(0.5, vec![0.5, 1.0]).expect("a test");
        let mut tests = vec![hopeless; 30];
        tests.push(Discrete::new(0.01, vec![0.01, 1.0]).expect("a test"));
        let found = step_up(&tests, 0.05).expect("found");
        assert_eq!(found.iter().filter(|found| **found).count(), 1);
        let p: Vec<f64> = tests.iter().map(|test| test.p_value).collect();
        assert!(adjusted(&p).expect("q")[30] > 0.05, "Benjamini–Hochberg finds nothing here");
        assert!(Discrete::new(0.2, vec![0.1]).is_err());
        assert!(step_up(&tests, 0.0).is_err());
    }
}
