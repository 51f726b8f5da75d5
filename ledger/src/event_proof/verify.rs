//! All steps from a row to a signature, each with its own error.

use std::fmt;

use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::entry::Entry;
use crate::error::{LedgerError, Result};
use crate::event_proof::{EventProof, Salted, decode_fields};
use crate::hash::leaf_hash;
use crate::note::VerifierKey;
use crate::proof::{root_of_path, verify_inclusion};

/// The steps, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The file reads as a proof.
    File,
    /// The checkpoint is signed by the log's key.
    Signature,
    /// The entry is in the tree of the checkpoint.
    Inclusion,
    /// The entry is about a file of rows that are hashed.
    Entry,
    /// The row is in the tree of the file's rows.
    Row,
    /// The row's columns can be read.
    Columns,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "the file can't be read as a proof",
            Self::Signature => "the checkpoint isn't the log's",
            Self::Inclusion => "the entry isn't in the log",
            Self::Entry => "the entry isn't about rows",
            Self::Row => "the row isn't in the entry's file",
            Self::Columns => "the row can't be read",
        })
    }
}

/// What a proof proves.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The proof; everything in it holds.
    pub proof: EventProof,
    /// What the entry says.
    pub entry: Entry,
    /// The checkpoint and who signed it.
    pub checkpoint: SignedCheckpoint,
}

/// Checks a proof file against the log's keys (and witnesses', if given).
///
/// # Errors
/// [`LedgerError::BadProof`] with the step that failed.
pub fn verify(bytes: &[u8], keys: &[VerifierKey]) -> Result<Verified> {
    let proof = EventProof::parse(bytes).map_err(at(Step::File))?;
    let checkpoint =
        Checkpoint::open(proof.checkpoint.as_bytes(), keys).map_err(at(Step::Signature))?;
    let (size, root) = (checkpoint.checkpoint.size, &checkpoint.checkpoint.root);
    verify_inclusion(&leaf_hash(&proof.entry), proof.index, size, &proof.path, root)
        .map_err(at(Step::Inclusion))?;
    let entry = Entry::parse(&proof.entry).map_err(at(Step::Entry))?;
    verify_row(&proof, &entry)?;
    let columns = match &proof.row.personal {
        Salted::Bytes(personal) => vec![&proof.row.open, personal],
        Salted::Hash(_) => vec![&proof.row.open],
    };
    for columns in columns {
        decode_fields(columns).map_err(at(Step::Columns))?;
    }
    Ok(Verified { proof, entry, checkpoint })
}

fn verify_row(proof: &EventProof, entry: &Entry) -> Result<()> {
    let no_rows = |detail: &str| at(Step::Entry)(LedgerError::BadEntry(detail.to_owned()));
    let file = entry.file().ok_or_else(|| no_rows("it states no file of rows"))?;
    let root =
        file.row_root.as_ref().ok_or_else(|| no_rows("the rows of its table aren't hashed"))?;
    if file.rows != proof.rows {
        let count = LedgerError::WrongCount { expected: file.rows, found: proof.rows };
        return Err(at(Step::Row)(count));
    }
    let leaf = leaf_hash(&proof.row.leaf().map_err(at(Step::Row))?);
    let found =
        root_of_path(&leaf, proof.row_index, proof.rows, &proof.row_path).map_err(at(Step::Row))?;
    if hex::encode(found) == *root {
        return Ok(());
    }
    let mut expected = [0; 32];
    // One that isn't the hex of a hash equals none.
    hex::decode_to_slice(root, &mut expected).map_err(|_| no_rows("its row_root is no hash"))?;
    let what = format!("row {} of {}", proof.row_index, proof.rows);
    Err(at(Step::Row)(LedgerError::WrongRoot { what, expected, found }))
}

fn at(step: Step) -> impl Fn(LedgerError) -> LedgerError {
    move |source| LedgerError::BadProof { step, source: Box::new(source) }
}
