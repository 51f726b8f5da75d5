//! What a page looks at: the address, completed by what data there is.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use rollcall_query::{Filter, Grain};

use super::{Address, Days, Period, Preset};
use crate::chart::bucket;

/// Times of the first and the last event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: DateTime<Utc>,
    pub(crate) last: DateTime<Utc>,
}

/// What a page looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    /// The address as given.
    pub(crate) address: Address,
    /// The days.
    pub(crate) days: Days,
    /// Where they are cut.
    pub(crate) zone: Tz,
    /// Width of a bucket.
    pub(crate) grain: Grain,
    /// What the reader should know of how the address was completed.
    pub(crate) notes: Vec<String>,
}

impl View {
    /// Completes an address: without a period, the last 28 days with data.
    pub(crate) fn new(address: Address, span: Option<Span>, zone: Tz, now: DateTime<Utc>) -> Self {
        let zone = address.zone.unwrap_or(zone);
        let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        let (first, last) = match span {
            // An event dated in the future doesn't move the period there.
            Some(span) => (day(span.first), day(span.last.min(now)).max(day(span.first))),
            None => (day(now), day(now)),
        };
        let days = match address.period {
            Period::Default => Preset::FourWeeks.days(first, last),
            Period::Preset(preset) => preset.days(first, last),
            Period::Days(days) => days,
        };
        let mut notes = Vec::new();
        let grain = fitting(address.grain, days, &mut notes);
        Self { address, days, zone, grain, notes }
    }

    /// The filter for a question over buckets of time.
    pub(crate) fn filter(&self) -> Filter {
        Filter {
            from: self.days.from,
            to: self.days.last.succ_opt().unwrap_or(self.days.last),
            time_zone: self.zone,
            grain: self.grain,
            by: self.address.by,
            only: self.address.only.clone(),
        }
    }

    /// The instants of the period's begin and end, in microseconds.
    pub(crate) fn micros(&self) -> (i64, i64) {
        let end = self.days.last.succ_opt().unwrap_or(self.days.last);
        (midnight(self.days.from, self.zone), midnight(end, self.zone))
    }

    /// The period in words.
    pub(crate) fn period_words(&self) -> String {
        let (from, last) = (self.days.from, self.days.last);
        if from == last {
            return from.format("%-d %b %Y").to_string();
        }
        let begin = if chrono::Datelike::year(&from) == chrono::Datelike::year(&last) {
            from.format("%-d %b")
        } else {
            from.format("%-d %b %Y")
        };
        format!("{begin} – {}", last.format("%-d %b %Y"))
    }
}

/// The first instant of a day; where the clocks skip midnight, the first that
/// exists.
fn midnight(day: NaiveDate, zone: Tz) -> i64 {
    let naive = day.and_time(chrono::NaiveTime::MIN);
    (0..4)
        .filter_map(|hours| {
            zone.from_local_datetime(&(naive + chrono::TimeDelta::hours(hours))).earliest()
        })
        .next()
        .map_or_else(|| naive.and_utc().timestamp_micros(), |at| at.timestamp_micros())
}

/// The grain that was asked for, or the one that is natural; a coarser one where
/// that gives more points than a chart has room for. Quarters are the coarsest: a
/// chart with too many of these says itself that it is cut off.
fn fitting(asked: Option<Grain>, days: Days, notes: &mut Vec<String>) -> Grain {
    let to = days.last.succ_opt().unwrap_or(days.last);
    let fits = |grain: &Grain| bucket::fits(*grain, days.from, to);
    let natural = match days.count() {
        ..=92 => Grain::Day,
        93..=730 => Grain::Week,
        _ => Grain::Month,
    };
    let wanted = asked.unwrap_or(natural);
    let mut coarser = FINE_TO_COARSE.iter().skip_while(|grain| **grain != wanted).copied();
    let grain = match wanted {
        Grain::Total => Grain::Total,
        _ => coarser.find(fits).unwrap_or(Grain::Quarter),
    };
    if asked.is_some_and(|asked| asked != grain) {
        notes.push(format!(
            "By {} this period would have more than {} points; it is shown by {}.",
            wanted.as_str(),
            bucket::MOST,
            grain.as_str()
        ));
    }
    grain
}

const FINE_TO_COARSE: [Grain; 4] = [Grain::Day, Grain::Week, Grain::Month, Grain::Quarter];
