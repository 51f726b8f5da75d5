//! The year of lines that name none (RFC 3164).
//!
//! Of a file that is read whole: the latest year that puts no line after the
//! file's receipt, counted on at each New Year within it. Of a stream: line by
//! line the latest year that puts the line at most 24 hours after its receipt, as
//! a clock may be ahead; so 31 December read on 1 January is last year's.

use super::super::adapter::Context;
use super::super::time;
use super::line::Stamp;

/// How far a sender's clock may be ahead.
const SKEW: i64 = time::DAY;

/// How many years are tried: a 29 February may be eight years back (1896–1904).
const TRIED: i64 = 9;

#[derive(Default)]
pub(super) struct Years {
    /// The walk over the file before it is read, if there was one.
    surveyed: Option<Survey>,
    /// The walk of the reading; takes the same turns.
    walk: Walk,
}

struct Survey {
    walk: Walk,
    /// The latest line: its year within the file, and when in it.
    latest: (i64, Stamp),
    /// The years within the file that have a 29 February.
    leap: Vec<i64>,
    /// The year of the file's first line, once it has been worked out.
    base: Option<i64>,
}

/// Follows undated lines over New Years. Lines of one log are out of order by
/// little: a long step back is a New Year, and nearly a whole year forward is a
/// straggler of the old one.
#[derive(Default, Clone, Copy)]
struct Walk {
    last: Option<i64>,
    year: i64,
}

impl Walk {
    fn step(&mut self, month: i64, day: i64, of_day: i64) -> i64 {
        const LONG_BACK: i64 = -31 * time::DAY;
        const STRAGGLER: i64 = 363 * time::DAY;
        // Any leap year will do to compare days by.
        let at = (time::days(2024, month, day) - time::days(2024, 1, 1)) * time::DAY + of_day;
        let step = at - self.last.unwrap_or(at);
        self.last = Some(at);
        if step < LONG_BACK {
            self.year += 1;
        } else if step > STRAGGLER {
            self.year -= 1;
        }
        self.year
    }
}

impl Years {
    /// Takes note of a line of a file, before the file is read.
    pub(super) fn survey(&mut self, stamp: &Stamp, _context: &Context<'_>) {
        let Stamp::Undated(month, day, of_day) = *stamp else { return };
        let survey = self.surveyed.get_or_insert_with(|| Survey {
            walk: Walk::default(),
            latest: (0, *stamp),
            leap: Vec::new(),
            base: None,
        });
        let year = survey.walk.step(month, day, of_day);
        let order = |(year, stamp): (i64, Stamp)| match stamp {
            Stamp::Undated(month, day, of_day) => (year, month, day, of_day),
            Stamp::Known(_) | Stamp::Local(_) => (year, 0, 0, 0),
        };
        if order((year, *stamp)) > order(survey.latest) {
            survey.latest = (year, *stamp);
        }
        if (month, day) == (2, 29) && survey.leap.last() != Some(&year) {
            survey.leap.push(year);
        }
    }

    /// The time of a line, µs since 1970 UTC; `None` where no year has its day.
    pub(super) fn time(&mut self, stamp: &Stamp, context: &Context<'_>) -> Option<i64> {
        let (month, day, of_day) = match *stamp {
            Stamp::Known(micros) => return Some(micros),
            Stamp::Local(local) => return Some(time::from_zone(local, context.zone)),
            Stamp::Undated(month, day, of_day) => (month, day, of_day),
        };
        if let Some(survey) = &mut self.surveyed {
            let year = self.walk.step(month, day, of_day);
            let base = match survey.base {
                Some(base) => Some(base),
                None => survey.find_base(context),
            };
            survey.base = base;
            let time = base.and_then(|base| in_year(base + year, stamp, context));
            if time.is_some() {
                return time;
            }
        }
        let now = time::year(context.received + SKEW);
        (0..TRIED)
            .filter_map(|back| in_year(now + 1 - back, stamp, context))
            .find(|time| *time <= context.received + SKEW)
    }
}

impl Survey {
    fn find_base(&self, context: &Context<'_>) -> Option<i64> {
        let (year, stamp) = self.latest;
        let now = time::year(context.received) + 1;
        (0..TRIED).map(|back| now - back - year).find(|base| {
            self.leap.iter().all(|year| time::valid(base + year, 2, 29))
                && in_year(base + year, &stamp, context)
                    .is_some_and(|time| time <= context.received)
        })
    }
}

fn in_year(year: i64, stamp: &Stamp, context: &Context<'_>) -> Option<i64> {
    let Stamp::Undated(month, day, of_day) = *stamp else { return None };
    let local = time::days(year, month, day) * time::DAY + of_day;
    time::valid(year, month, day).then(|| time::from_zone(local, context.zone))
}
