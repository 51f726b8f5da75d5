//! Lengths of the windows that slide, and the grid on which each is judged.

/// Minutes since 1970 UTC.
pub(super) type Minute = u32;
/// Hours since 1970 UTC.
pub(super) type Hour = u32;

/// Minutes of a day.
pub(super) const DAY_MINUTES: Minute = 1_440;
/// Hours of four weeks, before which nothing is raised.
pub(super) const LEARNED_HOURS: Hour = 4 * 168;

/// How long a window is, and how often it is decided about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    /// Length in minutes.
    pub(super) minutes: Minute,
    /// A cell of the grid, in minutes: all windows that end in it are one decision.
    pub(super) step: Minute,
    /// In words, behind "in".
    pub(super) words: &'static str,
}

/// Long ones see what is slow, short ones see what is fast, soon.
pub(super) const LENGTHS: [Length; 4] = [
    Length { minutes: 15, step: 5, words: "15 minutes" },
    Length { minutes: 60, step: 15, words: "an hour" },
    Length { minutes: 240, step: 60, words: "4 hours" },
    Length { minutes: 1_440, step: 360, words: "24 hours" },
];

/// Minutes that recent counts reach back: the longest window from the first minute of
/// its cell, and as far again as an event may come late and still be judged.
pub(super) const RECENT_MINUTES: Minute = 2 * (1_440 + 360);

impl Length {
    /// The cell of a window that ends in a minute.
    pub(super) const fn cell(self, end: Minute) -> u32 {
        end / self.step
    }

    /// Minutes `[from, to)` that windows ending in a cell lie in, all of them.
    pub(super) const fn reach(self, cell: u32) -> (Minute, Minute) {
        let begin = cell.saturating_mul(self.step);
        (begin.saturating_sub(self.minutes), begin.saturating_add(self.step))
    }

    /// Decisions a day.
    pub(super) fn cells_a_day(self) -> f64 {
        f64::from(DAY_MINUTES / self.step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_lies_within_what_its_cell_reaches() {
        for length in LENGTHS {
            for end in 28_000_000..28_000_000 + 2 * length.step {
                let (from, to) = length.reach(length.cell(end));
                assert!(from <= end - (length.minutes - 1) && end < to);
                assert_eq!(to - from, length.minutes + length.step);
            }
            assert_eq!(DAY_MINUTES % length.step, 0);
        }
    }
}
