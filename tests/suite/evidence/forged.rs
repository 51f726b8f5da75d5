//! A ledger written anew with the log's own key, by someone who has it.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rollcall_ledger::{Checkpoint, Directory, Head, Ledger, LogKeys, Note, SignerKey};

use crate::rollcall::Rollcall;

/// Writes entries, their tiles and a checkpoint of the log's own key, as if they had
/// always been so.
pub fn write_ledger(rollcall: &Rollcall, entries: &[Vec<u8>], with_sign_once: bool) {
    let root = rollcall.data().join("ledger");
    for gone in ["tile", "checkpoint"].map(|name| root.join(name)).iter().filter(|p| p.exists()) {
        let removed = if gone.is_dir() { fs::remove_dir_all(gone) } else { fs::remove_file(gone) };
        removed.expect("removed");
    }
    let mut ledger = Ledger::open(&root, Head::empty()).expect("a ledger");
    let head = ledger.append(entries).expect("appended");
    let keys = LogKeys::load(&root.join("keys")).expect("keys");
    ledger.replace_checkpoint(&signed(keys.signer(), head)).expect("a checkpoint");
    if with_sign_once {
        let text = format!("{}\n{}\n", head.size, STANDARD.encode(head.root));
        fs::write(root.join("signed"), text).expect("written");
    }
}

/// A checkpoint under a key's name.
pub fn signed(key: &SignerKey, head: Head) -> Note {
    let origin = key.name().to_owned();
    let (size, root) = (head.size, head.root);
    Checkpoint { origin, size, root, extensions: Vec::new() }.sign(&[key]).expect("signed")
}

/// The entries of the ledger.
pub fn entries(rollcall: &Rollcall) -> Vec<Vec<u8>> {
    let log = Directory::new(rollcall.data().join("ledger"));
    let bytes = log.checkpoint().expect("read").expect("a checkpoint");
    let size = Checkpoint::parse(Note::parse(&bytes).expect("a note").text()).expect("one").size;
    log.entries(size).from(0).map(|entry| entry.expect("an entry").1).collect()
}
