//! Someone with root changes data, tables or ledger; `verify` names it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, StringArray, StringViewArray};
use arrow::compute::concat_batches;
use rollcall_ledger::{Checkpoint, Head, LogKeys, Note, SignerKey};
use sha2::{Digest, Sha256};

use super::forged::{entries, signed, write_ledger};
use super::stored::{commits, copy, files, kinds, name, overwrite, rewrite, stored, verify};
use crate::rollcall::{Rollcall, github};

fn found(kind: &str, what: &str) -> (String, String) {
    (kind.to_owned(), what.to_owned())
}

/// Puts another text into a column of the first row.
fn alter(batches: Vec<RecordBatch>, column: &str, text: &str) -> Vec<RecordBatch> {
    let all = concat_batches(&batches[0].schema(), &batches).expect("one batch");
    let place = all.schema().index_of(column).expect("a column");
    let mut columns = all.columns().to_vec();
    let texts = |old: Vec<Option<String>>| {
        let mut old = old;
        old[0] = Some(text.to_owned());
        old
    };
    let column = &columns[place];
    columns[place] = if let Some(old) = column.as_string_view_opt() {
        let old = old.iter().map(|text| text.map(str::to_owned)).collect();
        Arc::new(StringViewArray::from_iter(texts(old)))
    } else {
        let old = column.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect();
        Arc::new(StringArray::from_iter(texts(old)))
    };
    vec![RecordBatch::try_new(all.schema(), columns).expect("a batch")]
}

/// Makes a file's commit say what the file now is.
fn fix_commit(rollcall: &Rollcall, table: &str, file: &Path) {
    let bytes = fs::read(file).expect("a file");
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let commits = commits(rollcall, table);
    let commit = commits
        .iter()
        .find(|commit| fs::read_to_string(commit).expect("a commit").contains(&name(file)));
    let commit = commit.expect("the file's commit");
    let text = fs::read_to_string(commit).expect("a commit");
    let at = text.find("\\\"sha256\\\":\\\"").expect("a tag") + 13;
    let fixed = format!("{}{sha256}{}", &text[..at], &text[at + 64..]);
    assert_ne!(fixed, text);
    overwrite(commit, fixed.as_bytes());
}

#[test]
fn clean_data_is_clean() {
    let rollcall = stored();
    assert_eq!(verify(&rollcall, &[]), []);
    let output = rollcall.output(&["verify"]);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(stdout.starts_with("nothing is wrong: "), "{stdout}");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stderr.contains("can't tell whether the whole directory was put back"), "{stderr}");
    // Also beside a process that writes.
    let server = rollcall.serve(&[]);
    server.accepted("?source=github", github(500, 20));
    assert_eq!(verify(&rollcall, &[]), []);
    server.stop();
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn an_altered_row_is_named_also_where_the_commit_was_fixed_up() {
    for column in ["outcome", "user_name", "source_event_id"] {
        let rollcall = stored();
        let file = files(&rollcall, "events").remove(1);
        rewrite(&file, |batches| alter(batches, column, "something else"));
        assert_eq!(verify(&rollcall, &[]), [found("altered_row", &name(&file))], "{column}");
        fix_commit(&rollcall, "events", &file);
        let kinds = kinds(&rollcall, &[]);
        assert_eq!(kinds, ["altered_commit", "altered_row"], "{column}");
    }
}

#[test]
fn swapped_rows_are_named() {
    // Their contents change places: they are other rows.
    let rollcall = stored();
    let file = files(&rollcall, "events").remove(0);
    rewrite(&file, |batches| {
        let all = concat_batches(&batches[0].schema(), &batches).expect("one batch");
        let (first, second) = (all.slice(0, 1), all.slice(1, 1));
        let swap = |column: usize| {
            let is_place =
                ["shard", "seq", "part"].contains(&all.schema().field(column).name().as_str());
            let (a, b) = if is_place { (&first, &second) } else { (&second, &first) };
            let rest = all.slice(2, all.num_rows() - 2);
            let parts: Vec<&dyn Array> =
                vec![a.column(column), b.column(column), rest.column(column)];
            arrow::compute::concat(&parts).expect("a column")
        };
        let columns = (0..all.num_columns()).map(swap).collect();
        vec![RecordBatch::try_new(all.schema(), columns).expect("a batch")]
    });
    assert_eq!(verify(&rollcall, &[]), [found("altered_row", &name(&file))]);
    // Only their order in the file changes: the rows are those that were sealed.
    let rollcall = stored();
    let file = files(&rollcall, "events").remove(0);
    rewrite(&file, |batches| {
        let all = concat_batches(&batches[0].schema(), &batches).expect("one batch");
        vec![all.slice(1, 1), all.slice(0, 1), all.slice(2, all.num_rows() - 2)]
    });
    assert_eq!(verify(&rollcall, &[]), [found("altered_file", &name(&file))]);
}

#[test]
fn a_dropped_add_is_named() {
    let rollcall = stored();
    let commit = commits(&rollcall, "events").remove(2);
    let text = fs::read_to_string(&commit).expect("a commit");
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("{\"add\"")).collect();
    overwrite(&commit, kept.join("\n").as_bytes());
    let found = verify(&rollcall, &[]);
    assert!(found.contains(&("dropped_add".to_owned(), name(&commit))), "{found:?}");
    assert!(
        found.iter().any(|(kind, what)| kind == "dropped_add" && what == "events"),
        "{found:?}"
    );
}

#[test]
fn the_newest_segment_deleted_with_its_commit_is_named() {
    let rollcall = stored();
    let commit = commits(&rollcall, "events").pop().expect("a commit");
    let text = fs::read_to_string(&commit).expect("a commit");
    let file = files(&rollcall, "events").into_iter().find(|file| text.contains(&name(file)));
    let file = file.expect("the newest file");
    fs::remove_file(&file).expect("removed");
    fs::remove_file(&commit).expect("removed");
    let all = verify(&rollcall, &[]);
    assert!(all.contains(&found("missing_file", &name(&file))), "{all:?}");
    assert!(all.contains(&found("missing_commit", &name(&commit))), "{all:?}");
    // And nothing is written to such a directory.
    let output = rollcall.output(&["compact"]);
    assert_eq!(output.status.code(), Some(3));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("whose commit is gone"), "{stderr}");
}

#[test]
fn deleted_rows_that_are_called_duplicates_are_named() {
    let rollcall = stored();
    let events = files(&rollcall, "events").remove(0);
    let set_aside = files(&rollcall, "set_aside").remove(0);
    rewrite(&events, |batches| {
        let all = concat_batches(&batches[0].schema(), &batches).expect("one batch");
        vec![all.slice(1, all.num_rows() - 1)]
    });
    rewrite(&set_aside, |mut batches| {
        let again = batches[0].slice(0, 1);
        batches.push(again);
        batches
    });
    let all = verify(&rollcall, &[]);
    assert!(all.contains(&found("altered_row", &name(&events))), "{all:?}");
    assert!(all.contains(&found("altered_row", &name(&set_aside))), "{all:?}");
    assert!(all.iter().any(|(kind, _)| kind == "positions"), "{all:?}");
}

/// Where the second event file's entry is.
fn of_second_file(entries: &[Vec<u8>]) -> usize {
    let is_segment = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        text.contains("\"table\":\"events\"") && text.contains("\"type\":\"segment\"")
    };
    let places = entries.iter().enumerate().filter(|(_, bytes)| is_segment(bytes));
    places.map(|(place, _)| place).nth(1).expect("a second file")
}

#[test]
fn a_deleted_leaf_is_named_whoever_signs() {
    let rollcall = stored();
    let mut entries = entries(&rollcall);
    entries.remove(of_second_file(&entries));
    write_ledger(&rollcall, &entries, true);
    assert!(kinds(&rollcall, &[]).contains(&"dropped_leaf".to_owned()));
    write_ledger(&rollcall, &entries, false);
    // The sign-once file remembers another ledger; here it beats the tail too.
    let rollcall = stored();
    write_ledger(&rollcall, &entries, false);
    assert!(kinds(&rollcall, &[]).contains(&"rolled_back".to_owned()));
}

#[test]
fn reordered_leaves_are_named() {
    let rollcall = stored();
    let mut entries = entries(&rollcall);
    let place = of_second_file(&entries);
    let first = entries[..place]
        .iter()
        .rposition(|bytes| String::from_utf8_lossy(bytes).contains("\"table\":\"events\""));
    entries.swap(first.expect("an earlier entry"), place);
    write_ledger(&rollcall, &entries, true);
    assert!(kinds(&rollcall, &[]).contains(&"reordered_leaves".to_owned()));
}

#[test]
fn an_altered_leaf_is_named() {
    let rollcall = stored();
    let mut entries = entries(&rollcall);
    let place = of_second_file(&entries);
    let text = String::from_utf8(entries[place].clone()).expect("text");
    let at = text.find("\"row_root\":\"").expect("a root") + 12;
    entries[place] = format!("{}{}{}", &text[..at], "0".repeat(64), &text[at + 64..]).into();
    write_ledger(&rollcall, &entries, true);
    let kinds = kinds(&rollcall, &[]);
    assert!(kinds.contains(&"altered_commit".to_owned()), "{kinds:?}");
    assert!(kinds.contains(&"altered_row".to_owned()), "{kinds:?}");
}

#[test]
fn another_key_is_named() {
    let rollcall = stored();
    let root = rollcall.data().join("ledger");
    let bytes = fs::read(root.join("checkpoint")).expect("a checkpoint");
    let checkpoint =
        Checkpoint::parse(Note::parse(&bytes).expect("a note").text()).expect("a checkpoint");
    let head = Head::from(&checkpoint);
    let own = fs::read_to_string(root.join("keys/log.pub")).expect("keys");
    // Under the log's own name.
    let forger = SignerKey::generate(&checkpoint.origin).expect("a key");
    fs::write(root.join("checkpoint"), signed(&forger, head).to_string()).expect("written");
    assert_eq!(kinds(&rollcall, &[]), ["wrong_key"]);
    // With its public key beside it: whoever has the log's own key sees it.
    fs::write(root.join("keys/log.pub"), format!("{} 0\n", forger.verifier())).expect("written");
    assert_eq!(kinds(&rollcall, &[]), [""; 0]);
    assert_eq!(kinds(&rollcall, &["--key", own.trim()]), ["wrong_key"]);
}

#[test]
fn inserted_files_are_named() {
    let rollcall = stored();
    let file = files(&rollcall, "events").remove(0);
    let copied = file.with_file_name("events_1rows_0123456789abcdef.parquet");
    fs::copy(&file, &copied).expect("copied");
    assert_eq!(verify(&rollcall, &[]), [found("extra_file", &name(&copied))]);
    // With a commit of its own.
    let last = commits(&rollcall, "events").pop().expect("a commit");
    let text = fs::read_to_string(&last).expect("a commit");
    let old = files(&rollcall, "events").into_iter().find(|file| text.contains(&name(file)));
    let text = text.replace(&name(&old.expect("its file")), &name(&copied));
    let version: u64 = name(&last).trim_end_matches(".json").parse().expect("a version");
    let next = last.with_file_name(format!("{:020}.json", version + 1));
    fs::write(&next, text).expect("written");
    let all = verify(&rollcall, &[]);
    assert_eq!(all, [found("unlogged_commit", &name(&next))]);
    let said = rollcall.output(&["verify"]).stdout;
    let said = String::from_utf8(said).expect("text");
    assert!(said.contains(&format!("it adds {}", name(&copied))), "{said}");
    assert!(said.contains("rollcall didn't write it, and won't start on it"), "{said}");
    let output = rollcall.output(&["compact"]);
    assert_eq!(output.status.code(), Some(3));
    let stderr = String::from_utf8_lossy(&output.stderr);
    let refusals = ["isn't a commit of rollcall", "its commit says"];
    assert!(refusals.iter().any(|refusal| stderr.contains(refusal)), "{stderr}");
}

#[test]
fn truncated_files_are_named() {
    let cut = |path: &Path| {
        let bytes = fs::read(path).expect("a file");
        overwrite(path, &bytes[..bytes.len() / 2]);
    };
    let rollcall = stored();
    let file = files(&rollcall, "set_aside").remove(0);
    cut(&file);
    let all = verify(&rollcall, &[]);
    assert!(all.contains(&found("altered_file", &name(&file))), "{all:?}");

    let rollcall = stored();
    let commit = commits(&rollcall, "events").remove(1);
    cut(&commit);
    assert!(kinds(&rollcall, &[]).contains(&"altered_commit".to_owned()));

    for part in ["tile/entries", "tile/0"] {
        let rollcall = stored();
        let folder = rollcall.data().join("ledger").join(part).join("000.p");
        let tiles = fs::read_dir(&folder).expect("tiles").map(|tile| tile.expect("one").path());
        // The narrower ones are of earlier sizes.
        let width = |tile: &std::path::PathBuf| name(tile).parse::<u32>().expect("a width");
        cut(&tiles.max_by_key(width).expect("a tile"));
        assert!(kinds(&rollcall, &[]).contains(&"damaged_ledger".to_owned()), "{part}");
    }

    let rollcall = stored();
    cut(&rollcall.data().join("ledger/checkpoint"));
    assert!(kinds(&rollcall, &[]).contains(&"forged_checkpoint".to_owned()));
}

#[test]
fn a_file_that_no_longer_decodes_is_one_finding() {
    let rollcall = stored();
    let file = files(&rollcall, "events").remove(1);
    let mut bytes = fs::read(&file).expect("a file");
    // Pages begin behind the magic; the footer stays as it is.
    bytes[20..200].fill(0xff);
    overwrite(&file, &bytes);
    assert_eq!(verify(&rollcall, &[]), [found("altered_file", &name(&file))]);
}

#[test]
fn what_else_was_changed_is_named_also_without_a_checkpoint() {
    let rollcall = stored();
    let file = files(&rollcall, "events").remove(1);
    rewrite(&file, |batches| alter(batches, "outcome", "something else"));
    let path = rollcall.data().join("ledger/checkpoint");
    fs::write(&path, "nothing that could be read\n").expect("written");
    assert_eq!(kinds(&rollcall, &[]), ["altered_row", "forged_checkpoint"]);
    fs::remove_file(&path).expect("removed");
    assert_eq!(kinds(&rollcall, &[]), ["altered_row", "no_ledger"]);
    // Nothing says how many entries there should be; that is told too.
    fs::remove_file(rollcall.data().join("ledger/signed")).expect("removed");
    assert_eq!(kinds(&rollcall, &[]), ["no_ledger", "rolled_back"]);
    let stderr = rollcall.output(&["verify"]).stderr;
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(stderr.contains("no checkpoint that can be read, and no sign-once file"), "{stderr}");
}

#[test]
fn a_changed_checkpoint_is_named() {
    let rollcall = stored();
    let path = rollcall.data().join("ledger/checkpoint");
    let text = fs::read_to_string(&path).expect("a checkpoint");
    let mut lines: Vec<&str> = text.lines().collect();
    let size: u64 = lines[1].parse().expect("a size");
    let smaller = (size - 1).to_string();
    lines[1] = &smaller;
    fs::write(&path, lines.join("\n") + "\n").expect("written");
    let kinds = kinds(&rollcall, &[]);
    assert!(kinds.contains(&"forged_checkpoint".to_owned()), "{kinds:?}");
}

#[test]
fn a_rollback_is_told_by_what_lies_elsewhere_and_by_nothing_else() {
    let rollcall = stored();
    let yesterday = rollcall.data().with_file_name("yesterday");
    copy(&rollcall.data(), &yesterday);
    rollcall.ingest(&rollcall.file("today.ndjson", github(900, 30)));
    let newer = rollcall.file(
        "checkpoint-of-today",
        fs::read(rollcall.data().join("ledger/checkpoint")).expect("a checkpoint"),
    );
    let sign_once = fs::read(rollcall.data().join("ledger/signed")).expect("a sign-once file");
    copy(&yesterday, &rollcall.data());
    // Nothing inside can tell, and it says so.
    let output = rollcall.output(&["verify"]);
    assert!(output.status.success());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("can't tell whether the whole directory was put back"), "{stderr}");
    let newer = newer.to_str().expect("a path");
    assert_eq!(kinds(&rollcall, &["--checkpoint", newer]), ["not_append_only"]);
    // A sign-once file that wasn't rolled back with it.
    fs::write(rollcall.data().join("ledger/signed"), sign_once).expect("written");
    assert_eq!(kinds(&rollcall, &[]), ["rolled_back"]);
    let output = rollcall.output(&["compact"]);
    assert_eq!(output.status.code(), Some(3));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("the ledger isn't the one that was signed"), "{stderr}");
}

#[test]
fn a_checkpoint_that_a_killed_process_owes_is_no_rollback() {
    let rollcall = stored();
    let checkpoint = rollcall.data().join("ledger/checkpoint");
    let before = fs::read(&checkpoint).expect("a checkpoint");
    rollcall.ingest(&rollcall.file("today.ndjson", github(900, 30)));
    let entries = rollcall.data().join("ledger/tile/entries");
    overwrite(&checkpoint, &before);
    let kinds_now = kinds(&rollcall, &[]);
    assert!(kinds_now.contains(&"unsigned_tail".to_owned()), "{kinds_now:?}");
    assert!(!kinds_now.contains(&"rolled_back".to_owned()), "{kinds_now:?}");
    // Without the entries it is one.
    let kept = rollcall.data().with_file_name("entries");
    fs::rename(&entries, &kept).expect("moved");
    assert!(kinds(&rollcall, &[]).contains(&"rolled_back".to_owned()));
    fs::rename(&kept, &entries).expect("moved");
    rollcall.run(&["compact"]);
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn a_ledger_that_was_replaced_as_a_whole_is_told_by_what_lies_elsewhere() {
    let rollcall = stored();
    let root = rollcall.data().join("ledger");
    let old = rollcall.file("old", fs::read(root.join("checkpoint")).expect("a checkpoint"));
    let key = fs::read_to_string(root.join("keys/log.pub")).expect("keys");
    let entries = entries(&rollcall);
    for gone in ["checkpoint", "signed", "keys/log", "keys/log.pub"] {
        fs::remove_file(root.join(gone)).expect("removed");
    }
    fs::remove_dir_all(root.join("tile")).expect("removed");
    assert!(kinds(&rollcall, &[]).contains(&"no_ledger".to_owned()));
    // No start signs it again: whoever wants that must do it by hand.
    let output = rollcall.output(&["compact"]);
    assert_eq!(output.status.code(), Some(3));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("nothing is signed a second time"), "{stderr}");
    LogKeys::make(&root.join("keys"), "rollcall/another").expect("keys");
    write_ledger(&rollcall, &entries, true);
    assert_eq!(kinds(&rollcall, &[]), [""; 0]);
    assert_eq!(kinds(&rollcall, &["--key", key.trim()]), ["wrong_key"]);
    let old = old.to_str().expect("a path");
    assert_eq!(kinds(&rollcall, &["--checkpoint", old]), ["wrong_key"]);
}

#[test]
fn an_old_ledger_goes_on_under_a_new_key() {
    let rollcall = stored();
    let root = rollcall.data().join("ledger");
    let old = rollcall.file("old", fs::read(root.join("checkpoint")).expect("a checkpoint"));
    let before = fs::read_to_string(root.join("keys/log")).expect("a key");
    let key = rollcall.run(&["ledger", "change-key"]);
    assert_ne!(fs::read_to_string(root.join("keys/log")).expect("a key"), before);
    rollcall.ingest(&rollcall.file("more.ndjson", github(900, 30)));
    let old = old.to_str().expect("a path");
    assert_eq!(verify(&rollcall, &["--checkpoint", old]), []);
    assert_eq!(verify(&rollcall, &["--key", key.trim()]), []);
    let shown = rollcall.run(&["ledger", "show"]);
    assert_eq!(shown.lines().filter(|line| line.starts_with("key ")).count(), 2, "{shown}");
}

#[test]
fn a_stale_ledger_is_told_where_asked() {
    let rollcall = stored();
    assert_eq!(kinds(&rollcall, &["--max-age", "1h"]), [""; 0]);
    assert_eq!(kinds(&rollcall, &["--max-age", "0s"]), ["stale_tail"]);
}
