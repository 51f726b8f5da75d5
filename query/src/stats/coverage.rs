//! How often intervals hold the true value, by summing the binomial distribution
//! over a grid of n and p: no simulation.

use statrs::distribution::{Binomial, Discrete};

use super::{
    cluster,
    counts::Counts,
    difference::newcombe,
    estimate::{Interval, Level},
    histogram::Histogram,
    poisson,
    proportion::Proportion,
    survival::{Curve, Spell},
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

#[test]
fn intervals_of_differences_hold_as_often_as_they_say_on_average() {
    let probabilities = |n: u64, p: f64| -> Vec<f64> {
        let drawn = Binomial::new(p, n).expect("a distribution");
        (0..=n).map(|k| drawn.pmf(k)).collect()
    };
    let shares: Vec<f64> = (1..20).map(|step| f64::from(step) / 20.0).collect();
    for (n1, n2) in [(5, 5), (10, 30), (30, 30), (30, 100)] {
        let part = |k: u64, n: u64| {
            let whole = |count: u64| i64::try_from(count).expect("a count");
            Proportion::new(whole(k), whole(n)).expect("a share")
        };
        let all: Vec<Vec<Interval>> = (0..=n1)
            .map(|k1| {
                (0..=n2)
                    .map(|k2| newcombe(part(k1, n1), part(k2, n2), Level::P95).interval)
                    .collect()
            })
            .collect();
        let mut sum = 0.0;
        for p1 in &shares {
            let first = probabilities(n1, *p1);
            for p2 in &shares {
                let second = probabilities(n2, *p2);
                for (row, first) in all.iter().zip(&first) {
                    let holding = row.iter().zip(&second).filter(|(one, _)| one.holds(p1 - p2));
                    sum += first * holding.map(|(_, second)| second).sum::<f64>();
                }
            }
        }
        let mean = sum / 361.0;
        assert!((mean - 0.95).abs() <= 0.01, "{n1}, {n2}: {mean}");
    }
}

/// Shares that are no nearer to the ends than a tenth.
fn middling() -> impl Iterator<Item = f64> {
    (2..=18).map(|step| f64::from(step) / 20.0)
}

#[test]
fn intervals_of_what_lasts_hold_as_often_as_they_say_on_average() {
    for n in [50, 100, 300] {
        // k of n end after 1, the others after 2: the share that lasts longer than 1.
        let intervals: Vec<Option<Interval>> = (0..=n)
            .map(|k| {
                let spell = |at| Spell { length: if at < k { 1.0 } else { 2.0 }, ended: true };
                let curve = Curve::new(&(0..n).map(spell).collect::<Vec<_>>()).expect("a curve");
                curve.steps().iter().find(|s| s.length < 1.5)?.interval(Level::P95)
            })
            .collect();
        let held = |p: f64| -> f64 {
            let drawn = Binomial::new(p, n).expect("a distribution");
            let each = (0..=n).zip(&intervals);
            let holding = each.filter(|(_, one)| one.is_some_and(|one| one.holds(1.0 - p)));
            holding.map(|(k, _)| drawn.pmf(k)).sum()
        };
        let mean = middling().map(held).sum::<f64>() / 17.0;
        assert!((mean - 0.95).abs() <= 0.01, "{n}: {mean}");
    }
}

#[test]
fn intervals_of_clustered_means_hold_nearly_as_often_as_they_say_on_average() {
    // Persons with one value each, 0 or 1: the mean is a share, and how often the
    // interval holds it can be summed. They need many persons.
    for n in [100, 300] {
        let whole = |count: u64| i64::try_from(count).expect("a count");
        let ends: Vec<(f64, f64)> = (0..=n)
            .map(|k| {
                let persons: Vec<_> = (0..n).map(|at| (i64::from(at < k), 1)).collect();
                assert_eq!(whole(k), persons.iter().map(|person| person.0).sum::<i64>());
                cluster::mean(&persons).and_then(|mean| mean.ends).expect("an interval")
            })
            .collect();
        let held = |p: f64| -> f64 {
            let drawn = Binomial::new(p, n).expect("a distribution");
            let holding = (0..=n).zip(&ends).filter(|(_, (low, high))| *low <= p && p <= *high);
            holding.map(|(k, _)| drawn.pmf(k)).sum()
        };
        let mean = middling().map(held).sum::<f64>() / 17.0;
        assert!((mean - 0.95).abs() <= 0.01, "{n}: {mean}");
    }
}
