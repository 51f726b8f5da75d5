//! How much chance each decision may spend, so that what is raised by chance stays rare
//! over all series, lengths and moments.
//!
//! A **decision** is one series, one length and one cell of the grid (`window`): all
//! windows of that length that end in the cell, whichever minute. They all lie in one
//! span, the cell and a length before it, and a part has no more events than the whole;
//! so the probability that *any* of them has c events or more is at most that the span
//! has. This is what a p-value here is. It is right while the cell is still going on (the
//! most so far only grows), so that nothing waits for its end, and it costs a quarter to
//! a third more events expected than a window that nobody slides.
//!
//! A day may spend `level`. Each decision gets a fixed share of it, the shares of a day
//! add up to one, and a decision is raised where its p-value is at most its share of the
//! level. The expected number of chance findings of a day is then at most the level, and
//! so is their expected share among what is raised, since a share of chance is at most
//! the number of chance findings. Nothing in this sum asks that decisions be independent
//! (Bonferroni's inequality; as a bound on the per-family error rate: Lehmann & Romano
//! 2005, "Generalizations of the familywise error rate", Annals of Statistics
//! 33:1138–1154), and they aren't: cells overlap by nearly a whole window, 24 hours
//! contain the 15 minutes, all sources contain each.
//!
//! Why not [`crate::stats::online`], or LORD and SAFFRON: what was raised makes their next
//! threshold larger, which is allowed only for tests that don't share data with the one
//! raised (Zrnic, Ramdas & Jordan 2021, "Asynchronous online testing of multiple
//! hypotheses", JMLR 22:33, section 4). Here nearly all of a day share some, so nothing
//! would be won. Each day starts anew: a quiet year doesn't make the next day deaf.
//!
//! Half of the day goes to the series of all sources together and a quarter each to those
//! of sources and of services, so that an organisation with a thousand services hears a
//! campaign against all as well as one with three.

use super::window::{DAY_MINUTES, LENGTHS, Length, Minute};
use crate::stats::size;

/// What a series is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    Source,
    Service,
}

const SCOPES: [(Scope, f64); 3] =
    [(Scope::All, 0.5), (Scope::Source, 0.25), (Scope::Service, 0.25)];

/// A day's shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Budget {
    day: u32,
    /// Of one series in each scope.
    shares: [f64; SCOPES.len()],
}

impl Budget {
    /// A day's, for so many series of all sources, of sources, of services.
    pub(super) fn new(day: u32, series: [usize; SCOPES.len()]) -> Self {
        let mut shares = [0.0; SCOPES.len()];
        for ((share, many), (_, all)) in shares.iter_mut().zip(series).zip(SCOPES) {
            *share = all / size(many.max(1));
        }
        Self { day, shares }
    }

    /// Whether it is that day's.
    pub(super) const fn is_of(&self, day: u32) -> bool {
        self.day == day
    }

    /// The share of one decision in the day's level.
    pub(super) fn share(&self, scope: Scope, length: Length) -> f64 {
        let of = SCOPES.iter().zip(self.shares).find(|((of, _), _)| *of == scope);
        of.map_or(0.0, |(_, share)| share) / size(LENGTHS.len()) / length.cells_a_day()
    }
}

/// The day that a minute belongs to; days are UTC's.
pub(super) const fn day_of(minute: Minute) -> u32 {
    minute / DAY_MINUTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_a_day_add_up_to_at_most_one() {
        let scopes = [(Scope::All, 8), (Scope::Source, 24), (Scope::Service, 300)];
        let budget = Budget::new(20_000, [8, 24, 300]);
        let mut sum = 0.0;
        for (scope, many) in scopes {
            for length in LENGTHS {
                sum += f64::from(many) * length.cells_a_day() * budget.share(scope, length);
            }
        }
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
        assert!(budget.is_of(20_000) && !budget.is_of(20_001));
        // More services cost the other series nothing.
        let few = Budget::new(20_000, [8, 8, 0]);
        assert_eq!(few.share(Scope::All, LENGTHS[0]), budget.share(Scope::All, LENGTHS[0]));
        assert_eq!(day_of(2_879), 1);
    }
}
