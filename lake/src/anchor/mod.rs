//! Anchors outside: who else holds our checkpoints, so that nobody can rewrite the
//! whole history unseen, not even with root and the log's key.
//!
//! ```text
//! settings    the anchors' tables in the settings
//! push        a checkpoint to every anchor whose turn it is
//! witness     cosignatures (c2sp.org/tlog-witness, tlog-cosignature)
//! git         a commit in a repository
//! hook        a POST, answered with 2xx
//! object      an object of its own in an object store, or a file on another disk
//! time_stamp  a token of a time-stamp authority (RFC 3161)
//! receipt     what an anchor gave, as a file
//! check       receipts checked again, offline
//! vouch       whether a ledger is the one that a checkpoint speaks of
//! http        the client: no redirects, short answers, short waits
//! error       what can go wrong, and what to do
//! ```
//!
//! All of it blocks: call it from threads that aren't the runtime's
//! (`spawn_blocking`), with a [`Handle`] of a multi-threaded runtime at hand.

mod check;
mod error;
mod git;
mod hook;
mod http;
mod object;
mod push;
mod receipt;
mod settings;
#[cfg(test)]
mod tests;
mod time_stamp;
mod vouch;
mod witness;

use std::fs;
use std::path::{Path, PathBuf};

use rollcall_ledger::{Beginnings, Checkpoint, Directory, PublicKeys, VerifierKey};
use tokio::runtime::Handle;

pub use check::{ReceiptReport, Standing, newest_receipts, receipts};
pub use error::{AnchorError, AnchorResult};
pub use git::GitSettings;
pub use hook::HookSettings;
pub use object::ObjectSettings;
pub use push::Anchors;
pub use receipt::{Proof, Receipt};
pub use settings::AnchorSettings;
pub use time_stamp::TimeStampSettings;
pub use vouch::{open_anchored, vouches};
pub use witness::WitnessSettings;

use crate::error::LakeError;

/// A checkpoint on its way to an anchor.
struct Submission<'a> {
    /// The signed note, byte for byte.
    note: &'a str,
    /// What it says.
    checkpoint: &'a Checkpoint,
    /// The ledger, whose tiles give its root.
    ledger: &'a Directory,
    /// What its entries were at earlier sizes.
    known: &'a Beginnings,
    /// The log's keys.
    keys: &'a [VerifierKey],
    /// The size of the last checkpoint that this anchor took; 0 if none.
    last: u64,
}

/// What every kind of anchor does.
trait Anchor: std::fmt::Debug + Send + Sync {
    /// Brings a checkpoint there.
    fn push(&self, submission: &Submission<'_>) -> AnchorResult<Proof>;

    /// The checkpoints that lie there now, as they are; `None` where this kind can't
    /// be read.
    fn read_back(&self) -> Option<AnchorResult<Vec<Vec<u8>>>> {
        None
    }
}

/// Opens one; `folder` is its own, for what it keeps between two checkpoints.
fn open(
    settings: &AnchorSettings,
    folder: &Path,
    handle: &Handle,
) -> AnchorResult<Box<dyn Anchor>> {
    let handle = handle.clone();
    Ok(match settings {
        AnchorSettings::Witness(of) => Box::new(witness::Witness::open(of, handle)?),
        AnchorSettings::Git(of) => Box::new(git::Git::open(of, folder, handle)?),
        AnchorSettings::Hook(of) => Box::new(hook::Hook::open(of, handle)?),
        AnchorSettings::Object(of) => Box::new(object::Objects::open(of, handle)?),
        AnchorSettings::TimeStamp(of) => Box::new(time_stamp::Authority::open(of, handle)?),
    })
}

/// Where the receipts lie below a ledger.
fn folder_of(ledger: &Path) -> PathBuf {
    ledger.join("anchors")
}

/// The log's public keys, of a ledger that this process writes.
fn own_keys(ledger: &Directory) -> AnchorResult<Vec<VerifierKey>> {
    let path = ledger.path().join("keys/log.pub");
    let text = fs::read_to_string(&path).map_err(LakeError::file("can't read", &path))?;
    let keys: PublicKeys =
        text.parse().map_err(AnchorError::ledger("the ledger's keys/log.pub"))?;
    Ok(keys.verifiers())
}
