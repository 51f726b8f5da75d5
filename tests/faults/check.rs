//! What must hold after every run, whatever the fault was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use serde_json::Value;

use super::answers::panicked;
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

/// Everything that is checked. The ledger must go on from `seen`, a checkpoint of
/// before the fault; empty where there was none.
#[track_caller]
pub fn all(rollcall: &Rollcall, told: &Told, seen: &[u8]) {
    let stored = Stored::ask(rollcall, told);
    let lost = stored.lost(told);
    assert!(lost.is_empty(), "acknowledged and lost: batches {lost:?}");
    assert!(stored.has_its_verdicts(), "{stored:?}");
    whole(rollcall, stored.rows, seen);
}

/// What is checked where acknowledged events may be gone.
#[track_caller]
pub fn whole(rollcall: &Rollcall, rows: i64, seen: &[u8]) {
    for table in ["events", "set_aside", "shards", "people", "factors"] {
        references(&rollcall.data(), table);
        no_litter(&rollcall.data(), table);
    }
    adds_up(rollcall, rows);
    let file = rollcall.file("seen-checkpoint", seen);
    let older = ["--checkpoint", file.to_str().expect("a path")];
    let older: &[&str] = if seen.is_empty() { &[] } else { &older };
    clean(rollcall, &[&["verify"], older].concat());
}

/// What is stored.
#[derive(Debug)]
pub struct Stored {
    batches: BTreeSet<i64>,
    /// Rows of events.
    pub rows: i64,
    /// Verdicts, by their word.
    verdicts: BTreeMap<String, i64>,
}

impl Stored {
    /// Asks for it. Batches are stored whole and once, and none that wasn't sent; no
    /// verdict is there twice.
    #[track_caller]
    pub fn ask(rollcall: &Rollcall, told: &Told) -> Self {
        let lines = rollcall.sql(&format!(
            "SELECT 'batch' AS what, CAST(substr(source_event_id, 5) AS BIGINT) / {BATCH} AS batch, count(*), count(DISTINCT source_event_id) FROM events_all GROUP BY 2 UNION ALL SELECT verdict, 0, count(*), count(DISTINCT concat(shard, '-', seq, '-', part)) FROM set_aside GROUP BY 1"
        ));
        let mut stored = Self { batches: BTreeSet::new(), rows: 0, verdicts: BTreeMap::new() };
        for line in lines {
            let (what, numbers) = line.split_once(',').expect("a word");
            let numbers: Vec<i64> =
                numbers.split(',').map(|n| n.parse().expect("a number")).collect();
            let [batch, count, distinct] = numbers[..] else { panic!("{line}") };
            assert_eq!(count, distinct, "{what} {batch} is doubled");
            if what == "batch" {
                assert_eq!(count, BATCH, "batch {batch} is torn");
                stored.batches.insert(batch);
                stored.rows += count;
            } else {
                stored.verdicts.insert(what.to_owned(), count);
            }
        }
        let sent = told.sent.load(Ordering::SeqCst);
        assert!(stored.batches.iter().all(|batch| *batch < sent), "stored and never sent");
        stored
    }

    /// Whether there are the verdicts of just these batches: one duplicate of each, and
    /// one record that is no event.
    pub fn has_its_verdicts(&self) -> bool {
        let each = i64::try_from(self.batches.len()).expect("few");
        let all = [("duplicate".to_owned(), each), ("quarantined".to_owned(), each)];
        self.batches.is_empty() || self.verdicts == all.into()
    }

    /// Whether there are fewer verdicts than these batches have.
    pub fn misses_verdicts(&self) -> bool {
        let each = i64::try_from(self.batches.len()).expect("few");
        ["duplicate", "quarantined"]
            .iter()
            .any(|word| self.verdicts.get(*word).is_none_or(|count| *count < each))
    }

    /// Batches that were acknowledged and aren't there.
    pub fn lost(&self, told: &Told) -> Vec<i64> {
        told.acknowledged().difference(&self.batches).copied().collect()
    }
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

/// The actions of a table's commits, in order.
fn actions(data: &Path, table: &str) -> Vec<Value> {
    let mut actions = Vec::new();
    for commit in commits(data, table) {
        for line in std::fs::read_to_string(&commit).expect("a commit").lines() {
            let action =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{commit:?}: {error}"));
            actions.push(action);
        }
    }
    actions
}

/// What the commits of a table add, as Delta's `add` actions.
fn adds(data: &Path, table: &str) -> Vec<Value> {
    actions(data, table).iter().filter_map(|action| action.get("add").cloned()).collect()
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
    for action in actions(data, table) {
        let path = |name: &str| Some(action.get(name)?.get("path")?.as_str()?.to_owned());
        if let Some(path) = path("add") {
            live.insert(path, action["add"].clone());
        }
        if let Some(path) = path("remove") {
            live.remove(&path);
        }
    }
    live
}

/// The ranges that a table's files account for, in the order of their records.
pub fn ranges(data: &Path, table: &str) -> Vec<Value> {
    let mut ranges = Vec::new();
    for add in live(data, table).into_values() {
        if let Some(tag) = add["tags"]["rollcall"].as_str() {
            let tags: Value = serde_json::from_str(tag).expect("tags");
            ranges.extend(tags["ranges"].as_array().expect("ranges").clone());
        }
    }
    ranges.sort_by_key(|range| (range["shard"].as_i64(), range["from"].as_i64()));
    ranges
}

/// The ranges of `events` and `set_aside` together leave no record out, those of `events`
/// account for none twice, and they say how many rows are stored. In `set_aside`, a seal
/// that follows an interrupted one accounts again for what that one committed.
#[track_caller]
fn adds_up(rollcall: &Rollcall, stored: i64) {
    let number = |range: &Value, name: &str| range[name].as_i64().unwrap_or_default();
    let mut all = Vec::new();
    for table in ["events", "set_aside"] {
        let mut ends: BTreeMap<i64, i64> = BTreeMap::new();
        for range in ranges(&rollcall.data(), table) {
            let end = ends.insert(number(&range, "shard"), number(&range, "to"));
            let twice = table == "events" && end.unwrap_or_default() > number(&range, "from");
            assert!(!twice, "accounted for twice: {range}");
            all.push((table, range));
        }
    }
    let rows: i64 =
        all.iter().filter(|(table, _)| *table == "events").map(|(_, r)| number(r, "rows")).sum();
    assert_eq!(stored, rows, "the tags say {rows}");
    all.sort_by_key(|(_, range)| (number(range, "shard"), number(range, "from")));
    let mut ends: BTreeMap<i64, i64> = BTreeMap::new();
    for (_, range) in all {
        let end = ends.entry(number(&range, "shard")).or_default();
        assert!(*end >= number(&range, "from"), "records nobody accounts for before {range}");
        *end = (*end).max(number(&range, "to"));
    }
}

/// The ledger's checkpoint as it stands; empty where there is none yet.
pub fn checkpoint(data: &Path) -> Vec<u8> {
    std::fs::read(data.join("ledger/checkpoint")).unwrap_or_default()
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
    assert!(!panicked(&said), "verify: {said}");
    match output.status.code() {
        Some(0) => None,
        Some(1 | 3) => Some(format!("{found}{said}")),
        code => panic!("verify: {code:?} {said}"),
    }
}
