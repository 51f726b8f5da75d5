//! Tests that reach over several modules or other people's programs, and what
//! they share.
//!
//! ```text
//! entries      entries of any type
//! rows         rows of rollcall-row-v1
//! sample       a log of segments with their rows, and proofs from it
//! odd          what is in the log and yet not as the format has it
//! vectors      the cases of transparency-dev/merkle
//! ct_merkle    the crate ct-merkle on random trees
//! appending    the store, crashes and tampering
//! events       proofs of events, whole and damaged
//! arbitrary    whatever may be handed in
//! document     the worked example of docs/ledger-format.md
//! python       the Python verifier on 10,000 proofs and on a directory
//! go           Go's sumdb/note and sumdb/tlog on our files
//! ```

mod appending;
mod arbitrary;
mod ct_merkle;
mod document;
pub(crate) mod entries;
mod events;
mod go;
mod odd;
mod python;
pub(crate) mod rows;
pub(crate) mod sample;
mod vectors;
