//! Compaction and retention: the rows stay the same ones, and the ledger explains
//! every file that came or went.

use std::fs;

use super::stored::{files, kinds, stored, verify};
use crate::rollcall::{Rollcall, github};

const EVERYTHING: &str = "SELECT * FROM events_all ORDER BY shard, seq, part";
const VERDICTS: &str = "SELECT * FROM set_aside ORDER BY shard, seq, part, verdict";

/// Merges everything, today's files too.
const COMPACT: [&str; 3] = ["compact", "--before", "2099-01-01"];

fn compact(rollcall: &Rollcall) -> String {
    rollcall.run(&COMPACT)
}

#[test]
fn many_files_become_one_with_the_same_rows() {
    let rollcall = stored();
    // One that revises a row of an earlier file.
    let revised = github(3, 1).replace("git.fetch", "git.push");
    rollcall.ingest(&rollcall.file("revised.ndjson", format!("{revised}{}", github(300, 5))));
    let place = "SELECT shard || '-' || seq || '-' || part FROM events WHERE source_event_id = 'doc-000000045'";
    let event = rollcall.sql(place).remove(0);
    let old = rollcall.output(&["prove", &event]).stdout;
    let old = rollcall.file("old.tlog-proof", old);
    let queries = [EVERYTHING, VERDICTS, "SELECT count(*), max(operation) FROM events"];
    let before = queries.map(|query| rollcall.sql(query));
    let (events, verdicts) = (files(&rollcall, "events"), files(&rollcall, "set_aside"));

    let said = compact(&rollcall);
    assert!(said.contains("events: 4 files of "), "{said}");
    assert_eq!(queries.map(|query| rollcall.sql(query)), before);
    assert_eq!(files(&rollcall, "events").len(), events.len() + 1, "the originals stay");
    assert_eq!(files(&rollcall, "set_aside").len(), verdicts.len() + 1);
    assert_eq!(verify(&rollcall, &[]), []);
    assert_eq!(compact(&rollcall), "nothing to merge\n");
    // Old proofs hold, new ones come from the new file.
    let key = rollcall.data().join("ledger/keys/log.pub");
    let key = key.to_str().expect("a path");
    rollcall.run(&["verify-proof", old.to_str().expect("a path"), "--key", key]);
    let new = rollcall.file("new.tlog-proof", rollcall.output(&["prove", &event]).stdout);
    rollcall.run(&["verify-proof", new.to_str().expect("a path"), "--key", key]);
    // The same after a start, in which nothing is swept that must stay.
    rollcall.ingest(&rollcall.file("more.ndjson", github(900, 3)));
    assert_eq!(files(&rollcall, "events").len(), events.len() + 2);
    assert_eq!(
        rollcall.sql("SELECT count(*) FROM events WHERE source_event_id = 'doc-000000003'"),
        ["1"]
    );
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn a_damaged_file_is_not_merged() {
    let rollcall = stored();
    let file = files(&rollcall, "events").remove(0);
    super::stored::rewrite(&file, |batches| vec![batches[0].slice(0, batches[0].num_rows() - 1)]);
    let output = rollcall.output(&COMPACT);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("which isn't what its commit says"));
    assert_eq!(kinds(&rollcall, &[]), ["altered_row", "positions"]);
}

#[test]
fn what_is_over_goes_and_the_ledger_says_so() {
    let rollcall = stored();
    compact(&rollcall);
    let of =
        |days: &str, more: &[&str]| rollcall.run(&[&["retain", "--days", days], more].concat());
    assert_eq!(of("10000", &[]), "nothing is that old\n");
    let would = of("0", &["--dry-run"]);
    assert!(
        would.starts_with("events: would be removed: 4 files (3 of them superseded), "),
        "{would}"
    );
    assert_eq!(files(&rollcall, "events").len(), 4);

    let only_superseded = of("10000", &["--superseded-days", "0"]);
    assert!(
        only_superseded.starts_with("events: removed: 3 files (3 of them superseded), 0 rows"),
        "{only_superseded}"
    );
    assert_eq!(files(&rollcall, "events").len(), 1);
    assert_eq!(verify(&rollcall, &[]), []);
    let rows = rollcall.number("SELECT count(*) FROM events_all");
    assert_eq!(rows, 120);

    let output = rollcall.output(&["retain", "--days", "0"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(files(&rollcall, "events").len(), 1);
    let removed = of("0", &["--yes"]);
    assert!(
        removed.starts_with("events: removed: 1 file (0 of them superseded), 120 rows"),
        "{removed}"
    );
    assert_eq!(files(&rollcall, "events").len(), 0);
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 0);
    assert_eq!(verify(&rollcall, &[]), []);
    // What comes later is taken in as ever.
    rollcall.ingest(&rollcall.file("later.ndjson", github(2000, 7)));
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 7);
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn a_removed_file_that_a_crash_left_is_swept() {
    let rollcall = stored();
    let file = files(&rollcall, "events").remove(0);
    let bytes = fs::read(&file).expect("a file");
    rollcall.run(&["retain", "--days", "0", "--yes"]);
    fs::write(&file, bytes).expect("written");
    assert_eq!(kinds(&rollcall, &[]), ["extra_file"]);
    rollcall.ingest(&rollcall.file("later.ndjson", github(2000, 7)));
    assert!(!file.exists());
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn everything_is_kept_unless_someone_says_otherwise() {
    let rollcall = stored();
    let said = rollcall.run(&["retain"]);
    assert!(said.starts_with("everything is kept: "), "{said}");
    assert_eq!(files(&rollcall, "events").len(), 3);
}

#[test]
fn a_file_that_grows_goes_on_after_compaction_and_after_retention() {
    let rollcall = Rollcall::new();
    let nothing = "Mar 27 13:06:56 web-1 systemd[1]: Started Session 1 of user x.\n".repeat(5);
    rollcall.ingest(&rollcall.file("grown.log", &nothing));
    let more = format!("{nothing}{}{nothing}", github(0, 10));
    rollcall.ingest(&rollcall.file("grown.log", &more));
    compact(&rollcall);
    let yet_more = format!("{more}{}", github(10, 10));
    let said = rollcall.ingest(&rollcall.file("grown.log", &yet_more));
    assert!(said.contains("10 gave rows") || said.contains("20 gave rows"), "{said}");
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 20);
    assert_eq!(rollcall.number("SELECT count(*) FROM set_aside"), 10);
    assert_eq!(verify(&rollcall, &[]), []);
    rollcall.run(&["retain", "--days", "0", "--yes"]);
    rollcall.ingest(&rollcall.file("grown.log", format!("{yet_more}{}", github(20, 10))));
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 10);
    assert_eq!(rollcall.number("SELECT count(DISTINCT shard) FROM shards"), 1);
    assert_eq!(verify(&rollcall, &[]), []);
}
