//! What the rest of the process tells the web server about the ledger.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use rollcall_schemas::Position;

/// What the last verification came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastVerification {
    /// When it ended.
    pub at: DateTime<Utc>,
    /// Entries of the ledger that it read.
    pub entries: u64,
    /// Files that it read.
    pub files: u64,
    /// Rows that it hashed.
    pub rows: u64,
    /// What it found, in words; nothing where all is well.
    pub findings: Vec<String>,
}

/// Somebody outside who holds a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Its name in the configuration.
    pub name: String,
    /// What it is, for instance "witness".
    pub kind: String,
    /// The size that it vouches for, if any.
    pub size: Option<u64>,
    /// Since when.
    pub at: Option<DateTime<Utc>>,
    /// What is wrong with it, if something is.
    pub problem: Option<String>,
    /// What else is to be known of it.
    pub remark: Option<String>,
}

/// Where it is kept what was signed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOnce {
    /// Its path or URL.
    pub place: String,
    /// Whether that is outside the data directory: only then it tells a directory that
    /// was put back as a whole.
    pub is_apart: bool,
}

/// Why there is no proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoProof {
    /// There is no such event, or it isn't sealed yet.
    NotSealed,
    /// It couldn't be made.
    Failed(String),
}

/// What the web server asks about the ledger. Calls may block.
pub trait Evidence: Send + Sync {
    /// Where the ledger lies.
    fn ledger(&self) -> PathBuf;
    /// The text of the log's public keys, a line each.
    fn keys(&self) -> Result<String, String>;
    /// The file of an event's proof.
    fn prove(&self, event: Position, with_raw: bool) -> Result<Vec<u8>, NoProof>;
    /// The last complete verification that this server knows of.
    fn verification(&self) -> Option<LastVerification>;
    /// When everything is verified next, at the latest.
    fn next_verification(&self) -> Option<DateTime<Utc>>;
    /// Where it is kept what was signed last.
    fn sign_once(&self) -> SignOnce;
    /// Those outside who hold checkpoints.
    fn anchors(&self) -> Vec<Anchor>;
}
