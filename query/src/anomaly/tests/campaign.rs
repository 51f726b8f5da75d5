//! A slow campaign against many names from many networks, also thinned: an invented one of
//! the same shape as the real one that `tests/support/anomaly` lays over the company.

use super::{
    settings,
    traffic::{DAY_US, Event, HOUR_US, MONDAY_US, Traffic, WEEK_US, campaign},
    watch,
};
use crate::anomaly::Engine;

const MINUTE_US: i64 = 60_000_000;

/// Minutes after which each of some placements is raised, in the week after eight.
fn delays(thinned: u32, hours: i64, placements: i64) -> Vec<Option<i64>> {
    let traffic = Traffic::ordinary(7);
    let mut engine = Engine::new(settings());
    watch(&mut engine, &traffic.weeks(0..8), DAY_US);
    // Models are made once, not for each placement.
    let _standing = engine.standing();
    let benign = traffic.weeks(8..10);
    let place = |placement: i64| {
        // Evenly over a week, at every time of day.
        let from = MONDAY_US + 8 * WEEK_US + placement * WEEK_US / placements + 40 * MINUTE_US;
        let mut events: Vec<Event> = campaign(from, hours, thinned, placement.unsigned_abs());
        let end = from + hours * HOUR_US;
        events.extend(benign.iter().filter(|event| event.at_us < end));
        events.sort_by_key(|event| event.at_us);
        let mut engine = engine.clone();
        let raised = watch(&mut engine, &events, MINUTE_US);
        let first = raised.iter().find(|(now, _)| *now >= from).map(|(now, _)| *now);
        first.map(|now| (now - from) / MINUTE_US)
    };
    (0..placements).map(place).collect()
}

fn within(delays: &[Option<i64>], minutes: i64) -> usize {
    delays.iter().flatten().filter(|delay| **delay <= minutes).count()
}

#[test]
fn a_whole_campaign_is_seen_within_a_quarter_of_an_hour() {
    let delays = delays(1, 1, 14);
    assert!(within(&delays, 15) >= 13, "{delays:?}");
}

#[test]
fn a_tenth_of_it_is_seen_within_two_hours() {
    let delays = delays(10, 2, 14);
    assert!(within(&delays, 120) >= 13, "{delays:?}");
}

#[test]
fn a_hundredth_of_it_is_seen_within_a_day() {
    let delays = delays(100, 24, 10);
    assert!(within(&delays, 1_440) >= 8, "{delays:?}");
}
