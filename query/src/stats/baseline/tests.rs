//! The baseline as a whole, over series drawn from known distributions.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

use super::*;
use crate::stats::counts::Counts;

/// How a week goes in these tests: busy on working days, with a Monday morning.
fn shape(hour: usize) -> f64 {
    let (day, hour) = (hour / 24, hour % 24);
    let working = if (8..18).contains(&hour) { 4.0 } else { 0.5 };
    match day {
        0 if hour == 9 => 9.0,
        0..5 => working,
        _ => 0.4,
    }
}

fn when(at: usize) -> When {
    let hour_of_week = u8::try_from(at % WEEK).expect("an hour");
    When { hour_of_week, week: size(at) / size(WEEK), holiday: false }
}

/// Evenly between 0 and 1.
fn even(random: &mut ChaCha8Rng) -> f64 {
    (f64::from(random.next_u32()) + 0.5) / 4_294_967_296.0
}

/// Hours of some weeks with a level, a change a week and a dispersion.
fn series(weeks: usize, level: f64, trend: f64, dispersion: f64, seed: u64) -> Vec<Hour> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let draw = |at: usize| {
        let when = when(at);
        let mean = level * shape(at % WEEK) * (trend * when.week).exp();
        let counts = Counts::new(mean, dispersion).expect("a distribution");
        let count = u32::try_from(counts.quantile(even(&mut random))).expect("a count");
        Hour { when, count }
    };
    (0..weeks * WEEK).map(draw).collect()
}

#[test]
fn a_known_week_is_found() {
    let baseline = fit(&series(12, 5.0, 0.0, 0.1, 1)).expect("a baseline");
    let (mut apart, mut at_monday) = (0.0, 0.0);
    for hour in 0..WEEK {
        let found = baseline.expect(&when(12 * WEEK + hour)).mean;
        let ratio = (found / (5.0 * shape(hour))).ln();
        apart += ratio * ratio / size(WEEK);
        if hour == 9 {
            at_monday = ratio;
        }
    }
    assert!(apart.sqrt() < 0.2, "typically {} apart", apart.sqrt());
    // The one hour unlike its neighbours, which expect ln(4/9) = −0.81, is drawn to them.
    assert!((-0.6..0.2).contains(&at_monday), "{at_monday}");
    assert!((baseline.dispersion() - 0.1).abs() < 0.04, "{}", baseline.dispersion());
    assert_eq!(baseline.expect(&when(0)).learning, None);
}

#[test]
fn a_trend_is_followed_no_further_than_the_data() {
    let baseline = fit(&series(20, 5.0, 0.05, 0.05, 2)).expect("a baseline");
    let at = |week: f64| baseline.expect(&When { week, ..when(34) }).mean;
    let (first, last) = (at(0.0), at(20.0));
    assert!(((last / first).ln() / 20.0 - 0.05).abs() < 0.01, "{first} to {last}");
    let end = at(19.99);
    assert!(at(60.0) <= end * 1.001);
}

#[test]
fn past_outbreaks_hardly_count() {
    let calm = series(8, 5.0, 0.0, 0.1, 3);
    let mut hit = calm.clone();
    // Two bad nights, with thirty times and more what is usual.
    for at in (3 * WEEK + 24..3 * WEEK + 30).chain(5 * WEEK + 49..5 * WEEK + 53) {
        hit[at].count += 150;
    }
    let (calm, found) = (fit(&calm).expect("a baseline"), fit(&hit).expect("a baseline"));
    for hour in [25, 27, 50, 60, 130] {
        let ratio =
            found.expect(&when(8 * WEEK + hour)).mean / calm.expect(&when(8 * WEEK + hour)).mean;
        assert!((0.8..1.25).contains(&ratio), "hour {hour}: {ratio}");
    }
    assert!(found.weights()[3 * WEEK + 26] < 0.2);
    let usual = found.weights().iter().filter(|weight| **weight == 1.0).count();
    assert!(usual > 8 * WEEK * 95 / 100);
    let again = found.expect(&when(8 * WEEK + 26)).tail(150).expect("a tail");
    assert!(again.reported() < 1e-6, "the next one is seen: {again:?}");
}

#[test]
fn new_weeks_of_the_same_kind_are_usual() {
    let all = series(14, 5.0, 0.0, 0.2, 4);
    let (past, new) = all.split_at(10 * WEEK);
    let baseline = fit(past).expect("a baseline");
    let p_values: Vec<f64> = new
        .iter()
        .map(|hour| {
            let expected = baseline.expect(&hour.when);
            expected.tail(u64::from(hour.count)).expect("a tail").reported()
        })
        .collect();
    let below = |level: f64| p_values.iter().filter(|p| **p <= level).count();
    // 672 hours: 6.7 and 67 were to be expected of continuous values, with standard
    // deviations of 2.6 and 7.8; a reported p is rarer.
    assert!(below(0.01) <= 18, "{}", below(0.01));
    assert!(below(0.1) <= 98, "{}", below(0.1));
    assert!(below(0.5) >= 200, "and not for being too wide: {}", below(0.5));
}

#[test]
fn while_it_learns_it_says_so_and_is_wide() {
    let width = |weeks: usize| {
        let baseline = fit(&series(weeks, 5.0, 0.0, 0.1, 5)).expect("a baseline");
        let expected = baseline.expect(&when(weeks * WEEK + 34));
        let range = expected.range(crate::stats::estimate::Level::P95).expect("a range");
        (expected.learning, expected.unsure, range.high / expected.mean)
    };
    let (learning, unsure, wide) = width(1);
    assert_eq!(learning, Some(Learning { weeks: 1.0, need: LEARNED }));
    let (learned, surer, narrow) = width(16);
    assert_eq!(learned, None);
    assert!(surer < unsure / 2.0, "{unsure} to {surer}");
    assert!(narrow < wide, "{wide} to {narrow}");
    let few = fit(&series(1, 5.0, 0.0, 0.1, 5)[..WEEK - 1]);
    assert_eq!(few.err(), Some(NotEstimable::TooFew { what: "hours", have: 167, need: WEEK }));
    assert!(matches!(fit(&[]).err(), Some(NotEstimable::NoData)));
}

#[test]
fn where_nothing_ever_happened_little_is_expected() {
    let quiet: Vec<Hour> = (0..10 * WEEK).map(|at| Hour { when: when(at), count: 0 }).collect();
    let expected = fit(&quiet).expect("a baseline").expect(&when(10 * WEEK));
    assert!((expected.mean - 0.5 / 1_680.0).abs() < 1e-12);
    assert_eq!(expected.tail(0).expect("a tail").reported(), 1.0);
    assert!(expected.tail(5).expect("a tail").reported() < 1e-4);
    let mut odd = quiet;
    odd[0].when.hour_of_week = 168;
    assert!(fit(&odd).is_err());
}

#[test]
fn a_holiday_is_a_day_off() {
    let mut hours = series(12, 20.0, 0.0, 0.02, 6);
    // Wednesdays of three weeks have the counts of Saturdays.
    for week in [2, 6, 9] {
        for hour in 48..72 {
            let saturday = hours[week * WEEK + hour + 72].count;
            let day = &mut hours[week * WEEK + hour];
            (day.count, day.when.holiday) = (saturday, true);
        }
    }
    let baseline = fit(&hours).expect("a baseline");
    let on = When { holiday: true, ..when(12 * WEEK + 58) };
    let found = baseline.expect(&on).mean;
    assert!((found / (20.0 * 0.4)).ln().abs() < 0.35, "{found}");
    let off = baseline.expect(&when(12 * WEEK + 58)).mean;
    assert!((off / 80.0).ln().abs() < 0.2, "{off}");
}

#[test]
fn a_part_of_an_hour_expects_a_part() {
    let baseline = fit(&series(6, 5.0, 0.0, 0.1, 7)).expect("a baseline");
    let whole = baseline.expect(&when(6 * WEEK + 34));
    let quarter = whole.part(0.25);
    assert!((quarter.mean * 4.0 - whole.mean).abs() < 1e-12);
    assert!(quarter.part(-1.0).counts().is_err());
}
