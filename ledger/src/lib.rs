//! The Merkle log: pure bytes, knows nothing of Parquet or HTTP. Its formats are
//! other people's (RFC 6962; C2SP tlog-tiles, tlog-checkpoint, signed-note,
//! tlog-proof), so that other people's verifiers work on it.
//!
//! ```text
//! hash         RFC 6962 leaf and node hashes
//! root         the root over a stream of leaves, in logarithmic memory
//! proof        inclusion and consistency, made and checked
//! tile         the tree and its entries as files of 256
//! canonical    JSON in RFC 8785 form
//! entry        what is logged: types and their fields
//! note         signed notes and keys
//! checkpoint   size and root of the log, signed
//! keys         the log's key, its predecessors, its change
//! store        the ledger's directory: append, recover, replace the checkpoint
//! event_proof  the proof of one event, in one file
//! verifier     the same checks in Python, for evidence packs
//! ```

mod canonical;
mod checkpoint;
mod entry;
mod error;
mod event_proof;
mod hash;
mod keys;
mod note;
mod proof;
mod root;
mod store;
mod tile;
mod verifier;

#[cfg(test)]
mod tests;

pub use canonical::{canonical_sha256, from_canonical, to_canonical};
pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use entry::{
    Bare, Close, Commit, Compaction, Entry, Erasure, Fact, File, Heartbeat, IndexRange, KeyChange,
    MAX_ENTRY_BYTES, Replaced, Replay, Report, Restore, Retention, Segment, Shard, ShardName,
};
pub use error::{LedgerError, Result};
pub use event_proof::{
    EventProof, Field, FieldValue, LogProof, Row, Salted, Step, Verified, decode_fields, verify,
};
pub use hash::{Hash, empty_root, leaf_hash, node_hash};
pub use keys::{LogKeys, PublicKeys};
pub use note::{Algorithm, Note, NoteSignature, Signer, SignerKey, VerifierKey};
pub use proof::{
    Hashes, Inclusion, Leaves, PathBuilder, prove_consistency, prove_inclusion, root_of_path,
    tree_root, verify_consistency, verify_inclusion,
};
pub use root::RootBuilder;
pub use store::{Directory, Head, Ledger};
pub use tile::{
    Beginnings, Damage, Entries, Level, ReadTile, Recount, Tile, TileHashes, decode_bundle,
    push_entry, recount, tiles,
};
pub use verifier::VERIFIER;
