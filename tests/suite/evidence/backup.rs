//! Backup and restore: what was sealed comes back, provably, under a new origin.

use std::fs;
use std::path::Path;

use super::stored::{copy, files, kinds, stored, verify};
use crate::rollcall::{Rollcall, github};

const EVERYTHING: &str = "SELECT * FROM events_all ORDER BY shard, seq, part";

fn backup(rollcall: &Rollcall) -> (std::path::PathBuf, String) {
    let to = rollcall.data().with_file_name("backup");
    let said = rollcall.run(&["backup", to.to_str().expect("a path")]);
    (to, said)
}

/// Restores a backup in the place of the data.
fn restore(rollcall: &Rollcall, from: &Path, arguments: &[&str]) -> String {
    fs::remove_dir_all(rollcall.data()).expect("removed");
    rollcall.run(&[&["restore", from.to_str().expect("a path")], arguments].concat())
}

#[test]
fn what_was_backed_up_beside_a_running_server_comes_back() {
    let rollcall = stored();
    let server = rollcall.serve(&[]);
    server.accepted("?source=github", github(500, 20));
    let (to, said) = backup(&rollcall);
    assert!(said.starts_with("backed up "), "{said}");
    let before = rollcall.sql(EVERYTHING);
    server.accepted("?source=github", github(600, 20));
    server.stop();
    let newest = rollcall.data().join("ledger/checkpoint");
    let newest = rollcall.file("newest", fs::read(newest).expect("a checkpoint"));
    let newest = newest.to_str().expect("a path");
    let log_before = rollcall.run(&["ledger", "show"]);

    let said = restore(&rollcall, &to, &["--newest-checkpoint", newest]);
    assert!(said.starts_with("restored "), "{said}");
    assert_eq!(rollcall.sql(EVERYTHING), before);
    assert_eq!(verify(&rollcall, &[]), []);
    // It goes on under a new origin, and the old checkpoint's lost entries are stated.
    assert_ne!(rollcall.run(&["ledger", "show"]).lines().next(), log_before.lines().next());
    assert_eq!(verify(&rollcall, &["--checkpoint", newest]), []);
    let output = rollcall.output(&["verify", "--checkpoint", newest]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("a restore lost "), "{stderr}");
    // And takes events as ever; the dashboard's accounts are there.
    rollcall.ingest(&rollcall.file("more.ndjson", github(700, 5)));
    assert_eq!(verify(&rollcall, &[]), []);
    assert!(rollcall.run(&["token", "list"]).contains("test-"));
}

#[test]
fn a_restore_that_names_no_loss_is_no_continuation_of_a_newer_checkpoint() {
    let rollcall = stored();
    let (to, _) = backup(&rollcall);
    rollcall.ingest(&rollcall.file("more.ndjson", github(700, 5)));
    let newest = rollcall.data().join("ledger/checkpoint");
    let newest = rollcall.file("newest", fs::read(newest).expect("a checkpoint"));
    restore(&rollcall, &to, &[]);
    assert_eq!(verify(&rollcall, &[]), []);
    let newest = newest.to_str().expect("a path");
    assert_eq!(kinds(&rollcall, &["--checkpoint", newest]), ["not_append_only"]);
}

#[test]
fn a_second_backup_copies_what_is_new_and_drops_what_is_gone() {
    let rollcall = stored();
    let (to, _) = backup(&rollcall);
    let (_, said) = backup(&rollcall);
    assert!(said.contains("; 0 files were new"), "{said}");
    rollcall.run(&["retain", "--days", "0", "--yes"]);
    rollcall.ingest(&rollcall.file("more.ndjson", github(700, 5)));
    backup(&rollcall);
    let kept = fs::read_dir(to.join("events")).expect("a folder");
    let kept = kept.filter(|entry| entry.as_ref().expect("one").path().is_file()).count();
    assert_eq!(kept, files(&rollcall, "events").len());
    restore(&rollcall, &to, &[]);
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 5);
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn nothing_is_backed_up_among_other_files() {
    let rollcall = stored();
    let to = rollcall.folder().join("home");
    fs::create_dir(&to).expect("a folder");
    fs::write(to.join("letters"), "dear").expect("written");
    let output = rollcall.output(&["backup", to.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("it holds other files"));
    assert_eq!(fs::read_dir(&to).expect("a folder").count(), 1);
}

#[test]
fn a_checkpoint_of_a_later_key_is_told_in_a_restore() {
    let rollcall = stored();
    let (to, _) = backup(&rollcall);
    rollcall.run(&["ledger", "change-key"]);
    rollcall.ingest(&rollcall.file("more.ndjson", github(700, 5)));
    let newest = rollcall.data().join("ledger/checkpoint");
    let newest = rollcall.file("newest", fs::read(newest).expect("a checkpoint"));
    fs::remove_dir_all(rollcall.data()).expect("lost");
    let (to, newest) = (to.to_str().expect("a path"), newest.to_str().expect("a path"));
    let output = rollcall.output(&["restore", to, "--newest-checkpoint", newest]);
    assert_eq!(output.status.code(), Some(3));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("where its key was made after the backup"), "{stderr}");
    rollcall.run(&["restore", to]);
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn nothing_is_restored_over_data_and_nothing_backed_up_into_it() {
    let rollcall = stored();
    let (to, _) = backup(&rollcall);
    let output = rollcall.output(&["restore", to.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is data already"));
    let inside = rollcall.data().join("backup");
    let output = rollcall.output(&["backup", inside.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(3));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("can't lie inside the data directory"), "{stderr}");
    // A directory that isn't a backup.
    let nothing = rollcall.data().with_file_name("nothing");
    copy(&rollcall.data().join("events"), &nothing);
    fs::remove_dir_all(rollcall.data()).expect("removed");
    let output = rollcall.output(&["restore", nothing.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("backup.json"));
    assert!(!rollcall.data().exists());
}

#[test]
fn a_backup_that_was_interrupted_is_still_the_one_before() {
    let rollcall = stored();
    let (to, _) = backup(&rollcall);
    let before = rollcall.sql(EVERYTHING);
    rollcall.ingest(&rollcall.file("more.ndjson", github(700, 5)));
    // Newer commits, files and tiles lie there, and the checkpoint is the old one.
    for part in ["events", "shards", "ledger/tile"] {
        let from = rollcall.data().join(part);
        let mut copy = std::process::Command::new("cp");
        copy.arg("-a").arg(from.join(".")).arg(to.join(part));
        assert!(copy.status().expect("cp runs").success());
    }
    restore(&rollcall, &to, &[]);
    assert_eq!(rollcall.sql(EVERYTHING), before);
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn two_histories_dont_share_a_place() {
    let (one, other) = (stored(), stored());
    let (to, _) = backup(&one);
    let output = other.output(&["backup", to.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(3));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("aren't the beginning of this ledger"), "{stderr}");
}

#[test]
fn what_a_killed_server_had_not_sealed_is_backed_up() {
    let rollcall = stored();
    let server = rollcall.serve(&[]);
    server.accepted("?source=github", github(500, 20));
    server.kill();
    let (to, _) = backup(&rollcall);
    restore(&rollcall, &to, &[]);
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 120 + 20);
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn nothing_is_written_into_a_backup_and_a_failed_restore_leaves_nothing() {
    let rollcall = stored();
    let (to, _) = backup(&rollcall);
    let lines = rollcall.file("more.ndjson", github(700, 5));
    let wrong = lines.to_str().expect("a path");
    let into = std::process::Command::new(env!("CARGO_BIN_EXE_rollcall"))
        .args(["ingest", wrong, "--data"])
        .arg(&to)
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&into.stderr);
    assert_eq!(into.status.code(), Some(3), "{said}");
    assert!(said.contains("rollcall restore"), "{said}");

    fs::remove_dir_all(rollcall.data()).expect("removed");
    let from = to.to_str().expect("a path");
    let failed = rollcall.output(&["restore", from, "--newest-checkpoint", wrong]);
    let said = String::from_utf8_lossy(&failed.stderr);
    assert_eq!(failed.status.code(), Some(3), "{said}");
    assert!(said.contains(wrong), "{said}");
    rollcall.run(&["restore", from]);
    assert_eq!(verify(&rollcall, &[]), []);
}
