//! A small ledger in a directory of its own.

use rollcall_ledger::{
    Beginnings, Checkpoint, Directory, Head, Ledger, LogKeys, SignerKey, VerifierKey,
};

use crate::anchor::{Anchor, AnchorResult, Proof, Submission, open_anchored};

/// The ledger. All of them have one origin and key, as if one were copied and forged.
pub(in crate::anchor) struct Log {
    _folder: tempfile::TempDir,
    ledger: Ledger,
    keys: SignerKey,
}

impl Log {
    pub(in crate::anchor) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // Of a data directory of its own: what lies beside that is elsewhere.
        let root = folder.path().join("data/ledger");
        std::fs::create_dir_all(&root).expect("folders");
        let ledger = Ledger::open(&root, Head::empty()).expect("a ledger");
        let keys = SignerKey::from_seed("rollcall/test", &[7; 32]).expect("a key");
        LogKeys::make(&root.join("keys"), "rollcall/test").expect("keys");
        let public = format!("{} 0\n", keys.verifier());
        std::fs::write(root.join("keys/log.pub"), public).expect("a file");
        Self { _folder: folder, ledger, keys }
    }

    /// Appends entries.
    pub(in crate::anchor) fn grow(&mut self, entries: u64) {
        self.grow_by("entry", entries);
    }

    /// Appends other entries.
    pub(in crate::anchor) fn grow_otherwise(&mut self, entries: u64) {
        self.grow_by("forged", entries);
    }

    fn grow_by(&mut self, word: &str, entries: u64) {
        let start = self.size();
        let entries: Vec<_> = (start..start + entries).map(|n| format!("{word} {n}")).collect();
        self.ledger.append(&entries).expect("appended");
    }

    pub(in crate::anchor) fn size(&self) -> u64 {
        self.ledger.head().size
    }

    pub(in crate::anchor) const fn directory(&self) -> &Directory {
        self.ledger.directory()
    }

    /// What its entries give.
    pub(in crate::anchor) fn known(&self) -> Beginnings {
        Beginnings::read(&self.directory().entries(self.size())).expect("entries")
    }

    pub(in crate::anchor) fn keys(&self) -> Vec<VerifierKey> {
        vec![self.keys.verifier()]
    }

    /// The signed checkpoint as the ledger stands.
    pub(in crate::anchor) fn checkpoint(&self) -> Vec<u8> {
        let head = self.ledger.head();
        let checkpoint = Checkpoint {
            origin: self.keys.name().to_owned(),
            size: head.size,
            root: head.root,
            extensions: Vec::new(),
        };
        checkpoint.sign(&[&self.keys]).expect("signed").to_string().into_bytes()
    }

    /// Brings the checkpoint to one anchor, which took `last` before.
    pub(in crate::anchor) fn submit(&self, to: &dyn Anchor, last: u64) -> AnchorResult<Proof> {
        let note = String::from_utf8(self.checkpoint()).expect("text");
        let keys = self.keys();
        let checkpoint = open_anchored(note.as_bytes(), &keys).expect("ours");
        let (note, checkpoint, keys) = (note.as_str(), &checkpoint, keys.as_slice());
        let (ledger, known) = (self.directory(), &self.known());
        to.push(&Submission { note, checkpoint, ledger, known, keys, last })
    }
}
