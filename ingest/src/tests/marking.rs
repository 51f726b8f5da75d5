//! How far an input has come is kept with its records: both are there or neither is.
//! Holds invariant 1.

use bytes::Bytes;
use rollcall_lake::Table;

use super::bench::{Bench, github, rows};
use crate::{Batch, Intake, Listed, LogError, Stored};

const NOW: i64 = 1_763_632_800_000;

/// Stores records with how far they bring the collector "feed".
async fn marked(
    intake: &Intake,
    source: &str,
    payload: impl Into<Bytes>,
    mark: &str,
) -> Result<Stored, LogError> {
    let batch = Batch::told(source, "feed", payload.into()).marked(mark.to_owned());
    intake.accept_batch(&batch).await
}

#[test]
fn a_mark_is_that_of_the_last_records_after_any_restart() {
    let mut bench = Bench::new();
    let mut lake = bench.lake();
    for round in 0..4_i64 {
        let (intake, _) = bench.serve(&lake);
        let before = (round > 0).then(|| (round - 1).to_string());
        assert_eq!(intake.mark("feed"), before, "round {round}");
        let sent = github(round, "git.push", NOW);
        let mark = round.to_string();
        let stored = marked(&intake, "github", sent, &mark);
        assert_eq!(bench.runtime.block_on(stored).expect("stored").end, round + 1);
        assert_eq!(intake.mark("feed"), Some(mark));
        assert_eq!(intake.mark("another"), None);
        if round % 2 == 1 {
            // The log deletes its files, and the mark outlives them.
            bench.runtime.block_on(intake.settle_for_good()).expect("sealed");
            assert_eq!(intake.log_bytes(), 0);
        }
        bench.restart();
        lake = bench.lake();
    }
    let (intake, _) = bench.serve(&lake);
    bench.runtime.block_on(intake.settle()).expect("sealed");
    assert_eq!(rows(&lake, Table::Events, &["seq"]), ["0", "1", "2", "3"]);
}

#[test]
fn a_mark_moves_without_records() {
    let mut bench = Bench::new();
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    for mark in ["one", "two"] {
        let stored = marked(&intake, "github", " \n", mark);
        let stored = bench.runtime.block_on(stored).expect("stored");
        assert_eq!((stored.count, stored.end), (0, 0));
    }
    bench.restart();
    let lake = bench.lake();
    let (intake, report) = bench.serve(&lake);
    assert_eq!((report.replayed, intake.mark("feed").as_deref()), (0, Some("two")));
    // Records come behind it as if it weren't there.
    let sent = github(1, "git.push", NOW);
    let stored = marked(&intake, "github", sent, "three");
    bench.runtime.block_on(stored).expect("stored");
    let moved = marked(&intake, "", "", "four");
    bench.runtime.block_on(moved).expect("stored");
    bench.runtime.block_on(intake.settle()).expect("sealed");
    bench.restart();
    let lake = bench.lake();
    let (intake, report) = bench.serve(&lake);
    assert_eq!((report.replayed, intake.mark("feed").as_deref()), (0, Some("four")));
    assert_eq!(rows(&lake, Table::Events, &["seq"]), ["0"]);
    let segments = lake.snapshot().table(Table::Events).segments;
    assert!(segments[0].tags.ranges[0].gaps.is_empty(), "a mark is no gap");
}

/// Where the log is lost, its inputs go on behind what is sealed: nothing that they can
/// still read is lost, and nothing is there twice.
#[test]
fn a_lost_log_leaves_the_mark_of_what_is_sealed() {
    let mut bench = Bench::new();
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    let send = |id: i64| {
        let sent = github(id, "git.push", NOW);
        let mark = id.to_string();
        let stored = marked(&intake, "github", sent, &mark);
        bench.runtime.block_on(stored).expect("stored");
    };
    send(1);
    send(2);
    bench.runtime.block_on(intake.settle_for_good()).expect("sealed");
    send(3);
    bench.restart();
    std::fs::remove_dir_all(bench.data().join("log")).expect("removed");
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    assert_eq!(intake.mark("feed").as_deref(), Some("2"));
    let stored = marked(&intake, "github", github(3, "git.push", NOW), "3");
    bench.runtime.block_on(stored).expect("stored");
    assert_eq!(intake.mark("feed").as_deref(), Some("3"));
}

#[test]
fn a_damaged_file_of_marks_stops_the_start() {
    let mut bench = Bench::new();
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    let stored = marked(&intake, "github", github(1, "git.push", NOW), "1");
    bench.runtime.block_on(stored).expect("stored");
    bench.runtime.block_on(intake.settle_for_good()).expect("sealed");
    bench.restart();
    let path = bench.data().join("marks");
    let text = std::fs::read_to_string(&path).expect("marks");
    std::fs::write(&path, text.replace("\"1\"", "\"7\"")).expect("written");
    let lake = bench.lake();
    let error = bench.refused(&lake);
    assert!(error.contains("marks is damaged: its checksum"), "{error}");
}

#[test]
fn listed_records_are_one_each_whatever_they_hold() {
    let bench = Bench::new();
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    let mut records = Listed::default();
    for record in ["[{\"a\":1},", "{\"b\":\n2}", "one\ntwo\r\n", "x\0y", " "] {
        records.push(record.as_bytes());
    }
    let stored = intake.accept_listed("", "syslog", records);
    assert_eq!(bench.runtime.block_on(stored).expect("stored").count, 5);
    bench.runtime.block_on(intake.settle()).expect("sealed");
    let seqs = rows(&lake, Table::SetAside, &["seq", "verdict", "collector"]);
    let expected: Vec<String> = (0..5).map(|seq| format!("{seq} quarantined syslog")).collect();
    assert_eq!(seqs, expected);
}
