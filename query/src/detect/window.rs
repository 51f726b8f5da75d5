//! The last events of some span of time, in the order of their time. A window slides with
//! each event; it never begins at a fixed hour.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::aged::Aged;
use super::id::Id;
use super::row::{At, Row};

/// One event in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hit {
    /// µs since 1970 UTC.
    pub(crate) time: i64,
    pub(crate) at: At,
    /// What it is counted by, for instance the account.
    pub(crate) who: Id,
    /// What else matters of it, for instance the address.
    pub(crate) what: Id,
    /// The sign-in that it is a step of; 0 where none is told.
    pub(crate) flow: Id,
}

impl Hit {
    /// Of a row.
    pub(crate) const fn of(row: &Row, who: Id, what: Id) -> Self {
        Self { time: row.time, at: row.at, who, what, flow: row.flow }
    }

    /// The same with a mark, or without, in the last bit of what else matters.
    pub(crate) const fn marked(self, is_marked: bool) -> Self {
        Self { what: self.what & !1 | is_marked as Id, ..self }
    }

    const fn is_marked(&self) -> bool {
        self.what & 1 == 1
    }
}

/// What became of an event that was put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// It counts.
    New,
    /// It was there already, or replaces one that was; or it is another step of the same try.
    Known,
    /// It lies further back than the window.
    TooLate,
}

/// Steps of one try of one account lie this close to each other, µs: sources tell of one
/// wrong password once for the factor and once for the session.
const SAME_TRY: i64 = 5_000_000;

/// Events within a span before the newest.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Window {
    hits: VecDeque<Hit>,
    /// Events that were dropped because there were too many.
    dropped: u64,
}

impl Aged for Window {
    fn last(&self) -> i64 {
        self.hits.back().map_or(i64::MIN, |hit| hit.time)
    }
}

impl Window {
    /// Puts an event in; `gone` is told those that leave: they lie `span` or more before the
    /// newest, or are beyond the `most` that are kept. `revises` is the event that this one
    /// replaces.
    pub(crate) fn put(
        &mut self,
        hit: Hit,
        revises: Option<At>,
        (span, most): (i64, usize),
        gone: &mut dyn FnMut(&Hit),
    ) -> Put {
        if self.last() != i64::MIN && hit.time <= self.last().saturating_sub(span) {
            return Put::TooLate;
        }
        if let Some(old) = revises
            && self.hits.iter().any(|hit| hit.at == old)
        {
            return Put::Known;
        }
        let place = self.hits.partition_point(|other| (other.time, other.at) < (hit.time, hit.at));
        if self.is_known(&hit, place) {
            return Put::Known;
        }
        self.hits.insert(place, hit);
        let begins = self.last().saturating_sub(span);
        while let Some(first) = self.hits.front()
            && (first.time <= begins || self.hits.len() > most)
        {
            self.dropped += u64::from(first.time > begins);
            gone(first);
            self.hits.pop_front();
        }
        Put::New
    }

    fn is_known(&self, hit: &Hit, place: usize) -> bool {
        if self.hits.get(place).is_some_and(|other| other.at == hit.at) {
            return true;
        }
        let is_same_try = |other: &Hit| {
            hit.flow != 0
                && other.flow == hit.flow
                && other.who == hit.who
                && (other.time - hit.time).abs() <= SAME_TRY
        };
        let near = |at: usize| self.hits.get(at).is_some_and(is_same_try);
        near(place) || place.checked_sub(1).is_some_and(near)
    }

    /// The events, oldest first.
    pub(crate) fn hits(&self) -> impl DoubleEndedIterator<Item = &Hit> + Clone {
        self.hits.iter()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.hits.len()
    }
}

/// A window that knows how many events each account has in it, and how many accounts have
/// only a few.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) window: Window,
    /// Events of each account, and those of them that [`Hit::is_marked`].
    by_who: super::id::ById<(u32, u32)>,
    /// Accounts with at most so many events as are asked for, and the events of these.
    few: u32,
    of_few: u32,
    /// Accounts that have a marked event.
    marked: u32,
}

impl Aged for Tally {
    fn last(&self) -> i64 {
        self.window.last()
    }
}

impl Tally {
    /// Puts an event in. `each` is how many events an account may have to count.
    pub(crate) fn put(
        &mut self,
        hit: Hit,
        revises: Option<At>,
        bounds: (i64, usize),
        each: u32,
    ) -> Put {
        let Self { window, by_who, few, of_few, marked } = self;
        let put = window.put(hit, revises, bounds, &mut |gone| {
            if let Some((count, of_marked)) = by_who.get_mut(&gone.who) {
                leave(count, each, (few, of_few));
                if gone.is_marked() {
                    *of_marked = of_marked.saturating_sub(1);
                    *marked = marked.saturating_sub(u32::from(*of_marked == 0));
                }
                if *count == 0 {
                    by_who.remove(&gone.who);
                }
            }
        });
        if put == Put::New {
            let (count, of_marked) = by_who.entry(hit.who).or_default();
            if hit.is_marked() {
                *of_marked += 1;
                *marked += u32::from(*of_marked == 1);
            }
            *count += 1;
            match *count {
                1 => {
                    *few += 1;
                    *of_few += 1;
                }
                more if more <= each => *of_few += 1,
                more if more == each + 1 => {
                    *few -= 1;
                    *of_few -= each;
                }
                _ => {}
            }
        }
        put
    }

    /// Accounts that have a marked event.
    pub(crate) const fn marked(&self) -> u32 {
        self.marked
    }

    /// Accounts with few events, and the events of these.
    pub(crate) const fn few(&self) -> (u32, u32) {
        (self.few, self.of_few)
    }
}

fn leave(count: &mut u32, each: u32, (few, of_few): (&mut u32, &mut u32)) {
    *count = count.saturating_sub(1);
    match *count {
        0 => {
            *few = few.saturating_sub(1);
            *of_few = of_few.saturating_sub(1);
        }
        left if left < each => *of_few = of_few.saturating_sub(1),
        left if left == each => {
            *few += 1;
            *of_few += each;
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(time: i64, who: Id) -> Hit {
        Hit { time, at: At(1, time, 0), who, what: 0, flow: 0 }
    }

    fn put(window: &mut Window, hit: Hit) -> Put {
        window.put(hit, None, (100, 1_000), &mut |_| {})
    }

    #[test]
    fn a_window_slides_and_its_end_is_open() {
        let mut window = Window::default();
        assert_eq!(put(&mut window, hit(0, 1)), Put::New);
        assert_eq!(put(&mut window, hit(99, 1)), Put::New);
        assert_eq!(window.len(), 2);
        // A hundred later is outside of a span of a hundred.
        assert_eq!(put(&mut window, hit(100, 1)), Put::New);
        assert_eq!(window.hits().map(|hit| hit.time).collect::<Vec<_>>(), [99, 100]);
    }

    #[test]
    fn order_does_not_matter_within_the_span_and_twice_is_once() {
        let mut window = Window::default();
        for time in [50, 10, 99, 30, 10, 99] {
            put(&mut window, hit(time, 1));
        }
        assert_eq!(window.hits().map(|hit| hit.time).collect::<Vec<_>>(), [10, 30, 50, 99]);
        put(&mut window, hit(200, 1));
        assert_eq!(put(&mut window, hit(100, 2)), Put::TooLate);
        assert_eq!(put(&mut window, hit(101, 2)), Put::New);
    }

    #[test]
    fn a_revision_and_another_step_of_a_try_do_not_count_again() {
        let mut window = Window::default();
        put(&mut window, hit(10, 1));
        let revision = hit(11, 1);
        let again = window.put(revision, Some(At(1, 10, 0)), (100, 1_000), &mut |_| {});
        assert_eq!(again, Put::Known);
        let mut tries = Window::default();
        let step = |time, seq| Hit { flow: 7, at: At(1, seq, 0), ..hit(time, 1) };
        let mut put = |hit| tries.put(hit, None, (60_000_000, 1_000), &mut |_| {});
        assert_eq!(put(step(1_000_000, 1)), Put::New);
        assert_eq!(put(step(1_400_000, 2)), Put::Known);
        assert_eq!(put(step(9_000_000, 3)), Put::New);
    }

    #[test]
    fn a_full_window_drops_its_oldest() {
        let mut window = Window::default();
        let mut gone = 0;
        for time in 0..5 {
            window.put(hit(time, 1), None, (100, 3), &mut |_| gone += 1);
        }
        assert_eq!((window.len(), gone, window.dropped), (3, 2, 2));
    }

    #[test]
    fn a_tally_counts_those_with_a_mark() {
        let mut tally = Tally::default();
        let mut put = |time, who, is_marked| {
            tally.put(hit(time, who).marked(is_marked), None, (100, 1_000), 9);
            tally.marked()
        };
        let found = [put(1, 1, false), put(2, 1, true), put(3, 1, true), put(4, 2, true)];
        assert_eq!(found, [0, 1, 1, 2]);
        // 102 leaves the one at 2, 103 also the one at 3.
        assert_eq!([put(102, 3, false), put(103, 3, false), put(104, 3, false)], [2, 1, 0]);
    }

    #[test]
    fn a_tally_counts_those_with_few() {
        let mut tally = Tally::default();
        let mut put = |time, who| {
            tally.put(hit(time, who), None, (100, 1_000), 2);
            tally.few()
        };
        assert_eq!(put(1, 1), (1, 1));
        assert_eq!(put(2, 2), (2, 2));
        assert_eq!(put(3, 1), (2, 3));
        // A third makes it one with many.
        assert_eq!(put(4, 1), (1, 1));
        assert_eq!(put(5, 1), (1, 1));
        // Its first two leave, and the other account: two are left, which is few again.
        assert_eq!(put(103, 3), (2, 3));
    }
}
