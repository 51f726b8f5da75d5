//! How often intervals hold the true value, by summing the binomial distribution
//! over a grid of n and p: no simulation.

use statrs::distribution::{Binomial, Discrete};

use super::{
    counts::Counts,
    estimate::{Interval, Level},
    histogram::Histogram,
    poisson,
    proportion::Proportion,
};

const NS: [u64; 9] = [1, 2, 5, 10, 20, 30, 50, 100, 300];

/// True shares: 0.005 to 0.995.
fn shares() -> impl Iterator<Item = f64> {
    (1..200).map(|step| f64::from(step) / 200.0)
}

/// Probability that the interval of what is drawn holds the true share.
fn coverage(intervals: &[Interval], n: u64, p: f64) -> f64 {
    let drawn = Binomial::new(p, n).expect("a distribution");
    let holding = (0..=n).zip(intervals).filter(|(_, interval)| interval.holds(p));
    holding.map(|(k, _)| drawn.pmf(k)).sum()
}

fn intervals(n: u64, of: impl Fn(Proportion) -> Interval) -> Vec<Interval> {
    let n = i64::try_from(n).expect("n");
    (0..=n).map(|k| of(Proportion::new(k, n).expect("a share"))).collect()
}

#[test]
fn exact_intervals_hold_at_least_as_often_as_they_say() {
    for level in [0.8, 0.95, 0.99] {
        let level = Level::new(level).expect("a level");
        for n in NS {
            let all = intervals(n, |part| part.exact(level).expect("an interval"));
            for p in shares() {
                let found = coverage(&all, n, p);
                assert!(found >= level.share() - 1e-9, "{n}, {p}: {found}");
            }
        }
    }
}

#[test]
fn wilson_intervals_hold_as_often_as_they_say_on_average() {
    for n in NS.into_iter().filter(|n| *n >= 5) {
        let all = intervals(n, |part| part.wilson(Level::P95));
        let mean = shares().map(|p| coverage(&all, n, p)).sum::<f64>() / 199.0;
        assert!((mean - 0.95).abs() <= 0.01, "{n}: {mean}");
    }
}

#[test]
fn wilson_is_narrower_than_exact() {
    let width = |interval: Interval| interval.high - interval.low;
    for n in NS {
        let wilson: f64 = intervals(n, |part| part.wilson(Level::P95)).into_iter().map(width).sum();
        let exact = intervals(n, |part| part.exact(Level::P95).expect("an interval"));
        assert!(wilson < exact.into_iter().map(width).sum(), "{n}");
    }
}

#[test]
fn intervals_of_quantiles_hold_at_least_as_often_as_they_say() {
    for n in NS.into_iter().filter(|n| *n >= 5) {
        // The values 1 to n: a value is its rank.
        let mut ranks = Histogram::default();
        for value in 1..=i64::try_from(n).expect("n") {
            ranks.add(value, 1);
        }
        for p in [0.1, 0.5, 0.9, 0.95, 0.99] {
            let found = ranks.quantile(p).expect("a quantile");
            // So many values lie below the true quantile; it is held if that is at
            // least the lower rank and below the upper one.
            let below = Binomial::new(p, n).expect("a distribution");
            let held: f64 = (0..=n)
                .filter(|k| {
                    let k = f64::from(u32::try_from(*k).expect("k"));
                    found.low.is_none_or(|low| k >= low) && found.high.is_none_or(|high| k < high)
                })
                .map(|k| below.pmf(k))
                .sum();
            assert!(held >= 0.95 - 1e-9, "{n}, {p}: {held}");
        }
    }
}

#[test]
fn intervals_of_counts_hold_at_least_as_often_as_they_say() {
    for mean in [0.1, 0.9, 3.3, 12.0, 55.5, 240.0] {
        let counts = Counts::new(mean, 0.0).expect("a distribution");
        let held: f64 = (0..=counts.quantile(1.0 - 1e-13))
            .filter(|count| {
                let count = i64::try_from(*count).expect("a count");
                let (low, high) = poisson::interval(count).expect("an interval");
                low <= mean && mean <= high
            })
            .map(|count| counts.exactly(count))
            .sum();
        assert!(held >= 0.95 - 1e-9, "{mean}: {held}");
    }
}
