//! How unexpected a person's country, network or device is, weighed by how often that
//! person and their team change: a Dirichlet process around the team's habits, which
//! lie around the organisation's. Teh, Jordan, Beal & Blei 2006, "Hierarchical
//! Dirichlet processes", JASA 101:1566–1581; MacKay & Peto 1995, "A hierarchical
//! Dirichlet language model", Natural Language Engineering 1:289–308.

use statrs::function::gamma::digamma;

use super::{
    estimate::{Estimate, NotEstimable},
    real,
};

/// What was seen of one person, one team, or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// How often this value was seen.
    pub this: i64,
    /// How often any was.
    pub all: i64,
    /// How many different ones there were.
    pub kinds: i64,
}

/// How readily new values appear, larger: more readily.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Change(f64);

/// Bounds of [`Change`]: someone with one value in all their sign-ins still gets a new
/// device now and then, and someone whose every sign-in was elsewhere may repeat.
const CHANGE: (f64, f64) = (0.05, 1_000.0);

impl Change {
    /// The most likely one given how many kinds were seen among how many values:
    /// κ(ψ(κ + n) − ψ(κ)) = kinds (Antoniak 1974, Annals of Statistics 2:1152–1174).
    /// Held between 0.05 and 1,000.
    ///
    /// # Errors
    ///
    /// `NoData` if nothing was seen, `Invalid` if there are more kinds than values.
    pub fn of(seen: &Seen) -> Estimate<Self> {
        if seen.all <= 0 {
            return Err(NotEstimable::NoData);
        }
        if seen.kinds < 1 || seen.kinds > seen.all {
            return Err(NotEstimable::Invalid("kinds are not between one and the values"));
        }
        let (n, kinds) = (real(seen.all), real(seen.kinds));
        let expected = |change: f64| change * (digamma(change + n) - digamma(change));
        let (mut low, mut high) = (CHANGE.0.ln(), CHANGE.1.ln());
        // More change, more kinds.
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            if expected(middle.exp()) < kinds { low = middle } else { high = middle }
        }
        Ok(Self(f64::midpoint(low, high).exp()))
    }

    /// As a number.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }
}

/// Probability that the person's next value is this one; the team's and the
/// organisation's habits stand in as far as the person's are unknown. Never zero: what
/// nobody had shares what is left for new kinds.
///
/// # Errors
///
/// `Invalid` if counts contradict each other. A person or team without data is no
/// error: the wider circle speaks.
pub fn probability(
    person: &Seen,
    team: &Seen,
    organisation: &Seen,
    changes: (Change, Change, Change),
) -> Estimate<f64> {
    let (of_person, of_team, of_organisation) = changes;
    // Outside the organisation: as many unknown kinds as it knows, and one more.
    let base = 1.0 / (real(organisation.kinds.max(0)) + 1.0);
    let all = draw(organisation, of_organisation, base)?;
    draw(person, of_person, draw(team, of_team, all)?)
}

/// A share drawn towards the wider circle's.
fn draw(seen: &Seen, change: Change, wider: f64) -> Estimate<f64> {
    if seen.this < 0 || seen.this > seen.all {
        return Err(NotEstimable::Invalid("one value was seen more often than all"));
    }
    Ok((real(seen.this) + change.0 * wider) / (real(seen.all) + change.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    const NONE: Seen = Seen { this: 0, all: 0, kinds: 0 };

    #[test]
    fn readiness_to_change_agrees_with_scipys_root() {
        for case in cases(include_str!("oracle/habits.json"), "change") {
            let seen = Seen { this: 0, all: case.whole("all"), kinds: case.whole("kinds") };
            let found = Change::of(&seen).expect("a change");
            close(found.value(), case.number("change"), 1e-9, &format!("{seen:?}"));
        }
    }

    #[test]
    fn probabilities_of_all_values_are_one() {
        // A person's, the team's and everyone's counts of four values, and a new one.
        let (person, team, all) = ([7, 1, 0, 0, 0], [20, 9, 3, 0, 0], [50, 40, 8, 2, 0]);
        let seen = |counts: &[i64; 5], at: usize| Seen {
            this: counts[at],
            all: counts.iter().sum(),
            kinds: i64::try_from(counts.iter().filter(|count| **count > 0).count()).expect("few"),
        };
        let change = |counts| Change::of(&seen(counts, 0)).expect("a change");
        let changes = (change(&person), change(&team), change(&all));
        let each: Vec<f64> = (0..5)
            .map(|at| {
                probability(&seen(&person, at), &seen(&team, at), &seen(&all, at), changes)
                    .expect("a probability")
            })
            .collect();
        close(each.iter().sum::<f64>(), 1.0, 1e-12, "four known values and a new one");
        assert!(each.windows(2).all(|pair| pair[0] > pair[1]), "{each:?}");
    }

    #[test]
    fn a_new_country_is_less_odd_for_a_traveller() {
        let all = Seen { this: 3, all: 100_000, kinds: 20 };
        let team = Seen { this: 0, all: 900, kinds: 2 };
        let at = |kinds| {
            let person = Seen { this: 0, all: 200, kinds };
            let change = |seen| Change::of(seen).expect("a change");
            probability(&person, &team, &all, (change(&person), change(&team), change(&all)))
                .expect("a probability")
        };
        assert!(at(9) > 5.0 * at(1), "{} and {}", at(9), at(1));
    }

    #[test]
    fn someone_new_is_as_their_team() {
        let team = Seen { this: 30, all: 40, kinds: 3 };
        let change = Change::of(&team).expect("a change");
        let found = probability(&NONE, &team, &team, (change, change, change)).expect("known");
        let own = probability(&team, &team, &team, (change, change, change)).expect("known");
        assert!((found - 0.75).abs() < 0.05 && (own - found).abs() < 0.05);
        assert_eq!(Change::of(&NONE), Err(NotEstimable::NoData));
        let odd = Seen { this: 3, all: 2, kinds: 1 };
        assert!(probability(&odd, &team, &team, (change, change, change)).is_err());
    }
}
