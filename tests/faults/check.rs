//! What must hold after every run, whatever the fault was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use serde_json::Value;

use super::load::{BATCH, Told};
use super::process::Process;
use crate::rollcall::Rollcall;

/// A start without faults comes up, seals what the log holds, and ends well.
#[track_caller]
pub fn works(rollcall: &Rollcall) {
    let server = Process::serve(rollcall, &[], &[]);
    let came = server.address.is_some();
    server.terminate();
    let ended = server.ended();
    assert!(came && ended.status.success(), "no start: {}\n{}", ended.status, ended.said);
    assert!(!ended.said.contains("panicked"), "{}", ended.said);
}

/// Everything that is checked.
#[track_caller]
pub fn all(rollcall: &Rollcall, told: &Told) {
    let lost = acknowledged_but_not_stored(rollcall, told);
    assert!(lost.is_empty(), "acknowledged and lost: batches {lost:?}");
    whole(rollcall);
}

/// What is checked where acknowledged events may be gone.
#[track_caller]
pub fn whole(rollcall: &Rollcall) {
    for table in ["events", "set_aside", "shards", "people", "factors"] {
        references(&rollcall.data(), table);
        no_litter(&rollcall.data(), table);
    }
    adds_up(rollcall);
    clean(rollcall, &["verify"]);
}

/// Batches are stored whole, once, with their verdicts, and none that wasn't
/// sent. Returns those that were acknowledged and aren't there.
#[track_caller]
pub fn acknowledged_but_not_stored(rollcall: &Rollcall, told: &Told) -> Vec<i64> {
    let stored = rollcall.sql(&format!(
        "SELECT CAST(substr(source_event_id, 5) AS BIGINT) / {BATCH}, count(*), count(DISTINCT source_event_id) FROM events_all GROUP BY 1"
    ));
    let mut seen = BTreeSet::new();
    for line in stored {
        let numbers: Vec<i64> = line.split(',').map(|n| n.parse().expect("a number")).collect();
        assert_eq!(numbers[1..], [BATCH, BATCH], "batch {} is torn or doubled", numbers[0]);
        seen.insert(numbers[0]);
    }
    let sent = told.sent.load(Ordering::SeqCst);
    assert!(seen.iter().all(|batch| *batch < sent), "stored and never sent");
    let verdicts = rollcall.sql("SELECT verdict, count(*) FROM set_aside GROUP BY 1 ORDER BY 1");
    let one_each = [format!("duplicate,{}", seen.len()), format!("quarantined,{}", seen.len())];
    assert!(seen.is_empty() || verdicts == one_each, "{verdicts:?} of {} batches", seen.len());
    told.acknowledged().difference(&seen).copied().collect()
}

/// The commits of a table, in order.
pub fn commits(data: &Path, table: &str) -> Vec<PathBuf> {
    let log = std::fs::read_dir(data.join(table).join("_delta_log")).into_iter().flatten();
    let mut commits: Vec<PathBuf> = log
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    commits.sort();
    commits
}

/// What the commits of a table add, as Delta's `add` actions.
fn adds(data: &Path, table: &str) -> Vec<Value> {
    let mut adds = Vec::new();
    for commit in commits(data, table) {
        for line in std::fs::read_to_string(&commit).expect("a commit").lines() {
            let action: Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{commit:?}: {error}"));
            adds.extend(action.get("add").cloned());
        }
    }
    adds
}

/// Every file that a commit names is there, as long as it says.
#[track_caller]
fn references(data: &Path, table: &str) {
    let all = commits(data, table);
    for (version, commit) in all.iter().enumerate() {
        let name = commit.file_stem().expect("a name").to_string_lossy();
        assert_eq!(name.parse::<usize>().ok(), Some(version), "{table} misses a commit");
    }
    for add in adds(data, table) {
        let path = data.join(table).join(add["path"].as_str().expect("a path"));
        let bytes = std::fs::metadata(&path).map(|file| file.len());
        assert_eq!(bytes.ok(), add["size"].as_u64(), "{path:?} is missing or cut short");
    }
}

/// The start has removed what the fault left.
#[track_caller]
fn no_litter(data: &Path, table: &str) {
    let named: BTreeSet<String> = adds(data, table)
        .iter()
        .map(|add| add["path"].as_str().expect("a path").to_owned())
        .collect();
    for folder in [data.join(table), data.join(table).join("_delta_log")] {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            let orphan = name.starts_with(&format!("{table}_")) && !named.contains(&name);
            let staged = name.starts_with(".writing-") || name.contains('#');
            assert!(!orphan && !staged, "{table} still holds {name}");
        }
    }
}

/// The files of a table, relative to it: what commits added and none removed.
pub fn live(data: &Path, table: &str) -> BTreeMap<String, Value> {
    let mut live = BTreeMap::new();
    for commit in commits(data, table) {
        let text = std::fs::read_to_string(&commit).expect("a commit");
        for line in text.lines() {
            let action: Value = serde_json::from_str(line).expect("an action");
            let path = |name: &str| Some(action.get(name)?.get("path")?.as_str()?.to_owned());
            if let Some(path) = path("add") {
                live.insert(path, action["add"].clone());
            }
            if let Some(path) = path("remove") {
                live.remove(&path);
            }
        }
    }
    live
}

/// The ranges that a table's files account for.
pub fn ranges(data: &Path, table: &str) -> Vec<Value> {
    let mut ranges = Vec::new();
    for add in live(data, table).into_values() {
        if let Some(tag) = add["tags"]["rollcall"].as_str() {
            let tags: Value = serde_json::from_str(tag).expect("tags");
            ranges.extend(tags["ranges"].as_array().expect("ranges").clone());
        }
    }
    ranges
}

/// The ranges of `events` follow each other without a gap, and say how many rows
/// are stored.
#[track_caller]
fn adds_up(rollcall: &Rollcall) {
    let mut ends: BTreeMap<i64, i64> = BTreeMap::new();
    let mut rows = 0;
    for range in ranges(&rollcall.data(), "events") {
        let number = |name: &str| range[name].as_i64().unwrap_or_default();
        let end = ends.insert(number("shard"), number("to")).unwrap_or_default();
        assert_eq!(end, number("from"), "records nobody accounts for before {range}");
        rows += number("rows");
    }
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), rows, "the tags say {rows}");
}

/// The ledger's checkpoint as it stands; empty where there is none yet.
pub fn checkpoint(data: &Path) -> Vec<u8> {
    std::fs::read(data.join("ledger/checkpoint")).unwrap_or_default()
}

/// The ledger extends a checkpoint that somebody has seen.
#[track_caller]
pub fn extends(rollcall: &Rollcall, seen: &[u8]) {
    if !seen.is_empty() {
        let file = rollcall.file("seen-checkpoint", seen);
        clean(rollcall, &["verify", "--checkpoint", file.to_str().expect("a path")]);
    }
}

#[track_caller]
fn clean(rollcall: &Rollcall, command: &[&str]) {
    let output = rollcall.output(command);
    let found = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{command:?}: {found}{said}");
}

/// What `verify` says of a damaged directory; nothing where it finds nothing.
#[track_caller]
pub fn verify_finds(rollcall: &Rollcall) -> Option<String> {
    let output = rollcall.output(&["verify"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let found = String::from_utf8_lossy(&output.stdout);
    assert!(!said.contains("panicked"), "verify: {said}");
    match output.status.code() {
        Some(0) => None,
        Some(1 | 3) => Some(format!("{found}{said}")),
        code => panic!("verify: {code:?} {said}"),
    }
}
