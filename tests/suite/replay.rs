//! What was quarantined is read again after a fix: it leaves quarantine, once, and
//! nobody sees the old beside the new. Holds invariants 2 and 5.

use std::path::Path;

use crate::rollcall::{Rollcall, github};

/// Events that only someone who names their source can have read: a key of
/// another vendor's stands among theirs.
fn unrecognised(from: i64, count: i64) -> String {
    github(from, count).replace("\"org\":", "\"author_id\":1,\"org\":")
}

fn ingest(rollcall: &Rollcall, file: &Path, source: &str) -> String {
    rollcall.ingest_with(&["--source", source], file)
}

fn replay(rollcall: &Rollcall, arguments: &[&str]) -> String {
    rollcall.run(&[&["quarantine", "replay"], arguments].concat()).trim().to_owned()
}

#[test]
fn a_source_that_is_named_later_gives_rows_and_only_once() {
    let rollcall = Rollcall::new();
    // One of them is known already, one in another state.
    let known = unrecognised(3, 1);
    let earlier = unrecognised(4, 1).replace("git.fetch", "git.push");
    ingest(&rollcall, &rollcall.file("known.ndjson", format!("{known}{earlier}")), "github");
    let lines = format!("{}{{\"action\":1}}\n", unrecognised(0, 10));
    let sum = rollcall.ingest(&rollcall.file("audit.ndjson", lines));
    assert!(sum.contains("11 quarantined"), "{sum}");
    let nothing = "0 of them gave 0 rows, 0 are duplicates, 0 joined, 0 not authentication";
    assert_eq!(
        replay(&rollcall, &[]),
        format!("11 records were read again; {nothing}; 11 stay in quarantine")
    );
    assert_eq!(rollcall.number("SELECT count(*) FROM quarantine"), 11);
    assert_eq!(rollcall.number("SELECT count(*) FROM set_aside"), 11);

    assert_eq!(
        replay(&rollcall, &["--as", "github"]),
        "11 records were read again; 9 of them gave 9 rows, 1 are duplicates, 0 joined, 0 not authentication; 1 stay in quarantine"
    );
    assert_eq!(rollcall.number("SELECT count(*) FROM quarantine"), 1);
    assert_eq!(rollcall.number("SELECT count(*) FROM events"), 10);
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 11);
    assert_eq!(rollcall.number("SELECT count(DISTINCT source_event_id) FROM events"), 10);
    assert_eq!(
        rollcall
            .sql("SELECT DISTINCT operation FROM events WHERE source_event_id = 'doc-000000004'"),
        ["git.fetch"]
    );
    // They keep the positions that they had.
    assert_eq!(
        rollcall.sql("SELECT min(seq), max(seq), count(*) FROM events WHERE shard = 2"),
        ["0,9,9"]
    );

    assert_eq!(
        replay(&rollcall, &["--as", "github"]),
        format!("1 records were read again; {nothing}; 1 stay in quarantine")
    );
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 11);
    assert_eq!(rollcall.number("SELECT count(*) FROM set_aside"), 12);
    // What came by a replay is known like everything else.
    let again = ingest(&rollcall, &rollcall.file("again.ndjson", unrecognised(0, 10)), "github");
    assert!(again.contains("10 duplicate"), "{again}");
}

#[test]
fn lines_that_say_nothing_leave_quarantine_too() {
    let rollcall = Rollcall::new();
    let lines = "not a line at all\nweb-1 systemd: Started\n\
                 Mar 27 13:06:56 web-1 kernel: [1] eth0 is up\n";
    let sum = rollcall.ingest(&rollcall.file("odd.log", lines));
    assert!(sum.contains("3 quarantined"), "{sum}");
    // Only the last is a line of a log; it says nothing about authentication.
    assert_eq!(
        replay(&rollcall, &["--as", "sshd"]),
        "3 records were read again; 0 of them gave 0 rows, 0 are duplicates, 0 joined, 1 not authentication; 2 stay in quarantine"
    );
    assert_eq!(rollcall.number("SELECT count(*) FROM quarantine"), 2);
    assert_eq!(
        rollcall.sql("SELECT seq FROM set_aside WHERE verdict = 'not_authentication'"),
        ["2"]
    );
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 0);
    assert_eq!(
        replay(&rollcall, &["--as", "sshd"]),
        "2 records were read again; 0 of them gave 0 rows, 0 are duplicates, 0 joined, 0 not authentication; 2 stay in quarantine"
    );
}

#[test]
fn what_a_named_source_cant_read_stays_in_quarantine() {
    let rollcall = Rollcall::new();
    let lines = "not a line at all\nMar 27 13:06:56 web-1 systemd[1]: Started Session 1.\n";
    let sum = ingest(&rollcall, &rollcall.file("odd.log", lines), "github");
    assert!(sum.contains("2 quarantined"), "{sum}");
    assert!(replay(&rollcall, &["--source", "github"]).ends_with("2 stay in quarantine"));
    let output = rollcall.output(&["quarantine", "replay", "--as", "teleporter"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("teleporter"));
}

#[test]
fn what_was_imported_as_the_wrong_source_is_read_as_the_right_one() {
    let rollcall = Rollcall::new();
    let sum = ingest(&rollcall, &rollcall.file("audit.ndjson", github(0, 5)), "okta");
    assert!(sum.contains("5 quarantined"), "{sum}");
    let unnamed = ingest(&rollcall, &rollcall.file("odd.log", "not a line at all\n"), "entra");
    assert!(unnamed.contains("1 quarantined"), "{unnamed}");
    assert!(replay(&rollcall, &["--as", "github"]).starts_with("0 records"));
    let said = replay(&rollcall, &["--source", "okta", "--as", "github"]);
    assert!(said.starts_with("5 records were read again; 5 of them gave 5 rows"), "{said}");
    assert_eq!(rollcall.sql("SELECT source, count(*) FROM events GROUP BY 1"), ["github,5"]);
    assert_eq!(rollcall.number("SELECT count(*) FROM quarantine"), 1);
    assert_eq!(
        rollcall.run(&["verify"]).lines().next().map(|l| l.starts_with("nothing is wrong")),
        Some(true)
    );
}

#[test]
fn a_running_server_replays_as_well() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    assert_eq!(server.accepted("", unrecognised(0, 100)), 100);
    let said = replay(&rollcall, &["--as", "github"]);
    assert!(said.starts_with("100 records were read again; 100 of them gave 100 rows"), "{said}");
    assert!(replay(&rollcall, &["--as", "github"]).starts_with("0 records"));
    // A metric is computed beside the server, and says what that means.
    let metric = || rollcall.output(&["metric", "run", "adoption/used"]);
    let said = |output: std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said(metric()).contains("reads what is sealed"));
    server.stop();
    assert!(!said(metric()).contains("reads what is sealed"));
    assert_eq!(rollcall.number("SELECT count(*) FROM events"), 100);
    assert_eq!(rollcall.number("SELECT count(*) FROM quarantine"), 0);
}
