//! The ledger vouches for the data: clean data is clean, and whatever someone with
//! root changes is named.
//!
//! ```text
//! stored     a data directory with something of everything, and its copies
//! forged     a ledger written anew with the log's own key
//! tampering  someone with root changes data, tables or ledger
//! proofs     one event, proved and verified
//! upkeep     compaction and retention, provable
//! rewritten  a history written anew, with what it was before left about
//! parts      parts of the ledger missing or put back: what is said, and what isn't
//! anchors    someone outside holds checkpoints
//! removals   files leave by a rule, and by nobody else's commit
//! erasure    a person is gone, and the proofs hold
//! search     where a text is still to be found
//! backup     what was sealed comes back, under a new origin
//! ```

mod anchors;
mod backup;
mod erasure;
pub mod forged;
mod parts;
mod proofs;
mod removals;
mod rewritten;
#[path = "../../support/search.rs"]
mod search;
mod stored;
mod tampering;
mod upkeep;
