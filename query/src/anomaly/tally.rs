//! Counts by slot of time, ascending; slots without any aren't there. What a quiet
//! series takes is its events, what a busy one takes is bounded by time.

use serde::{Deserialize, Serialize};

/// Counts by minute, quarter of an hour or hour.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally(Vec<(u32, u32)>);

impl Tally {
    /// Counts in a slot. Those of the newest are cheapest; late ones are found.
    pub(super) fn add(&mut self, slot: u32, count: u32) {
        let late = self.0.last().is_some_and(|(last, _)| *last > slot);
        let at = match self.0.last() {
            Some((last, _)) if *last == slot => Ok(self.0.len() - 1),
            _ if late => self.0.binary_search_by_key(&slot, |(at, _)| *at),
            _ => Err(self.0.len()),
        };
        match at {
            Ok(at) => {
                if let Some((_, seen)) = self.0.get_mut(at) {
                    *seen = seen.saturating_add(count);
                }
            }
            Err(at) => self.0.insert(at, (slot, count)),
        }
    }

    /// Slots in `[from, to)` that have something.
    pub(super) fn range(&self, from: u32, to: u32) -> &[(u32, u32)] {
        let first = self.0.partition_point(|(at, _)| *at < from);
        let end = self.0.partition_point(|(at, _)| *at < to);
        self.0.get(first..end).unwrap_or_default()
    }

    /// How much lies in `[from, to)`.
    pub(super) fn sum(&self, from: u32, to: u32) -> u64 {
        self.range(from, to).iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// Whether a slot has something.
    pub(super) fn has(&self, slot: u32) -> bool {
        self.0.binary_search_by_key(&slot, |(at, _)| *at).is_ok()
    }

    /// All of it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.0.iter().copied()
    }

    /// Drops what lies before a slot, now and then: once a quarter of it is to go.
    pub(super) fn forget_before(&mut self, slot: u32) {
        let old = self.0.partition_point(|(at, _)| *at < slot);
        if old > 0 && old >= self.0.len() / 4 {
            self.0.drain(..old);
            self.0.shrink_to(self.0.len() * 2);
        }
    }

    /// For each slot in `[from, to)` that has something: the sum of the `width` slots
    /// that end with it.
    pub(super) fn sliding(
        &self,
        (from, to): (u32, u32),
        width: u32,
    ) -> impl Iterator<Item = (u32, u64)> {
        let reach = self.range(from.saturating_sub(width - 1), to);
        let (mut first, mut sum) = (reach.iter().peekable(), 0_u64);
        reach.iter().filter_map(move |(end, count)| {
            sum += u64::from(*count);
            while let Some((_, gone)) = first.next_if(|(at, _)| *at + width <= *end) {
                sum -= u64::from(*gone);
            }
            (*end >= from).then_some((*end, sum))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_counts_find_their_slot() {
        let mut tally = Tally::default();
        for slot in [10, 12, 12, 11, 3, 12, 3] {
            tally.add(slot, 1);
        }
        assert_eq!(tally.iter().collect::<Vec<_>>(), [(3, 2), (10, 1), (11, 1), (12, 3)]);
        assert_eq!((tally.sum(10, 12), tally.sum(0, 99), tally.sum(4, 10)), (2, 7, 0));
        assert!(tally.has(11) && !tally.has(4));
        tally.forget_before(11);
        assert_eq!(tally.iter().collect::<Vec<_>>(), [(11, 1), (12, 3)]);
    }

    #[test]
    fn sliding_sums_are_those_counted_one_by_one() {
        let mut tally = Tally::default();
        for slot in 100..400_u32 {
            if slot * 7_919 % 5 < 2 {
                tally.add(slot, slot * 31 % 4 + 1);
            }
        }
        for width in [1, 15, 60] {
            for (end, sum) in tally.sliding((150, 380), width) {
                assert_eq!(sum, tally.sum(end + 1 - width, end + 1), "{end}");
            }
            assert_eq!(tally.sliding((150, 380), width).count(), tally.range(150, 380).len());
        }
    }
}
