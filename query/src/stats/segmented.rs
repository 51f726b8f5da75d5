//! What a change did to a daily figure: segmented regression with a step and a
//! change of slope at the day, a line before it, and the days of the week, errors
//! that follow each other (Newey–West). Wagner, Soumerai, Zhang & Ross-Degnan 2002,
//! "Segmented regression analysis of interrupted time series studies in medication
//! use research", Journal of Clinical Pharmacy and Therapeutics 27:299–309.

use std::collections::BTreeSet;

use super::{
    estimate::{Estimate, Level, NotEstimable},
    linear,
    regression::{Alike, Effect, effect},
    size,
};

/// Days that each side needs: twice each day of the week.
pub const DAYS_A_SIDE: usize = 14;

/// One day's figure. Days without data are left out, not zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Day {
    /// Days since the first one of the period.
    pub day: i32,
    /// Day of the week, 0 to 6.
    pub weekday: u8,
    /// What was measured that day.
    pub value: f64,
}

/// What happened at the change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// The step at the day of the change, against where the line before led.
    pub step: Effect,
    /// How much steeper it goes on, a day.
    pub slope: Effect,
    /// Days over which errors were taken to follow each other.
    pub lags: usize,
}

/// The effect of a change in force from the start of day `changed` on.
///
/// # Errors
///
/// `NoData`, `TooFew` days on a side, `Collinear`, `Invalid`.
pub fn shift(days: &[Day], changed: i32, level: Level) -> Estimate<Shift> {
    if days.is_empty() {
        return Err(NotEstimable::NoData);
    }
    let mut days = days.to_vec();
    days.sort_by_key(|day| day.day);
    let before = days.iter().filter(|day| day.day < changed).count();
    let have = before.min(days.len() - before);
    if have < DAYS_A_SIDE {
        return Err(NotEstimable::TooFew { what: "days on a side", have, need: DAYS_A_SIDE });
    }
    let column = |of: &dyn Fn(&Day) -> f64| -> Vec<f64> { days.iter().map(of).collect() };
    let flag = |is: bool| if is { 1.0 } else { 0.0 };
    let since = |day: &Day| f64::from(day.day) - f64::from(changed);
    let mut columns = vec![
        column(&|_| 1.0),
        column(&since),
        column(&|day| flag(day.day >= changed)),
        column(&|day| since(day).max(0.0)),
    ];
    let weekdays: BTreeSet<u8> = days.iter().map(|day| day.weekday).collect();
    // The first one is what the others are compared with.
    columns.extend(
        weekdays.iter().skip(1).map(|weekday| column(&|day| flag(day.weekday == *weekday))),
    );
    let values: Vec<f64> = days.iter().map(|day| day.value).collect();
    let fit = linear::fit(&columns, &values)?;
    let lags = lags(days.len());
    let effect = |coefficient| effect(&fit, coefficient, Alike::Steps(lags), level);
    Ok(Shift { step: effect(2)?, slope: effect(3)?, lags })
}

/// The largest whole number not above 4(n/100)^(2/9): Newey & West 1994, Review of
/// Economic Studies 61:631–653. Found by counting, which needs no rounding.
fn lags(n: usize) -> usize {
    let most = 4.0 * (size(n) / 100.0).powf(2.0 / 9.0);
    (1..n).take_while(|lag| size(*lag) <= most).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{cases, close};

    #[test]
    fn step_and_slope_agree_with_statsmodels() {
        for case in cases(include_str!("oracle/regression.json"), "segmented") {
            let days: Vec<Day> = case
                .wholes("day")
                .into_iter()
                .zip(case.numbers("value"))
                .map(|(day, value)| Day {
                    day: i32::try_from(day).expect("a day"),
                    weekday: u8::try_from(day % 7).expect("a weekday"),
                    value,
                })
                .collect();
            let changed = i32::try_from(case.whole("changed")).expect("a day");
            let found = shift(&days, changed, Level::P95).expect("a shift");
            assert_eq!(i64::try_from(found.lags), Ok(case.whole("lags")));
            for (effect, name) in [(found.step, "step"), (found.slope, "slope")] {
                let [value, error, low, high, p] = case.numbers(name)[..] else { panic!("five") };
                close(effect.value, value, 1e-9, name);
                close(effect.standard_error, error, 1e-9, name);
                close(effect.interval.low, low, 1e-9, name);
                close(effect.interval.high, high, 1e-9, name);
                close(effect.p_value, p, 1e-9, name);
            }
        }
    }

    #[test]
    fn too_few_days_are_said() {
        let days: Vec<Day> = (0..27)
            .map(|day| Day { day, weekday: u8::try_from(day % 7).expect("a weekday"), value: 1.0 })
            .collect();
        let need = DAYS_A_SIDE;
        let few = NotEstimable::TooFew { what: "days on a side", have: 13, need };
        assert_eq!(shift(&days, 14, Level::P95), Err(few));
        assert_eq!(shift(&[], 14, Level::P95), Err(NotEstimable::NoData));
    }
}
