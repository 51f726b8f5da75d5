//! Points of a metric → at most four series and "Other".

use chrono::NaiveDate;
use rollcall_query::{Band, MetricResult, Point, Unit};

use super::ink::{self, Ink};

/// What figures begin with that say counts per 1,000.
pub(crate) const PER_1000: &str = "per_1000/";
/// How many series have a line of their own.
const MOST: usize = 4;

/// One value of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mark {
    /// The value, in the metric's unit.
    pub(crate) value: f64,
    /// Its band, where it has one.
    pub(crate) band: Option<(f64, f64)>,
    /// How many had it.
    pub(crate) k: i64,
    /// Out of how many.
    pub(crate) n: i64,
    /// Whether its bucket isn't over.
    pub(crate) partial: bool,
}

/// Values of one thing over time; `None` where there is no data.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// The word in the data; empty where a metric has one series.
    pub(crate) key: String,
    /// The word for people.
    pub(crate) name: String,
    /// Colour and dash.
    pub(crate) ink: Ink,
    /// A mark for every bucket.
    pub(crate) marks: Vec<Option<Mark>>,
}

impl Series {
    /// How many are behind it in all.
    pub(crate) fn weight(&self) -> i64 {
        self.marks.iter().flatten().map(|mark| mark.n.max(mark.k)).sum()
    }

    /// The last value there is.
    pub(crate) fn last(&self) -> Option<Mark> {
        self.marks.iter().rev().flatten().next().copied()
    }
}

/// What tells one series from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Split<'a> {
    /// The figure; only these, in this order (none: all of them).
    Figures(&'a [&'static str]),
    /// The group, for one figure.
    Groups(&'a str),
}

/// Reads a metric's points into series over these buckets. The second part
/// names what was left out because it can't be added up.
pub(crate) fn over_time(
    result: &MetricResult,
    buckets: &[NaiveDate],
    split: Split<'_>,
) -> (Vec<Series>, Vec<String>) {
    let mut found: Vec<Series> = Vec::new();
    for point in &result.points {
        let Some(key) = key(point, split) else { continue };
        let at = point.bucket.and_then(|day| buckets.binary_search(&day).ok());
        let Some(at) = at else { continue };
        let place = found.iter().position(|series| series.key == key).unwrap_or_else(|| {
            found.push(Series {
                name: crate::text::words(key),
                key: key.to_owned(),
                ink: ink::GREY,
                marks: vec![None; buckets.len()],
            });
            found.len() - 1
        });
        if let Some(slot) = found.get_mut(place).and_then(|series| series.marks.get_mut(at)) {
            // A metric that always has groups is added up where it isn't split.
            let marks = [slot.take(), mark(point, result.band, result.unit)];
            *slot = sum(marks.into_iter().flatten(), result.unit, Split::Groups(""));
        }
    }
    order(&mut found, split);
    let left_out = fold(&mut found, result.unit, split);
    for (place, series) in found.iter_mut().enumerate() {
        series.ink = ink::of(&series.key, place);
    }
    (found, left_out)
}

fn key<'p>(point: &'p Point, split: Split<'_>) -> Option<&'p str> {
    match split {
        // The same counts again, per 1,000: not a part of the whole.
        Split::Figures([]) => {
            (!point.figure.starts_with(PER_1000)).then_some(point.figure.as_str())
        }
        Split::Figures(wanted) => {
            wanted.contains(&point.figure.as_str()).then_some(point.figure.as_str())
        }
        Split::Groups(figure) => {
            (point.figure == figure).then(|| point.group.as_deref().unwrap_or("unknown"))
        }
    }
}

/// A point as a mark; none where there is no value.
pub(crate) fn mark(point: &Point, band: Band, unit: Unit) -> Option<Mark> {
    let value = point.value.filter(|value| value.is_finite())?;
    let band = match (band, point.low, point.high) {
        (Band::None, ..) => None,
        (_, Some(low), Some(high)) => Some((low, high)),
        _ => None,
    };
    Some(Mark { value, band, k: point.k, n: base(point, unit), partial: point.partial })
}

/// How many a value rests on. A duration rests on those that could be timed,
/// `k`; `n` are all that it could have been.
pub(crate) const fn base(point: &Point, unit: Unit) -> i64 {
    match unit {
        Unit::Milliseconds => point.k,
        Unit::Count | Unit::Share | Unit::Rate => point.n,
    }
}

fn order(found: &mut [Series], split: Split<'_>) {
    let wanted: &[&str] = match split {
        Split::Figures(wanted) => wanted,
        Split::Groups(_) => &[],
    };
    found.sort_by_key(|series| {
        let place = wanted.iter().position(|key| *key == series.key).unwrap_or(usize::MAX);
        // Grey words last: they are what couldn't be told.
        let grey = matches!(series.key.as_str(), "unknown" | "other");
        let k: i64 = series.marks.iter().flatten().map(|mark| mark.k).sum();
        (place, grey, std::cmp::Reverse(k), series.key.clone())
    });
}

/// Folds what is beyond the fourth series into "Other", where that adds up.
fn fold(found: &mut Vec<Series>, unit: Unit, split: Split<'_>) -> Vec<String> {
    if found.len() <= MOST + 1 {
        return Vec::new();
    }
    let rest = found.split_off(MOST);
    if matches!(unit, Unit::Milliseconds | Unit::Rate) {
        return rest.into_iter().map(|series| series.name).collect();
    }
    let length = rest.first().map_or(0, |series| series.marks.len());
    let marks = (0..length)
        .map(|i| {
            let marks = rest.iter().filter_map(|series| series.marks.get(i).copied().flatten());
            sum(marks, unit, split)
        })
        .collect();
    let name = "Other".to_owned();
    found.push(Series { key: "other".to_owned(), name, ink: ink::GREY, marks });
    Vec::new()
}

fn sum(marks: impl Iterator<Item = Mark>, unit: Unit, split: Split<'_>) -> Option<Mark> {
    let same_n = matches!(split, Split::Figures(_));
    marks.fold(None, |sum: Option<Mark>, mark| {
        let Some(sum) = sum else { return Some(mark) };
        let k = sum.k + mark.k;
        // Figures share their population, groups have each their own.
        let n = if same_n { sum.n.max(mark.n) } else { sum.n + mark.n };
        let value = match unit {
            Unit::Share if n > 0 => k as f64 / n as f64,
            _ => sum.value + mark.value,
        };
        Some(Mark { value, band: None, k, n, partial: sum.partial || mark.partial })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::result;

    fn point(day: u32, group: &str, k: i64, n: i64) -> Point {
        Point {
            bucket: NaiveDate::from_ymd_opt(2026, 3, day),
            group: Some(group.to_owned()),
            k,
            n,
            value: (n > 0).then(|| k as f64 / n as f64),
            ..Point::default()
        }
    }

    fn days() -> Vec<NaiveDate> {
        (2..5).map(|day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap()).collect()
    }

    #[test]
    fn a_missing_bucket_is_a_gap() {
        let result = result("x", Unit::Share, vec![point(2, "a", 1, 2), point(4, "a", 0, 0)]);
        let (series, _) = over_time(&result, &days(), Split::Groups(""));
        assert_eq!(
            series[0].marks.iter().map(Option::is_some).collect::<Vec<_>>(),
            [true, false, false]
        );
    }

    #[test]
    fn small_groups_become_other_with_their_own_population() {
        let points = "abcdefg".chars().zip([90, 80, 70, 60, 5, 5, 5]);
        let points = points.map(|(group, k)| point(2, &group.to_string(), k, 100)).collect();
        let (series, left) =
            over_time(&result("x", Unit::Share, points), &days(), Split::Groups(""));
        assert!(left.is_empty());
        let names: Vec<_> = series.iter().map(|series| series.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d", "Other"]);
        let other = series[4].marks[0].unwrap();
        assert_eq!((other.k, other.n, other.value), (15, 300, 0.05));
    }

    #[test]
    fn figures_of_one_population_are_added_over_it() {
        let points = "abcdefg".chars().zip([30, 25, 20, 10, 5, 5, 5]);
        let points = points
            .map(|(figure, k)| Point {
                figure: figure.to_string(),
                group: None,
                ..point(2, "", k, 100)
            })
            .collect();
        let (series, _) =
            over_time(&result("x", Unit::Share, points), &days(), Split::Figures(&[]));
        assert_eq!(series[4].marks[0].unwrap().value, 0.15);
    }

    #[test]
    fn quantiles_are_not_added_up() {
        let points = "abcdefg".chars().map(|group| point(2, &group.to_string(), 1, 1)).collect();
        let (series, left) =
            over_time(&result("x", Unit::Milliseconds, points), &days(), Split::Groups(""));
        assert_eq!((series.len(), left.len()), (4, 3));
    }
}
