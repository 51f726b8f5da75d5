//! How much larger one sample's values are: Hodges & Lehmann 1963, Annals of
//! Mathematical Statistics 34:598–611; the interval inverts the Mann–Whitney test
//! (Hollander, Wolfe & Chicken 2014, "Nonparametric Statistical Methods", 4.3).
//! It supposes that both samples have one shape, moved.

use super::{
    estimate::{Estimate, Interval, Level, NotEstimable, finite},
    ranks::{EXACT_PAIRS, Orders, deviation, rank_sum},
    size,
};

/// A shift in the values' unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// Median over all pairs of first less second.
    pub value: f64,
    /// Its interval; samples that are too small for the level have none.
    pub interval: Option<Interval>,
}

/// By how much the first sample's values are larger.
///
/// # Errors
///
/// `NoData` if one is empty, `Invalid` if a value is not finite.
pub fn hodges_lehmann(first: &[f64], second: &[f64], level: Level) -> Estimate<Shift> {
    finite(first.iter().chain(second))?;
    if first.is_empty() || second.is_empty() {
        return Err(NotEstimable::NoData);
    }
    let pairs = first.len() * second.len();
    let differences = Differences::new(first, second);
    let at = |rank| differences.at(rank).ok_or(NotEstimable::Unsettled);
    let value = f64::midpoint(at(pairs.div_ceil(2))?, at(pairs / 2 + 1)?);
    let rank = end(first, second, level);
    let interval = (rank >= 1)
        .then(|| -> Estimate<Interval> {
            Ok(Interval { low: at(rank)?, high: at(pairs + 1 - rank)?, level })
        })
        .transpose()?;
    Ok(Shift { value, interval })
}

/// Which difference, counted from the smallest, is the lower end; 0 if none is.
fn end(first: &[f64], second: &[f64], level: Level) -> usize {
    let (_, ties) = rank_sum(first, second);
    let pairs = first.len() * second.len();
    if ties == 0.0 && pairs <= EXACT_PAIRS {
        return Orders::new(first.len(), second.len()).below(level.tail());
    }
    let spread = deviation(size(first.len()), size(second.len()), ties);
    let most = size(pairs) / 2.0 - level.normal() * spread;
    // Counted by halving: the largest whole number not above `most`.
    let (mut low, mut high) = (0, pairs / 2);
    while low < high {
        let middle = high - (high - low) / 2;
        if size(middle) <= most { low = middle } else { high = middle - 1 }
    }
    low
}

/// All differences of two samples, never written down: there are n·m of them.
struct Differences {
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Differences {
    fn new(first: &[f64], second: &[f64]) -> Self {
        let sorted = |values: &[f64]| {
            let mut values = values.to_vec();
            values.sort_by(f64::total_cmp);
            values
        };
        Self { first: sorted(first), second: sorted(second) }
    }

    /// How many are at most `limit`: each of the first's values allows those of the
    /// second that are not too small, and a larger one allows fewer.
    fn at_most(&self, limit: f64) -> usize {
        let mut allowed = self.second.iter().peekable();
        let mut skipped = 0;
        let count = self.first.iter().map(|value| {
            while allowed.next_if(|other| value - **other > limit).is_some() {
                skipped += 1;
            }
            self.second.len() - skipped
        });
        count.sum()
    }

    /// The difference of a rank from 1 on, found by halving the numbers there are: 64
    /// steps, and exact.
    fn at(&self, rank: usize) -> Option<f64> {
        let least = self.first.first()? - self.second.last()?;
        let most = self.first.last()? - self.second.first()?;
        let (mut low, mut high) = (ordered(least), ordered(most));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at_most(number(middle)) >= rank { high = middle } else { low = middle + 1 }
        }
        // −0 and 0 are one difference.
        Some(number(low) + 0.0)
    }
}

/// A number's place among all numbers.
fn ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
}

/// The number of a place.
fn number(place: u64) -> f64 {
    f64::from_bits(if place >> 63 == 1 { place & !(1 << 63) } else { !place })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    #[test]
    fn shifts_agree_with_all_differences_sorted() {
        for case in cases(include_str!("oracle/ranks.json"), "shift") {
            let (x, y) = (case.numbers("x"), case.numbers("y"));
            let found = hodges_lehmann(&x, &y, Level::P95).expect("a shift");
            close(found.value, case.number("value"), 1e-12, "shift");
            let ends = case.numbers("ends");
            assert_eq!(found.interval.is_some(), !ends.is_empty());
            if let Some(interval) = found.interval {
                close(interval.low, ends[0], 1e-12, "low");
                close(interval.high, ends[1], 1e-12, "high");
            }
        }
    }

    #[test]
    fn every_rank_is_the_sorted_difference() {
        let differences = Differences::new(&[3.5, -1.0, 0.0, 3.5], &[2.0, -2.0, 0.25]);
        let mut all: Vec<f64> = Vec::new();
        for x in &differences.first {
            all.extend(differences.second.iter().map(|y| x - y));
        }
        all.sort_by(f64::total_cmp);
        let found: Vec<f64> = (1..=12).filter_map(|rank| differences.at(rank)).collect();
        assert_eq!(found, all);
        assert!(hodges_lehmann(&[], &[1.0], Level::P95).is_err());
    }
}
