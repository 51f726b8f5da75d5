//! What an hour's count should be: a negative-binomial baseline by hour of the week,
//! with trend and holidays, in which past outbreaks weigh little.
//!
//! ```text
//! hours → profile ⇄ level (glm) ⇄ dispersion ⇄ weights (usual, anscombe) → expected
//! ```
//!
//! The mean of an hour is level × trend × hour of day × kind of day × hour of week ×
//! holiday. A week has 168 hours, and each is seen once a week, so an hour's own
//! factor is drawn towards its kind of day's, and that towards the hour of day's, by
//! as much as the data says that hours differ ([`profile`]). Outbreaks are weighed
//! down by their Anscombe residuals: Noufaily et al. 2013, "An improved algorithm for
//! outbreak detection in multiple surveillance systems", Statistics in Medicine
//! 32:1206–1222, after Farrington et al. 1996. Hours are the organisation's local
//! ones; hours in which the source was silent are left out by the caller, and are not
//! zero.

mod anscombe;
mod dispersion;
mod expected;
mod glm;
mod profile;
mod usual;

pub use expected::{Expected, Learning};

use super::{
    estimate::{Estimate, NotEstimable},
    linear::dot,
    real, size,
};
use profile::Profile;

/// Hours of a week.
pub const WEEK: usize = 168;

/// Weeks of data before which a baseline says that it is still learning: an hour of
/// the week has been seen four times then.
pub const LEARNED: f64 = 4.0;

/// Weeks of data from which on a trend is told apart from a good or a bad week.
const TRENDED: f64 = 8.0;

/// Rounds of fitting and weighing: later ones move nothing that is seen.
const ROUNDS: usize = 12;

/// When an hour is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct When {
    /// Hour of the local week: 0 is Monday from 00:00.
    pub hour_of_week: u8,
    /// Weeks since some instant, the same for all hours.
    pub week: f64,
    /// Whether it is a holiday there.
    pub holiday: bool,
}

/// What one past hour had.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hour {
    /// When it was.
    pub when: When,
    /// How many events it had.
    pub count: u32,
}

/// A fitted baseline.
#[derive(Debug, Clone)]
pub struct Baseline {
    profile: Profile,
    level: Level,
    dispersion: f64,
    weights: Vec<f64>,
    weeks: f64,
}

/// ln of the count that the profile is multiplied with, on a line through time.
#[derive(Debug, Clone)]
struct Level {
    /// ln of the level in the middle of the data.
    middle: f64,
    /// Its change a week; zero before there is enough data.
    trend: f64,
    /// The middle, and the last week: a trend goes on no further.
    centre: f64,
    last: f64,
    /// Variances of level and trend, and their covariance.
    variance: [f64; 3],
}

impl Level {
    /// ln of the level at a time, and its variance.
    fn at(&self, week: f64) -> (f64, f64) {
        let since = week.min(self.last) - self.centre;
        let [own, trend, both] = self.variance;
        (self.middle + self.trend * since, own + since * (2.0 * both + since * trend))
    }
}

/// Fits a baseline to past hours, in any order.
///
/// # Errors
///
/// `NoData`, `TooFew` hours (less than a week), `Invalid` times, `Unsettled`.
pub fn fit(hours: &[Hour]) -> Estimate<Baseline> {
    if hours.is_empty() {
        return Err(NotEstimable::NoData);
    }
    let odd = |when: &When| usize::from(when.hour_of_week) >= WEEK || !when.week.is_finite();
    if hours.iter().any(|hour| odd(&hour.when)) {
        return Err(NotEstimable::Invalid("an hour is not in a week"));
    }
    if hours.len() < WEEK {
        return Err(NotEstimable::TooFew { what: "hours", have: hours.len(), need: WEEK });
    }
    let weeks = size(hours.len()) / size(WEEK);
    let whens: Vec<When> = hours.iter().map(|hour| hour.when).collect();
    let counts: Vec<f64> = hours.iter().map(|hour| f64::from(hour.count)).collect();
    if counts.iter().all(|count| *count == 0.0) {
        return Ok(Baseline::never(&whens, weeks));
    }
    let mut baseline = Baseline::flat(&whens, &counts, weeks);
    for round in 0..ROUNDS {
        baseline.profile = Profile::fit(
            &whens,
            &counts,
            &baseline.levels(&whens),
            &baseline.weights,
            baseline.dispersion,
        );
        baseline.fit_level(&whens, &counts)?;
        let levels = baseline.levels(&whens);
        let means: Vec<f64> = levels
            .iter()
            .zip(&whens)
            .map(|(level, when)| level * baseline.profile.factor(when).0)
            .collect();
        // First from the middle of the data, which outbreaks don't reach.
        let spread = dispersion::of_the_middle(&counts, &means);
        baseline.dispersion = if round == 0 {
            spread
        } else {
            let parameters = 2.0 + baseline.profile.parameters();
            dispersion::of_all(&counts, &means, &baseline.weights, parameters)
        };
        let usual = usual::usual(&whens, &counts, &levels, &means);
        baseline.weights = anscombe::weights(&counts, &usual, baseline.dispersion);
    }
    Ok(baseline)
}

impl Baseline {
    /// Where nothing was ever counted: half an event in all of the time, as Jeffreys'
    /// prior would have it (1946, Proceedings of the Royal Society A 186:453–461).
    fn never(whens: &[When], weeks: f64) -> Self {
        let mut baseline = Self::flat(whens, &[0.5], weeks);
        baseline.level.variance = [2.0, 0.0, 0.0];
        baseline
    }

    /// The same count at every hour.
    fn flat(whens: &[When], counts: &[f64], weeks: f64) -> Self {
        let total: f64 = counts.iter().sum();
        let times = whens.iter().map(|when| when.week);
        let centre = times.clone().sum::<f64>() / size(whens.len());
        let last = times.fold(f64::NEG_INFINITY, f64::max);
        let middle = (total / size(whens.len())).ln();
        let variance = [1.0 / total, 0.0, 0.0];
        let level = Level { middle, trend: 0.0, centre, last, variance };
        let weights = vec![1.0; whens.len()];
        Self { profile: Profile::flat(), level, dispersion: 0.0, weights, weeks }
    }

    /// Level and, where there is enough data, trend, the profile being known.
    fn fit_level(&mut self, whens: &[When], counts: &[f64]) -> Estimate<()> {
        let offsets: Vec<f64> = whens.iter().map(|when| self.profile.factor(when).0.ln()).collect();
        let centre = self.level.centre;
        let trended = vec![
            vec![1.0; whens.len()],
            whens.iter().map(|when| when.week - centre).collect::<Vec<f64>>(),
        ];
        let given = glm::Given { counts, offsets: &offsets, weights: &self.weights };
        let fit = |columns: &[Vec<f64>]| glm::fit(columns, &given, self.dispersion);
        let found = if self.weeks >= TRENDED {
            // Counts of a few weeks only may have no finite slope.
            fit(&trended).or_else(|_| fit(trended.get(..1).unwrap_or_default()))?
        } else {
            fit(trended.get(..1).unwrap_or_default())?
        };
        let (level, trend) = (found.influence_on(0), found.influence_on(1));
        self.level.middle = found.coefficients.first().copied().unwrap_or(0.0);
        self.level.trend = found.coefficients.get(1).copied().unwrap_or(0.0);
        self.level.variance = if found.coefficients.len() > 1 {
            [dot(&level, &level), dot(&trend, &trend), dot(&level, &trend)]
        } else {
            [dot(&level, &level), 0.0, 0.0]
        };
        Ok(())
    }

    /// What level and trend alone expect of each hour.
    fn levels(&self, whens: &[When]) -> Vec<f64> {
        whens.iter().map(|when| self.level.at(when.week).0.exp()).collect()
    }

    /// How much each past hour weighs, 0 to 1, in the order given: little means that
    /// it was taken for an outbreak.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Variance beyond Poisson's, by the mean squared.
    #[must_use]
    pub const fn dispersion(&self) -> f64 {
        self.dispersion
    }

    /// So many parameters the profile is worth.
    pub(crate) fn parameters(&self) -> f64 {
        self.profile.parameters()
    }

    /// What an hour should have. It goes no further with a trend than the data went.
    #[must_use]
    pub fn expect(&self, when: &When) -> Expected {
        let (level, unsure_level) = self.level.at(when.week);
        let (factor, unsure_factor) = self.profile.factor(when);
        // Beyond what is told apart, not even an hour a year's worth of events.
        let mean = (level.exp() * factor).clamp(1e-9, real(1 << 52));
        let learning =
            (self.weeks < LEARNED).then_some(Learning { weeks: self.weeks, need: LEARNED });
        Expected::new(mean, self.dispersion, unsure_level + unsure_factor, learning)
    }
}

#[cfg(test)]
mod tests;
