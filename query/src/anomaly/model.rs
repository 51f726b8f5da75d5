//! What a series usually has: a baseline by hour of the week, and how widely windows of
//! each length vary around it.

use super::{
    calendar::Calendar,
    spread::{Past, spread},
    tally::Tally,
    window::{Hour, LEARNED_HOURS, LENGTHS, Minute},
};
use crate::stats::{
    baseline::{self, Baseline, Hour as Counted},
    counts::Counts,
    estimate::{Estimate, NotEstimable},
    size,
};

/// A series' fitted past.
#[derive(Debug, Clone)]
pub(super) struct Model {
    baseline: Baseline,
    spreads: [f64; LENGTHS.len()],
    /// Hours of data behind it.
    hours: usize,
}

/// What a span should have: mean, and how unsure that is (variance of its logarithm).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Outlook {
    mean: f64,
    unsure: f64,
}

/// Hours between which a model is fitted, and those left out.
pub(super) struct Span<'a> {
    pub(super) from: Hour,
    pub(super) upto: Hour,
    /// Hours that say nothing: the source was silent, or an incident is being looked at.
    pub(super) is_left_out: &'a dyn Fn(Hour) -> bool,
}

/// One hour that was fitted, as the baseline sees it now.
#[derive(Debug, Clone, Copy)]
struct Seen {
    mean: f64,
    outbreak: bool,
}

impl Model {
    /// Fits counts by quarter of an hour.
    ///
    /// # Errors
    ///
    /// `TooFew` hours (less than four weeks that say something), or the baseline's.
    pub(super) fn fit(history: &Tally, span: &Span<'_>, calendar: &Calendar) -> Estimate<Self> {
        let used: Vec<bool> =
            (span.from..span.upto).map(|hour| !(span.is_left_out)(hour)).collect();
        let have = used.iter().filter(|used| **used).count();
        let need = usize::try_from(LEARNED_HOURS).unwrap_or(usize::MAX);
        if have < need {
            return Err(NotEstimable::TooFew { what: "hours of data", have, need });
        }
        let hours: Vec<Counted> = (span.from..span.upto)
            .zip(&used)
            .filter(|(_, used)| **used)
            .map(|(hour, _)| {
                let count = history.sum(hour * 4, hour * 4 + 4);
                Counted {
                    when: calendar.when(hour),
                    count: u32::try_from(count).unwrap_or(u32::MAX),
                }
            })
            .collect();
        let baseline = baseline::fit(&hours)?;
        let fitted = hours.iter().zip(baseline.weights()).map(|(hour, weight)| Seen {
            mean: baseline.expect(&hour.when).mean,
            outbreak: *weight < 1.0,
        });
        let seen = spread_out(fitted, &used);
        let quarters = by_quarter(history, span);
        let mut spreads = [0.0; LENGTHS.len()];
        for (spread_of, length) in spreads.iter_mut().zip(LENGTHS) {
            let windows = windows(&quarters, &seen, length.minutes);
            // What is fitted by hour of the week is fitted by as many windows of a week.
            let of_week = f64::from(10_080 / length.minutes);
            *spread_of = spread(&windows, 2.0 + baseline.parameters().min(of_week));
        }
        Ok(Self { baseline, spreads, hours: have })
    }

    /// Weeks of data behind it.
    pub(super) fn weeks(&self) -> f64 {
        size(self.hours) / 168.0
    }

    /// Expected count of the minutes `[from, to)`.
    pub(super) fn mean(&self, calendar: &Calendar, span: (Minute, Minute)) -> f64 {
        self.outlook(calendar, span).mean
    }

    /// Distribution of the count of the minutes `[from, to)`, as wide as windows of that
    /// length are, and as the baseline itself may be off.
    pub(super) fn counts(
        &self,
        calendar: &Calendar,
        span: (Minute, Minute),
        length: usize,
    ) -> Estimate<Counts> {
        let outlook = self.outlook(calendar, span);
        let spread = self.spreads.get(length).copied().unwrap_or(f64::NAN);
        Counts::new(outlook.mean, spread + outlook.unsure)
    }

    fn outlook(&self, calendar: &Calendar, (from, to): (Minute, Minute)) -> Outlook {
        let (mut mean, mut off) = (0.0, 0.0);
        for hour in from / 60..to.div_ceil(60) {
            let minutes = (hour * 60 + 60).min(to).saturating_sub((hour * 60).max(from));
            let expected =
                self.baseline.expect(&calendar.when(hour)).part(f64::from(minutes) / 60.0);
            mean += expected.mean;
            // As if all hours were off the same way, which their common level is.
            off += expected.mean * expected.unsure.sqrt();
        }
        Outlook { mean, unsure: if mean > 0.0 { (off / mean).powi(2) } else { 0.0 } }
    }
}

/// Puts what was fitted back in its place among all hours.
fn spread_out(mut fitted: impl Iterator<Item = Seen>, used: &[bool]) -> Vec<Option<Seen>> {
    used.iter().map(|used| if *used { fitted.next() } else { None }).collect()
}

/// Counts of every quarter of an hour.
fn by_quarter(history: &Tally, span: &Span<'_>) -> Vec<u32> {
    let (from, to) = (span.from * 4, span.upto * 4);
    let mut quarters = vec![0; usize::try_from(to - from).unwrap_or(0)];
    for (quarter, count) in history.range(from, to) {
        let at = usize::try_from(quarter - from).ok().and_then(|at| quarters.get_mut(at));
        if let Some(slot) = at {
            *slot = *count;
        }
    }
    quarters
}

/// Past windows of a length, side by side; those with an hour that says nothing are
/// left out.
fn windows(quarters: &[u32], seen: &[Option<Seen>], minutes: Minute) -> Vec<Past> {
    let width = usize::try_from(minutes / 15).unwrap_or(1).max(1);
    let chunks = quarters.chunks_exact(width).enumerate();
    let window = |(at, counts): (usize, &[u32])| {
        let (from, to) = (at * width, (at + 1) * width);
        let hours = seen.get(from / 4..to.div_ceil(4))?;
        let share = size(width) / (4.0 * size(hours.len()));
        let mut past = Past { count: 0.0, mean: 0.0, outbreak: false };
        for hour in hours {
            let hour = hour.as_ref()?;
            past.mean += hour.mean * share;
            past.outbreak |= hour.outbreak;
        }
        past.count = counts.iter().map(|count| f64::from(*count)).sum();
        Some(past)
    };
    chunks.filter_map(window).collect()
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    const FROM: Hour = 480_000;

    /// Twelve weeks with 8 in each quarter of the hours from 8 to 18, 1 an hour else.
    fn history() -> Tally {
        let mut history = Tally::default();
        for hour in FROM..FROM + 12 * 168 {
            if (8..18).contains(&(hour % 24)) {
                (0..4).for_each(|quarter| history.add(hour * 4 + quarter, 8));
            } else {
                history.add(hour * 4, 1);
            }
        }
        history
    }

    fn fit(upto: Hour, is_left_out: &dyn Fn(Hour) -> bool) -> Estimate<Model> {
        let span = Span { from: FROM, upto, is_left_out };
        Model::fit(&history(), &span, &Calendar::new(Tz::UTC, []))
    }

    #[test]
    fn a_window_expects_what_its_hours_do() {
        let model = fit(FROM + 12 * 168, &|_| false).expect("a model");
        let calendar = Calendar::new(Tz::UTC, []);
        let day = (FROM + 12 * 168) * 60;
        let mean = |from: u32, to: u32| model.mean(&calendar, (day + from, day + to));
        assert!((mean(600, 660) - 32.0).abs() < 1.0, "{}", mean(600, 660));
        assert!((mean(600, 615) * 4.0 - mean(600, 660)).abs() < 1e-9);
        // 40 minutes of the day and 20 of the evening.
        let both = mean(1_040, 1_080) + mean(1_080, 1_100);
        assert!((mean(1_040, 1_100) - both).abs() < 1e-9);
        assert!((mean(0, 1_440) - 334.0).abs() < 6.0, "{}", mean(0, 1_440));
        assert!((model.weeks() - 12.0).abs() < 1e-9);
        let counts = model.counts(&calendar, (day, day + 1_440), 3).expect("counts");
        assert!(counts.dispersion() < 0.02, "{counts:?}");
    }

    #[test]
    fn hours_that_say_nothing_are_no_zeros() {
        // Each Sunday's data is missing from the fourth week on.
        let missing = |hour: Hour| (hour - FROM) % 168 >= 144 && hour - FROM > 3 * 168;
        let model = fit(FROM + 12 * 168, &missing).expect("a model");
        let calendar = Calendar::new(Tz::UTC, []);
        let sunday = (FROM + 12 * 168 + 144) * 60;
        let mean = model.mean(&calendar, (sunday, sunday + 1_440));
        assert!((mean - 334.0).abs() < 15.0, "{mean}");
        assert!(model.weeks() < 11.0);
    }

    #[test]
    fn less_than_four_weeks_give_no_model() {
        let lacking = fit(FROM + 4 * 168, &|hour| hour == FROM + 5).err();
        let few = NotEstimable::TooFew { what: "hours of data", have: 671, need: 672 };
        assert_eq!(lacking, Some(few));
        assert!(fit(FROM + 4 * 168, &|_| false).is_ok());
    }
}
