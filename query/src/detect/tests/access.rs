//! Factor downgrade, takeover chain, session theft, break-glass use, codes, shared factor.

use rollcall_schemas::{Activity, Factor, Mfa, Outcome};

use super::{at, days, doubled, engine_with, gets_in, look, minutes, raised, someone_else};
use crate::detect::alert::Severity;
use crate::detect::row::{Codes, Kind, Row, Step};

fn with(factor: Factor, row: Row) -> Row {
    Row { factor: Some(factor), mfa: Mfa::Performed, service: 40, ..row }
}

fn keys(name: &str, rows: &[Row]) -> Vec<String> {
    raised(name, rows).into_iter().map(|(key, _)| key).collect()
}

/// From where the person never was, with what they never had.
fn elsewhere(row: Row) -> Row {
    Row { network: 9_001, subnet: 9_002, device: 9_003, ..row }
}

/// So many sign-ins with a push, one a day.
fn pushes(count: i64) -> Vec<Row> {
    (0..count).map(|day| with(Factor::Push, gets_in(days(day)))).collect()
}

#[test]
fn a_weaker_factor_after_ten_stronger_ones() {
    let then = |count: i64, factor: Factor, day: i64| {
        let mut rows = pushes(count);
        rows.push(elsewhere(with(factor, gets_in(days(day)))));
        keys("factor_downgrade", &rows)
    };
    assert_eq!(then(9, Factor::Sms, 10), [""; 0]);
    assert_eq!(then(10, Factor::Sms, 10), ["factor_downgrade.weaker_factor-1-1-0"]);
    assert_eq!(then(11, Factor::Sms, 11).len(), 1);
    // As strong, or stronger, isn't weaker.
    assert_eq!(then(10, Factor::Totp, 10), [""; 0]);
    assert_eq!(then(10, Factor::Passkey, 10), [""; 0]);
    // Thirty days after the first ten are left, and a day later nine.
    assert_eq!(then(10, Factor::Sms, 30).len(), 1);
    assert_eq!(then(10, Factor::Sms, 31), [""; 0]);
}

#[test]
fn another_service_and_what_was_remembered_say_nothing() {
    let mut rows = pushes(12);
    rows.push(elsewhere(Row { service: 41, ..with(Factor::Sms, gets_in(days(12))) }));
    rows.push(elsewhere(Row { mfa: Mfa::Remembered, ..with(Factor::Password, gets_in(days(12))) }));
    assert_eq!(keys("factor_downgrade", &rows), [""; 0]);
    // The source says that a password was all.
    let alone = Row { mfa: Mfa::None, ..with(Factor::Password, gets_in(days(12))) };
    rows.push(alone);
    // From where they always are it is told only if that is wanted.
    assert_eq!(keys("factor_downgrade", &rows), [""; 0]);
    rows.pop();
    // Where they have been already is no new place.
    rows.push(elsewhere(alone));
    assert_eq!(keys("factor_downgrade", &rows), [""; 0]);
    rows.pop();
    rows.push(Row { network: 9_011, subnet: 9_012, device: 9_013, ..alone });
    assert_eq!(keys("factor_downgrade", &rows).len(), 1);
}

pub(super) fn enrolled(seconds: i64) -> Row {
    let (activity, outcome) = (Activity::Enroll, Outcome::Success);
    Row { activity, outcome, factor: Some(Factor::Push), factor_id: 70, ..at(seconds) }
}

fn removed(seconds: i64) -> Row {
    Row { activity: Activity::Unenroll, ..enrolled(seconds) }
}

#[test]
fn a_removed_factor_is_replaced_within_twelve_hours() {
    let of = |rows: &[Row]| {
        let mut rows = rows.to_vec();
        rows.push(someone_else(days(2)));
        keys("factor_downgrade", &rows)
    };
    let half_a_day = minutes(12 * 60);
    assert_eq!(of(&[removed(0)]), ["factor_downgrade.removed_factor-1-1-0"]);
    assert_eq!(of(&[removed(0), enrolled(half_a_day)]), [""; 0]);
    assert_eq!(of(&[removed(0), enrolled(half_a_day + 1)]).len(), 1);
    // The new one first, then the old one goes.
    assert_eq!(of(&[enrolled(0), removed(half_a_day)]), [""; 0]);
    assert_eq!(of(&[enrolled(0), removed(half_a_day + 1)]).len(), 1);
    assert_eq!(of(&doubled(&[removed(0)])).len(), 1);
    // Nothing is told before the twelve hours are over.
    assert_eq!(keys("factor_downgrade", &[removed(0), someone_else(half_a_day - 1)]), [""; 0]);
    // Who used another one lately has it still; who used this one hasn't.
    let used = |id: u64, ago: i64| Row { factor_id: id, ..with(Factor::Totp, gets_in(-days(ago))) };
    assert_eq!(of(&[used(75, 30), removed(0)]), [""; 0]);
    assert_eq!(of(&[used(75, 31), removed(0)]).len(), 1);
    assert_eq!(of(&[used(70, 1), removed(0)]).len(), 1);
    // After a reset nothing is left.
    let reset = Row { activity: Activity::FactorReset, ..removed(0) };
    assert_eq!(of(&[used(75, 1), reset]).len(), 1);
    // Who leaves loses their factors.
    let closed = Row { closes: true, activity: Activity::AccountChange, ..removed(60) };
    assert_eq!(of(&[removed(0), closed]), [""; 0]);
}

#[test]
fn a_policy_that_asks_for_less_is_told() {
    let change = Row { activity: Activity::PolicyChange, outcome: Outcome::Success, ..at(0) };
    let weakened = Row { weakens: true, policy: 80, ..change };
    assert_eq!(raised("factor_downgrade", &[change]), []);
    let told = raised("factor_downgrade", &[weakened]);
    assert_eq!(told, [("factor_downgrade.weakened_policy-1-1-0".to_owned(), Severity::High)]);
    assert_eq!(raised("factor_downgrade", &doubled(&[weakened])).len(), 1);
}

/// Known from home, reset, then somebody comes from elsewhere and reads a secret.
fn chain(from_reset: i64) -> Vec<Row> {
    let outcome = Outcome::Success;
    let home = Row { device: 600, ..gets_in(-days(5)) };
    let reset = Row { activity: Activity::FactorReset, outcome, ip: 0, network: 0, ..at(0) };
    let secret = Row { activity: Activity::Access, outcome, critical: true, ..at(from_reset) };
    vec![home, reset, elsewhere(gets_in(600)), elsewhere(secret)]
}

fn takeovers(rows: &[Row]) -> Vec<String> {
    keys("takeover", rows)
}

#[test]
fn the_chain_is_over_after_a_day() {
    assert_eq!(takeovers(&chain(days(1))), ["takeover-1-2-0"]);
    assert_eq!(takeovers(&chain(days(1) - 1)).len(), 1);
    assert_eq!(takeovers(&chain(days(1) + 1)), [""; 0]);
    assert_eq!(raised("takeover", &chain(3_600))[0].1, Severity::Critical);
    assert_eq!(takeovers(&doubled(&chain(3_600))).len(), 1);
}

#[test]
fn each_link_is_needed() {
    for missing in 1..4 {
        let mut rows = chain(3_600);
        rows.remove(missing);
        assert_eq!(takeovers(&rows), [""; 0], "without {missing}");
    }
    // A new phone at home: the network is known, and the secret is read with the old laptop.
    let mut phone = chain(3_600);
    phone[2] = Row { network: 502, subnet: 501, ..phone[2] };
    phone[3] = Row { network: 502, subnet: 501, device: 600, ..phone[3] };
    // A source that tells no network is told by the address.
    let mut by_address = chain(3_600);
    by_address[3] = Row { network: 9_002, device: 0, ..by_address[3] };
    assert_eq!(takeovers(&by_address).len(), 1);
    assert_eq!(takeovers(&phone), [""; 0]);
    // Another person's reset.
    let mut other = chain(3_600);
    other[1].person = 2;
    assert_eq!(takeovers(&other), [""; 0]);
}

/// Two uses of one session.
fn session(second: impl Fn(&mut Row)) -> Vec<Row> {
    let first = Row { session: 30, agent: 31, ..gets_in(0) };
    let mut other = Row { time: first.time + 60_000_000, ..first };
    second(&mut other);
    vec![first, other]
}

#[test]
fn a_session_on_two_networks_with_two_agents_is_stolen() {
    let of = |second: fn(&mut Row)| keys("session_theft", &session(second));
    assert_eq!(of(|row| row.network = 9_001), [""; 0]);
    assert_eq!(of(|row| row.agent = 32), [""; 0]);
    let both = |row: &mut Row| {
        (row.network, row.subnet) = (9_001, 9_002);
        row.agent = 32;
    };
    assert_eq!(of(both), ["session_theft-1-1-0"]);
    assert_eq!(keys("session_theft", &doubled(&session(both))).len(), 1);
    let mut reversed = session(both);
    reversed.reverse();
    assert_eq!(keys("session_theft", &reversed).len(), 1);
    let other_session = |row: &mut Row| {
        both(row);
        row.session = 33;
    };
    assert_eq!(keys("session_theft", &session(other_session)), [""; 0]);
    // From where the person is at home it is their phone.
    let mut phone = session(both);
    phone.insert(0, Row { network: 9_001, subnet: 9_002, ..gets_in(-days(2)) });
    assert_eq!(keys("session_theft", &phone), [""; 0]);
    assert_eq!(look(&mut engine_with("session_theft", &[("familiar", 1.0)]), &phone).len(), 1);
    let apart = |seconds: i64| {
        keys(
            "session_theft",
            &session(|row| {
                both(row);
                row.time = at(seconds).time;
            }),
        )
    };
    assert_eq!(apart(days(1)).len(), 1);
    assert_eq!(apart(days(1) + 1), [""; 0]);
}

#[test]
fn any_use_of_a_break_glass_account_is_told() {
    let glass = |row: Row| Row { kind: Kind::BreakGlass, ..row };
    let used = glass(gets_in(0));
    assert_eq!(raised("break_glass", &[gets_in(0)]), []);
    assert_eq!(
        raised("break_glass", &[used]),
        [("break_glass-1-1-0".to_owned(), Severity::Critical)]
    );
    let failed = Row { outcome: Outcome::Failure, step: Step::Guessed, ..used };
    assert_eq!(raised("break_glass", &[failed])[0].1, Severity::High);
    // One use is one alert; four quiet hours later it is another.
    let again = |seconds: i64| raised("break_glass", &[used, glass(gets_in(seconds))]).len();
    assert_eq!(again(minutes(240)), 1);
    assert_eq!(again(minutes(240) + 1), 2);
    assert_eq!(raised("break_glass", &doubled(&[used])).len(), 1);
}

#[test]
fn codes_are_told_by_what_is_done_with_them() {
    let of = |codes: Codes| {
        raised("bypass_and_recovery_codes", &[Row { codes: Some(codes), ..gets_in(0) }])
    };
    let told =
        |form: &str, severity| [(format!("bypass_and_recovery_codes.{form}-1-1-0"), severity)];
    assert_eq!(of(Codes::Issued), told("issued", Severity::Low));
    assert_eq!(of(Codes::Viewed), told("viewed", Severity::Medium));
    assert_eq!(of(Codes::Used), told("used", Severity::High));
    assert_eq!(raised("bypass_and_recovery_codes", &[gets_in(0)]), []);
    let used = Row { codes: Some(Codes::Used), ..gets_in(0) };
    assert_eq!(raised("bypass_and_recovery_codes", &doubled(&[used])).len(), 1);
    // Codes come with a factor that is enrolled; used they are told all the same.
    let after = |seconds: i64, codes: Codes| {
        let row = Row { codes: Some(codes), ..gets_in(seconds) };
        raised("bypass_and_recovery_codes", &[enrolled(0), row]).len()
    };
    assert_eq!(after(3_600, Codes::Viewed), 0);
    assert_eq!(after(3_601, Codes::Viewed), 1);
    assert_eq!(after(60, Codes::Used), 1);
}

#[test]
fn a_factor_is_one_persons() {
    let of = |rows: &[Row]| keys("shared_factor", rows);
    let other = |row: Row| Row { person: 2, account: 2, ..row };
    assert_eq!(of(&[enrolled(0), enrolled(60)]), [""; 0]);
    assert_eq!(of(&[enrolled(0), other(enrolled(60))]), ["shared_factor-1-1-0"]);
    assert_eq!(of(&doubled(&[enrolled(0), other(enrolled(60))])).len(), 1);
    assert_eq!(of(&[other(enrolled(60)), enrolled(0)]).len(), 1);
    // Handed on: the first one removed it before.
    assert_eq!(of(&[enrolled(0), removed(30), other(enrolled(60))]), [""; 0]);
    let another = Row { factor_id: 71, ..other(enrolled(60)) };
    assert_eq!(of(&[enrolled(0), another]), [""; 0]);
    // A second account of the same person is no second person.
    assert_eq!(of(&[enrolled(0), Row { account: 2, ..enrolled(60) }]), [""; 0]);
    assert_eq!(of(&[enrolled(0), other(enrolled(days(365)))]).len(), 1);
    assert_eq!(of(&[enrolled(0), other(enrolled(days(365) + 1))]), [""; 0]);
}
