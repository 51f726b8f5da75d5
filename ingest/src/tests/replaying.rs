//! Quarantined records read again: they leave quarantine once, and whoever looks
//! sees the old or the new, never both. Holds invariants 2 and 5.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::Utc;
use rollcall_lake::{Lake, Snapshot, Table};

use super::bench::{Bench, github, read_settings, rows};
use crate::tail::{Piece, Reader};
use crate::{Pipeline, ReplayChoice, ReplayReport, replay};

const HOUR: i64 = 3_600_000_000;

/// Records as one process took them in at `received`.
fn take(bench: &Bench, pipeline: &Pipeline, shard: i32, received: i64, hint: &str, lines: &[&str]) {
    let mut reader = Reader::new(read_settings());
    let pieces = (0..).zip(lines).map(|(seq, line)| Piece { seq, bytes: line.trim().as_bytes() });
    reader.read(shard, &"c".into(), received, hint, pieces);
    let chunk = reader.take().expect("read");
    let answer = pipeline.chunk(chunk.expect("a chunk")).expect("taken");
    bench.runtime.block_on(answer).expect("in the tail");
}

fn again(bench: &Bench, lake: &Arc<Lake>, pipeline: &Pipeline, read_as: &str) -> ReplayReport {
    let choice =
        ReplayChoice { source: None, read_as: (!read_as.is_empty()).then(|| read_as.to_owned()) };
    let settings = read_settings();
    let report = replay(Arc::clone(lake), pipeline, &settings, choice);
    bench.runtime.block_on(report).expect("replayed")
}

#[test]
fn a_future_time_that_has_become_possible_is_believed() {
    let bench = Bench::new();
    let lake = bench.lake();
    let (_, pipeline) = bench.alone(&lake);
    // Our clock was three days slow. The second line is three events of one time.
    let received = Utc::now().timestamp_micros() - 72 * HOUR;
    let time = (Utc::now() - chrono::Duration::hours(1)).format("%Y-%m-%dT%H:%M:%SZ");
    let one =
        format!("{time} web-1 sshd[10]: Accepted password for ada from 203.0.113.9 port 4000 ssh2");
    let three = format!(
        "{time} web-1 sshd[11]: message repeated 3 times: [ Failed password for bob from 203.0.113.9 port 4001 ssh2]"
    );
    let far = "2199-01-01T00:00:00Z web-1 sshd[12]: Accepted password for eve from 203.0.113.9 port 4000 ssh2";
    take(&bench, &pipeline, 1, received, "", &[&one, &three, far]);
    let report = again(&bench, &lake, &pipeline, "");
    let expected =
        ReplayReport { tried: 5, rows_from: 2, rows: 4, quarantined: 1, ..ReplayReport::default() };
    assert_eq!(report, expected);
    let found = rows(&lake, Table::Events, &["seq", "part", "user_name", "outcome"]);
    assert_eq!(found, ["0 0 ada success", "1 0 bob failure", "1 1 bob failure", "1 2 bob failure"]);
    let second = again(&bench, &lake, &pipeline, "");
    assert_eq!(second, ReplayReport { tried: 1, quarantined: 1, ..ReplayReport::default() });
    assert_eq!(rows(&lake, Table::Events, &["seq"]).len(), 4);
    assert_eq!(rows(&lake, Table::SetAside, &["seq"]).len(), 5);
}

#[test]
fn a_bundle_gives_each_of_its_events_a_part_and_keeps_back_what_it_cant_read() {
    let bench = Bench::new();
    let lake = bench.lake();
    let (_, pipeline) = bench.alone(&lake);
    let event = |id: &str, time: &str| {
        format!("{{\"eventName\":\"GetObject\",\"eventTime\":\"{time}\",\"eventID\":\"{id}\"}}")
    };
    // Nothing tells whose these are.
    let bundle = format!(
        "{{\"Records\":[{},{},{}]}}",
        event("a", "2199-01-01T00:00:00Z"),
        event("b", "2026-11-01T00:00:00Z"),
        event("c", "2026-11-01T00:00:01Z")
    );
    take(&bench, &pipeline, 1, Utc::now().timestamp_micros(), "", &[&bundle]);
    assert_eq!(rows(&lake, Table::SetAside, &["part", "verdict", "source"]), ["0 quarantined -"]);
    let report = again(&bench, &lake, &pipeline, "cloudtrail");
    assert_eq!((report.tried, report.rows_from, report.rows), (1, 1, 2));
    assert_eq!(rows(&lake, Table::Events, &["seq", "part", "source_event_id"]), ["0 0 b", "0 2 c"]);
    let set_aside = rows(&lake, Table::SetAside, &["part", "verdict", "source"]);
    assert_eq!(set_aside, ["0 quarantined -", "1 quarantined cloudtrail"]);
    // The one that can't be believed is held by itself now.
    for read_as in ["", "cloudtrail"] {
        let report = again(&bench, &lake, &pipeline, read_as);
        let tried = usize::from(read_as.is_empty());
        let expected = ReplayReport { tried, quarantined: tried, ..ReplayReport::default() };
        assert_eq!(report, expected);
    }
    assert_eq!(rows(&lake, Table::SetAside, &["part", "verdict", "source"]), set_aside);
}

#[test]
fn every_verdict_leaves_quarantine() {
    let mut bench = Bench::new();
    let lake = bench.lake();
    let (_, pipeline) = bench.alone(&lake);
    let now = Utc::now();
    let event = github(1, "git.push", now.timestamp_millis() - 1_000);
    take(&bench, &pipeline, 1, now.timestamp_micros(), "github", &[&event]);
    // The same again, from a sender whose time of receipt was wrong.
    let received = now.timestamp_micros() - 72 * HOUR;
    take(&bench, &pipeline, 2, received, "github", &[&event, "{\"Records\":[]}"]);
    let time = now.format("%Y-%m-%dT%H:%M:%SZ");
    let sshd = |message: &str| format!("{time} web-1 sshd[10]: {message}");
    let failed = sshd("Failed password for ada from 203.0.113.9 port 4000 ssh2");
    let closed = sshd("Connection closed by 203.0.113.9 port 4000 [preauth]");
    let bare = sshd("Server listening on 0.0.0.0 port 22.");
    take(&bench, &pipeline, 3, now.timestamp_micros(), "okta", &[&failed, &closed, &bare]);
    bench.runtime.block_on(pipeline.seal()).expect("sealed");
    let before = rows(&lake, Table::SetAside, &["shard", "seq", "verdict"]);
    assert_eq!(before.iter().filter(|row| row.ends_with("quarantined")).count(), 5, "{before:?}");
    let report = again(&bench, &lake, &pipeline, "");
    assert_eq!((report.tried, report.duplicate, report.rows), (5, 1, 0), "{report:?}");

    let after = rows(&lake, Table::SetAside, &["shard", "seq", "verdict", "of_shard"]);
    assert!(after.contains(&"2 0 duplicate 1".to_owned()), "{after:?}");
    // Found again after a restart, and not read a third time.
    bench.restart();
    let lake = bench.lake();
    let (_, pipeline) = bench.alone(&lake);
    let report = again(&bench, &lake, &pipeline, "");
    assert_eq!((report.tried, report.duplicate), (4, 0), "{report:?}");
}

/// Rows that are there for a reader: all, less the replaced ones.
fn current(snapshot: &Snapshot) -> usize {
    snapshot.table(Table::Events).rows() + snapshot.tail.event_rows() - snapshot.replaced.len()
}

#[test]
fn old_and_new_are_never_seen_together() {
    let bench = Bench::new();
    let lake = bench.lake();
    let (_, pipeline) = bench.alone(&lake);
    let now = Utc::now().timestamp_micros();
    let events = |action: &str| -> Vec<String> {
        (0..200).map(|id| github(id, action, now / 1_000 - 1_000)).collect()
    };
    let old = events("git.push");
    let old: Vec<&str> = old.iter().map(String::as_str).collect();
    take(&bench, &pipeline, 1, now, "github", &old);
    bench.runtime.block_on(pipeline.seal()).expect("sealed");
    let over = Arc::new(AtomicBool::new(false));
    let watcher = {
        let (lake, over) = (Arc::clone(&lake), Arc::clone(&over));
        std::thread::spawn(move || {
            let mut seen = HashSet::new();
            while !over.load(Ordering::Relaxed) {
                seen.insert(current(&lake.snapshot()));
            }
            seen
        })
    };
    for (round, action) in ["git.fetch", "git.clone", "git.merge"].into_iter().enumerate() {
        let shard = i32::try_from(round).expect("few") + 2;
        let new = events(action);
        let new: Vec<&str> = new.iter().map(String::as_str).collect();
        take(&bench, &pipeline, shard, now - 72 * HOUR, "github", &new);
        let report = again(&bench, &lake, &pipeline, "");
        assert_eq!((report.tried, report.rows), (200, 200), "{report:?}");
    }
    over.store(true, Ordering::Relaxed);
    let seen = watcher.join().expect("a watcher");
    assert_eq!(seen, HashSet::from([200]), "how many rows were current");
    assert_eq!(lake.snapshot().table(Table::Events).rows(), 800);
}
