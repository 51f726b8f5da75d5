//! Which days a period means.

use chrono::{Months, NaiveDate, TimeDelta};
use rollcall_query::Grain;

/// Days, both ends included: that is how people say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Days {
    /// The first day.
    pub(crate) from: NaiveDate,
    /// The last day.
    pub(crate) last: NaiveDate,
}

/// A period with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preset {
    /// The last 7 days with data.
    Week,
    /// The last 28 days with data.
    FourWeeks,
    /// This quarter so far.
    Quarter,
    /// The quarter before.
    LastQuarter,
    /// From the first event to the last.
    All,
}

impl Preset {
    /// In the order of the buttons.
    pub(crate) const ALL: [Self; 5] =
        [Self::Week, Self::FourWeeks, Self::Quarter, Self::LastQuarter, Self::All];
    /// The words, for a message.
    pub(super) const WORDS: &'static str = "7d, 28d, quarter, last-quarter or all";

    /// The word in addresses.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Week => "7d",
            Self::FourWeeks => "28d",
            Self::Quarter => "quarter",
            Self::LastQuarter => "last-quarter",
            Self::All => "all",
        }
    }

    /// The word on its button.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Week => "7 days",
            Self::FourWeeks => "28 days",
            Self::Quarter => "This quarter",
            Self::LastQuarter => "Last quarter",
            Self::All => "All",
        }
    }

    /// Reads the word.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == word)
    }

    /// The days, where `first` and `last` are those with data.
    pub(super) fn days(self, first: NaiveDate, last: NaiveDate) -> Days {
        match self {
            Self::Week => ending(last, 7),
            Self::FourWeeks => ending(last, 28),
            Self::Quarter => Days { from: quarter(last), last },
            Self::LastQuarter => {
                let this = quarter(last);
                let from = this.checked_sub_months(Months::new(3)).unwrap_or(this);
                Days { from, last: this.pred_opt().unwrap_or(this) }
            }
            Self::All => Days { from: first, last },
        }
    }
}

impl Days {
    /// How many days.
    pub(crate) fn count(self) -> i64 {
        (self.last - self.from).num_days() + 1
    }

    /// The period of the same length before, moved by whole weeks, so that a
    /// Monday is compared with a Monday.
    pub(crate) fn before(self) -> Self {
        self.moved(-((self.count() + 6) / 7) * 7)
    }

    /// The period of the same length next to this one: `-1` before, `1` after.
    pub(crate) fn beside(self, direction: i64) -> Self {
        self.moved(self.count() * direction)
    }

    fn moved(self, days: i64) -> Self {
        let by = TimeDelta::days(days);
        match (self.from.checked_add_signed(by), self.last.checked_add_signed(by)) {
            (Some(from), Some(last)) => Self { from, last },
            _ => self,
        }
    }
}

fn ending(last: NaiveDate, days: i64) -> Days {
    Days { from: last.checked_sub_signed(TimeDelta::days(days - 1)).unwrap_or(last), last }
}

fn quarter(day: NaiveDate) -> NaiveDate {
    Grain::Quarter.first_day(day)
}
