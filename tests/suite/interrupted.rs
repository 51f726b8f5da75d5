//! A crash between a seal's two commits: that of `set_aside` is there, that of
//! `events` isn't. What was judged stands, and everything still adds up.
//! Holds invariants 2 and 4.

use std::collections::BTreeMap;

use crate::evidence::forged::{entries, write_ledger};
use crate::faults::base::copy_folder;
use crate::faults::check::{commits, ranges};
use crate::rollcall::{Rollcall, github};

/// Takes a table's last commit back, as a crash before it would have: with what the
/// ledger says from there on.
fn take_back_last_commit(rollcall: &Rollcall, table: &str) {
    let newest = commits(&rollcall.data(), table).pop().expect("a commit");
    std::fs::remove_file(newest).expect("removed");
    let mut entries = entries(rollcall);
    let of_table = format!("\"table\":\"{table}\"");
    let is_about = |entry: &Vec<u8>| String::from_utf8_lossy(entry).contains(&of_table);
    entries.truncate(entries.iter().rposition(is_about).expect("its entry"));
    write_ledger(rollcall, &entries, true);
}

/// Every range of `events` says what lies in it, wherever it was committed; and
/// they follow each other without a gap.
#[track_caller]
fn tags_add_up(rollcall: &Rollcall) {
    let mut ends: BTreeMap<i64, i64> = BTreeMap::new();
    for range in ranges(&rollcall.data(), "events") {
        let number = |name: &str| range[name].as_i64().unwrap_or_default();
        let (shard, from, to) = (number("shard"), number("from"), number("to"));
        assert_eq!(ends.insert(shard, to).unwrap_or_default(), from, "{range}");
        let within = format!("shard = {shard} AND seq >= {from} AND seq < {to}");
        let rows = rollcall.number(&format!("SELECT count(*) FROM events_all WHERE {within}"));
        assert_eq!(rows, number("rows"), "{range}");
        let verdicts = rollcall.sql(&format!(
            "SELECT verdict, count(*) FROM set_aside WHERE {within} GROUP BY 1 ORDER BY 1"
        ));
        let said: Vec<String> = range["verdicts"]
            .as_object()
            .map(|verdicts| verdicts.iter().map(|(name, n)| format!("{name},{n}")).collect())
            .unwrap_or_default();
        assert_eq!(verdicts, said, "{range}");
    }
    assert!(!ends.is_empty(), "no commit of events says anything");
}

/// Verdicts of each kind amid rows: duplicates, quarantine, lines that say nothing.
fn mixed(from: i64, count: i64) -> String {
    let mut lines = String::new();
    for n in from..from + count {
        lines.push_str(&github(n, 1));
        match n % 10 {
            3 => lines.push_str(&github(n - 1, 1)),
            5 => lines.push_str("{\"not\":\"an event\"}\n"),
            7 => lines.push_str("Mar 27 13:06:56 web-1 systemd[1]: Started Session 1 of user x.\n"),
            _ => {}
        }
    }
    lines
}

#[test]
fn an_import_that_is_repeated_after_it_tells_the_same_sum() {
    let rollcall = Rollcall::new();
    let file = rollcall.file("audit.log", mixed(0, 2_000));
    let sum = rollcall.ingest(&file);
    let expected = "2,000 gave rows + 0 joined + 200 duplicate + 200 quarantined + 200 not authentication = 2,600";
    assert_eq!(sum, expected);
    tags_add_up(&rollcall);

    for rows in ["1000000", "700"] {
        take_back_last_commit(&rollcall, "events");
        take_back_last_commit(&rollcall, "shards");
        let output = rollcall
            .command(&["ingest", file.to_str().expect("a path")])
            .env("ROLLCALL_SEAL_ROWS", rows)
            .output()
            .expect("runs");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected);
        assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 2_000);
        assert_eq!(rollcall.number("SELECT count(DISTINCT seq) FROM events_all"), 2_000);
        assert_eq!(rollcall.number("SELECT count(*) FROM set_aside"), 600);
        tags_add_up(&rollcall);
    }
    assert_eq!(rollcall.ingest(&file), "nothing new");
}

#[test]
fn what_the_log_holds_is_read_again_after_it_and_counts_once() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    for batch in 0..4 {
        let sent = mixed(batch * 500, 500);
        let lines = i64::try_from(sent.lines().count()).expect("few");
        assert_eq!(server.accepted("", sent), lines);
    }
    server.kill();
    let (log, kept) = (rollcall.data().join("log"), rollcall.data().join("../kept"));
    copy_folder(&log, &kept);

    rollcall.serve(&[]).stop();
    std::fs::remove_dir_all(&log).expect("removed");
    copy_folder(&kept, &log);
    take_back_last_commit(&rollcall, "events");
    rollcall.serve(&[("ROLLCALL_SEAL_ROWS", "400")]).stop();

    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 2_000);
    assert_eq!(rollcall.number("SELECT count(DISTINCT source_event_id) FROM events_all"), 2_000);
    assert_eq!(
        rollcall.sql("SELECT verdict, count(*) FROM set_aside GROUP BY 1 ORDER BY 1"),
        ["duplicate,200", "not_authentication,200", "quarantined,200"]
    );
    tags_add_up(&rollcall);
}
