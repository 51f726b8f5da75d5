//! Guessing against one user, password spray, credential stuffing.

use rollcall_schemas::{Activity, Outcome, Reason};

use super::{at, days, doubled, engine_with, gets_in, look, minutes, raised, shuffled};
use crate::detect::alert::Severity;
use crate::detect::id::Id;
use crate::detect::row::{Row, Step};

/// A wrong password of an account.
pub(super) fn guess(seconds: i64, account: Id) -> Row {
    let (activity, outcome) = (Activity::Logon, Outcome::Failure);
    let reason = Some(Reason::BadPassword);
    let who = Row { account, person: account, ..at(seconds) };
    Row { activity, outcome, reason, step: Step::Guessed, ..who }
}

/// So many tries at so many accounts in turn, so many seconds apart.
fn tries(count: i64, accounts: u64, apart: i64) -> Vec<Row> {
    (0..count).map(|n| guess(n * apart, 100 + u64::try_from(n).expect("few") % accounts)).collect()
}

#[test]
fn ten_failures_in_half_an_hour_and_not_nine() {
    let of = |count, apart| raised("guessing", &tries(count, 1, apart));
    assert_eq!(of(9, 60), []);
    let ten = of(10, 60);
    assert_eq!(ten, [("guessing-1-1-0".to_owned(), Severity::High)]);
    assert_eq!(of(11, 60), ten);
    // Exactly half an hour from the first to the tenth is outside; a second less is within.
    assert_eq!(of(10, 200), []);
    assert_eq!(of(10, 199).len(), 1);
}

#[test]
fn guesses_count_once_in_any_order() {
    assert_eq!(raised("guessing", &doubled(&tries(9, 1, 60))), []);
    assert_eq!(raised("guessing", &doubled(&tries(10, 1, 60))).len(), 1);
    assert_eq!(raised("guessing", &shuffled(&tries(10, 1, 60))).len(), 1);
    assert_eq!(raised("guessing", &shuffled(&tries(9, 1, 60))), []);
}

#[test]
fn a_right_credential_within_three_hours_is_critical() {
    let last = 9 * 60;
    let with = |row: Row| {
        let mut rows = tries(10, 1, 60);
        rows.push(Row { account: 100, person: 100, ..row });
        raised("guessing", &rows).into_iter().map(|(_, severity)| severity).collect::<Vec<_>>()
    };
    let both = [Severity::High, Severity::Critical];
    assert_eq!(with(gets_in(last + minutes(180))), both);
    assert_eq!(with(Row { step: Step::Opened, ..gets_in(last + 60) }), both);
    assert_eq!(with(gets_in(last + minutes(180) + 1)), [Severity::High]);
}

#[test]
fn own_mistakes_and_accounts_that_are_not_there_are_no_guesses() {
    // The account got in from this network before: a client that retries.
    let mut retries = vec![Row { account: 100, person: 100, ..gets_in(-days(30)) }];
    retries.extend(tries(19, 1, 30));
    // Its last success was 30 days before the first failure, and longer before the others.
    assert_eq!(raised("guessing", &retries).len(), 1);
    retries[0].time += days(1) * 1_000_000;
    assert_eq!(raised("guessing", &retries), []);
    let counted = engine_with("guessing", &[("own_networks", 1.0)]);
    assert_eq!(look(&mut { counted }, &retries).len(), 1);
    let unknown = Some(Reason::UnknownUser);
    let nobody: Vec<Row> =
        tries(20, 1, 30).into_iter().map(|row| Row { reason: unknown, ..row }).collect();
    assert_eq!(raised("guessing", &nobody), []);
}

/// The keys of a detector's alerts.
fn keys(name: &str, rows: &[Row]) -> Vec<String> {
    raised(name, rows).into_iter().map(|(key, _)| key).collect()
}

#[test]
fn a_spray_is_25_attempts_on_8_accounts() {
    let of = |count, accounts| keys("password_spray", &tries(count, accounts, 30));
    assert_eq!(of(24, 8), [""; 0]);
    assert_eq!(of(25, 8), ["password_spray.one_address-1-1-0"]);
    assert_eq!(of(26, 8), ["password_spray.one_address-1-1-0"]);
    assert_eq!(of(25, 7), [""; 0]);
}

#[test]
fn a_spray_lies_within_a_quarter_of_an_hour() {
    // 24 steps of 37.5 s are 900 s: the first one is just outside.
    let apart = |millis: i64| -> Vec<Row> {
        let row = |n: i64| Row { time: at(0).time + n * millis * 1_000, ..guess(0, 0) };
        let who = |n: i64| 100 + u64::try_from(n).expect("few") % 8;
        (0..25).map(|n| Row { account: who(n), person: who(n), ..row(n) }).collect()
    };
    assert_eq!(keys("password_spray", &apart(37_500)), [""; 0]);
    assert_eq!(keys("password_spray", &apart(37_499)).len(), 1);
}

#[test]
fn an_account_with_more_than_five_attempts_is_not_sprayed() {
    // Seven accounts with three attempts, one with five: 26. With six it doesn't count.
    let with = |extra: i64| {
        let mut rows = tries(21, 7, 10);
        rows.extend((0..extra).map(|n| guess(300 + n, 200)));
        keys("password_spray", &rows)
    };
    assert_eq!(with(3), [""; 0]);
    assert_eq!(with(4).len(), 1);
    let mut six = tries(21, 7, 10);
    six.splice(0..0, (0..6).map(|n| guess(-100 + n, 200)));
    assert_eq!(keys("password_spray", &six), [""; 0]);
}

#[test]
fn a_spray_from_many_addresses_is_told_of_its_source() {
    let from = |rows: Vec<Row>| -> Vec<Row> {
        let address = |n: u64| Row { ip: 1_000 + 2 * n, subnet: 0, network: n, ..at(0) };
        let with = |(n, row): (u64, Row)| {
            let place = address(n % 5);
            Row { ip: place.ip, network: place.network, ..row }
        };
        (0..).zip(rows).map(with).collect()
    };
    assert_eq!(keys("password_spray", &from(tries(24, 8, 30))), [""; 0]);
    assert_eq!(
        keys("password_spray", &from(tries(25, 8, 30))),
        ["password_spray.many_addresses-1-1-0"]
    );
    assert_eq!(keys("password_spray", &doubled(&from(tries(24, 8, 30)))), [""; 0]);
    assert_eq!(keys("password_spray", &shuffled(&from(tries(25, 8, 30)))).len(), 1);
}

#[test]
fn names_that_nobody_has_are_noise() {
    let with = |real: u64| {
        let is_real = |row: &Row| row.account < 100 + real;
        let reason = |row: &Row| {
            if is_real(row) { Reason::BadPassword } else { Reason::UnknownUser }
        };
        let rows = tries(32, 8, 20);
        let rows: Vec<Row> =
            rows.iter().map(|row| Row { reason: Some(reason(row)), ..*row }).collect();
        keys("password_spray", &rows)
    };
    assert_eq!(with(2), [""; 0]);
    assert_eq!(with(3).len(), 1);
}

#[test]
fn stuffing_is_15_accounts_with_at_most_2_attempts_from_one_address() {
    let of = |count, accounts| keys("credential_stuffing", &tries(count, accounts, 20));
    assert_eq!(of(14, 14), [""; 0]);
    assert_eq!(of(15, 15), ["credential_stuffing.address-1-1-0"]);
    assert_eq!(of(30, 15), ["credential_stuffing.address-1-1-0"]);
    // With a third attempt an account isn't stuffed: 14 are left.
    let mut third = tries(14, 14, 20);
    third.extend([guess(400, 300), guess(401, 300), guess(402, 300)]);
    let raised = keys("credential_stuffing", &third);
    assert_eq!(raised.len(), 1, "it was one of 15 until its third attempt");
    third.splice(0..0, [guess(-3, 300), guess(-2, 300), guess(-1, 300)]);
    third.truncate(17);
    assert_eq!(keys("credential_stuffing", &third), [""; 0]);
}

#[test]
fn stuffing_from_neighbours_is_told_once() {
    let spread: Vec<Row> =
        (0..).zip(tries(15, 15, 20)).map(|(n, row)| Row { ip: 2_000 + n % 3, ..row }).collect();
    assert_eq!(keys("credential_stuffing", &spread), ["credential_stuffing.network-1-1-0"]);
    assert_eq!(keys("credential_stuffing", &spread[..14]), [""; 0]);
    assert_eq!(keys("credential_stuffing", &doubled(&spread[..14])), [""; 0]);
    assert_eq!(keys("credential_stuffing", &shuffled(&spread)).len(), 1);
}
