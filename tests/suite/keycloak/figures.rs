//! Figures out of rollcall, by each way that Keycloak's events can take: its log as a
//! file, its log in JSON over HTTP, and what its API gives.

use std::collections::BTreeMap;

use serde_json::Value;

use super::day::{Day, day};
use super::done::Counts;
use crate::rollcall::Rollcall;

/// Everyone of the day, so that figures of people count them.
const PEOPLE: &str = "\
id,name,kind,logins
p1,Ada Example,human,keycloak:ada
p2,Ben Example,human,keycloak:ben
p3,Cleo Example,human,keycloak:cleo
p4,Dora Example,human,keycloak:dora
p5,Eli Example,human,keycloak:eli
p6,Gus Example,human,keycloak:gus
";

#[test]
fn its_log_gives_what_was_done() {
    let day = day();
    let rollcall = Rollcall::new();
    let sums = rollcall.ingest_with(&["--source", "keycloak"], &rollcall.file("k.log", &day.log));
    assert!(sums.contains(" 0 quarantined"), "{sums}");
    as_done(&rollcall, day, FromLog(true));
}

#[test]
fn its_log_is_known_by_its_events() {
    let day = day();
    let events: String = day
        .log
        .lines()
        .filter(|line| line.contains("[org.keycloak.events]"))
        .map(|line| format!("{line}\n"))
        .collect();
    let rollcall = Rollcall::new();
    let sums = rollcall.ingest(&rollcall.file("sso.log", events));
    assert!(sums.contains(" 0 quarantined"), "{sums}");
    as_done(&rollcall, day, FromLog(true));
}

#[test]
fn its_log_in_json_gives_the_same() {
    let day = day();
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let lines = i64::try_from(day.console.lines().count()).expect("lines");
    assert_eq!(server.accepted("?source=keycloak", day.console.clone()), lines);
    server.stop();
    as_done(&rollcall, day, FromLog(true));
}

#[test]
fn its_api_gives_the_same_however_often_it_is_asked() {
    let day = day();
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let length = |list: &Value| i64::try_from(list.as_array().map_or(0, Vec::len));
    for list in [&day.events, &day.admin_events, &day.events] {
        assert_eq!(server.accepted("", list.to_string()), length(list).expect("a count"));
    }
    server.stop();
    let doubles = rollcall.number("SELECT count(*) FROM set_aside WHERE verdict = 'duplicate'");
    assert_eq!(doubles, length(&day.events).expect("a count"));
    as_done(&rollcall, day, FromLog(false));
}

/// Whether the events are the log's: it has all realms, and those of the administrator.
#[derive(Clone, Copy)]
struct FromLog(bool);

/// Rows, attempts and metrics are what was done.
#[track_caller]
fn as_done(rollcall: &Rollcall, day: &Day, from_log: FromLog) {
    assert_eq!(rollcall.number("SELECT count(*) FROM quarantine"), 0);
    let attempts = "SELECT concat_ws(' ', coalesce(user_name, user_id), service, outcome,
            coalesce(reason, '-'), mfa) AS what, count(*) AS n
        FROM attempts WHERE service <> 'admin-cli' GROUP BY 1";
    assert_eq!(counts(rollcall, attempts), day.done.attempts);

    let events = "SELECT concat_ws(' ', activity, operation, outcome) AS what, count(*) AS n
        FROM events WHERE activity <> 'logon' GROUP BY 1";
    let mut expected = day.done.events.clone();
    if from_log.0 {
        expected.insert("admin CREATE REALM success".to_owned(), 1);
    }
    assert_eq!(counts(rollcall, events), expected);

    // Administrators act on others; by themselves people do.
    let removals = "SELECT concat_ws(' ', CASE WHEN actor IS NULL THEN user_name ELSE user_id END,
            operation) AS what, count(*) AS n
        FROM events WHERE activity = 'unenroll' GROUP BY 1";
    let expected: Counts =
        [("cleo REMOVE_CREDENTIAL".to_owned(), 1), (format!("{} ACTION USER", day.dora), 1)].into();
    assert_eq!(counts(rollcall, removals), expected);

    // What proves MFA is there: a code, or the session that a code began.
    let proofs =
        "SELECT concat_ws(' ', a.user_name, a.mfa_proof_kind, e.factor, e.operation) AS what,
            count(*) AS n
        FROM attempts a JOIN events e ON a.mfa_proof = e.shard || '-' || e.seq || '-' || e.part
        GROUP BY 1";
    let expected: Counts = ["ben event", "ben session", "cleo event", "cleo session"]
        .map(|what| (format!("{what} totp LOGIN"), 1))
        .into();
    assert_eq!(counts(rollcall, proofs), expected);
    metrics(rollcall, day, if from_log.0 { day.administrator_sign_ins } else { 0 });
}

/// The figures of metrics; `others` are sign-ins to another realm.
#[track_caller]
fn metrics(rollcall: &Rollcall, day: &Day, others: i64) {
    rollcall.run(&[
        "people",
        "import",
        rollcall.file("people.csv", PEOPLE).to_str().expect("a path"),
    ]);
    let done = &day.done;
    let ends = figures(rollcall, "attempts/by_outcome");
    for (outcome, others) in [("success", others), ("failure", 0), ("denied", 0)] {
        assert_eq!(ends[outcome][0], done.count(&[outcome]) + others, "{outcome}");
    }
    let failures = figures(rollcall, "failures/by_reason");
    for reason in ["bad_password", "factor_failed", "unknown_user", "locked", "disabled", "unknown"]
    {
        let refused = match reason {
            // What is said of MFA is this word, too.
            "unknown" => done.attempts["gus payroll failure unknown unknown"],
            _ => done.count(&[reason]),
        };
        let [k, n, _] = failures[reason];
        assert!(refused > 0);
        assert_eq!((k, n), (refused, done.count(&[]) + others), "{reason}");
    }
    let [used, signed_in, unknown] = figures(rollcall, "adoption/used")["used"];
    // What a session opens counts with the sign-in that began it: the second client, and the
    // first one again after the change of a password.
    let in_sessions = done.count(&["wiki", "success", "unknown"]) + 1;
    let unsaid = done.count(&["success", "unknown"]) - in_sessions;
    assert_eq!(used, done.count(&["success", "performed"]));
    assert_eq!((signed_in, unknown), (used + unsaid, unsaid));
}

/// `k`, `n` and the unknown of each of a metric's figures over the last weeks.
#[track_caller]
fn figures(rollcall: &Rollcall, metric: &str) -> BTreeMap<String, [i64; 3]> {
    let said = rollcall.run(&["metric", "run", metric, "--grain", "total", "--format", "json"]);
    let answer: Value = serde_json::from_str(&said).expect("JSON");
    let points = answer["points"].as_array().expect("points");
    let numbers = |point: &Value| {
        ["k", "n", "unknown"].map(|column| point[column].as_i64().expect("a count"))
    };
    let named = points
        .iter()
        .filter_map(|point| Some((point["figure"].as_str()?.to_owned(), numbers(point))));
    named.collect()
}

/// What a query counts, by its column `what`.
#[track_caller]
fn counts(rollcall: &Rollcall, query: &str) -> Counts {
    let said = rollcall.run(&["sql", "--format", "json", query]);
    let rows: Vec<Value> = serde_json::from_str(&said).expect("JSON");
    let count = |row: &Value| Some((row["what"].as_str()?.to_owned(), row["n"].as_i64()?));
    rows.iter().map(|row| count(row).unwrap_or_else(|| panic!("{row}"))).collect()
}
