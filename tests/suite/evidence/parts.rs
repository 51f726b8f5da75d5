//! Parts of the ledger are missing, put back or something else: each is one finding, and what
//! can't be known without it is held against nobody.

use std::fs;
use std::process::Command;

use super::forged::entries;
use super::stored::{files, kinds, name, overwrite, stored, verify};
use crate::rollcall::{Rollcall, github};

fn said(rollcall: &Rollcall, arguments: &[&str]) -> (String, String) {
    let output = rollcall.output(arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_missing_bundle_accuses_nobody_else() {
    let rollcall = stored();
    let size = entries(&rollcall).len();
    let bundle = rollcall.data().join(format!("ledger/tile/entries/000.p/{size}"));
    fs::remove_file(bundle).expect("removed");
    assert_eq!(kinds(&rollcall, &[]), ["damaged_ledger"]);
    let (_, stderr) = said(&rollcall, &["verify"]);
    assert!(stderr.contains("of the ledger said, which can't be read"), "{stderr}");
}

#[test]
fn an_older_checkpoint_in_its_place_is_one_finding() {
    let rollcall = stored();
    let checkpoint = rollcall.data().join("ledger/checkpoint");
    let before = fs::read(&checkpoint).expect("a checkpoint");
    rollcall.ingest(&rollcall.file("today.ndjson", github(900, 30)));
    overwrite(&checkpoint, &before);
    assert_eq!(kinds(&rollcall, &[]), ["unsigned_tail"]);
    let (stdout, _) = said(&rollcall, &["verify"]);
    assert!(stdout.contains("an older one was put in its place"), "{stdout}");
}

#[test]
fn a_sign_once_file_that_was_put_back_is_named_alike_by_both() {
    let rollcall = stored();
    let signed = rollcall.data().join("ledger/signed");
    let before = fs::read(&signed).expect("a file");
    rollcall.ingest(&rollcall.file("today.ndjson", github(900, 30)));
    overwrite(&signed, &before);
    assert_eq!(kinds(&rollcall, &[]), ["rolled_back"]);
    let (stdout, _) = said(&rollcall, &["verify"]);
    let (_, stderr) = said(&rollcall, &["compact"]);
    for text in [stdout, stderr] {
        assert!(text.contains("signed last, and the checkpoint has"), "{text}");
    }
}

#[test]
fn a_checkpoint_that_is_gone_is_written_again_and_told() {
    let rollcall = stored();
    fs::remove_file(rollcall.data().join("ledger/checkpoint")).expect("removed");
    let (_, stderr) = said(&rollcall, &["compact"]);
    assert!(stderr.contains("is missing; it is signed anew"), "{stderr}");
    assert_eq!(kinds(&rollcall, &[]), [""; 0]);
}

#[test]
fn a_wrong_or_missing_row_key_is_one_finding_about_the_key() {
    let rollcall = stored();
    let key = rollcall.data().join("ledger/keys/row");
    let good = fs::read(&key).expect("a key");
    overwrite(&key, &[9; 32]);
    assert_eq!(verify(&rollcall, &[]), [("wrong_key".to_owned(), "row".to_owned())]);
    let (_, stderr) = said(&rollcall, &["compact"]);
    assert!(stderr.contains("it isn't the key under which the rows were hashed"), "{stderr}");
    fs::remove_file(&key).expect("removed");
    let file = files(&rollcall, "events").remove(0);
    let whole = fs::read(&file).expect("a file");
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    overwrite(&file, &bytes);
    assert_eq!(kinds(&rollcall, &[]), ["altered_file", "damaged_ledger"]);
    let (stdout, _) = said(&rollcall, &["verify"]);
    assert!(!stdout.contains("its rows are those that were sealed:"), "{stdout}");
    assert!(stdout.contains("can't be told without the key"), "{stdout}");
    overwrite(&file, &whole);
    fs::write(&key, good).expect("written");
    assert_eq!(kinds(&rollcall, &[]), [""; 0]);
}

#[test]
fn a_damaged_log_is_a_finding() {
    let rollcall = stored();
    let server = rollcall.serve(&[]);
    for part in 0..3 {
        server.accepted("?source=github", github(2000 + part * 40, 40));
    }
    server.kill();
    assert_eq!(kinds(&rollcall, &[]), [""; 0]);
    let log = rollcall.data().join("log");
    let epochs = fs::read_dir(&log).expect("a folder").map(|epoch| epoch.expect("one").path());
    let files = epochs.filter(|epoch| epoch.is_dir()).flat_map(|epoch| {
        fs::read_dir(epoch).expect("a folder").map(|file| file.expect("one").path())
    });
    let file = files.max_by_key(|file| fs::metadata(file).expect("a file").len()).expect("a file");
    let mut bytes = fs::read(&file).expect("a file");
    // Of the first record; intact ones follow.
    bytes[300] ^= 1;
    overwrite(&file, &bytes);
    assert_eq!(kinds(&rollcall, &[]), ["damaged_log"]);
}

#[test]
fn what_is_no_file_is_never_opened() {
    let rollcall = stored();
    let file = files(&rollcall, "events").remove(0);
    let kept = rollcall.folder().join("kept");
    fs::rename(&file, &kept).expect("moved");
    let found = [("altered_file".to_owned(), name(&file))];
    let made = Command::new("mkfifo").arg(&file).status().expect("mkfifo runs");
    assert!(made.success());
    assert_eq!(verify(&rollcall, &[]), found);
    fs::remove_file(&file).expect("removed");
    fs::create_dir(&file).expect("a folder");
    assert_eq!(verify(&rollcall, &[]), found);
    fs::remove_dir(&file).expect("removed");
    std::os::unix::fs::symlink(&kept, &file).expect("a link");
    assert_eq!(verify(&rollcall, &[]), found);
}

#[test]
fn swapped_files_are_called_swapped() {
    let rollcall = stored();
    let mut all = files(&rollcall, "events");
    let (second, first) = (all.remove(1), all.remove(0));
    let kept = rollcall.folder().join("kept");
    for (from, to) in [(&first, &kept), (&second, &first), (&kept, &second)] {
        fs::rename(from, to).expect("moved");
    }
    let (stdout, _) = said(&rollcall, &["verify"]);
    assert_eq!(stdout.matches("the two were swapped").count(), 2, "{stdout}");
}

#[test]
fn a_format_that_is_missing_is_told_as_such() {
    let rollcall = stored();
    fs::remove_file(rollcall.data().join("format")).expect("removed");
    for command in ["verify", "compact"] {
        let (_, stderr) = said(&rollcall, &[command]);
        assert!(stderr.contains("format is damaged: it is missing"), "{stderr}");
    }
}

#[test]
fn an_anchor_that_cannot_be_used_is_a_matter_of_the_settings() {
    let rollcall = stored();
    let anchor = "{ name = \"store\", kind = \"hook\", url = \"nowhere\" }";
    rollcall.file("rollcall.toml", format!("[ledger]\nanchors = [{anchor}]\n"));
    let output = rollcall.output(&["verify"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
}
