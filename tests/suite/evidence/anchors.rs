//! Someone outside holds checkpoints: what is no longer there is missed.

use std::fs;
use std::path::{Path, PathBuf};

use super::stored::{kinds, verify};
use crate::rollcall::{Rollcall, github};

/// A directory whose checkpoints go to a folder elsewhere; that folder.
fn anchored() -> (Rollcall, PathBuf) {
    let rollcall = Rollcall::new();
    let store = rollcall.folder().join("store");
    fs::create_dir(&store).expect("a folder");
    let anchor =
        format!("{{ name = \"store\", kind = \"object\", url = \"file://{}\" }}", store.display());
    rollcall.file("rollcall.toml", format!("[ledger]\nanchors = [{anchor}]\n"));
    for part in 0..3 {
        let lines = github(part * 40, 40);
        rollcall.ingest(&rollcall.file(&format!("audit-{part}.ndjson"), lines));
    }
    (rollcall, store)
}

fn objects(store: &Path) -> Vec<PathBuf> {
    let mut objects: Vec<_> = fs::read_dir(store)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    objects.sort();
    objects
}

#[test]
fn an_anchor_that_was_put_back_or_emptied_is_found() {
    let (rollcall, store) = anchored();
    assert_eq!(verify(&rollcall, &[]), []);
    let mut held = objects(&store);
    assert!(held.len() > 1, "{held:?}");
    let newest = held.pop().expect("an object");
    fs::remove_file(newest).expect("removed");
    assert_eq!(kinds(&rollcall, &[]), ["rolled_back"]);
    for object in held {
        fs::remove_file(object).expect("removed");
    }
    assert_eq!(kinds(&rollcall, &[]), ["rolled_back"]);
    let said = rollcall.output(&["verify"]);
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(said.contains("it holds none now"), "{said}");
    assert!(!said.contains("store vouches"), "{said}");
}

#[test]
fn an_anchor_that_was_emptied_is_found_after_the_next_checkpoint_too() {
    let (rollcall, store) = anchored();
    for object in objects(&store) {
        fs::remove_file(object).expect("removed");
    }
    rollcall.ingest(&rollcall.file("more.ndjson", github(900, 5)));
    assert_eq!(objects(&store).len(), 1);
    assert_eq!(kinds(&rollcall, &[]), ["rolled_back"]);
    let said = rollcall.output(&["verify"]);
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(said.contains("it no longer holds"), "{said}");
    assert!(said.contains("store vouches"), "{said}");
}

#[test]
fn an_older_checkpoint_that_is_the_beginning_is_told() {
    let (rollcall, _) = anchored();
    let checkpoint = rollcall.data().join("ledger/checkpoint");
    let older = rollcall.file("older", fs::read(checkpoint).expect("a checkpoint"));
    rollcall.ingest(&rollcall.file("more.ndjson", github(900, 5)));
    let said = rollcall.run(&["verify", "--checkpoint", older.to_str().expect("a path")]);
    assert!(said.contains("it goes on from the older checkpoint of "), "{said}");
    assert!(said.contains("the older checkpoint vouches for "), "{said}");
}

#[test]
fn a_place_for_the_sign_once_file_that_is_new_is_told_from_a_loss() {
    let (rollcall, _) = anchored();
    let place = rollcall.folder().join("signed");
    rollcall.file("rollcall.toml", format!("[ledger]\nsign_once = \"{}\"\n", place.display()));
    let more = rollcall.file("more.ndjson", github(900, 5));
    let output = rollcall.output(&["ingest", more.to_str().expect("a path")]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("copy the data directory's ledger/signed there"), "{said}");
    fs::copy(rollcall.data().join("ledger/signed"), &place).expect("copied");
    rollcall.ingest(&more);
    assert_eq!(verify(&rollcall, &[]), []);
}
