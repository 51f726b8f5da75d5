//! The ledger by itself: checkpoint against tiles, tiles against entries, and
//! against what was signed before.

use std::path::Path;

use rollcall_ledger::{
    Checkpoint, Directory, Entry, Fact, Head, LedgerError, Note, PublicKeys, VerifierKey, recount,
};

use super::finding::{Finding, FindingKind};
use super::history::Read;
use crate::error::Result;
use crate::sign_once::SignOnce;

/// The entries that could be read, and what is wrong with the ledger.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Each with its index and bytes.
    pub(super) entries: Vec<Read>,
    /// Entries by the checkpoint.
    pub(super) size: u64,
    /// The root that the checkpoint signs, hex.
    pub(super) root: String,
    /// Which log, by the checkpoint.
    pub(super) origin: String,
    pub(super) findings: Vec<Finding>,
    /// What couldn't be told.
    pub(super) cannot_tell: Vec<String>,
}

/// Reads all of it. `trusted` are keys that were named from outside.
pub(super) fn read(
    root: &Path,
    trusted: &[VerifierKey],
    sign_once: &SignOnce,
    older: Option<&[u8]>,
) -> Result<Ledger> {
    let directory = Directory::new(root);
    let mut ledger = Ledger::default();
    let path = root.join("checkpoint");
    let Some(bytes) = directory.checkpoint()? else {
        let detail = "there is no checkpoint: nothing vouches for this data";
        ledger.found(FindingKind::NoLedger, path.display(), detail);
        return Ok(ledger);
    };
    let keys = ledger.keys(root, trusted);
    let opening = keys.as_ref().map_or_else(Vec::new, |keys| match keys.for_checkpoint(&bytes) {
        Ok(of_size) if trusted.is_empty() => of_size,
        _ => trusted.to_vec(),
    });
    let checkpoint = match Checkpoint::open(&bytes, &opening) {
        Ok(signed) => signed.checkpoint,
        Err(error) => {
            ledger.found(kind_of(&error), path.display(), &error);
            // What it says is looked at all the same: as much as possible is told.
            match Note::parse(&bytes).and_then(|note| Checkpoint::parse(note.text())) {
                Ok(checkpoint) => checkpoint,
                Err(_) => return Ok(ledger),
            }
        }
    };
    ledger.size = checkpoint.size;
    ledger.root = hex::encode(checkpoint.root);
    ledger.origin.clone_from(&checkpoint.origin);
    if checkpoint.size == 0 {
        let detail = "the ledger is empty: nothing vouches for this data";
        ledger.found(FindingKind::NoLedger, path.display(), detail);
    }
    ledger.count(&directory, &checkpoint);
    if let Some(keys) = &keys {
        ledger.follow_keys(root, keys);
    }
    ledger.compare(&directory, sign_once, Head::from(&checkpoint))?;
    if let Some(older) = older {
        let known = keys.map(|keys| keys.verifiers()).unwrap_or_default();
        let known = if trusted.is_empty() { known } else { trusted.to_vec() };
        ledger.extends(&directory, &known, older);
    }
    Ok(ledger)
}

/// Whether a checkpoint isn't signed by the right key, or isn't a checkpoint.
fn kind_of(error: &LedgerError) -> FindingKind {
    match error {
        LedgerError::NotSigned { .. } => FindingKind::WrongKey,
        _ => FindingKind::ForgedCheckpoint,
    }
}

impl Ledger {
    fn found(
        &mut self,
        kind: FindingKind,
        what: impl std::fmt::Display,
        detail: impl std::fmt::Display,
    ) {
        self.findings.push(Finding::new(kind, what, detail));
    }

    /// The log's public keys, as they lie beside it.
    fn keys(&mut self, root: &Path, trusted: &[VerifierKey]) -> Option<PublicKeys> {
        let path = root.join("keys/log.pub");
        let keys = std::fs::read_to_string(&path)
            .map_err(|error| error.to_string())
            .and_then(|text| text.parse::<PublicKeys>().map_err(|error| error.to_string()));
        match keys {
            Ok(keys) => {
                if !trusted.is_empty() && !keys.verifiers().iter().any(|key| trusted.contains(key))
                {
                    let detail = "none of the log's keys is one that was named with --key";
                    self.found(FindingKind::WrongKey, path.display(), detail);
                }
                Some(keys)
            }
            Err(error) => {
                let detail = format!("the log's public keys can't be read: {error}");
                self.found(FindingKind::WrongKey, path.display(), detail);
                None
            }
        }
    }

    /// The keys after the first must follow from the entries.
    fn follow_keys(&mut self, root: &Path, keys: &PublicKeys) {
        let Some(first) = keys.verifiers().into_iter().next() else { return };
        let mut followed = PublicKeys::new(first);
        let mut found = Vec::new();
        for (index, _, entry) in &self.entries {
            let result = match &entry.fact {
                Fact::KeyChange(change) => followed.follow(*index, change),
                Fact::Restore(restore) => followed.follow_restore(*index, restore),
                _ => Ok(()),
            };
            if let Err(error) = result {
                found.push(Finding::new(FindingKind::WrongKey, format!("entry {index}"), error));
            }
        }
        if followed != *keys {
            let what = root.join("keys/log.pub").display().to_string();
            let detail = "it names keys that no entry of the ledger introduces";
            found.push(Finding::new(FindingKind::WrongKey, what, detail));
        }
        self.findings.append(&mut found);
    }

    /// Hashes every entry and every tile.
    fn count(&mut self, directory: &Directory, checkpoint: &Checkpoint) {
        let (mut entries, mut findings) = (Vec::new(), Vec::new());
        let recounted = recount(directory, checkpoint.size, |first, bundle| {
            for (index, bytes) in (first..).zip(bundle) {
                match Entry::parse(bytes) {
                    Ok(entry) => entries.push((index, bytes.clone(), entry)),
                    Err(error) => {
                        let what = format!("entry {index}");
                        findings.push(Finding::new(FindingKind::DamagedLedger, what, error));
                    }
                }
            }
        });
        self.entries = entries;
        self.findings.append(&mut findings);
        for damage in recounted.damage {
            let what = format!("ledger/{}", damage.path);
            self.found(FindingKind::DamagedLedger, what, damage.detail);
        }
        if recounted.root.is_some_and(|root| root != checkpoint.root) {
            let detail = format!(
                "it signs another root of {} entries than they have: entries or checkpoint were changed",
                checkpoint.size
            );
            self.found(FindingKind::ForgedCheckpoint, "ledger/checkpoint", detail);
        }
    }

    /// Against the sign-once file.
    fn compare(&mut self, directory: &Directory, signed: &SignOnce, now: Head) -> Result<()> {
        let what = signed.place();
        let Some(before) = signed.read()? else {
            self.found(FindingKind::RolledBack, what, "the sign-once file is missing");
            return Ok(());
        };
        // One that is a step ahead tells of a signature on its way.
        if before.size > now.size {
            let detail =
                format!("{} entries were signed, the checkpoint has {}", before.size, now.size);
            self.found(FindingKind::RolledBack, what, detail);
        } else if before.size > 0 {
            let root = directory.hashes(before.size).root().ok();
            if root.is_some_and(|root| root != before.root) {
                let detail = format!("another root was signed of {} entries", before.size);
                self.found(FindingKind::RolledBack, what, detail);
            }
        }
        Ok(())
    }

    /// Whether an older checkpoint is this ledger's beginning.
    fn extends(&mut self, directory: &Directory, keys: &[VerifierKey], older: &[u8]) {
        let what = "the older checkpoint";
        let older = match Checkpoint::open(older, keys) {
            Ok(older) => older.checkpoint,
            Err(error) => return self.found(kind_of(&error), what, error),
        };
        if let Some(detail) = self.contradicts(directory, &older) {
            self.found(FindingKind::NotAppendOnly, what, detail);
        }
    }

    /// Why an older checkpoint isn't this ledger's beginning, if it isn't.
    fn contradicts(&mut self, directory: &Directory, older: &Checkpoint) -> Option<String> {
        if older.size == 0 {
            return None;
        }
        if older.size <= self.size
            && directory.hashes(older.size).root().is_ok_and(|root| root == older.root)
        {
            return None;
        }
        // What a restore lost is named by it.
        let restored = self.entries.iter().find_map(|(index, _, entry)| match &entry.fact {
            Fact::Restore(restore) => {
                let lost = restore.lost.filter(|lost| lost.from < older.size)?;
                (older.size <= lost.to && older.origin != restore.origin).then_some((*index, lost))
            }
            _ => None,
        });
        if let Some((index, lost)) = restored {
            self.cannot_tell.push(format!(
                "whether entries {} to {} were those that the older checkpoint vouches for: by entry {index} a restore lost them",
                lost.from,
                lost.to - 1
            ));
            return None;
        }
        Some(if older.size > self.size {
            format!("it has {} entries, this ledger {}", older.size, self.size)
        } else {
            format!("the first {} entries of this ledger are others", older.size)
        })
    }
}
