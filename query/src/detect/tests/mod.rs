//! The detectors at their boundaries: one less, exactly, one more; a duplicate; out of order.
//! Then all of them over stored events.

mod access;
mod guessing;
mod habits;
mod prompts;
mod stored;

use std::collections::BTreeMap;

use rollcall_schemas::{Activity, Outcome};

use super::alert::{Alert, Severity};
use super::detector::Known;
use super::engine::Engine;
use super::id::Ids;
use super::names::Names;
use super::parameter::Parameters;
use super::registry::{DetectorInfo, LooksAt, detector, detectors};
use super::row::{At, DAY, Row, Step};

/// 2026-03-02, a Monday, at 08:00 UTC.
const MONDAY: i64 = 1_772_438_400_000_000;

fn info(name: &str) -> &'static DetectorInfo {
    detector(name).expect("a detector")
}

/// One detector at its defaults.
fn engine(name: &str) -> Engine {
    engine_with(name, &[])
}

fn engine_with(name: &str, set: &[(&str, f64)]) -> Engine {
    let info = info(name);
    let set = set.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect();
    let parameters = Parameters::set(info.parameters, &set).expect("parameters");
    Engine::new(BTreeMap::from([(info.name, parameters)]), 1_000 * DAY)
}

/// What an engine raises over rows; each gets a position of its own if it has none.
fn look(engine: &mut Engine, rows: &[Row]) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let (ids, names) = (Ids::new(b"test"), Names::default());
    for row in rows {
        let number = i64::try_from(engine.clock.events).expect("few");
        let at = if row.at == At::default() { At(1, number + 1, 0) } else { row.at };
        engine.look(&[Row { at, ..*row }], &ids, &names, &mut alerts);
    }
    alerts
}

/// What a detector raises at its defaults: key and severity of each update.
fn raised(name: &str, rows: &[Row]) -> Vec<(String, Severity)> {
    let alerts = look(&mut engine(name), rows);
    alerts.into_iter().map(|alert| (alert.key, alert.severity)).collect()
}

/// The same rows, given positions, in another order.
fn shuffled(rows: &[Row]) -> Vec<Row> {
    let numbered = rows.iter().zip(1_i64..).map(|(row, seq)| Row { at: At(7, seq, 0), ..*row });
    let mut rows: Vec<Row> = numbered.collect();
    // A fixed order that is far from the first: every third, from the back.
    let mut mixed: Vec<Row> = Vec::new();
    for start in 0..3 {
        mixed.extend(rows.iter().rev().skip(start).step_by(3));
    }
    std::mem::swap(&mut rows, &mut mixed);
    rows
}

/// The same rows, each of them twice.
fn doubled(rows: &[Row]) -> Vec<Row> {
    let numbered = rows.iter().zip(1_i64..).map(|(row, seq)| Row { at: At(7, seq, 0), ..*row });
    numbered.flat_map(|row| [row, row]).collect()
}

/// A row of person 1 so many seconds after Monday morning.
fn at(seconds: i64) -> Row {
    Row {
        time: MONDAY + seconds * 1_000_000,
        person: 1,
        account: 1,
        source: 900,
        ip: 500,
        subnet: 501,
        network: 502,
        country: 503,
        ..Row::default()
    }
}

fn minutes(minutes: i64) -> i64 {
    minutes * 60
}

fn days(days: i64) -> i64 {
    days * 86_400
}

/// Somebody gets in.
fn gets_in(seconds: i64) -> Row {
    let (activity, outcome) = (Activity::Logon, Outcome::Success);
    Row { activity, outcome, step: Step::In, ..at(seconds) }
}

/// Someone else does, so that time goes on.
fn someone_else(seconds: i64) -> Row {
    Row { person: 999, account: 999, ..gets_in(seconds) }
}

#[test]
fn every_row_of_the_table_is_whole() {
    for one in detectors() {
        let texts = [one.title, one.meaning, one.severity, one.evidence, one.next_step];
        assert!(texts.iter().all(|text| !text.is_empty()), "{}", one.name);
        assert!(one.meaning.ends_with('.') && one.next_step.ends_with('.'), "{}", one.name);
        assert!(one.quiet > 0 && one.quiet <= DAY, "{}: incidents are kept for two days", one.name);
        let defaults = Parameters::set(one.parameters, &BTreeMap::new()).expect("defaults");
        // Defaults are values that could be set.
        let set = one.parameters.iter().map(|p| (p.name.to_owned(), p.default)).collect();
        assert_eq!(Parameters::set(one.parameters, &set), Ok(defaults), "{}", one.name);
    }
}

#[test]
fn the_document_is_made_of_the_table() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/detectors.md");
    let made = format!("{}\n", super::document().trim_end());
    if std::env::var_os("ROLLCALL_WRITE_DETECTORS").is_some() {
        std::fs::write(&path, &made).expect("written");
    }
    let kept = std::fs::read_to_string(path).expect("docs/detectors.md");
    assert!(kept == made, "run `rollcall detect --doc > docs/detectors.md`");
}

#[test]
fn what_a_detector_remembers_is_the_same_after_it_was_saved() {
    for one in detectors() {
        let LooksAt::Events(open) = one.looks_at;
        let parameters = Parameters::set(one.parameters, &BTreeMap::new()).expect("defaults");
        let mut running = open(parameters.clone());
        let mut engine = Engine::new(BTreeMap::new(), DAY);
        let known = Known { habits: &engine.habits, since: MONDAY };
        let (ids, names, mut alerts) = (Ids::new(b"test"), Names::default(), Vec::new());
        let mut out = super::incident::Out {
            detector: one.name,
            next_step: one.next_step,
            quiet: one.quiet,
            ids: &ids,
            names: &names,
            incidents: &mut engine.incidents,
            alerts: &mut alerts,
        };
        for row in [prompts::refused(0), guessing::guess(1, 2), gets_in(5), access::enrolled(9)] {
            running.look(&row, &known, &mut out);
        }
        let saved = running.save().expect("saved");
        let mut other = open(parameters);
        other.load(&saved).expect("read");
        assert_eq!(other.save().expect("saved").len(), saved.len(), "{}", one.name);
    }
}
