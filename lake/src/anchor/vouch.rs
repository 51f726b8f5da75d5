//! Whether a ledger is the one that an anchored checkpoint speaks of.

use rollcall_ledger::{Beginnings, Checkpoint, VerifierKey};

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
/// isn't larger, and the entries give its root at its size. Whether its log signed it,
/// [`open_anchored`] tells.
///
/// # Errors
/// If it isn't, which is a finding.
pub fn vouches(ledger: &Beginnings, size: u64, checkpoint: &Checkpoint) -> AnchorResult<()> {
    let theirs = checkpoint.size;
    let ours = if theirs > size { None } else { ledger.root(theirs) };
    match ours {
        None => Err(AnchorError::Ahead { theirs, ours: size.min(ledger.size()) }),
        Some(ours) if ours != checkpoint.root => {
            Err(AnchorError::OtherRoot { size: theirs, theirs: checkpoint.root, ours })
        }
        Some(_) => Ok(()),
    }
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
            vouches(&log.known(), 309, &checkpoint).expect("it holds");
        }
        let late = open_anchored(&late, &log.keys()).expect("ours");
        let back = vouches(&log.known(), 300, &late);
        assert!(matches!(back, Err(AnchorError::Ahead { theirs: 309, ours: 300 })));
        let mut other = Log::new();
        other.grow_otherwise(309);
        let replaced = vouches(&other.known(), 309, &late);
        assert!(matches!(replaced, Err(AnchorError::OtherRoot { size: 309, .. })));
    }

    #[test]
    fn tiles_of_then_vouch_for_nothing() {
        let (mut honest, mut forged) = (Log::new(), Log::new());
        honest.grow(10);
        let early = open_anchored(&honest.checkpoint(), &honest.keys()).expect("ours");
        forged.grow_otherwise(10);
        forged.grow(9);
        let tile = "tile/0/000.p/10";
        let (from, to) = (honest.directory().path(), forged.directory().path());
        std::fs::copy(from.join(tile), to.join(tile)).expect("copied");
        let told = vouches(&forged.known(), 19, &early);
        assert!(matches!(told, Err(AnchorError::OtherRoot { size: 10, .. })));
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
