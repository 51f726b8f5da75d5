//! How a week goes: factors of hour of day (24), hour on a working day or another
//! (48), hour of week (168) and holidays, each drawn towards the one before.
//!
//! A factor has a gamma distribution with mean 1 around the one before it, as wide as the
//! data says (the moments of DerSimonian & Laird 1986, Controlled Clinical Trials
//! 7:177–188); given counts it is (κ + Σy)/(κ + Σμ), κ being one by that variance
//! (Clayton & Kaldor 1987, "Empirical Bayes estimates of age-standardized relative
//! risks", Biometrics 43:671–681). A count with dispersion α weighs 1/(1 + αμ) of a
//! Poisson one.

use super::{WEEK, When};
use crate::stats::size;

/// What a level's κ may be: hours differ at least by a thousandth, and one event is
/// enough to be drawn by no more than that much.
const STRENGTH: (f64, f64) = (0.5, 1e6);

/// How much the holidays' factor is drawn to 1: as by two events.
const HOLIDAY: f64 = 2.0;

/// Factors of one level.
#[derive(Debug, Clone)]
struct Factors {
    /// A factor and what is known of it: counts expected, each by its weight.
    each: Vec<(f64, f64)>,
    /// Expected counts that the drawing is worth.
    strength: f64,
}

/// A week's profile.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    day: Factors,
    kind: Factors,
    week: Factors,
    holiday: Factors,
}

/// Which factor of each level an hour has. A holiday goes like a day off, and has no
/// hour of the week.
fn places(when: &When) -> (usize, usize, Option<usize>, Option<usize>) {
    let hour = usize::from(when.hour_of_week);
    let off = when.holiday || hour >= 120;
    let day = hour % 24;
    let week = (!when.holiday).then_some(hour);
    (day, if off { 24 + day } else { day }, week, when.holiday.then_some(0))
}

impl Factors {
    fn flat(len: usize) -> Self {
        Self { each: vec![(1.0, 0.0); len], strength: STRENGTH.1 }
    }

    /// From (place, count, expected, weight) of each hour that has a place.
    fn fit(len: usize, rows: impl Iterator<Item = (usize, f64, f64, f64)>) -> Self {
        let mut sums = vec![(0.0, 0.0); len];
        for (place, count, expected, weight) in rows {
            if let Some((seen, known)) = sums.get_mut(place) {
                *seen += weight * count;
                *known += weight * expected;
            }
        }
        let strength = strength(&sums);
        let each = sums
            .into_iter()
            .map(|(seen, known)| ((strength + seen) / (strength + known), known))
            .collect();
        Self { each, strength }
    }

    /// The factor, and the variance of its logarithm.
    fn at(&self, place: usize) -> (f64, f64) {
        let (factor, known) = self.each.get(place).copied().unwrap_or((1.0, 0.0));
        (factor, 1.0 / (self.strength + known))
    }

    /// So many parameters it is worth: what is drawn wholly counts nothing.
    fn parameters(&self) -> f64 {
        self.each.iter().map(|(_, known)| known / (known + self.strength)).sum()
    }
}

/// One by the variance of factors around 1, from sums of (counts, expected counts).
fn strength(sums: &[(f64, f64)]) -> f64 {
    let known = || sums.iter().filter(|(_, known)| *known > 0.0);
    let scatter: f64 = known().map(|(seen, known)| (seen - known).powi(2) / known).sum();
    let (all, squares) = known()
        .fold((0.0, 0.0), |(all, squares), (_, known)| (all + known, squares + known * known));
    let room = all - squares / all;
    let variance = (scatter - (size(known().count()) - 1.0)) / room;
    if variance > 0.0 { (1.0 / variance).clamp(STRENGTH.0, STRENGTH.1) } else { STRENGTH.1 }
}

impl Profile {
    /// Every hour alike.
    pub(super) fn flat() -> Self {
        Self {
            day: Factors::flat(24),
            kind: Factors::flat(48),
            week: Factors::flat(WEEK),
            holiday: Factors::flat(1),
        }
    }

    /// From hours, their counts, what level and trend alone expect, their weights, and
    /// the dispersion.
    pub(super) fn fit(
        whens: &[When],
        counts: &[f64],
        levels: &[f64],
        weights: &[f64],
        dispersion: f64,
    ) -> Self {
        let mut profile = Self::flat();
        // What the factors so far expect of each hour. They begin at the right sum, so that
        // they say how counts are spread, and level and trend how many there are.
        let (seen, known) = levels.iter().zip(counts).zip(weights).fold(
            (0.0, 0.0),
            |(seen, known), ((level, count), weight)| {
                let weight = weight / (1.0 + dispersion * level);
                (seen + weight * count, known + weight * level)
            },
        );
        let mut expected: Vec<f64> = levels.iter().map(|level| level * seen / known).collect();
        let place: [fn(&When) -> Option<usize>; 4] = [
            |when| Some(places(when).0),
            |when| Some(places(when).1),
            |when| places(when).3,
            |when| places(when).2,
        ];
        for (step, place) in place.into_iter().enumerate() {
            let rows = whens.iter().zip(counts).zip(&expected).zip(weights).filter_map(
                |(((when, count), expected), weight)| {
                    let weight = weight / (1.0 + dispersion * expected);
                    Some((place(when)?, *count, *expected, weight))
                },
            );
            let factors = match step {
                0 => &mut profile.day,
                1 => &mut profile.kind,
                2 => &mut profile.holiday,
                _ => &mut profile.week,
            };
            let len = factors.each.len();
            *factors = if step == 2 { Self::holiday(rows) } else { Factors::fit(len, rows) };
            for (expected, when) in expected.iter_mut().zip(whens) {
                *expected *= place(when).map_or(1.0, |place| factors.at(place).0);
            }
        }
        profile
    }

    /// One factor has no others to tell how much it should be drawn.
    fn holiday(rows: impl Iterator<Item = (usize, f64, f64, f64)>) -> Factors {
        let (seen, known) = rows.fold((0.0, 0.0), |(seen, known), (_, count, expected, weight)| {
            (seen + weight * count, known + weight * expected)
        });
        Factors { each: vec![((HOLIDAY + seen) / (HOLIDAY + known), known)], strength: HOLIDAY }
    }

    /// What an hour's level is multiplied with, and the variance of its logarithm.
    pub(super) fn factor(&self, when: &When) -> (f64, f64) {
        let (day, kind, week, holiday) = places(when);
        let each = [
            Some(self.day.at(day)),
            Some(self.kind.at(kind)),
            week.map(|week| self.week.at(week)),
            holiday.map(|holiday| self.holiday.at(holiday)),
        ];
        each.into_iter()
            .flatten()
            .fold((1.0, 0.0), |(factor, unsure), (more, also)| (factor * more, unsure + also))
    }

    /// So many parameters it is worth, level and trend left out.
    pub(super) fn parameters(&self) -> f64 {
        [&self.day, &self.kind, &self.week, &self.holiday]
            .into_iter()
            .map(Factors::parameters)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::close;

    #[test]
    fn factors_are_drawn_by_what_hours_differ() {
        // By hand: expected 10, 10 and 20; seen 30, 4 and 18.
        // Scatter 40 + 3.6 + 0.2 = 43.8; room 40 − 600/40 = 25; variance 41.8/25.
        let rows = [(0, 30.0, 10.0, 1.0), (1, 8.0, 20.0, 0.5), (2, 18.0, 20.0, 1.0)];
        let found = Factors::fit(3, rows.into_iter());
        let strength = 25.0 / 41.8;
        close(found.strength, strength, 1e-12, "strength");
        for (at, (seen, known)) in [(30.0, 10.0), (4.0, 10.0), (18.0, 20.0)].into_iter().enumerate()
        {
            let (factor, unsure) = found.at(at);
            close(factor, (strength + seen) / (strength + known), 1e-12, "factor");
            close(unsure, 1.0 / (strength + known), 1e-12, "variance");
        }
        let parameters = 2.0 * 10.0 / (10.0 + strength) + 20.0 / (20.0 + strength);
        close(found.parameters(), parameters, 1e-12, "parameters");
    }

    #[test]
    fn hours_that_do_not_differ_are_one() {
        let rows = (0..24).map(|hour| (hour, 7.0, 7.0, 1.0));
        let found = Factors::fit(24, rows);
        assert!((0..24).all(|hour| (found.at(hour).0 - 1.0).abs() < 1e-12));
        assert!(found.parameters() < 0.01);
    }

    #[test]
    fn a_holiday_goes_like_a_day_off() {
        let when = |hour_of_week, holiday| When { hour_of_week, week: 0.0, holiday };
        assert_eq!(places(&when(9, false)), (9, 9, Some(9), None));
        assert_eq!(places(&when(9, true)), (9, 33, None, Some(0)));
        assert_eq!(places(&when(120 + 9, false)), (9, 33, Some(129), None));
    }
}
