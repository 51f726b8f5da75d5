//! What can go wrong in the ledger, to what, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::event_proof::Step;
use crate::hash::Hash;

/// Result of this crate.
pub type Result<T, E = LedgerError> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// A file operation failed.
    #[error("{action} {path}: {source}")]
    File {
        /// What was tried, for instance "can't write".
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A tile couldn't be read, neither as it was asked for nor wider.
    #[error(
        "can't read {path} of the ledger: {source}; fetch it again, or restore it from a backup"
    )]
    Tile {
        /// The tile's path below the ledger.
        path: String,
        /// What the reader said.
        source: io::Error,
    },
    /// A file of the ledger doesn't read as it should.
    #[error("{path} of the ledger is damaged: {detail}; restore it from a backup")]
    Damaged {
        /// The file's path below the ledger.
        path: String,
        /// What is wrong with it.
        detail: String,
    },
    /// What is to be written contradicts what stands on disk. Nothing was overwritten.
    #[error(
        "entry {index} contradicts {path}, which was written before and is never rewritten; run `rollcall verify` and find out who wrote to the ledger"
    )]
    Contradiction {
        /// The entry's index.
        index: u64,
        /// The tile that stands there.
        path: String,
    },
    /// Something was asked for that the tree is too small for.
    #[error(
        "{what} {index} doesn't exist in a tree of {size} leaves; ask for one that does, or use a newer checkpoint"
    )]
    OutOfTree {
        /// What was asked for, for instance "leaf".
        what: &'static str,
        /// Its index or size.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// A consistency proof from the empty tree.
    #[error(
        "an empty tree has no root to be consistent with; compare with a checkpoint of at least one entry"
    )]
    FromNothing,
    /// A proof has more or fewer hashes than its place in the tree asks for.
    #[error("the {proof} proof has {found} hashes where {expected} belong; get the proof again")]
    WrongLength {
        /// "inclusion" or "consistency".
        proof: &'static str,
        /// Hashes that belong in it.
        expected: usize,
        /// Hashes in it.
        found: usize,
    },
    /// A computed root is not the one that was expected.
    #[error("{what} gives the root {} where {} was expected; the data or the proof was altered", hex::encode(.found), hex::encode(.expected))]
    WrongRoot {
        /// What was hashed.
        what: String,
        /// The root that was expected.
        expected: Hash,
        /// The root that came out.
        found: Hash,
    },
    /// Leaves came after the last, or the last is missing.
    #[error("{found} leaves came where {expected} were announced; count the rows again")]
    WrongCount {
        /// Leaves announced.
        expected: u64,
        /// Leaves that came.
        found: u64,
    },
    /// A text is not a signed note.
    #[error("not a signed note (c2sp.org/signed-note): {0}; check that the whole file was copied")]
    BadNote(String),
    /// A text is not a key.
    #[error("not a key (c2sp.org/signed-note): {0}; check that the whole key was copied")]
    BadKey(String),
    /// No known key signed.
    #[error(
        "not signed by {wanted}; check that this is the right key, and whether the log's key was changed"
    )]
    NotSigned {
        /// Names of the keys that were asked for.
        wanted: String,
    },
    /// A known key's signature doesn't fit the text.
    #[error(
        "the signature of {name} is wrong: the text was altered, or another key of that name signed it"
    )]
    BadSignature {
        /// The key's name.
        name: String,
    },
    /// A note's text is not a checkpoint.
    #[error(
        "not a checkpoint (c2sp.org/tlog-checkpoint): {0}; check that the right file was given"
    )]
    BadCheckpoint(String),
    /// A new checkpoint that doesn't extend what is there.
    #[error(
        "the checkpoint doesn't fit the ledger: {0}; nothing was replaced, run `rollcall verify`"
    )]
    UnfitCheckpoint(String),
    /// Bytes are not JSON in canonical form.
    #[error("not JSON in canonical form (RFC 8785, integers only): {0}")]
    NotCanonical(String),
    /// Canonical JSON that is not an entry of the ledger.
    #[error("not an entry of the ledger: {0}")]
    BadEntry(String),
    /// An entry is longer than the format allows.
    #[error("an entry of {bytes} bytes is over the 65,535 that fit; make commits of fewer files")]
    EntryTooLarge {
        /// Its length.
        bytes: usize,
    },
    /// A key change that the old key doesn't vouch for.
    #[error(
        "the key change in entry {index} doesn't hold: {detail}; don't trust what the new key signed"
    )]
    BadKeyChange {
        /// The entry's index.
        index: u64,
        /// What is wrong with it.
        detail: String,
    },
    /// Bytes are not a list of columns of `rollcall-row-v1`.
    #[error("not a list of columns (rollcall-row-v1): {0}")]
    BadFields(String),
    /// A proof of an event doesn't hold.
    #[error("{step}: {source}")]
    BadProof {
        /// The step that failed.
        step: Step,
        /// Why.
        source: Box<LedgerError>,
    },
    /// A proof file doesn't read as it should.
    #[error(
        "not a proof of an event (c2sp.org/tlog-proof): {0}; check that the whole file was copied"
    )]
    BadProofFile(String),
}

impl LedgerError {
    /// Makes an error of a file operation, for `map_err`.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}
