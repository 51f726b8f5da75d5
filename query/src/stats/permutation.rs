//! Two groups of teams compared by asking how often chance, choosing which teams
//! are in which group, gives a difference at least as large. All choices where they
//! are few; else random ones, counted by (b+1)/(m+1) so that p is never too small: Phipson & Smyth 2010, "Permutation p-values should never be zero",
//! Statistical Applications in Genetics and Molecular Biology 9:39.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

use super::{
    estimate::{Estimate, NotEstimable, finite},
    size,
};

/// Choices up to which all are tried, and how many random ones are tried beyond.
const CHOICES: u64 = 19_999;

/// A difference of means by team, and how likely chance makes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Permuted {
    /// Mean of the first group's teams less the second's; each team counts once.
    pub value: f64,
    /// How often chance gives a difference at least as far from zero.
    pub p_value: f64,
    /// Choices that were tried.
    pub tried: u64,
    /// Whether these are all there are.
    pub exact: bool,
}

/// Compares one value a team. The seed decides which random choices are tried: the
/// same seed gives the same p.
///
/// # Errors
///
/// `TooFew` if a group has no team or both have one, `Invalid` if a value is not
/// finite.
pub fn test(first: &[f64], second: &[f64], seed: u64) -> Estimate<Permuted> {
    finite(first.iter().chain(second))?;
    let (k, n) = (first.len(), first.len() + second.len());
    if k == 0 || second.is_empty() || n < 3 {
        return Err(NotEstimable::TooFew { what: "teams", have: n, need: 3 });
    }
    let all: Vec<f64> = first.iter().chain(second).copied().collect();
    let total: f64 = all.iter().sum();
    let difference = |sum: f64| sum / size(k) - (total - sum) / size(n - k);
    let value = difference(first.iter().sum());
    // Sums in another order differ in the last digits: equal ones must count.
    let scale = all.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let least = value.abs() - 1e-12 * scale;
    let far = |sum: f64| difference(sum).abs() >= least;
    Ok(match choices(n, k).filter(|count| *count <= CHOICES) {
        Some(count) => {
            let hits = subsets(n, k).filter(|chosen| far(sum_of(&all, *chosen))).count();
            Permuted { value, p_value: size(hits) / number(count), tried: count, exact: true }
        }
        None => {
            let hits = random_sums(all, k, seed).filter(|sum| far(*sum)).count();
            let p_value = (size(hits) + 1.0) / (number(CHOICES) + 1.0);
            Permuted { value, p_value, tried: CHOICES, exact: false }
        }
    })
}

/// A small count as a number.
fn number(count: u64) -> f64 {
    size(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Ways to choose `k` of `n`, where they fit and a bit per team does too.
fn choices(n: usize, k: usize) -> Option<u64> {
    if n > 62 {
        return None;
    }
    let (n, k) = (u64::try_from(n).ok()?, u64::try_from(k.min(n - k)).ok()?);
    (0..k).try_fold(1_u64, |ways, i| Some(ways.checked_mul(n - i)? / (i + 1)))
}

/// Every set of `k` of `n` teams, a bit each; `0 < k < n ≤ 62`. The next larger
/// number with as many bits: Gosper, in Beeler, Gosper & Schroeppel 1972, HAKMEM,
/// item 175.
fn subsets(n: usize, k: usize) -> impl Iterator<Item = u64> {
    let end = 1_u64 << n;
    std::iter::successors(Some((1_u64 << k) - 1), |set| {
        let low = set & set.wrapping_neg();
        let carried = set + low;
        Some((((carried ^ set) >> 2) / low) | carried)
    })
    .take_while(move |set| *set < end)
}

fn sum_of(values: &[f64], set: u64) -> f64 {
    values.iter().enumerate().filter(|(at, _)| (set >> at) & 1 == 1).map(|(_, value)| value).sum()
}

/// Sums of `k` values drawn without putting back, again and again.
fn random_sums(mut values: Vec<f64>, k: usize, seed: u64) -> impl Iterator<Item = f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..CHOICES).map(move |_| {
        for at in 0..k {
            let other = at + below(&mut random, values.len() - at);
            values.swap(at, other);
        }
        values.iter().take(k).sum::<f64>()
    })
}

/// A number below `n`, each as likely: numbers that would favour some are drawn again.
fn below(random: &mut ChaCha8Rng, n: usize) -> usize {
    let n = u64::try_from(n).unwrap_or(u64::MAX).max(1);
    let fair = u64::MAX - u64::MAX % n;
    let drawn = std::iter::repeat_with(|| random.next_u64()).find(|drawn| *drawn < fair);
    usize::try_from(drawn.unwrap_or(0) % n).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    #[test]
    fn all_choices_agree_with_scipy() {
        for case in cases(include_str!("oracle/ranks.json"), "permutation") {
            let found = test(&case.numbers("x"), &case.numbers("y"), 1).expect("a test");
            assert!(found.exact);
            close(found.value, case.number("value"), 1e-9, "difference");
            close(found.p_value, case.number("p"), 1e-9, "p");
        }
    }

    #[test]
    fn random_choices_come_near_all_and_are_never_too_small() {
        let x: Vec<f64> = (0..12).map(f64::from).collect();
        let y: Vec<f64> = (0..12).map(|i| f64::from(i) + 2.5).collect();
        let found = test(&x, &y, 7).expect("a test");
        assert!(!found.exact);
        assert_eq!(found, test(&x, &y, 7).expect("a test"), "the seed decides");
        // The oracle tries all 2,704,156 choices (oracle/make.py);
        // five standard errors of 19,999 draws are 0.011.
        let exact = cases(include_str!("oracle/ranks.json"), "permutation_of_many")[0].number("p");
        assert!((found.p_value - exact).abs() < 0.011, "{found:?} of {exact}");
        let y: Vec<f64> = x.iter().map(|x| x + 1e6).collect();
        let found = test(&x, &y, 7).expect("a test");
        assert!((found.p_value - 1.0 / 20_000.0).abs() < 1e-15, "never zero: {found:?}");
        assert!(test(&[], &[1.0], 1).is_err());
    }

    #[test]
    fn draws_are_fair() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let mut seen = [0_u32; 3];
        for _ in 0..30_000 {
            seen[below(&mut random, 3)] += 1;
        }
        // Standard deviation of each is 82.
        assert!(seen.iter().all(|n| n.abs_diff(10_000) < 410), "{seen:?}");
    }
}
