//! Delta and Parquet, in and out. The only crate that names Delta.
//!
//! ```text
//! directory   the data directory: its format version, its lock, its keys
//! store       an object store whose writes are durable
//! remote      a place in an object store elsewhere, or on another disk
//! table       the tables: name and schema
//! delta_log   the Delta log behind each
//! tags        what a commit says of the file that it adds
//! segment     one sealed file
//! sort        the order of rows in a file
//! encode      rows into Parquet, row roots
//! seal        rows into one file, one commit a table
//! notary      each commit's entry in the ledger
//! objection   what speaks against an entry that takes files away
//! provenance  what the ledger says became of every file
//! ids         which (source, event id) are stored already
//! id_file     ids of segments on disk
//! id_files    the id files of what is remembered, merged and let go
//! footer      what a Parquet footer says of its file, looked at before it is believed
//! filter      most keys that a file doesn't hold, told without reading it
//! replaced    which rows a revision replaced
//! derived     files that can be made again from segments, and go with them
//! snapshot    what a reader sees: files, versions and tail of one instant
//! sign_once   what was signed last, so that it is never signed otherwise
//! anchor      who else holds the ledger's checkpoints
//! secret      secrets from variables and files
//! sweep       what an interrupted process left, removed at the start
//! prove       the proof of one event
//! upkeep      compaction, retention, erasure
//! backup      what a checkpoint vouches for, elsewhere; and back
//! verify      everything read again and compared with the ledger
//! blocking    work off the runtime's threads
//! lake        the handle that the other crates hold
//! ```

pub mod anchor;
mod backup;
mod blocking;
mod delta_log;
mod derived;
mod directory;
mod encode;
mod error;
#[cfg(test)]
mod faulty_store;
mod filter;
mod footer;
mod id_file;
mod id_files;
mod ids;
mod lake;
mod notary;
mod objection;
mod prove;
mod provenance;
mod read;
mod remote;
mod replaced;
mod seal;
mod secret;
mod segment;
mod shards;
mod sign_once;
mod snapshot;
mod sort;
mod store;
mod sweep;
mod table;
mod tags;
mod upkeep;
mod verify;

pub use backup::{Backup, Restored, backup, restore};
pub use derived::MadeFrom;
pub use directory::{Access, DataDirectory, FORMAT_VERSION};
pub use error::{LakeError, Result};
pub use footer::check_footer;
pub use ids::{IdHasher, Known, Lookup};
pub use lake::{Lake, LedgerSettings};
pub use prove::prove;
pub use read::{Standing, committed_verdicts, read_rows};
pub use replaced::Replaced;
pub use seal::{SealInput, Sealed};
pub use secret::{Secret, SecretError};
pub use segment::Segment;
pub use shards::{Shard, ShardKind, ShardState, Stream};
pub use sign_once::SignOnce;
pub use snapshot::{Snapshot, TableSnapshot};
pub use store::create_private_directory;
pub use table::Table;
pub use tags::{CommitNote, SegmentTags, ShardRange, ShardTag};
pub use upkeep::{
    Compacted, Erased, Identifiers, RetainRule, Retained, SHORTEST, Unfinished, is_searchable,
};
pub use verify::{
    Finding, FindingKind, Progress, Removal, Verification, VerifyOptions, Vouched, verify,
};
