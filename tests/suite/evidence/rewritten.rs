//! Someone with root and the log's key writes the history anew, and leaves about what it was:
//! tiles of earlier sizes, receipts, checkpoints elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use super::forged::{entries, write_ledger};
use super::stored::{copy, kinds};
use crate::rollcall::{Rollcall, github};

/// A log with an anchor in a folder, several checkpoints old; a checkpoint of its middle.
fn grown() -> (Rollcall, PathBuf) {
    let rollcall = Rollcall::new();
    let store = rollcall.folder().join("store");
    fs::create_dir(&store).expect("a folder");
    let anchor =
        format!("{{ name = \"store\", kind = \"object\", url = \"file://{}\" }}", store.display());
    rollcall.file("rollcall.toml", format!("[ledger]\nanchors = [{anchor}]\n"));
    let mut older = PathBuf::new();
    for part in 0..3 {
        let lines = github(part * 40, 40);
        rollcall.ingest(&rollcall.file(&format!("audit-{part}.ndjson"), lines));
        if part == 1 {
            let checkpoint = fs::read(rollcall.data().join("ledger/checkpoint"));
            older = rollcall.file("older", checkpoint.expect("a checkpoint"));
        }
    }
    (rollcall, older)
}

/// Puts back the partial tiles that are no longer there.
fn lay_about(from: &Path, to: &Path) {
    for level in ["0", "entries"] {
        let (from, to) = (from.join(level).join("000.p"), to.join(level).join("000.p"));
        for tile in fs::read_dir(from).expect("tiles") {
            let tile = tile.expect("a tile");
            let place = to.join(tile.file_name());
            if !place.exists() {
                fs::copy(tile.path(), place).expect("copied");
            }
        }
    }
}

#[test]
fn it_is_found_whatever_tiles_of_then_say() {
    let (rollcall, older) = grown();
    let older = older.to_str().expect("a path");
    assert_eq!(kinds(&rollcall, &["--checkpoint", older]), [""; 0]);
    let tiles = rollcall.data().join("ledger/tile");
    let before = rollcall.folder().join("tiles");
    copy(&tiles, &before);
    // An early entry says another thing; one more comes, so that no tile of then is replaced.
    let mut entries = entries(&rollcall);
    let heartbeat = br#"{"time":1,"type":"heartbeat","v":1}"#;
    entries.insert(2, heartbeat.to_vec());
    write_ledger(&rollcall, &entries, true);
    lay_about(&before, &tiles);
    let output = rollcall.output(&["verify", "--checkpoint", older]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("not append-only: the older checkpoint: "), "{said}");
    assert!(said.contains("it vouches for the root"), "{said}");
    assert!(said.contains("it is of an earlier size and isn't what the entries give"), "{said}");
    assert!(!said.contains("it goes on from"), "{said}");
    assert!(!said.lines().any(|line| line.starts_with("store vouches")), "{said}");
}

#[test]
fn a_tile_of_then_that_is_damaged_is_one_finding_and_nothing_else() {
    let (rollcall, older) = grown();
    let older = older.to_str().expect("a path");
    let checkpoint = fs::read_to_string(older).expect("a checkpoint");
    let size = checkpoint.lines().nth(1).expect("a size");
    let tile = rollcall.data().join("ledger/tile/0/000.p").join(size);
    let mut bytes = fs::read(&tile).expect("a tile");
    bytes[5] ^= 1;
    fs::write(&tile, bytes).expect("written");
    assert_eq!(kinds(&rollcall, &["--checkpoint", older]), ["damaged_ledger"]);
    // And a start isn't kept from going on by what nobody relies on.
    rollcall.ingest(&rollcall.file("more.ndjson", github(900, 5)));
}

#[test]
fn entries_that_were_falsified_are_no_longer_the_older_checkpoints() {
    let (rollcall, older) = grown();
    let entries = entries(&rollcall);
    let bundle = rollcall.data().join(format!("ledger/tile/entries/000.p/{}", entries.len()));
    let bytes = fs::read(&bundle).expect("a bundle");
    let mut bytes = bytes;
    let rows = b"\"rows\":40";
    let at = bytes.windows(rows.len()).position(|window| window == rows).expect("rows");
    bytes[at + 7] = b'5';
    fs::write(&bundle, bytes).expect("written");
    let output = rollcall.output(&["verify", "--checkpoint", older.to_str().expect("a path")]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("not append-only"), "{said}");
    assert!(!said.contains("it goes on from"), "{said}");
}

#[test]
fn a_tile_that_was_changed_rolls_nothing_back() {
    let (rollcall, _) = grown();
    let size = entries(&rollcall).len();
    let tile = rollcall.data().join(format!("ledger/tile/0/000.p/{size}"));
    let mut bytes = fs::read(&tile).expect("a tile");
    bytes[40] ^= 1;
    fs::write(&tile, bytes).expect("written");
    assert_eq!(kinds(&rollcall, &[]), ["damaged_ledger"]);
    let more = rollcall.file("more.ndjson", github(900, 5));
    let output = rollcall.output(&["ingest", more.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(3));
}
