//! Whether signing in takes longer, or shorter, than on the same weekdays before: Mann &
//! Whitney's test by factor and source, under control of false discoveries over all of
//! them (Benjamini & Hochberg), with the size of the shift (Hodges & Lehmann).
//!
//! A person counts once on each side, with the median of theirs: the sign-ins of one
//! person resemble each other, and someone who signs in all day is not a hundred people.
//! Days differ too, by more than their people tell; so a shift is only told where the
//! day's median lies beyond that of each of the days before.

use std::collections::BTreeMap;

use crate::stats::{
    estimate::{Estimate, Interval, Level, NotEstimable},
    fdr,
    ranks::mann_whitney,
    shift::hodges_lehmann,
};

/// Earlier days of the same weekday that are needed.
const DAYS: usize = 3;
/// People that a day, and the days before, must have.
const PEOPLE: usize = 20;
/// Share of the median that a shift must have to be told, and milliseconds.
const LEAST: (f64, f64) = (0.1, 250.0);
/// Share of chance among the shifts that are told.
const RATE: f64 = 0.05;

/// How long one sign-in took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// Whose it was: a hash, or a number.
    pub person: u64,
    /// Milliseconds.
    pub ms: f64,
}

/// One factor at one source.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// What it is called: `push at okta`.
    pub name: String,
    /// The day in question.
    pub day: Vec<Taken>,
    /// The same weekdays before, one list a day, in any order.
    pub before: Vec<Vec<Taken>>,
}

/// What became of one sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It takes longer or shorter than before.
    Shifted(Shifted),
    /// Nothing that chance, or the days before, don't have.
    Usual {
        /// The smallest share of chance at which it would be found.
        q_value: f64,
    },
    /// There is too little to tell by.
    Lacking(NotEstimable),
}

/// A shift.
#[derive(Debug, Clone, PartialEq)]
pub struct Shifted {
    /// Milliseconds more (negative: less).
    pub shift_ms: f64,
    /// Its interval at 95 %, where there are enough people for one.
    pub interval: Option<Interval>,
    /// Half of the day's people needed at most so long.
    pub median_ms: f64,
    /// The same, before.
    pub median_before_ms: f64,
    /// Mann & Whitney's p-value.
    pub p_value: f64,
    /// The smallest share of chance at which it would be found.
    pub q_value: f64,
    /// All of it in a sentence.
    pub words: String,
}

/// What a sample comes to before it is judged among the others.
struct Compared {
    shift_ms: f64,
    interval: Option<Interval>,
    median_ms: f64,
    median_before_ms: f64,
    p_value: f64,
    people: usize,
    days: usize,
    /// Whether it is large enough to be told, and beyond each day before.
    stands_out: bool,
}

/// Judges all samples of a day together.
#[must_use]
pub fn judge(samples: &[Sample]) -> Vec<Verdict> {
    let compared: Vec<Estimate<Compared>> = samples.iter().map(compare).collect();
    let p_values: Vec<f64> = compared.iter().flatten().map(|found| found.p_value).collect();
    let mut q_values = fdr::adjusted(&p_values).unwrap_or_default().into_iter();
    let verdict = |(sample, found): (&Sample, Estimate<Compared>)| match found {
        Err(lacking) => Verdict::Lacking(lacking),
        Ok(found) => {
            let q_value = q_values.next().unwrap_or(1.0);
            if q_value <= RATE && found.stands_out {
                Verdict::Shifted(found.told(&sample.name, q_value))
            } else {
                Verdict::Usual { q_value }
            }
        }
    };
    samples.iter().zip(compared).map(verdict).collect()
}

fn compare(sample: &Sample) -> Estimate<Compared> {
    let (have, need) = (sample.before.len(), DAYS);
    if have < need {
        return Err(NotEstimable::TooFew { what: "of the same weekday before", have, need });
    }
    let day = by_person(&sample.day);
    let before = by_person(&sample.before.concat());
    let (have, need) = (day.len().min(before.len()), PEOPLE);
    if have < need {
        return Err(NotEstimable::TooFew { what: "people on the day or before", have, need });
    }
    let test = mann_whitney(&day, &before)?;
    let shift = hodges_lehmann(&day, &before, Level::P95)?;
    let (median_ms, median_before_ms) = (median(&day), median(&before));
    let days: Vec<f64> = sample
        .before
        .iter()
        .map(|taken| by_person(taken))
        .filter(|values| !values.is_empty())
        .map(|values| median(&values))
        .collect();
    let beyond = |other: &f64| (median_ms - other) * shift.value.signum() > 0.0;
    let large = (LEAST.0 * median_before_ms).max(LEAST.1);
    Ok(Compared {
        shift_ms: shift.value,
        interval: shift.interval,
        median_ms,
        median_before_ms,
        p_value: test.p_value,
        people: day.len(),
        days: days.len(),
        stands_out: shift.value.abs() >= large && days.iter().all(beyond),
    })
}

impl Compared {
    fn told(self, name: &str, q_value: f64) -> Shifted {
        let seconds = |ms: f64| format!("{:.1} s", ms / 1000.0);
        let way = if self.shift_ms > 0.0 { "longer" } else { "less" };
        let between = self.interval.map_or_else(String::new, |interval| {
            let (low, high) = (interval.low.abs(), interval.high.abs());
            let (least, most) = (seconds(low.min(high)), seconds(low.max(high)));
            format!(" (between {least} and {most}, 95% sure)")
        });
        let words = format!(
            "{name} takes {} {way}{between} than on the {} same weekdays before: half of {} people \
             needed at most {}, before {}; each of those days lies on the same side. Of findings like \
             this among all that were compared, chance makes at most a share of {q_value:.0e}.",
            seconds(self.shift_ms.abs()),
            self.days,
            self.people,
            seconds(self.median_ms),
            seconds(self.median_before_ms),
        );
        Shifted {
            shift_ms: self.shift_ms,
            interval: self.interval,
            median_ms: self.median_ms,
            median_before_ms: self.median_before_ms,
            p_value: self.p_value,
            q_value,
            words,
        }
    }
}

/// Each person's median.
fn by_person(taken: &[Taken]) -> Vec<f64> {
    let mut people: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for one in taken {
        people.entry(one.person).or_default().push(one.ms);
    }
    people.into_values().map(|values| median(&values)).collect()
}

/// The middle value, or the mean of both; zero of none.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |place: usize| sorted.get(place).copied().unwrap_or(0.0);
    f64::midpoint(at(sorted.len().saturating_sub(1) / 2), at(sorted.len() / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day of so many people; person n needs base + spread·n ms, twice.
    fn day(people: u64, base: f64) -> Vec<Taken> {
        let once = |person| Taken { person, ms: base + person as f64 * 40.0 };
        (0..people).flat_map(|person| [once(person), once(person)]).collect()
    }

    fn sample(name: &str, day_ms: f64, before: [f64; 4]) -> Sample {
        let before = before.map(|base| day(30, base)).to_vec();
        Sample { name: name.to_owned(), day: day(30, day_ms), before }
    }

    #[test]
    fn a_shift_is_told_with_its_size() {
        let slow = sample("TOTP at okta", 9_000.0, [5_000.0, 5_050.0, 4_950.0, 5_000.0]);
        let fast = sample("push at okta", 2_000.0, [5_000.0, 5_050.0, 4_950.0, 5_000.0]);
        let same = sample("push at duo", 5_020.0, [5_000.0, 5_050.0, 4_950.0, 5_000.0]);
        let found = judge(&[slow, fast, same]);
        let Verdict::Shifted(slow) = &found[0] else { panic!("{:?}", found[0]) };
        assert!((slow.shift_ms - 4_000.0).abs() < 60.0, "{slow:?}");
        assert!(slow.q_value >= slow.p_value && slow.q_value < 1e-6);
        let begin = "TOTP at okta takes 4.0 s longer (between ";
        assert!(slow.words.starts_with(begin), "{}", slow.words);
        assert!(
            slow.words.contains(
                "4 same weekdays before: half of 30 people needed at most 9.6 s, before 5.6 s"
            ),
            "{}",
            slow.words
        );
        let Verdict::Shifted(fast) = &found[1] else { panic!("{:?}", found[1]) };
        assert!(fast.shift_ms < -2_900.0 && fast.words.contains("3.0 s less"), "{}", fast.words);
        assert!(matches!(found[2], Verdict::Usual { q_value } if q_value > 0.05));
    }

    #[test]
    fn a_day_that_is_not_beyond_each_before_is_usual() {
        let wild = sample("push at okta", 9_000.0, [5_000.0, 5_000.0, 9_100.0, 5_000.0]);
        assert!(matches!(judge(&[wild])[0], Verdict::Usual { .. }));
        // Surely slower, but by less than anybody would feel.
        let little = sample("push at okta", 5_200.0, [3_900.0; 4].map(|base| base + 1_100.0));
        assert!(matches!(judge(&[little])[0], Verdict::Usual { .. }));
    }

    #[test]
    fn too_few_people_or_days_are_said() {
        let mut few = sample("push at okta", 9_000.0, [5_000.0; 4]);
        few.day.truncate(38);
        let lacking =
            NotEstimable::TooFew { what: "people on the day or before", have: 19, need: 20 };
        assert_eq!(judge(&[few.clone()])[0], Verdict::Lacking(lacking));
        few.before.truncate(2);
        assert!(matches!(judge(&[few])[0], Verdict::Lacking(NotEstimable::TooFew { have: 2, .. })));
        assert!(judge(&[]).is_empty());
    }

    #[test]
    fn one_busy_person_is_one_person() {
        let mut busy = sample("push at okta", 5_000.0, [5_000.0; 4]);
        busy.day.extend((0..5_000).map(|_| Taken { person: 3, ms: 60_000.0 }));
        assert!(matches!(judge(&[busy])[0], Verdict::Usual { q_value } if q_value > 0.05));
    }
}
