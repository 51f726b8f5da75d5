//! How usual an hour is for a person: the density of their past hours on a circle of a
//! day or a week, smoothed by von Mises' distribution and mixed with the team's.
//! Mardia & Jupp 2000, "Directional Statistics", 3.5.4 and 12.5.

use std::f64::consts::TAU;

use super::{
    estimate::{Estimate, NotEstimable},
    size,
};

/// The circle that hours lie on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circle {
    /// 24 hours.
    Day,
    /// 168 hours.
    Week,
}

impl Circle {
    /// Its length in hours.
    #[must_use]
    pub const fn hours(self) -> f64 {
        match self {
            Self::Day => 24.0,
            Self::Week => 168.0,
        }
    }

    /// Concentration of one sign-in's share: about an hour around it on the day, an
    /// hour and a half in the week, where there are fewer for each hour.
    fn concentration(self) -> f64 {
        let spread = match self {
            Self::Day => 1.0,
            Self::Week => 1.5,
        };
        (self.hours() / (TAU * spread)).powi(2)
    }
}

/// How often sign-ins fell into each part of the circle: (hour, how often).
#[derive(Debug, Clone, PartialEq)]
pub struct Hours {
    circle: Circle,
    seen: Vec<(f64, f64)>,
    total: f64,
}

impl Hours {
    /// From hours since the circle's start (hour 25.5 of the day is 1.5) and how often
    /// each was seen.
    ///
    /// # Errors
    ///
    /// `NoData` if nothing was seen, `Invalid` if an hour is not finite.
    pub fn new(circle: Circle, seen: &[(f64, u32)]) -> Estimate<Self> {
        if seen.iter().any(|(hour, _)| !hour.is_finite()) {
            return Err(NotEstimable::Invalid("an hour is not a finite number"));
        }
        let seen: Vec<(f64, f64)> = seen
            .iter()
            .filter(|(_, often)| *often > 0)
            .map(|(hour, often)| (*hour, f64::from(*often)))
            .collect();
        if seen.is_empty() {
            return Err(NotEstimable::NoData);
        }
        let total = seen.iter().map(|(_, often)| often).sum();
        Ok(Self { circle, seen, total })
    }

    /// How many sign-ins there were.
    #[must_use]
    pub const fn total(&self) -> f64 {
        self.total
    }

    /// Density at an hour, per hour: over the circle it adds up to 1. Evenly spread it
    /// is 1/24 or 1/168.
    #[must_use]
    pub fn density(&self, hour: f64) -> f64 {
        let concentration = self.circle.concentration();
        let sum: f64 = self
            .seen
            .iter()
            .map(|(other, often)| {
                let angle = TAU * (hour - other) / self.circle.hours();
                often * (concentration * (angle.cos() - 1.0)).exp()
            })
            .sum();
        sum / (self.total * self.circle.hours() * bessel(concentration))
    }

    /// Density mixed with the team's, which counts as much as `strength` sign-ins of the
    /// person's own: a newcomer is judged by the team.
    #[must_use]
    pub fn mixed(&self, team: &Self, strength: f64, hour: f64) -> f64 {
        let own = self.total / (self.total + strength.max(0.0));
        own * self.density(hour) + (1.0 - own) * team.density(hour)
    }

    /// Share of the past sign-ins that lay at hours no more usual than this one, under
    /// the mixed density: small is rare. Never zero: (b+1)/(n+1).
    #[must_use]
    pub fn rarity(&self, team: &Self, strength: f64, hour: f64) -> f64 {
        let here = self.mixed(team, strength, hour);
        let rarer = self
            .seen
            .iter()
            .filter(|(other, _)| self.mixed(team, strength, *other) <= here)
            .map(|(_, often)| often);
        (rarer.sum::<f64>() + 1.0) / (self.total + 1.0)
    }
}

/// e^(−x)·I₀(x), the modified Bessel function by its series, each term from the one
/// before; the largest is near x/2, and behind it they fall fast.
fn bessel(x: f64) -> f64 {
    // Begins with e^(−x) inside, which no x here takes to zero (up to 700).
    let quarter = x * x / 4.0;
    let (mut term, mut sum) = ((-x).exp(), 0.0);
    let mut k = 0_usize;
    while term > sum * 1e-17 || size(k) < x {
        sum += term;
        k += 1;
        term *= quarter / (size(k) * size(k));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    fn hours(case: &crate::stats::oracle::Case, hours: &str, often: &str) -> Hours {
        let circle = if case.whole("circle") == 24 { Circle::Day } else { Circle::Week };
        let often = case.wholes(often).into_iter().map(|often| u32::try_from(often).expect("few"));
        let seen: Vec<(f64, u32)> = case.numbers(hours).into_iter().zip(often).collect();
        Hours::new(circle, &seen).expect("hours")
    }

    #[test]
    fn densities_agree_with_scipy() {
        for case in cases(include_str!("oracle/habits.json"), "hours") {
            let person = hours(&case, "hours", "often");
            let team = hours(&case, "team_hours", "team_often");
            let asked = case.numbers("asked");
            let expected = case.numbers("density").into_iter().zip(case.numbers("mixed"));
            for (hour, (density, mixed)) in asked.into_iter().zip(expected) {
                close(person.density(hour), density, 1e-9, "density");
                close(person.mixed(&team, 20.0, hour), mixed, 1e-9, "mixed");
            }
        }
    }

    #[test]
    fn a_circle_adds_up_to_one_and_has_no_seam() {
        for circle in [Circle::Day, Circle::Week] {
            let late = Hours::new(circle, &[(circle.hours() - 0.25, 3), (7.0, 1)]).expect("hours");
            let steps = 24_000_u32;
            let width = circle.hours() / f64::from(steps);
            let sum: f64 = (0..steps).map(|at| late.density(f64::from(at) * width) * width).sum();
            close(sum, 1.0, 1e-9, "the whole circle");
            close(late.density(0.0), late.density(circle.hours()), 1e-9, "round and round");
            assert!(late.density(0.1) > 1.0 / circle.hours());
        }
    }

    #[test]
    fn night_is_rare_for_who_works_by_day() {
        let day: Vec<(f64, u32)> = (9..17).map(|hour| (f64::from(hour) + 0.5, 30)).collect();
        let own = Hours::new(Circle::Day, &day).expect("hours");
        assert!(own.rarity(&own, 20.0, 3.0) < 0.01);
        assert!(own.rarity(&own, 20.0, 3.0) > 0.0);
        assert!(own.rarity(&own, 20.0, 12.0) > 0.1);
        let night = Hours::new(Circle::Day, &[(2.0, 50), (3.0, 50)]).expect("hours");
        let new = Hours::new(Circle::Day, &[(10.0, 1)]).expect("hours");
        assert!(new.mixed(&night, 20.0, 3.0) > own.mixed(&own, 20.0, 3.0));
        assert_eq!(Hours::new(Circle::Day, &[]), Err(NotEstimable::NoData));
        assert!(Hours::new(Circle::Day, &[(f64::NAN, 1)]).is_err());
    }
}
