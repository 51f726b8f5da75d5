//! The proof of one event, in one file that needs nothing beside it but the log's
//! key (c2sp.org/tlog-proof). `extra` carries what lies below the entry.
//!
//! ```text
//! log_proof  the file: an entry is in the log
//! extra      a row is in the entry's segment
//! row        the row's parts and its leaf (rollcall-row-v1)
//! field      the columns in it
//! verify     all steps, each with its own error
//! ```

mod extra;
mod field;
mod log_proof;
mod row;
mod verify;

pub use field::{Field, FieldValue, decode_fields};
pub use log_proof::LogProof;
pub use row::{Row, Salted};
pub use verify::{Step, Verified, verify};

use crate::error::Result;
use crate::hash::Hash;

/// A row in a segment, and the segment's entry in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventProof {
    /// The row.
    pub row: Row,
    /// Which of the segment's rows it is.
    pub row_index: u64,
    /// Rows in the segment.
    pub rows: u64,
    /// From the row's sibling to the child of the segment's row_root.
    pub row_path: Vec<Hash>,
    /// The segment's entry, as it is stored.
    pub entry: Vec<u8>,
    /// Which entry of the log it is.
    pub index: u64,
    /// From the entry's sibling to the child of the checkpoint's root.
    pub path: Vec<Hash>,
    /// The signed checkpoint, as it is stored.
    pub checkpoint: String,
}

impl EventProof {
    /// The file.
    ///
    /// # Errors
    /// If the entry isn't UTF-8.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let log = LogProof {
            extra: Some(extra::encode(self)?),
            index: self.index,
            path: self.path.clone(),
            checkpoint: self.checkpoint.clone(),
        };
        Ok(log.to_string().into_bytes())
    }

    /// Reads a file. Nothing is to be believed of it before [`verify`].
    ///
    /// # Errors
    /// If it isn't a proof of an event.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        extra::decode(LogProof::parse(bytes)?)
    }
}
