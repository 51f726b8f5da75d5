//! The ledger after a crash at any place, and after somebody's hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rollcall_ledger::{Checkpoint, Directory, Note};
use rollcall_schemas::{Event, EventRows, Record};
use tempfile::TempDir;

use crate::directory::Access;
use crate::error::{LakeError, Result};
use crate::lake::Lake;
use crate::seal::SealInput;
use crate::shards::{ShardKind, Stream};

/// A data directory whose tables get a commit now and then.
struct World {
    scratch: TempDir,
    runtime: tokio::runtime::Runtime,
}

impl World {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        Self { scratch: tempfile::tempdir().expect("a directory"), runtime }
    }

    fn data(&self) -> PathBuf {
        self.scratch.path().join("data")
    }

    fn ledger(&self) -> PathBuf {
        self.data().join("ledger")
    }

    fn open(&self) -> Result<Lake> {
        self.runtime.block_on(Lake::open(&self.data(), Access::Write))
    }

    /// Opens it, makes a commit, closes it.
    fn commit(&self, name: &str) {
        let lake = self.open().expect("opened");
        let stream = [Stream::new(name.to_owned(), name.to_owned())];
        self.runtime.block_on(lake.assign(ShardKind::Import, &stream)).expect("a number");
    }

    fn change_key(&self) {
        let lake = self.open().expect("opened");
        self.runtime.block_on(lake.change_key()).expect("a key");
    }

    fn entries(&self) -> Vec<Vec<u8>> {
        let log = Directory::new(self.ledger());
        log.entries(self.size()).from(0).map(|entry| entry.expect("an entry").1).collect()
    }

    fn size(&self) -> u64 {
        let bytes = Directory::new(self.ledger()).checkpoint().expect("read").expect("one");
        Checkpoint::parse(Note::parse(&bytes).expect("a note").text()).expect("one").size
    }

    /// Nothing is wrong with it.
    #[track_caller]
    fn is_clean(&self) {
        let verified = self
            .runtime
            .block_on(crate::verify(&self.data(), crate::VerifyOptions::default(), |_| {}))
            .expect("verified");
        assert_eq!(verified.findings, []);
    }

    /// Keeps some files of the ledger as they are now.
    fn keep(&self, files: &[&str]) -> Vec<(PathBuf, Vec<u8>)> {
        files
            .iter()
            .map(|file| self.ledger().join(file))
            .map(|path| (path.clone(), fs::read(&path).expect("a file")))
            .collect()
    }
}

/// One event.
fn rows() -> SealInput {
    let mut rows = EventRows::default();
    let record = Record { shard: 1, seq: 0, collector: "c".into(), received: 1 };
    rows.push(&record, 0, "okta", &mut Event::default(), 0, b"{}");
    SealInput { events: vec![Arc::new(rows.finish().expect("rows"))], ..SealInput::default() }
}

fn put_back(kept: Vec<(PathBuf, Vec<u8>)>) {
    for (path, bytes) in kept {
        fs::write(path, bytes).expect("written");
    }
}

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, to]).status().expect("cp").success());
}

#[test]
fn a_ledger_that_was_lost_is_never_signed_a_second_time() {
    for gone in [&[][..], &["tile"], &["tile", "keys/log", "keys/log.pub"]] {
        let world = World::new();
        world.commit("a");
        for gone in ["checkpoint", "signed"].iter().chain(gone) {
            let path = world.ledger().join(gone);
            let removed =
                if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            removed.expect("removed");
        }
        let error = world.open().expect_err("refused").to_string();
        assert!(error.contains("nothing is signed a second time"), "{error}");
        assert!(error.contains("rollcall restore") && error.contains("--data"), "{error}");
        for made in ["checkpoint", "signed"] {
            assert!(!world.ledger().join(made).exists(), "{made} was made");
        }
    }
}

#[test]
fn a_first_start_that_was_interrupted_is_gone_on_with() {
    let world = World::new();
    drop(world.open().expect("opened"));
    for gone in ["checkpoint", "signed"] {
        fs::remove_file(world.ledger().join(gone)).expect("removed");
    }
    world.commit("a");
    world.is_clean();
}

#[test]
fn a_sign_once_file_that_was_put_back_stops_the_start() {
    let world = World::new();
    world.commit("a");
    let kept = world.keep(&["signed"]);
    world.commit("b");
    put_back(kept);
    let error = world.open().expect_err("refused").to_string();
    assert!(error.contains("signed last, and the checkpoint has"), "{error}");
}

#[test]
fn another_row_key_stops_the_start() {
    let world = World::new();
    let lake = world.open().expect("opened");
    world.runtime.block_on(lake.seal(rows())).expect("sealed");
    drop(lake);
    world.open().expect("the right one");
    let key = world.ledger().join("keys/row");
    fs::remove_file(&key).expect("removed");
    fs::write(&key, [7; 32]).expect("written");
    let error = world.open().expect_err("refused").to_string();
    assert!(error.contains("keys/row") && error.contains("it isn't the key"), "{error}");
}

/// A commit on top of the newest of a table: that one's, changed.
fn plant(world: &World, change: impl FnOnce(String) -> String) {
    let log = world.data().join("shards/_delta_log");
    let version = fs::read_dir(&log).expect("a folder").count();
    let commit = |version: usize| log.join(format!("{version:020}.json"));
    let newest = fs::read_to_string(commit(version - 1)).expect("a commit");
    fs::write(commit(version), change(newest)).expect("written");
}

#[test]
fn a_commit_that_is_not_ours_is_never_signed_for() {
    // It adds a file that the ledger knows.
    let world = World::new();
    world.commit("a");
    plant(&world, |same| same);
    let error = world.open().expect_err("refused").to_string();
    assert!(error.contains("which the ledger has an entry about"), "{error}");
    // It adds one under another name.
    let world = World::new();
    world.commit("a");
    plant(&world, |text| text.replace("\"path\":\"shards_", "\"path\":\"shardz_"));
    let folder = world.data().join("shards");
    for file in fs::read_dir(&folder).expect("a folder") {
        let file = file.expect("an entry").path();
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        if name.starts_with("shards_") {
            fs::copy(&file, folder.join(name.replace("shards_", "shardz_"))).expect("copied");
        }
    }
    let error = world.open().expect_err("refused").to_string();
    assert!(error.contains("by its tags it would be called"), "{error}");
}

#[test]
fn entries_that_a_crash_left_unsigned_are_taken_over() {
    let world = World::new();
    world.commit("a");
    let kept = world.keep(&["checkpoint", "signed"]);
    world.commit("b");
    let whole = world.entries();
    put_back(kept);
    world.open().expect("opened");
    assert_eq!(world.entries(), whole);
    world.is_clean();
}

#[test]
fn what_was_to_be_signed_is_signed_after_a_crash() {
    let world = World::new();
    world.commit("a");
    let kept = world.keep(&["checkpoint"]);
    world.commit("b");
    let size = world.size();
    put_back(kept);
    world.open().expect("opened");
    assert_eq!(world.size(), size);
    world.is_clean();
}

#[test]
fn a_change_of_the_key_goes_on_wherever_it_was_interrupted() {
    let keys = ["keys/log", "keys/log.pub"];
    // Its entry is there, and nothing after it.
    let world = World::new();
    world.commit("a");
    let kept = world.keep(&[keys[0], keys[1], "checkpoint", "signed"]);
    world.change_key();
    let next = fs::read(world.ledger().join("keys/log")).expect("a key");
    put_back(kept);
    fs::write(world.ledger().join("keys/log.next"), &next).expect("written");
    world.commit("b");
    assert_eq!(fs::read(world.ledger().join("keys/log")).expect("a key"), next);
    assert!(!world.ledger().join("keys/log.next").exists());
    world.is_clean();
    // The public key is written, the secret one isn't in its place.
    let world = World::new();
    world.commit("a");
    let kept = world.keep(&[keys[0], "checkpoint", "signed"]);
    world.change_key();
    let next = fs::read(world.ledger().join("keys/log")).expect("a key");
    put_back(kept);
    fs::write(world.ledger().join("keys/log.next"), &next).expect("written");
    world.commit("b");
    world.is_clean();
    // Both keys are in place, nothing is signed.
    let world = World::new();
    world.commit("a");
    let kept = world.keep(&["checkpoint", "signed"]);
    world.change_key();
    put_back(kept);
    world.commit("b");
    world.is_clean();
}

#[test]
fn nothing_is_written_after_the_end_and_readers_go_on() {
    let world = World::new();
    world.commit("a");
    let lake = world.open().expect("opened");
    world.runtime.block_on(lake.close()).expect("closed");
    let size = world.size();
    let sealed = world.runtime.block_on(lake.seal(rows()));
    assert!(matches!(sealed, Err(LakeError::Ending)), "{sealed:?}");
    let changed = world.runtime.block_on(lake.change_key());
    assert!(matches!(changed, Err(LakeError::Ending)), "{changed:?}");
    world.runtime.block_on(lake.heartbeat()).expect("silent");
    assert_eq!(world.size(), size);
    assert!(lake.snapshot().table(crate::Table::Shards).version.is_some());
    drop(lake);
    world.commit("b");
    world.is_clean();
}

#[test]
fn a_ledger_that_was_put_back_stops_the_start() {
    let world = World::new();
    world.commit("a");
    let old = world.scratch.path().join("old");
    copy(&world.ledger(), &old);
    world.commit("b");
    let signed = fs::read(world.ledger().join("signed")).expect("a file");
    fs::remove_dir_all(world.ledger()).expect("removed");
    copy(&old, &world.ledger());
    fs::write(world.ledger().join("signed"), signed).expect("written");
    let error = world.open().expect_err("refused");
    assert!(matches!(error, LakeError::RolledBack { .. }), "{error}");
}

#[test]
fn a_lost_sign_once_file_and_a_lost_key_stop_the_start() {
    for gone in ["signed", "keys/log", "keys/row"] {
        let world = World::new();
        world.commit("a");
        let lake = world.open().expect("opened");
        world.runtime.block_on(lake.seal(rows())).expect("sealed");
        lake.directory().identifier_key().expect("a key");
        drop(lake);
        fs::remove_file(world.ledger().join(gone)).expect("removed");
        let error = world.open().expect_err(gone).to_string();
        assert!(error.contains(gone), "{error}");
    }
}

#[test]
fn a_commit_that_is_gone_stops_the_start() {
    let world = World::new();
    world.commit("a");
    let log = world.data().join("shards/_delta_log");
    fs::remove_file(log.join("00000000000000000001.json")).expect("removed");
    let error = world.open().expect_err("refused").to_string();
    assert!(error.contains("whose commit is gone"), "{error}");
}

#[test]
fn a_file_that_is_not_what_its_commit_says_is_never_signed_for() {
    let world = World::new();
    world.commit("a");
    let kept = world.keep(&["checkpoint", "signed"]);
    let tiles = world.scratch.path().join("tiles");
    copy(&world.ledger().join("tile"), &tiles);
    world.commit("b");
    // As if the process had died before it wrote the entry.
    fs::remove_dir_all(world.ledger().join("tile")).expect("removed");
    copy(&tiles, &world.ledger().join("tile"));
    put_back(kept);
    let folder = world.data().join("shards");
    let newest = fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .max_by_key(|path| fs::metadata(path).and_then(|file| file.modified()).expect("a time"))
        .expect("a file");
    let mut bytes = fs::read(&newest).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::remove_file(&newest).expect("removed");
    fs::write(&newest, bytes).expect("written");
    let error = world.open().expect_err("refused").to_string();
    assert!(error.contains("its SHA-256 is"), "{error}");
}
