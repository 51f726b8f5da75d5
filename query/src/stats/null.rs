//! What p-values do where there is nothing to find, by summing the distribution:
//! no simulation.

use super::counts::{Counts, Tail};

/// Means and dispersions from nearly nothing to thousands an hour.
fn distributions() -> Vec<Counts> {
    let mut all = Vec::new();
    for mean in [0.01, 0.3, 1.0, 4.7, 60.0, 900.0] {
        for dispersion in [0.0, 0.01, 0.25, 2.0] {
            all.push(Counts::new(mean, dispersion).expect("a distribution"));
        }
    }
    all
}

/// The tail of every count up to where nothing is left, with its probability.
fn each(counts: Counts) -> Vec<(Tail, f64)> {
    let end = counts.quantile(1.0 - 1e-13);
    (0..=end).map(|count| (counts.tail(count), counts.exactly(count))).collect()
}

const LEVELS: [f64; 8] = [1e-6, 1e-4, 0.003, 0.01, 0.05, 0.2, 0.5, 0.9];

#[test]
fn randomised_p_values_are_uniform() {
    for counts in distributions() {
        let each = each(counts);
        for level in LEVELS {
            // Of the share that chance decides, so much gives a p of at most the level.
            let chance: f64 = each
                .iter()
                .map(|(tail, probability)| {
                    let width = tail.randomised(1.0) - tail.randomised(0.0);
                    let below = (level - tail.randomised(0.0)) / width.max(f64::MIN_POSITIVE);
                    probability * below.clamp(0.0, 1.0)
                })
                .sum();
            assert!((chance - level).abs() < 1e-9, "{counts:?}: {chance} at {level}");
        }
    }
}

#[test]
fn reported_p_values_are_never_too_small() {
    for counts in distributions() {
        let each = each(counts);
        // Also at the values that p can take, where it is closest.
        let attainable = each.iter().take(40).map(|(tail, _)| tail.reported());
        for level in LEVELS.into_iter().chain(attainable) {
            let chance: f64 = each
                .iter()
                .filter(|(tail, _)| tail.reported() <= level)
                .map(|(_, probability)| probability)
                .sum();
            assert!(chance <= level + 1e-9, "{counts:?}: {chance} at {level}");
        }
    }
}

#[test]
fn mid_p_values_are_one_half_on_average() {
    for counts in distributions() {
        let mean: f64 =
            each(counts).iter().map(|(tail, probability)| probability * tail.mid()).sum();
        assert!((mean - 0.5).abs() < 1e-9, "{counts:?}: {mean}");
    }
}
