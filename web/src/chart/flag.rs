//! Numbered flags where a policy changed, with a key below the chart.

use chrono::NaiveDate;

use super::At;
use super::bucket::of;
use super::trace::middle;

/// More than these would stand on each other.
const MOST: usize = 12;

/// Something that happened on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// The day, in the organisation's zone.
    pub(crate) day: NaiveDate,
    /// What, in words.
    pub(crate) what: String,
}

/// A flag on a chart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Flag {
    /// Percent from the left.
    pub(crate) x: At,
    /// Its number.
    pub(crate) number: usize,
    /// What the key says: a line for every change of the bucket.
    pub(crate) what: Vec<String>,
}

/// Flags for the changes, in order of their days, that fall into the buckets;
/// one a bucket. Where there are too many, the newest have one, and the first of
/// these says how many changes before it have none.
pub(crate) fn flags(changes: &[Change], buckets: &[NaiveDate]) -> Vec<Flag> {
    let mut by_bucket: std::collections::BTreeMap<usize, Vec<String>> = Default::default();
    let mut last_day = None;
    for change in changes {
        if let Some(at) = of(change.day, buckets) {
            // The day is said once.
            let line = match last_day == Some(change.day) {
                true => change.what.clone(),
                false => format!("{}: {}", change.day.format("%-d %b"), change.what),
            };
            last_day = Some(change.day);
            by_bucket.entry(at).or_default().push(line);
        }
    }
    let without = by_bucket.len().saturating_sub(MOST);
    let earlier: usize = by_bucket.values().take(without).map(Vec::len).sum();
    by_bucket
        .into_iter()
        .skip(without)
        .enumerate()
        .map(|(i, (at, mut what))| {
            let more = what.len().saturating_sub(3);
            what.truncate(3);
            if more > 0 {
                what.push(format!("and {more} more"));
            }
            if i == 0 && earlier > 0 {
                what.push(format!("{earlier} earlier without a flag"));
            }
            Flag { x: At(middle(at, buckets.len()) * 100.0), number: i + 1, what }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_one_bucket_share_a_flag() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).unwrap();
        let change = |d, what: &str| Change { day: day(d), what: what.to_owned() };
        let buckets: Vec<_> = (2..6).map(day).collect();
        let changes = [change(1, "before"), change(3, "a"), change(3, "b"), change(5, "c")];
        let flags = flags(&changes, &buckets);
        assert_eq!(flags.len(), 2);
        assert_eq!((flags[0].x, flags[0].number), (At(37.5), 1));
        assert_eq!(flags[0].what, ["3 Mar: a", "b"]);
        assert_eq!(flags[1].number, 2);
    }

    #[test]
    fn the_newest_twelve_have_flags_and_the_others_are_counted() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).unwrap();
        let buckets: Vec<_> = (1..=20).map(day).collect();
        let mut changes = vec![Change { day: day(1), what: "first".to_owned() }];
        changes.extend((1..=15).map(|d| Change { day: day(d), what: "x".to_owned() }));
        let flags = flags(&changes, &buckets);
        assert_eq!(flags.len(), 12);
        assert_eq!(flags[0].what, ["4 Mar: x", "4 earlier without a flag"]);
        assert_eq!((flags[11].number, flags[11].what.len()), (12, 1));
    }
}
