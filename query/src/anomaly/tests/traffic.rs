//! Sign-ins of an invented organisation of 400: counts by the hours of real developers,
//! that vary more than Poisson's, from hour to hour and from day to day.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

use super::super::sighting::{Sighting, What};
use crate::stats::{counts::Counts, real};

/// Shares of the 168 hours of a week.
const HOURS: &str = include_str!("../../../../simulate/data/hours-of-week.csv");

/// Monday 5 January 2026, 00:00 UTC, in microseconds.
pub(super) const MONDAY_US: i64 = 1_767_571_200_000_000;
pub(super) const HOUR_US: i64 = 3_600_000_000;
pub(super) const DAY_US: i64 = 24 * HOUR_US;
pub(super) const WEEK_US: i64 = 7 * DAY_US;

/// Who works there.
const PEOPLE: u64 = 400;

/// What there is of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traffic {
    pub(super) seed: u64,
    /// Failures a week.
    pub(super) failures: f64,
    /// Variance of hourly rates beyond Poisson's, by the mean squared.
    pub(super) dispersion: f64,
    /// Spread of the logarithm of what whole days have more or less.
    pub(super) days_vary: f64,
}

/// One event with what it needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) at_us: i64,
    pub(super) what: What,
    pub(super) user: u64,
    pub(super) network: u64,
}

impl Event {
    pub(super) fn sighting(&self) -> Sighting<'static> {
        let Self { at_us, what, user, network } = *self;
        let (user, network) = (Some(user), Some(network));
        Sighting { at_us, source: "okta", service: Some("mail"), what, user, network }
    }
}

/// Evenly between 0 and 1.
pub(super) fn even(random: &mut ChaCha8Rng) -> f64 {
    (f64::from(random.next_u32()) + 0.5) / 4_294_967_296.0
}

/// Hours in microseconds.
fn micros(hours: f64) -> i64 {
    let micros = std::time::Duration::from_secs_f64(hours * 3_600.0).as_micros();
    i64::try_from(micros).expect("some hours")
}

/// About normal: the sum of twelve.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| even(random)).sum::<f64>() - 6.0
}

fn count(mean: f64, dispersion: f64, random: &mut ChaCha8Rng) -> u64 {
    Counts::new(mean, dispersion).expect("a distribution").quantile(even(random))
}

impl Traffic {
    /// An ordinary one: 350 failures a week, rates that wander by a third.
    pub(super) const fn ordinary(seed: u64) -> Self {
        Self { seed, failures: 350.0, dispersion: 0.1, days_vary: 0.15 }
    }

    /// Its events of some weeks, in order of time.
    pub(super) fn weeks(&self, weeks: std::ops::Range<i64>) -> Vec<Event> {
        let shares: Vec<f64> = HOURS
            .lines()
            .skip(1)
            .map(|line| line.split_once(',').expect("two columns").1.parse().expect("a share"))
            .collect();
        let seed = self.seed * 1_000 + weeks.start.unsigned_abs();
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut events = Vec::new();
        let mut day = 1.0;
        for hour in weeks.start * 168..weeks.end * 168 {
            if hour % 24 == 0 {
                day = (self.days_vary * normal(&mut random)).exp();
            }
            let share = shares[usize::try_from(hour.rem_euclid(168)).expect("an hour")];
            let from = MONDAY_US + hour * HOUR_US;
            let failures = count(self.failures * share * day, self.dispersion, &mut random);
            let successes = count(10.0 * self.failures * share * day, 0.05, &mut random);
            for _ in 0..failures {
                events.push(self.one(from, What::Failure, &mut random));
            }
            for _ in 0..successes {
                events.push(self.one(from, What::Success, &mut random));
            }
        }
        events.sort_by_key(|event| event.at_us);
        events
    }

    /// One sign-in in an hour. Of those that fail one in seven has a name that is mistyped,
    /// and one in sixteen comes from a network that nobody was in.
    fn one(&self, from_us: i64, what: What, random: &mut ChaCha8Rng) -> Event {
        let within = micros(even(random));
        let person = u64::from(random.next_u32()) % PEOPLE;
        let (typo, away) =
            (random.next_u32().is_multiple_of(7), random.next_u32().is_multiple_of(16));
        let strange = u64::from(random.next_u32()) + 1_000_000;
        let fails = what == What::Failure;
        Event {
            at_us: from_us + within,
            what,
            user: if fails && typo { strange } else { person },
            network: if fails && away { strange } else { 10_000 + person % 120 },
        }
    }
}

/// A campaign as the real one is: begins with an attempt every two minutes, has 530 an hour
/// after four hours, and goes on for days; names drawn evenly from 400 real and 1,600
/// invented ones, from a hundred networks, all failures. Of `thinned` one is kept.
pub(super) fn campaign(from_us: i64, hours: i64, thinned: u32, seed: u64) -> Vec<Event> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut events = Vec::new();
    let mut at = 0.0;
    while at < real(hours) {
        let rate = (30.0 + at * 130.0).min(530.0);
        at -= even(&mut random).ln() / rate;
        let user = u64::from(random.next_u32() % 2_000);
        let network = 500_000 + u64::from(random.next_u32() % 100);
        if random.next_u32() % thinned == 0 {
            let user = if user < PEOPLE { user } else { 20_000 + user };
            let at_us = from_us + micros(at);
            events.push(Event { at_us, what: What::Failure, user, network });
        }
    }
    events
}
