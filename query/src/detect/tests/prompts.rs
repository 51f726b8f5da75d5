//! Push bombing.

use rollcall_schemas::{Activity, Factor, Mfa, Outcome};

use super::{at, days, doubled, engine, look, minutes, raised, shuffled, someone_else};
use crate::detect::alert::Severity;
use crate::detect::row::{At, Row, Step};

const NAME: &str = "push_bombing";

pub(super) fn refused(seconds: i64) -> Row {
    let (activity, outcome) = (Activity::Verify, Outcome::Denied);
    Row { activity, outcome, factor: Some(Factor::Push), step: Step::Refused, ..at(seconds) }
}

fn prompted(seconds: i64) -> Row {
    let (activity, outcome) = (Activity::Challenge, Outcome::Success);
    Row { activity, outcome, factor: Some(Factor::Push), step: Step::Prompted, ..at(seconds) }
}

fn accepted(seconds: i64) -> Row {
    let (activity, outcome) = (Activity::Verify, Outcome::Success);
    let (factor, mfa) = (Some(Factor::Push), Mfa::Performed);
    Row { activity, outcome, factor, mfa, step: Step::In, ..at(seconds) }
}

/// So many refusals, so many seconds apart.
fn refusals(count: i64, apart: i64) -> Vec<Row> {
    (0..count).map(|number| refused(number * apart)).collect()
}

#[test]
fn five_within_ten_minutes_and_not_four() {
    assert_eq!(raised(NAME, &refusals(4, 60)), []);
    let five = raised(NAME, &refusals(5, 60));
    assert_eq!(five, [("push_bombing.fast-1-1-0".to_owned(), Severity::High)]);
    // Six are the same incident.
    assert_eq!(raised(NAME, &refusals(6, 60)), five);
}

#[test]
fn ten_minutes_slide_and_their_end_is_open() {
    // The fifth comes 9:59.996 after the first, then exactly ten minutes after.
    let last = |micros: i64| Row { time: refused(0).time + micros, ..refused(0) };
    let mut rows = refusals(4, 100);
    rows.push(last(599_996_000));
    assert_eq!(raised(NAME, &rows).len(), 1);
    rows.pop();
    rows.push(last(600_000_000));
    assert_eq!(raised(NAME, &rows), []);
    // Any ten minutes: the second to the sixth lie within them.
    rows.push(last(610_000_000));
    assert_eq!(raised(NAME, &rows).len(), 1);
}

#[test]
fn twice_is_once_and_order_does_not_matter() {
    assert_eq!(raised(NAME, &doubled(&refusals(4, 60))), []);
    assert_eq!(raised(NAME, &doubled(&refusals(5, 60))).len(), 1);
    assert_eq!(raised(NAME, &shuffled(&refusals(5, 60))).len(), 1);
    assert_eq!(raised(NAME, &shuffled(&refusals(4, 60))), []);
}

#[test]
fn a_prompt_and_its_refusal_are_one() {
    let pairs = |count: i64| -> Vec<Row> {
        (0..count).flat_map(|n| [prompted(n * 60), refused(n * 60 + 10)]).collect()
    };
    assert_eq!(raised(NAME, &pairs(4)), []);
    assert_eq!(raised(NAME, &pairs(5)).len(), 1);
}

#[test]
fn prompts_without_an_answer_count_after_a_minute() {
    let asked = |count: i64| -> Vec<Row> { (0..count).map(|n| prompted(n * 70)).collect() };
    let mut rows = asked(5);
    rows.push(someone_else(4 * 70 + 59));
    assert_eq!(raised(NAME, &rows), []);
    rows.push(someone_else(4 * 70 + 60));
    assert_eq!(raised(NAME, &rows).len(), 1);
    let mut four = asked(4);
    four.push(someone_else(1_000));
    assert_eq!(raised(NAME, &four), []);
    // An answer that was given is none that is missing.
    let mut answered = asked(5);
    answered.extend([accepted(4 * 70 + 20), someone_else(1_000)]);
    assert_eq!(raised(NAME, &answered), []);
}

#[test]
fn a_prompt_that_two_vendors_tell_of_is_one() {
    let both = |count: i64| -> Vec<Row> {
        let pair = |n: i64| [prompted(n * 100), Row { source: 901, ..prompted(n * 100 + 30) }];
        let mut rows: Vec<Row> = (0..count).flat_map(pair).collect();
        rows.push(someone_else(2_000));
        rows
    };
    assert_eq!(raised(NAME, &both(4)), []);
    assert_eq!(raised(NAME, &both(5)).len(), 1);
}

#[test]
fn giving_in_within_half_an_hour_is_critical() {
    let with = |row: Row| {
        let mut rows = refusals(5, 60);
        rows.push(row);
        raised(NAME, &rows).into_iter().map(|(_, severity)| severity).collect::<Vec<_>>()
    };
    let last = 4 * 60;
    assert_eq!(with(accepted(last + minutes(30))), [Severity::High, Severity::Critical]);
    assert_eq!(with(accepted(last + minutes(30) + 1)), [Severity::High]);
    // Somebody else's success says nothing.
    assert_eq!(with(Row { person: 2, ..accepted(last + 60) }), [Severity::High]);
}

#[test]
fn evidence_names_prompts_answers_and_the_success() {
    let mut rows = refusals(5, 60);
    rows.push(accepted(300));
    let alerts = look(&mut engine(NAME), &rows);
    let last = alerts.last().expect("critical");
    assert_eq!(last.evidence, ["1-1-0", "1-2-0", "1-3-0", "1-4-0", "1-5-0", "1-6-0"]);
    assert!(last.observation.contains("5 prompts") && last.observation.contains("accepted"));
}

/// A person whose first prompt was ten weeks before, and who refused some since.
fn with_history(refused_before: &[i64], now: i64) -> Vec<Row> {
    let mut rows = vec![prompted(0), accepted(5)];
    rows.extend(refused_before.iter().map(|day| refused(days(*day))));
    rows.extend((0..now).map(|n| refused(days(70) + n * 80_000)));
    rows
}

#[test]
fn the_slow_form_is_six_in_a_week_for_who_never_refuses() {
    assert_eq!(raised(NAME, &with_history(&[], 5)), []);
    let six = raised(NAME, &with_history(&[], 6));
    assert_eq!(six.len(), 1);
    assert!(six.iter().all(|(key, severity)| {
        key.starts_with("push_bombing.slow-") && *severity == Severity::Medium
    }));
    // Who refuses every other day anyway isn't bombed.
    let often: Vec<i64> = (1..35).map(|n| n * 2).collect();
    assert_eq!(raised(NAME, &with_history(&often, 6)), []);
}

#[test]
fn a_revision_of_a_refusal_is_the_same_one() {
    let mut rows = refusals(4, 60);
    rows[3].at = At(9, 1, 0);
    rows.push(Row { at: At(9, 2, 0), revises: Some(At(9, 1, 0)), ..refused(181) });
    assert_eq!(raised(NAME, &rows), []);
}
