//! What can go wrong with an anchor, and what to do. The caller knows its name.

use rollcall_ledger::{Hash, LedgerError};

use crate::error::LakeError;
use crate::secret::SecretError;

/// Result of an anchor.
pub type AnchorResult<T> = Result<T, AnchorError>;

/// What is wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// The settings of an anchor can't be used.
    #[error("{0}; correct it in the configuration")]
    Settings(String),
    /// Nobody answered as they should, for now.
    #[error("{place}: {detail}; it is tried again with a later checkpoint")]
    Unreachable {
        /// Its URL.
        place: String,
        /// What happened.
        detail: String,
    },
    /// It answered that it won't.
    #[error("{place} refuses: {detail}")]
    Refused {
        /// Its URL.
        place: String,
        /// What it said, and what to do.
        detail: String,
    },
    /// It answered, and the answer proves nothing.
    #[error("{place}: its answer proves nothing: {detail}; ask whoever runs it")]
    BadAnswer {
        /// Its URL.
        place: String,
        /// What is wrong with the answer.
        detail: String,
    },
    /// It vouches for more than the ledger holds.
    #[error(
        "it vouches for size {theirs} and this ledger has only {ours}: the ledger was put back or replaced; find its newest backup and run `rollcall verify`"
    )]
    Ahead {
        /// The size that it vouches for.
        theirs: u64,
        /// The ledger's.
        ours: u64,
    },
    /// It vouches for another history.
    #[error(
        "at size {size} it vouches for the root {} and this ledger has {}: one of the two was rewritten; keep both and run `rollcall verify`",
        hex::encode(theirs),
        hex::encode(ours)
    )]
    OtherRoot {
        /// The size of both trees.
        size: u64,
        /// The root that it vouches for.
        theirs: Hash,
        /// The ledger's.
        ours: Hash,
    },
    /// It doesn't let itself be convinced that what it holds is the ledger's beginning.
    #[error(
        "what it holds isn't the beginning of this ledger: {0}; keep both and run `rollcall verify`"
    )]
    Contradicts(String),
    /// The checkpoint isn't this ledger's, or its tiles don't give its root.
    #[error("the checkpoint wasn't sent: {0}; run `rollcall verify`")]
    NotShown(String),
    /// A receipt isn't as it was written.
    #[error("the receipt is damaged: {0}; what it said may still be asked of the anchor")]
    BadReceipt(String),
    /// A receipt's proof doesn't hold.
    #[error("its proof doesn't hold: {0}; don't count on this receipt")]
    BadProof(String),
    /// It isn't a checkpoint of this ledger, or the ledger can't be read.
    #[error("{what}: {source}")]
    Ledger {
        /// What was being read.
        what: &'static str,
        /// What is wrong with it.
        source: Box<LedgerError>,
    },
    /// A file operation here failed.
    #[error(transparent)]
    Local(Box<LakeError>),
}

impl From<LakeError> for AnchorError {
    fn from(error: LakeError) -> Self {
        Self::Local(Box::new(error))
    }
}

impl From<SecretError> for AnchorError {
    fn from(error: SecretError) -> Self {
        Self::Settings(error.to_string())
    }
}

impl AnchorError {
    pub(super) fn ledger(what: &'static str) -> impl FnOnce(LedgerError) -> Self {
        move |source| Self::Ledger { what, source: Box::new(source) }
    }
}
