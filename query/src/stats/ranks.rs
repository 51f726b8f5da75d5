//! Whether one sample's values tend to be larger: Mann & Whitney 1947, Annals of
//! Mathematical Statistics 18:50–60. Exact in small samples without ties; else the
//! normal approximation with ties counted in. (statrs' own compares every pair of
//! values first and counts its tail as 1 − cdf: too slow for a day's latencies, and
//! nothing below 1e-16 is told apart from zero.)

use statrs::distribution::{ContinuousCDF, Normal};

use super::{
    estimate::{Estimate, NotEstimable, finite},
    size,
};

/// Up to so many values in the smaller sample, no more than so many pairs, and without
/// ties, every order is counted.
const FEW: usize = 8;

/// Pairs up to which orders are counted.
pub(crate) const EXACT_PAIRS: usize = 2_500;

/// How far two samples' orders differ from chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannWhitney {
    /// Pairs in which the first sample's value is larger; a tie counts half.
    pub u: f64,
    /// How often a value of the first sample is larger than one of the second, 0 to 1:
    /// 0.5 is no difference.
    pub larger: f64,
    /// Probability of an order at least this far from chance, either way.
    pub p_value: f64,
}

/// Compares two samples of independent values, in any unit.
///
/// # Errors
///
/// `NoData` if one is empty, `Invalid` if a value is not finite or all are equal.
pub fn mann_whitney(first: &[f64], second: &[f64]) -> Estimate<MannWhitney> {
    finite(first.iter().chain(second))?;
    if first.is_empty() || second.is_empty() {
        return Err(NotEstimable::NoData);
    }
    let (n, m) = (size(first.len()), size(second.len()));
    let (ranks, ties) = rank_sum(first, second);
    let u = ranks - n * (n + 1.0) / 2.0;
    let few = first.len().min(second.len()) <= FEW && n * m <= size(EXACT_PAIRS);
    let p_value = if ties == 0.0 && few {
        let most = u.max(n * m - u);
        // Symmetric: as many orders are this far above as below.
        let below = n * m - most;
        let orders = Orders::new(first.len(), second.len());
        (2.0 * orders.at_most(below)).min(1.0)
    } else {
        let deviation = deviation(n, m, ties);
        if deviation <= 0.0 {
            return Err(NotEstimable::Invalid("all values are equal"));
        }
        let z = ((u - n * m / 2.0).abs() - 0.5) / deviation;
        (2.0 * Normal::standard().cdf(-z)).min(1.0)
    };
    Ok(MannWhitney { u, larger: u / (n * m), p_value })
}

/// Standard deviation of U under chance; `ties` is Σ(t³ − t) over tied values.
pub(crate) fn deviation(n: f64, m: f64, ties: f64) -> f64 {
    let all = n + m;
    (n * m / 12.0 * ((all + 1.0) - ties / (all * (all - 1.0)))).max(0.0).sqrt()
}

/// Sum of the first sample's ranks among all, ties sharing the mean of theirs; and
/// Σ(t³ − t) over ties.
pub(crate) fn rank_sum(first: &[f64], second: &[f64]) -> (f64, f64) {
    let mut all: Vec<(f64, bool)> = first
        .iter()
        .map(|value| (*value, true))
        .chain(second.iter().map(|value| (*value, false)))
        .collect();
    // 0 and −0 are one value.
    all.iter_mut().for_each(|(value, _)| *value += 0.0);
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut before, mut ranks, mut ties) = (0.0, 0.0, 0.0);
    for tied in all.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let t = size(tied.len());
        let own = size(tied.iter().filter(|value| value.1).count());
        ranks += own * (before + (t + 1.0) / 2.0);
        ties += t * t * t - t;
        before += t;
    }
    (ranks, ties)
}

/// The distribution of U under chance, without ties: in how many orders it is what.
#[derive(Debug)]
pub(crate) struct Orders {
    /// Number of orders with U = 0, 1, 2, …
    ways: Vec<f64>,
}

impl Orders {
    /// Of `n` values of one sample and `m` of the other. Counts choices of `n` ranks
    /// by their sum, rank by rank; sums only, so that nothing cancels.
    pub(crate) fn new(n: usize, m: usize) -> Self {
        let (few, many) = (n.min(m), n.max(m));
        let sums = few * (few + 1) / 2 + few * many + 1;
        let mut ways = vec![vec![0.0; sums]; few + 1];
        if let Some(none) = ways.first_mut().and_then(|row| row.first_mut()) {
            *none = 1.0;
        }
        for rank in 1..=few + many {
            for chosen in (1..=few.min(rank)).rev() {
                let (fewer, more) = ways.split_at_mut(chosen);
                if let (Some(from), Some(to)) = (fewer.last(), more.first_mut()) {
                    for (to, from) in to.iter_mut().skip(rank).zip(from) {
                        *to += from;
                    }
                }
            }
        }
        let least = few * (few + 1) / 2;
        let ways = ways.pop().unwrap_or_default().into_iter().skip(least).collect();
        Self { ways }
    }

    /// Probability that U is at most so large.
    pub(crate) fn at_most(&self, u: f64) -> f64 {
        let total: f64 = self.ways.iter().sum();
        let upto = self.ways.iter().enumerate().take_while(|(at, _)| size(*at) <= u);
        upto.map(|(_, ways)| ways).sum::<f64>() / total
    }

    /// The largest U up to which, itself left out, lies at most this probability.
    pub(crate) fn below(&self, probability: f64) -> usize {
        let total: f64 = self.ways.iter().sum();
        let mut sum = 0.0;
        self.ways
            .iter()
            .take_while(|ways| {
                sum += **ways;
                sum <= probability * total
            })
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    #[test]
    fn tests_agree_with_scipy() {
        for case in cases(include_str!("oracle/ranks.json"), "mann_whitney") {
            let found = mann_whitney(&case.numbers("x"), &case.numbers("y")).expect("a test");
            close(found.u, case.number("u"), 1e-12, "u");
            close(found.p_value, case.number("p"), 1e-9, "p");
        }
    }

    #[test]
    fn nothing_is_compared_with_nothing() {
        assert_eq!(mann_whitney(&[], &[1.0]), Err(NotEstimable::NoData));
        assert!(mann_whitney(&[1.0; 20], &[1.0; 20]).is_err());
        assert!(mann_whitney(&[f64::NAN], &[1.0]).is_err());
    }
}
