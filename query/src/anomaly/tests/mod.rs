//! The engine as a whole, over an invented organisation's sign-ins.

mod campaign;
mod null;
mod traffic;

use chrono_tz::Tz;

use super::{Calendar, Engine, Incident, Kind, Settings, Sighting, What};
use traffic::{DAY_US, Event, HOUR_US, MONDAY_US, Traffic, WEEK_US};

pub(super) fn settings() -> Settings {
    Settings::new(Calendar::new(Tz::UTC, []))
}

/// Shows events to an engine and judges after each `step_us` of them; gives what was raised
/// or grew, each with the time of the judgement.
fn watch(engine: &mut Engine, events: &[Event], step_us: i64) -> Vec<(i64, Incident)> {
    let mut raised = Vec::new();
    for batch in events.chunk_by(|a, b| a.at_us / step_us == b.at_us / step_us) {
        let now = batch.last().map_or(0, |event| event.at_us);
        batch.iter().for_each(|event| engine.see(&event.sighting(), now));
        raised.extend(engine.judge().into_iter().map(|incident| (now, incident)));
    }
    raised
}

/// An engine that has seen some weeks.
fn taught(traffic: &Traffic, weeks: i64) -> Engine {
    let mut engine = Engine::new(settings());
    watch(&mut engine, &traffic.weeks(0..weeks), DAY_US);
    engine
}

fn burst(at_us: i64, count: u64, what: What) -> Vec<Event> {
    let one = |n: u64| Event {
        at_us: at_us + i64::try_from(n).expect("few") * 20_000_000,
        what,
        user: n,
        network: 10_000 + n % 120,
    };
    (0..count).map(one).collect()
}

#[test]
fn before_four_weeks_it_says_that_it_is_learning_and_raises_nothing() {
    let mut engine = Engine::new(settings());
    let mut events = Traffic::ordinary(1).weeks(0..3);
    events.extend(burst(MONDAY_US + 3 * WEEK_US, 200, What::Failure));
    assert!(watch(&mut engine, &events, HOUR_US).is_empty());
    let standing = engine.standing();
    let failures = standing.iter().find(|one| one.kind == Kind::Failures).expect("a series");
    let lacks = failures.lacks.as_deref().expect("something is lacking");
    assert_eq!(lacks, "Still learning: 3.0 of 4 weeks of data. Nothing is raised yet.");
    assert!(standing.iter().all(|one| one.lacks.is_some()));
}

#[test]
fn after_it_the_same_is_raised_with_its_window() {
    let mut engine = taught(&Traffic::ordinary(1), 6);
    assert!(engine.standing().iter().any(|one| one.lacks.is_none()));
    // Monday 02:00: sixty failures of people who work there, in twenty minutes.
    let at = MONDAY_US + 6 * WEEK_US + 2 * HOUR_US;
    let raised = watch(&mut engine, &burst(at, 60, What::Failure), 60_000_000);
    let keys: std::collections::BTreeSet<_> = raised.iter().map(|(_, one)| &one.key).collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    let (first, last) = (&raised[0], &raised[raised.len() - 1].1);
    assert!(first.0 - at < 10 * 60_000_000, "after {} s", (first.0 - at) / 1_000_000);
    assert_eq!(last.source.as_deref(), Some("okta"));
    let kinds: Vec<Kind> = last.findings.iter().map(|finding| finding.kind).collect();
    assert!(kinds.contains(&Kind::Failures) && kinds.contains(&Kind::FailingNames), "{kinds:?}");
    assert!(!kinds.contains(&Kind::UnknownNames), "they are known: {kinds:?}");
    let lead = &last.findings[0];
    let (begins, over) = (lead.from_us, at + 20 * 60_000_000);
    assert!(begins < over && at < lead.to_us && lead.count >= 40, "{lead:?}");
    assert!(lead.q_value <= 0.02 && lead.p_value < lead.q_value && lead.expected < 10.0);
    assert!(last.words().contains("expected were"), "{}", last.words());
}

#[test]
fn what_it_remembers_survives_a_restart() {
    let traffic = Traffic::ordinary(2);
    let (mut events, weeks) = (traffic.weeks(0..7), 6 * WEEK_US);
    events.extend(burst(MONDAY_US + 6 * WEEK_US + 50 * HOUR_US, 60, What::Failure));
    events.sort_by_key(|event| event.at_us);
    let half = events
        .partition_point(|event| event.at_us < MONDAY_US + weeks + 50 * HOUR_US + 300_000_000);
    let mut whole = Engine::new(settings());
    let expected =
        [watch(&mut whole, &events[..half], HOUR_US), watch(&mut whole, &events[half..], HOUR_US)];
    let mut first = Engine::new(settings());
    let before = watch(&mut first, &events[..half], HOUR_US);
    let text = serde_json::to_string(first.memory()).expect("text");
    let memory = serde_json::from_str(&text).expect("what was written");
    let mut second = Engine::resume(settings(), memory).expect("this version");
    let after = watch(&mut second, &events[half..], HOUR_US);
    assert!(!after.is_empty());
    let told = |raised: &Vec<(i64, Incident)>| -> Vec<(i64, String, i64, String)> {
        let told = |(now, one): &(i64, Incident)| (*now, one.key.clone(), one.to_us, one.words());
        raised.iter().map(told).collect()
    };
    assert_eq!([told(&before), told(&after)], [told(&expected[0]), told(&expected[1])]);
    assert!(text.len() < 3_000_000, "{} bytes", text.len());
    let other = text.replacen("\"version\":1", "\"version\":0", 1);
    let other = serde_json::from_str(&other).expect("a memory");
    assert!(Engine::resume(settings(), other).is_none());
}

#[test]
fn late_events_are_judged_when_they_come() {
    let mut engine = taught(&Traffic::ordinary(3), 6);
    let at = MONDAY_US + 6 * WEEK_US + 26 * HOUR_US;
    let later = Traffic::ordinary(3).weeks(6..7);
    let later: Vec<Event> =
        later.into_iter().filter(|event| event.at_us < at + 10 * HOUR_US).collect();
    assert!(watch(&mut engine, &later, HOUR_US).is_empty());
    // Nine hours late, all at once.
    let late = burst(at, 60, What::Failure);
    late.iter().for_each(|event| engine.see(&event.sighting(), at + 10 * HOUR_US));
    let raised = engine.judge();
    assert_eq!(raised.len(), 1);
    assert!((raised[0].from_us - at).abs() < DAY_US);
    // A wrong clock doesn't move anything.
    let wrong = Event { at_us: at + 900 * DAY_US, ..late[0] };
    engine.see(&wrong.sighting(), at + 10 * HOUR_US);
    assert!(engine.judge().iter().all(|incident| incident.to_us < at + 11 * HOUR_US));
}

#[test]
fn a_new_source_or_service_is_no_outbreak() {
    let taught = taught(&Traffic::ordinary(4), 8);
    let at = MONDAY_US + 8 * WEEK_US;
    let failures = burst(at, 300, What::Failure);
    for (source, service) in [("sshd", None), ("okta", Some("new"))] {
        let mut engine = taught.clone();
        for (n, event) in failures.iter().enumerate() {
            // Spread over ten days, so that the source as a whole hardly notices.
            let at_us = at + i64::try_from(n).expect("few") * DAY_US / 30;
            engine.see(&Sighting { at_us, source, service, ..event.sighting() }, at_us);
            for incident in engine.judge() {
                for found in &incident.findings {
                    let place = (found.source.as_deref(), found.service.as_deref());
                    assert!(place.1.is_none() && place.0 != Some("sshd"), "{}", found.words);
                }
            }
        }
        let standing = engine.standing();
        let new = |one: &&super::Standing| {
            one.source.as_deref() == Some(source) && one.service.as_deref() == service
        };
        assert!(standing.iter().any(|one| new(&one)));
        assert!(standing.iter().filter(new).all(|one| one.lacks.is_some()));
    }
}

#[test]
fn what_comes_every_week_is_learned() {
    let traffic = Traffic::ordinary(5);
    let mut engine = Engine::new(settings());
    let mut events = traffic.weeks(0..12);
    // Passwords expire on Mondays: 80 failures within the hour from eight on.
    for week in 0..12 {
        let at = MONDAY_US + week * WEEK_US + 8 * HOUR_US;
        events.extend(burst(at, 80 + u64::try_from(week % 3).expect("few") * 6, What::Failure));
    }
    events.sort_by_key(|event| event.at_us);
    let raised = watch(&mut engine, &events, HOUR_US / 4);
    let late: Vec<&str> = raised
        .iter()
        .filter(|(now, _)| *now > MONDAY_US + 6 * WEEK_US)
        .map(|(_, incident)| incident.key.as_str())
        .collect();
    assert!(late.is_empty(), "{late:?}");
}
