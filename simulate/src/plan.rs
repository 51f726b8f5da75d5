//! What is to be simulated: seed, period, number of people.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};

/// What is to be simulated. The same plan gives the same bytes.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Every draw derives from it.
    pub seed: u64,
    /// The first instant of the period.
    pub start: DateTime<Utc>,
    /// The instant that counts as "now": the directory is as of it, incidents
    /// are placed before it. Ordinary traffic goes on after it.
    pub until: DateTime<Utc>,
    /// How many people are employed at `until`; leavers come on top.
    pub people: usize,
    /// Whether incidents of every kind happen, and what only looks like them: to measure
    /// detectors with. Everything else stays as it is without.
    pub rehearsal: bool,
}

impl Plan {
    /// From the start of the last but one quarter that is closed at `until`
    /// (quarters cut in UTC) to `until`, with 400 people.
    pub fn new(seed: u64, until: DateTime<Utc>) -> Self {
        let open = quarter_start(until.date_naive());
        let start = open.checked_sub_months(Months::new(6)).unwrap_or(open);
        Self {
            seed,
            start: start.and_time(NaiveTime::MIN).and_utc(),
            until,
            people: 400,
            rehearsal: false,
        }
    }

    /// The quarters `[from, to)` that lie within the period as a whole.
    pub(crate) fn closed_quarters(&self) -> Vec<(NaiveDate, NaiveDate)> {
        let mut quarters = Vec::new();
        let mut from = quarter_start(self.start.date_naive());
        if from < self.start.date_naive() {
            from = next_quarter(from);
        }
        loop {
            let to = next_quarter(from);
            if to <= from || to.and_time(NaiveTime::MIN).and_utc() > self.until {
                return quarters;
            }
            quarters.push((from, to));
            from = to;
        }
    }

    /// The date that lies at `share` (0 to 1) of the period.
    pub(crate) fn date_at(&self, share: f64) -> NaiveDate {
        let seconds = (self.until - self.start).num_seconds();
        let offset = crate::world::seconds(seconds as f64 * share);
        (self.start + offset).date_naive()
    }
}

fn quarter_start(date: NaiveDate) -> NaiveDate {
    let month = date.month0() / 3 * 3 + 1;
    NaiveDate::from_ymd_opt(date.year(), month, 1).unwrap_or(date)
}

fn next_quarter(from: NaiveDate) -> NaiveDate {
    from.checked_add_months(Months::new(3)).unwrap_or(from)
}
