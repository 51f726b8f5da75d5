//! How much of something has happened by a time, where something else may come
//! before it for good (a prompt answered can't be abandoned any more): Aalen &
//! Johansen 1978, Scandinavian Journal of Statistics 5:141–150. Taking the other as
//! censoring instead would say too much.

use super::{
    estimate::{Estimate, Interval, Level, NotEstimable},
    size,
};

/// How one case went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// What is asked about.
    Event,
    /// What makes it impossible.
    Other,
    /// It was still open when watching ended.
    Open,
}

/// What has happened by one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Incidence {
    /// The time, in the cases' unit.
    pub time: f64,
    /// Share to which the event has happened, 0 to 1.
    pub share: f64,
    /// Its variance by the delta method: Collett 2003, "Modelling Survival Data in
    /// Medical Research", 12.2.
    pub variance: f64,
}

impl Incidence {
    /// Interval by ln(−ln), which stays between 0 and 1; `None` while nothing or once
    /// everything has happened.
    #[must_use]
    pub fn interval(&self, level: Level) -> Option<Interval> {
        if self.share <= 0.0 || self.share >= 1.0 {
            return None;
        }
        let log = self.share.ln();
        let reach = level.normal() * self.variance.max(0.0).sqrt() / (self.share * log);
        let end = |sign: f64| (log * (sign * reach).exp()).exp();
        Some(Interval { low: end(-1.0), high: end(1.0), level })
    }
}

/// Cumulative incidence at each time at which something happened, from (time, fate)
/// in any order.
///
/// # Errors
///
/// `NoData`, `Invalid` if a time is negative or not finite.
pub fn cumulative(cases: &[(f64, Fate)]) -> Estimate<Vec<Incidence>> {
    if cases.is_empty() {
        return Err(NotEstimable::NoData);
    }
    if cases.iter().any(|(time, _)| !time.is_finite() || *time < 0.0) {
        return Err(NotEstimable::Invalid("a time is negative or not finite"));
    }
    let mut sorted = cases.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut at_risk, mut open, mut share) = (sorted.len(), 1.0, 0.0);
    let mut sums = Sums::default();
    let mut found = Vec::new();
    for tied in sorted.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let count = |fate: Fate| size(tied.iter().filter(|case| case.1 == fate).count());
        let (event, other, n) = (count(Fate::Event), count(Fate::Other), size(at_risk));
        if event + other > 0.0 {
            share += open * event / n;
            let variance = sums.add(share, open, event, event + other, n);
            open *= (n - event - other) / n;
            let time = tied.first().map_or(0.0, |case| case.0);
            found.push(Incidence { time, share, variance });
        }
        at_risk -= tied.len();
    }
    Ok(found)
}

/// The variance's three sums, with the earlier shares multiplied out so that each
/// step costs the same.
#[derive(Debug, Default)]
struct Sums {
    /// Σ c, Σ c·F, Σ c·F² with c = d/(n(n−d)) of all ends.
    all: [f64; 3],
    /// Σ S² d(n−d)/n³ of the event.
    own: f64,
    /// Σ b, Σ b·F with b = S·d/n² of the event.
    mixed: [f64; 2],
}

impl Sums {
    /// Adds one time's counts; the variance of `share`, the incidence then.
    fn add(&mut self, share: f64, open: f64, event: f64, ends: f64, n: f64) -> f64 {
        // Where nobody is left, this step's own term is multiplied by zero.
        let all = if ends < n { ends / (n * (n - ends)) } else { 0.0 };
        let [one, first, second] = &mut self.all;
        *one += all;
        *first += all * share;
        *second += all * share * share;
        self.own += open * open * event * (n - event) / (n * n * n);
        let mixed = open * event / (n * n);
        let [b, bf] = &mut self.mixed;
        *b += mixed;
        *bf += mixed * share;
        share * share * *one - 2.0 * share * *first + *second + self.own - 2.0 * (share * *b - *bf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    fn fate_of(number: i64) -> Fate {
        match number {
            0 => Fate::Open,
            1 => Fate::Event,
            _ => Fate::Other,
        }
    }

    #[test]
    fn shares_and_intervals_agree_with_lifelines() {
        for case in cases(include_str!("oracle/survival.json"), "aalen_johansen") {
            let all: Vec<(f64, Fate)> = case
                .numbers("time")
                .into_iter()
                .zip(case.wholes("fate"))
                .map(|(time, fate)| (time, fate_of(fate)))
                .collect();
            let found = cumulative(&all).expect("an incidence");
            let (share, variance) = (case.numbers("share"), case.numbers("variance"));
            let (low, high) = (case.numbers("low"), case.numbers("high"));
            assert_eq!(found.len(), share.len());
            for (at, step) in found.iter().enumerate() {
                close(step.share, share[at], 1e-9, "share");
                close(step.variance, variance[at], 1e-9, "variance");
                if let Some(interval) = step.interval(Level::P95) {
                    close(interval.low, low[at], 1e-9, "low");
                    close(interval.high, high[at], 1e-9, "high");
                }
            }
        }
    }

    #[test]
    fn without_open_cases_it_is_the_plain_share() {
        let all = [(1.0, Fate::Event), (2.0, Fate::Other), (2.0, Fate::Event), (4.0, Fate::Other)];
        let found = cumulative(&all).expect("an incidence");
        close(found[2].share, 0.5, 1e-15, "two of four");
        close(found[2].variance, 0.25 / 4.0, 1e-12, "p(1−p)/n");
        assert_eq!(cumulative(&[]), Err(NotEstimable::NoData));
        assert!(cumulative(&[(f64::NAN, Fate::Open)]).is_err());
    }
}
