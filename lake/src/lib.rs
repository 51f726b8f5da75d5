//! Delta and Parquet, in and out. The only crate that names Delta.
//!
//! ```text
//! directory   the data directory: its format version, its lock, its keys
//! store       an object store whose writes are durable
//! remote      a place in an object store elsewhere, or on another disk
//! table       the tables: name, schema, Delta log
//! tags        what a commit says of the file that it adds
//! segment     one sealed file
//! sort        the order of rows in a file
//! encode      rows into Parquet, row roots
//! seal        rows into one file, one commit a table
//! ids         which (source, event id) are stored already
//! id_file     ids of segments on disk
//! id_files    the id files of what is remembered, merged and let go
//! filter      most keys that a file doesn't hold, told without reading it
//! replaced    which rows a revision replaced
//! snapshot    what a reader sees: files, versions and tail of one instant
//! sign_once   what was signed last, so that it is never signed otherwise
//! anchor      who else holds the ledger's checkpoints
//! sweep       what an interrupted process left, removed at the start
//! lake        the handle that the other crates hold
//! ```

pub mod anchor;
mod directory;
mod encode;
mod error;
mod filter;
mod id_file;
mod id_files;
mod ids;
mod lake;
mod read;
mod remote;
mod replaced;
mod seal;
mod segment;
mod shards;
mod sign_once;
mod snapshot;
mod sort;
mod store;
mod sweep;
mod table;
mod tags;

pub use directory::{Access, DataDirectory, FORMAT_VERSION};
pub use error::{LakeError, Result};
pub use ids::{IdHasher, Known, Lookup};
pub use lake::Lake;
pub use read::{Standing, committed_verdicts, read_rows};
pub use replaced::Replaced;
pub use seal::{SealInput, Sealed};
pub use segment::Segment;
pub use shards::{Shard, ShardKind, ShardState, Stream};
pub use sign_once::SignOnce;
pub use snapshot::{Snapshot, TableSnapshot};
pub use table::Table;
pub use tags::{SegmentTags, ShardRange};
