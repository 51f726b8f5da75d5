//! Difference in differences: how much more the teams of a pilot changed than the
//! others, from before to after. Least squares on pilot, after, and both, clustered
//! by team: Bertrand, Duflo & Mullainathan 2004, "How much should we trust
//! differences-in-differences estimates?", Quarterly Journal of Economics
//! 119:249–275, who show why the clustering is needed.

use std::collections::BTreeMap;

use super::{
    estimate::{Estimate, Level, NotEstimable},
    linear,
    permutation::{self, Permuted},
    regression::{Alike, Effect, effect},
    size,
};

/// Teams a side below which errors clustered by team are too small to believe.
pub const TEAMS_A_SIDE: usize = 10;

/// What one team showed in one period (a week, say): the mean of its people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TeamPeriod {
    /// Which team, by number.
    pub team: usize,
    /// Whether the team is in the pilot.
    pub pilot: bool,
    /// Whether the period lies after the pilot's start.
    pub after: bool,
    /// What was measured.
    pub value: f64,
}

/// What the pilot did, in the unit of the values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// With ten teams or more a side: regression clustered by team.
    Clustered(Effect),
    /// With fewer: each team's change, and all ways to choose the pilot's teams.
    Permuted(Permuted),
}

/// How much more the pilot's teams changed. It excludes nothing by itself: teams
/// without a period on both sides are left out by the caller, who says so.
///
/// # Errors
///
/// `NoData`, `TooFew` teams, `Invalid` if a team has no period before or after or
/// is on both sides.
pub fn change(rows: &[TeamPeriod], level: Level, seed: u64) -> Estimate<Change> {
    let teams = by_team(rows)?;
    let pilot = teams.iter().filter(|team| team.1).count();
    if pilot.min(teams.len() - pilot) < TEAMS_A_SIDE {
        let (treated, control): (Vec<_>, Vec<_>) = teams.iter().partition(|team| team.1);
        let changes = |side: Vec<&(f64, bool)>| side.iter().map(|team| team.0).collect::<Vec<_>>();
        return permutation::test(&changes(treated), &changes(control), seed).map(Change::Permuted);
    }
    let column = |of: fn(&TeamPeriod) -> bool| -> Vec<f64> {
        rows.iter().map(|row| if of(row) { 1.0 } else { 0.0 }).collect()
    };
    let columns = [
        column(|_| true),
        column(|row| row.pilot),
        column(|row| row.after),
        column(|row| row.pilot && row.after),
    ];
    let values: Vec<f64> = rows.iter().map(|row| row.value).collect();
    let cluster: Vec<usize> = rows.iter().map(|row| row.team).collect();
    let fit = linear::fit(&columns, &values)?;
    effect(&fit, 3, Alike::Clusters(&cluster), level).map(Change::Clustered)
}

/// Each team's mean after less its mean before, and whether it is in the pilot.
fn by_team(rows: &[TeamPeriod]) -> Estimate<Vec<(f64, bool)>> {
    if rows.is_empty() {
        return Err(NotEstimable::NoData);
    }
    super::estimate::finite(rows.iter().map(|row| &row.value))?;
    // Sum and number before, sum and number after, side.
    let mut teams = BTreeMap::<usize, ([f64; 2], [usize; 2], bool)>::new();
    for row in rows {
        let (sums, numbers, pilot) = teams.entry(row.team).or_insert(([0.0; 2], [0; 2], row.pilot));
        if *pilot != row.pilot {
            return Err(NotEstimable::Invalid("a team is both in the pilot and outside"));
        }
        let ([before, after], [n_before, n_after]) = (sums, numbers);
        let (sum, n) = if row.after { (after, n_after) } else { (before, n_before) };
        *sum += row.value;
        *n += 1;
    }
    let mean = |([before, after], [n_before, n_after], pilot): ([f64; 2], [usize; 2], bool)| {
        if n_before == 0 || n_after == 0 {
            return Err(NotEstimable::Invalid("a team has no period before or after"));
        }
        Ok((after / size(n_after) - before / size(n_before), pilot))
    };
    teams.into_values().map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    fn rows(case: &crate::stats::oracle::Case) -> Vec<TeamPeriod> {
        let flags = |name: &str| case.numbers(name).into_iter().map(|x| x > 0.5);
        case.wholes("team")
            .into_iter()
            .zip(flags("pilot"))
            .zip(flags("after"))
            .zip(case.numbers("value"))
            .map(|(((team, pilot), after), value)| TeamPeriod {
                team: usize::try_from(team).expect("a team"),
                pilot,
                after,
                value,
            })
            .collect()
    }

    #[test]
    fn the_effect_agrees_with_statsmodels() {
        for case in cases(include_str!("oracle/regression.json"), "did") {
            let Change::Clustered(found) = change(&rows(&case), Level::P95, 1).expect("an effect")
            else {
                panic!("there are enough teams");
            };
            close(found.value, case.number("effect"), 1e-9, "effect");
            close(found.standard_error, case.number("error"), 1e-9, "standard error");
            close(found.interval.low, case.number("low"), 1e-9, "low");
            close(found.interval.high, case.number("high"), 1e-9, "high");
            close(found.p_value, case.number("p"), 1e-9, "p");
        }
    }

    #[test]
    fn few_teams_are_permuted_and_none_is_said() {
        let row = |team, pilot, after, value| TeamPeriod { team, pilot, after, value };
        let mut rows = Vec::new();
        for team in 0..8 {
            let pilot = team < 4;
            rows.push(row(team, pilot, false, 1.0));
            rows.push(row(team, pilot, true, if pilot { 3.0 } else { 1.5 }));
        }
        let Ok(Change::Permuted(found)) = change(&rows, Level::P95, 1) else { panic!("permuted") };
        assert!((found.value - 1.5).abs() < 1e-12);
        // Of 70 ways to choose four of eight, this one and its mirror image.
        assert!((found.p_value - 2.0 / 70.0).abs() < 1e-12);
        assert_eq!(change(&[], Level::P95, 1), Err(NotEstimable::NoData));
        rows.pop();
        assert!(matches!(change(&rows, Level::P95, 1), Err(NotEstimable::Invalid(_))));
    }
}
