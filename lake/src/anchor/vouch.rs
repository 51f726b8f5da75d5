//! Whether a ledger is the one that an anchored checkpoint speaks of.

use rollcall_ledger::{Checkpoint, Directory, VerifierKey};

use super::error::{AnchorError, AnchorResult};

/// Reads a checkpoint that an anchor gave back: one of the log's keys must have
/// signed it (their name is the origin, so that the origin is checked too).
///
/// # Errors
/// If it isn't a checkpoint of this log.
pub fn open_anchored(note: &[u8], keys: &[VerifierKey]) -> AnchorResult<Checkpoint> {
    Checkpoint::open(note, keys)
        .map(|signed| signed.checkpoint)
        .map_err(AnchorError::ledger(
            "what the anchor holds isn't a checkpoint of this log (one that was restored under a new origin needs a new place)",
        ))
}

/// Checks that a checkpoint is a beginning of the ledger's first `size` entries: it
/// isn't larger, and the tiles give its root at its size. Whether its log signed it,
/// [`open_anchored`] tells.
///
/// # Errors
/// If it isn't, which is a finding; if a tile can't be read.
pub fn vouches(ledger: &Directory, size: u64, checkpoint: &Checkpoint) -> AnchorResult<()> {
    if checkpoint.size > size {
        return Err(AnchorError::Ahead { theirs: checkpoint.size, ours: size });
    }
    let ours = ledger
        .hashes(checkpoint.size)
        .root()
        .map_err(AnchorError::ledger("the ledger can't be compared with the anchor"))?;
    if ours != checkpoint.root {
        let (size, theirs) = (checkpoint.size, checkpoint.root);
        return Err(AnchorError::OtherRoot { size, theirs, ours });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anchor::tests::Log;

    #[test]
    fn only_a_beginning_of_the_ledger_vouches_for_it() {
        let mut log = Log::new();
        log.grow(300);
        let early = log.checkpoint();
        log.grow(9);
        let late = log.checkpoint();
        for note in [&early, &late] {
            let checkpoint = open_anchored(note, &log.keys()).expect("ours");
            vouches(log.directory(), 309, &checkpoint).expect("it holds");
        }
        let late = open_anchored(&late, &log.keys()).expect("ours");
        let back = vouches(log.directory(), 300, &late);
        assert!(matches!(back, Err(AnchorError::Ahead { theirs: 309, ours: 300 })));
        let mut other = Log::new();
        other.grow_otherwise(309);
        let replaced = vouches(other.directory(), 309, &late);
        assert!(matches!(replaced, Err(AnchorError::OtherRoot { size: 309, .. })));
    }

    #[test]
    fn a_checkpoint_of_another_key_or_origin_is_not_ours() {
        let mut log = Log::new();
        log.grow(3);
        let stranger = rollcall_ledger::SignerKey::from_seed("rollcall/other", &[9; 32]);
        let stranger = stranger.expect("a key").verifier();
        assert!(open_anchored(&log.checkpoint(), &[stranger]).is_err());
        let renamed = String::from_utf8(log.checkpoint()).expect("text");
        let renamed = renamed.replacen("\n3\n", "\n2\n", 1);
        assert!(open_anchored(renamed.as_bytes(), &log.keys()).is_err());
        assert!(open_anchored(b"nothing", &log.keys()).is_err());
    }
}
