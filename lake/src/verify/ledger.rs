//! The ledger by itself: checkpoint against tiles, tiles against entries, and
//! against what was signed before.

use std::path::Path;
use std::time::Duration;

use rollcall_ledger::{
    Checkpoint, Directory, Entry, Fact, Hash, Head, IndexRange, LedgerError, Note, PublicKeys,
    Restore, VerifierKey, recount,
};

use super::finding::{Finding, FindingKind};
use super::history::Read;
use crate::error::{LakeError, Result};
use crate::notary::MISSING_SIGN_ONCE;
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
    /// What was signed last, where that is known.
    pub(super) signed: Option<Head>,
    /// Restores: the entry of each, and the entries that it lost.
    pub(super) restored: Vec<(u64, Option<IndexRange>)>,
    /// Entries of the older checkpoint, where it is this ledger's beginning.
    pub(super) extends: Option<u64>,
    pub(super) findings: Vec<Finding>,
    /// What couldn't be told.
    pub(super) cannot_tell: Vec<String>,
}

/// What to compare the ledger with.
pub(super) struct Against<'a> {
    /// Keys that were named from outside.
    pub(super) trusted: &'a [VerifierKey],
    /// What was signed last.
    pub(super) sign_once: &'a SignOnce,
    /// A checkpoint that must be its beginning.
    pub(super) older: Option<&'a [u8]>,
    /// Whether a process is writing to it.
    pub(super) is_held: bool,
}

/// Reads all of it.
pub(super) fn read(root: &Path, against: &Against<'_>) -> Result<Ledger> {
    let directory = Directory::new(root);
    let mut ledger = Ledger::default();
    let path = root.join("checkpoint");
    // Before the checkpoint: a process that writes moves it on first.
    let signed = ledger.signed(against.sign_once);
    let bytes = checkpoint_of(&directory, signed, against.is_held)?;
    if bytes.is_none() {
        let detail = "there is no checkpoint: nothing vouches for this data";
        ledger.found(FindingKind::NoLedger, path.display(), detail);
    }
    // There are none where nothing was signed.
    let is_anything = bytes.is_some() || signed.is_some();
    let keys = is_anything.then(|| ledger.keys(root, against.trusted));
    let opened = bytes.as_ref().zip(keys.as_ref()).map(|(bytes, keys)| keys.open(bytes));
    let checkpoint = match opened {
        Some(Ok(checkpoint)) => Some(checkpoint),
        Some(Err(error)) => {
            ledger.found(kind_of(&error), path.display(), &error);
            // What it says is looked at all the same: as much as possible is told.
            bytes.as_ref().and_then(|bytes| said(bytes))
        }
        None => None,
    };
    let (is_readable, signed_last) = (checkpoint.is_some(), signed.filter(|head| head.size > 0));
    // Where it says nothing, what was signed last tells what should be there.
    let checkpoint = checkpoint.or_else(|| Some(keys.as_ref()?.checkpoint_of(signed_last?)));
    let (Some(checkpoint), Some(keys)) = (checkpoint, keys) else {
        let detail = "anything of the entries and rows: no checkpoint that can be read, and no sign-once file, says how many there should be";
        ledger.cannot_tell.push(detail.to_owned());
        return Ok(ledger);
    };
    ledger.size = checkpoint.size;
    ledger.root = hex::encode(checkpoint.root);
    ledger.origin.clone_from(&checkpoint.origin);
    if checkpoint.size == 0 {
        let detail = "the ledger is empty: nothing vouches for this data";
        ledger.found(FindingKind::NoLedger, path.display(), detail);
    }
    let root_of_entries = ledger.count(&directory, checkpoint.size);
    if is_readable && root_of_entries.is_some_and(|counted| counted != checkpoint.root) {
        let detail = format!(
            "it signs another root of {} entries than they have: entries or checkpoint were changed",
            checkpoint.size
        );
        ledger.found(FindingKind::ForgedCheckpoint, "ledger/checkpoint", detail);
    }
    if let Keys::Chain(chain) = &keys {
        ledger.follow_keys(root, chain);
    }
    if let Some(signed) = signed {
        ledger.compare(&directory, &against.sign_once.place(), signed, Head::from(&checkpoint));
    }
    ledger.list_restores();
    if let Some(older) = against.older {
        ledger.extends(&directory, &keys, older);
    }
    Ok(ledger)
}

/// The checkpoint's bytes. Where a process writes, one that is a step behind what was
/// signed is on its way.
fn checkpoint_of(
    directory: &Directory,
    signed: Option<Head>,
    is_held: bool,
) -> Result<Option<Vec<u8>>> {
    let mut waits = if is_held { 50 } else { 0 };
    loop {
        let bytes = directory.checkpoint()?;
        let size = bytes.as_ref().and_then(|bytes| said(bytes)).map(|checkpoint| checkpoint.size);
        let is_behind = signed.is_some_and(|signed| size.is_none_or(|size| size < signed.size));
        if !is_behind || waits == 0 {
            return Ok(bytes);
        }
        waits -= 1;
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// What a checkpoint says, whoever signed it.
fn said(bytes: &[u8]) -> Option<Checkpoint> {
    Checkpoint::parse(Note::parse(bytes).ok()?.text()).ok()
}

/// Whose signatures count.
enum Keys {
    /// The log's keys, one after the other.
    Chain(PublicKeys),
    /// Keys from outside, where none of the log's is among them.
    Named(Vec<VerifierKey>),
}

impl Keys {
    /// Opens a checkpoint with the key that must have signed one of its size.
    fn open(&self, note: &[u8]) -> Result<Checkpoint, LedgerError> {
        let keys = match self {
            Self::Chain(chain) => chain.for_checkpoint(note)?,
            Self::Named(keys) => keys.clone(),
        };
        Checkpoint::open(note, &keys).map(|signed| signed.checkpoint)
    }

    /// The checkpoint of what was signed last, where the one that lies there is no
    /// help: the newest key has the log's name.
    fn checkpoint_of(&self, signed: Head) -> Checkpoint {
        let keys = match self {
            Self::Chain(chain) => chain.verifiers(),
            Self::Named(keys) => keys.clone(),
        };
        let origin = keys.last().map(|key| key.name().to_owned()).unwrap_or_default();
        Checkpoint { origin, size: signed.size, root: signed.root, extensions: Vec::new() }
    }
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

    /// The log's public keys, as they lie beside it. Where keys were named from outside,
    /// one of them must be among these: those behind it follow from the entries.
    fn keys(&mut self, root: &Path, trusted: &[VerifierKey]) -> Keys {
        let path = root.join("keys/log.pub");
        let keys = std::fs::read_to_string(&path)
            .map_err(|error| error.to_string())
            .and_then(|text| text.parse::<PublicKeys>().map_err(|error| error.to_string()));
        match keys {
            Ok(chain)
                if trusted.is_empty()
                    || chain.verifiers().iter().any(|key| trusted.contains(key)) =>
            {
                return Keys::Chain(chain);
            }
            Ok(_) => {
                let detail = "none of the log's keys is one that was named with --key";
                self.found(FindingKind::WrongKey, path.display(), detail);
            }
            Err(error) => {
                let detail = format!("the log's public keys can't be read: {error}");
                self.found(FindingKind::WrongKey, path.display(), detail);
            }
        }
        Keys::Named(trusted.to_vec())
    }

    /// The keys after the first must follow from the entries.
    fn follow_keys(&mut self, root: &Path, keys: &PublicKeys) {
        let Some(first) = keys.verifiers().into_iter().next() else { return };
        let mut followed = PublicKeys::new(first);
        let mut found = Vec::new();
        for (index, _, entry) in &self.entries {
            let result = match &entry.fact {
                Fact::KeyChange(change) => followed.follow(*index, change),
                Fact::Restore(restore) => restored(&mut followed, *index, restore),
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

    /// Hashes so many entries and every tile; the root over them, if there is one.
    fn count(&mut self, directory: &Directory, size: u64) -> Option<Hash> {
        let (mut entries, mut findings) = (Vec::new(), Vec::new());
        let recounted = recount(directory, size, |first, bundle| {
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
        recounted.root
    }

    /// What was signed last. A sign-once file that is missing or damaged is a finding,
    /// one that can't be reached is not.
    fn signed(&mut self, sign_once: &SignOnce) -> Option<Head> {
        match sign_once.read() {
            Ok(Some(head)) => self.signed = Some(head),
            Ok(None) => {
                self.found(FindingKind::RolledBack, sign_once.place(), MISSING_SIGN_ONCE);
            }
            Err(error @ LakeError::Remote { .. }) => {
                self.cannot_tell.push(format!("what was signed last: {error}"));
            }
            Err(error) => self.found(FindingKind::RolledBack, sign_once.place(), error),
        }
        self.signed
    }

    /// Restores are told, always: what they lost, nobody can compare any more.
    fn list_restores(&mut self) {
        let restores = self.entries.iter().filter_map(|(index, _, entry)| match &entry.fact {
            Fact::Restore(restore) => Some((*index, restore.lost)),
            _ => None,
        });
        self.restored = restores.collect();
        for (index, lost) in &self.restored {
            self.cannot_tell.push(match lost {
                Some(lost) => format!(
                    "what entries {} to {} said: by entry {index} a restore lost them",
                    lost.from,
                    lost.to.saturating_sub(1)
                ),
                None => format!(
                    "whether entries were lost before entry {index}, a restore that names none"
                ),
            });
        }
    }

    /// Against the sign-once file.
    fn compare(&mut self, directory: &Directory, what: &str, before: Head, now: Head) {
        if before.size > now.size {
            let detail =
                format!("{} entries were signed, the checkpoint has {}", before.size, now.size);
            let ahead = recount(directory, before.size, |_, _| ());
            if ahead.damage.is_empty() && ahead.root == Some(before.root) {
                let detail = format!(
                    "{detail}; all of them are there: where a process was just killed, starting rollcall once writes the checkpoint"
                );
                self.found(FindingKind::UnsignedTail, what, detail);
            } else {
                self.found(FindingKind::RolledBack, what, detail);
            }
        } else if before.size > 0 {
            let root = directory.hashes(before.size).root().ok();
            if root.is_some_and(|root| root != before.root) {
                let detail = format!("another root was signed of {} entries", before.size);
                self.found(FindingKind::RolledBack, what, detail);
            }
        }
    }

    /// Whether an older checkpoint is this ledger's beginning.
    fn extends(&mut self, directory: &Directory, keys: &Keys, older: &[u8]) {
        let what = "the older checkpoint";
        let opened = match keys {
            // One that a restore lost was signed at a size that others were signed at since.
            Keys::Chain(chain) => keys.open(older).or_else(|_| {
                Checkpoint::open(older, &chain.verifiers()).map(|signed| signed.checkpoint)
            }),
            Keys::Named(_) => keys.open(older),
        };
        let older = match opened {
            Ok(older) => older,
            Err(error) => return self.found(kind_of(&error), what, error),
        };
        match self.contradicts(directory, &older) {
            Some(detail) => self.found(FindingKind::NotAppendOnly, what, detail),
            None if self.begins_with(directory, &older) => self.extends = Some(older.size),
            // A restore names it.
            None => {}
        }
    }

    fn begins_with(&self, directory: &Directory, older: &Checkpoint) -> bool {
        older.size <= self.size
            && directory.hashes(older.size).root().is_ok_and(|root| root == older.root)
    }

    /// Why an older checkpoint isn't this ledger's beginning, if it isn't.
    fn contradicts(&mut self, directory: &Directory, older: &Checkpoint) -> Option<String> {
        if older.size == 0 {
            return None;
        }
        if self.begins_with(directory, older) {
            return None;
        }
        // What a restore lost is named by it.
        let restored = self.entries.iter().find_map(|(_, _, entry)| match &entry.fact {
            Fact::Restore(restore) => {
                let named = Note::parse(restore.checkpoint.as_bytes()).ok()?;
                let named = Checkpoint::parse(named.text()).ok()?;
                restore.lost.filter(|_| named == *older)
            }
            _ => None,
        });
        if restored.is_some() {
            return None;
        }
        Some(if older.size > self.size {
            format!("it has {} entries, this ledger {}", older.size, self.size)
        } else {
            format!("the first {} entries of this ledger are others", older.size)
        })
    }
}

/// Follows a restore: the checkpoint that it names must be the old log's, and what was
/// lost must lie between the two.
fn restored(
    followed: &mut PublicKeys,
    index: u64,
    restore: &Restore,
) -> rollcall_ledger::Result<()> {
    let bad = |detail: &str| LedgerError::BadKeyChange { index, detail: detail.to_owned() };
    let named = Checkpoint::open(restore.checkpoint.as_bytes(), &followed.verifiers())?.checkpoint;
    let expected = (named.size > index).then_some(IndexRange { from: index, to: named.size });
    if restore.lost != expected {
        return Err(bad("what it says was lost isn't what lies behind it in the named checkpoint"));
    }
    followed.follow_restore(index, restore)
}
