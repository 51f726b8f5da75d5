//! How much counts of windows of one length vary beyond Poisson's: the α of variance
//! μ + αμ². Each length has its own: what makes a whole day busy widens the counts of
//! 24 hours more than those of an hour, and a burst of seconds those of 15 minutes. So
//! that neighbouring hours resemble each other, which a baseline of independent hours
//! would take for surprises, is in the widths that windows are judged by.
//!
//! The α is that of a regression of squared residuals on the variance, each weighed by
//! how sure it is (Davidian & Carroll 1987, "Variance function estimation", JASA
//! 82:1079–1091; the fourth moment is the negative binomial's). Few events can't tell
//! it: it is then drawn to what counts of sign-ins usually have, and taken one standard
//! error wider. It is never less than what the data says.

use crate::stats::size;

/// What is usual: rates that wander by some 40 % around what week and trend explain, give
/// or take as much.
const USUAL: (f64, f64) = (0.15, 0.15);

/// Beyond this a distribution has nearly all its counts at zero.
const LARGEST: f64 = 100.0;

/// Rounds of estimating and weighing.
const ROUNDS: usize = 8;

/// Deviation that a window counts with at most which was weighed down as an outbreak:
/// neither left out, which would make α too small, nor what the outbreak would make of it.
const EDGE: f64 = 2.58;

/// One past window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Past {
    /// What it had.
    pub(super) count: f64,
    /// What the baseline says it should have had.
    pub(super) mean: f64,
    /// Whether the baseline took an hour of it for an outbreak.
    pub(super) outbreak: bool,
}

/// An estimate of α, before it is drawn anywhere.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Found {
    value: f64,
    error: f64,
}

/// The α to judge by, of past windows that don't overlap; `parameters` were fitted on them.
pub(super) fn spread(windows: &[Past], parameters: f64) -> f64 {
    let Some(found) = regress(windows, parameters) else { return USUAL.0 + USUAL.1 };
    let (centre, width) = USUAL;
    let (sure, usual) = (found.error.powi(-2), width.powi(-2));
    let drawn = (found.value * sure + centre * usual) / (sure + usual);
    let wide = drawn + (sure + usual).sqrt().recip();
    wide.max(found.value).clamp(0.0, LARGEST)
}

fn regress(windows: &[Past], parameters: f64) -> Option<Found> {
    let all = size(windows.len());
    let scale = all / (all - parameters).max(all / 2.0);
    let mut found = Found { value: 0.0, error: f64::INFINITY };
    for _ in 0..ROUNDS {
        let alpha = found.value;
        let (mut sum, mut weights) = (0.0, 0.0);
        for Past { count, mean, outbreak } in windows {
            let variance = mean + alpha * mean * mean;
            let mut square = (count - mean).powi(2) * scale;
            if *outbreak {
                square = square.min(EDGE * EDGE * variance);
            }
            // Of a squared residual: variance V²(2 + 6α + 1/V), slope μ².
            let slope = mean * mean;
            let weight = slope / (variance * (variance * (2.0 + 6.0 * alpha) + 1.0));
            sum += weight * (square - mean);
            weights += weight * slope;
        }
        if weights <= 0.0 {
            return None;
        }
        let value = (sum / weights).clamp(0.0, LARGEST);
        let moved = (value - alpha).abs();
        found = Found { value, error: weights.sqrt().recip() };
        if moved <= 1e-6 * value {
            break;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::counts::Counts;

    /// Windows whose counts are a distribution's quantiles, so that no chance is in them.
    fn windows(mean: f64, alpha: f64, many: u32) -> Vec<Past> {
        let counts = Counts::new(mean, alpha).expect("a distribution");
        let count = |at: u32| counts.quantile((f64::from(at) + 0.5) / f64::from(many));
        (0..many).map(|at| Past { count: count(at) as f64, mean, outbreak: false }).collect()
    }

    #[test]
    fn plenty_of_events_tell_it() {
        for (mean, alpha) in [(40.0, 0.02), (40.0, 0.5), (3.0, 0.6), (1.0, 2.0)] {
            let windows = windows(mean, alpha, 4_000);
            let found = regress(&windows, 0.0).expect("an estimate");
            assert!((found.value / alpha - 1.0).abs() < 0.1, "{found:?} of {alpha}");
            let used = spread(&windows, 0.0);
            assert!(used >= found.value && used < alpha + 0.1, "{used} of {alpha}");
        }
    }

    #[test]
    fn few_events_leave_it_at_what_is_usual() {
        let quiet = windows(0.001, 0.0, 1_000);
        let used = spread(&quiet, 0.0);
        assert!((0.2..0.31).contains(&used), "{used}");
        assert!((spread(&[], 0.0) - 0.3).abs() < 1e-12);
        let even = vec![Past { count: 50.0, mean: 50.0, outbreak: false }; 2_000];
        assert!(spread(&even, 0.0) < 0.01);
    }

    #[test]
    fn a_past_outbreak_counts_as_the_edge_of_the_usual() {
        let calm = windows(10.0, 0.1, 1_000);
        let mut hit = calm.clone();
        for window in hit.iter_mut().take(20) {
            (window.count, window.outbreak) = (500.0, true);
        }
        let (calm, hit) = (spread(&calm, 0.0), spread(&hit, 0.0));
        assert!(hit > calm && hit < 2.0 * calm, "{calm} to {hit}");
        // Parameters that were fitted make the rest look calmer than it is.
        assert!(spread(&windows(10.0, 0.1, 100), 30.0) > spread(&windows(10.0, 0.1, 100), 0.0));
    }
}
