//! The share of chance among what is raised, where tests come one after the other
//! and each is judged when it comes.
//!
//! Each day is planned to hold some number of tests (series times looks), and every
//! test of the day may spend as much: `rate / planned`, times what was already raised
//! that day. That is a rule of the kind of Ramdas, Yang, Wainwright & Jordan 2017,
//! "Online control of the false discovery rate with decaying memory" (arXiv
//! 1710.00499), section 2: what the tests so far were allowed, by what they raised,
//! never exceeds the rate; for independent tests this bounds the expected share of
//! chance. Reported p-values of counts keep it, since they are never too small.
//!
//! Why not LORD or SAFFRON: they spread one budget over an unending stream, so that
//! after quiet months a test is allowed next to nothing, and an hour's chance of
//! being heard depends on its number. Why not Benjamini–Hochberg on each look alone:
//! it allows the whole rate each look, 24 times a day or more. A day's budget treats
//! all hours alike, starts anew each day, and says what an operator can hold it to:
//! on a day without anything to find, an alarm has at most probability `rate`.

use super::{
    estimate::{Estimate, NotEstimable},
    size,
};

/// One day's tests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Day {
    rate: f64,
    planned: usize,
    tested: usize,
    raised: usize,
}

/// What became of one test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// Whether it is raised.
    pub raised: bool,
    /// The largest p-value that would have been.
    pub threshold: f64,
    /// The smallest rate at which it would have been raised, given what came before.
    pub q_value: f64,
}

impl Day {
    /// A day with at most `planned` tests, of whose alarms at most a share `rate`
    /// may be chance, on average over days.
    ///
    /// # Errors
    ///
    /// `Invalid` if the rate is not between 0 and 1 or nothing is planned.
    pub fn new(rate: f64, planned: usize) -> Estimate<Self> {
        if rate > 0.0 && rate < 1.0 && planned > 0 {
            Ok(Self { rate, planned, tested: 0, raised: 0 })
        } else {
            Err(NotEstimable::Invalid("a day's rate or its number of tests"))
        }
    }

    /// Judges the next test by its reported p-value. Tests beyond the planned ones
    /// raise nothing: a day that gets more series keeps its promise, and the next is
    /// planned larger.
    ///
    /// # Errors
    ///
    /// `Invalid` if the p-value is not between 0 and 1.
    pub fn judge(&mut self, p_value: f64) -> Estimate<Judged> {
        if !(0.0..=1.0).contains(&p_value) {
            return Err(NotEstimable::Invalid("a p-value is not between 0 and 1"));
        }
        if self.tested >= self.planned {
            return Ok(Judged { raised: false, threshold: 0.0, q_value: 1.0 });
        }
        let share = size(self.raised.max(1)) / size(self.planned);
        let threshold = self.rate * share;
        let raised = p_value <= threshold;
        self.tested += 1;
        self.raised += usize::from(raised);
        Ok(Judged { raised, threshold, q_value: (p_value / share).min(1.0) })
    }

    /// Whether as many tests came as were planned: any further one raises nothing.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.tested >= self.planned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::{
        ChaCha8Rng,
        rand_core::{RngCore, SeedableRng},
    };

    #[test]
    fn what_was_allowed_never_exceeds_what_was_raised() {
        let mut random = ChaCha8Rng::seed_from_u64(11);
        for _ in 0..50 {
            let mut day = Day::new(0.1, 200).expect("a day");
            let (mut allowed, mut raised) = (0.0, 0.0_f64);
            for _ in 0..220 {
                let p = f64::from(random.next_u32() % 1_000) / 19_997.0;
                let judged = day.judge(p).expect("judged");
                allowed += judged.threshold;
                raised += if judged.raised { 1.0 } else { 0.0 };
                assert!(allowed <= 0.1 * raised.max(1.0) + 1e-12);
                assert_eq!(judged.raised, judged.q_value <= 0.1 && judged.threshold > 0.0);
            }
            assert!(day.is_full());
        }
    }

    /// Over all outcomes of six tests with few values each, the expected share of
    /// chance; the first `real` tests are always found if anything is.
    #[test]
    fn the_share_of_chance_is_kept_by_exact_summation() {
        // Attainable values and their probabilities, the same for each test.
        let values = [(0.004, 0.004), (0.02, 0.016), (0.07, 0.05), (1.0, 0.93)];
        for real in 0..=3_u32 {
            let mut share = 0.0;
            for outcome in 0..4_usize.pow(6 - real) {
                let mut day = Day::new(0.1, 6).expect("a day");
                let (mut rest, mut probability) = (outcome, 1.0);
                let (mut wrong, mut right) = (0.0_f64, 0.0_f64);
                for at in 0..6 {
                    if at < real {
                        right += f64::from(day.judge(1e-9).expect("judged").raised);
                        continue;
                    }
                    let (p, chance) = values[rest % 4];
                    rest /= 4;
                    probability *= chance;
                    wrong += f64::from(day.judge(p).expect("judged").raised);
                }
                share += probability * wrong / (wrong + right).max(1.0);
            }
            assert!(share <= 0.1, "{share} with {real} real ones");
            assert!(share > 0.001, "it finds something");
        }
    }

    #[test]
    fn a_day_is_full_with_its_last_planned_test() {
        let mut day = Day::new(0.1, 2).expect("a day");
        assert!(!day.is_full());
        assert!(day.judge(1e-9).expect("judged").raised && !day.is_full());
        assert!(day.judge(1e-9).expect("judged").raised && day.is_full());
        let further = day.judge(1e-9).expect("judged");
        assert_eq!(further, Judged { raised: false, threshold: 0.0, q_value: 1.0 });
        assert!(day.is_full());
    }

    #[test]
    fn a_first_alarm_makes_the_next_easier() {
        let mut day = Day::new(0.05, 100).expect("a day");
        assert_eq!(day.judge(0.0006).expect("judged").threshold, 0.0005);
        assert!(day.judge(0.0005).expect("judged").raised);
        assert!(day.judge(0.0001).expect("judged").raised);
        assert!(day.judge(0.0009).expect("judged").raised);
        assert!(Day::new(0.05, 0).is_err());
        assert!(day.judge(f64::NAN).is_err());
    }
}
