//! The ledger by itself: checkpoint against tiles, tiles against entries, and
//! against what was signed before.

use std::path::Path;
use std::time::Duration;

use rollcall_ledger::{
    Beginnings, Checkpoint, Directory, Entry, Fact, Head, IndexRange, LedgerError, Note,
    PublicKeys, Restore, VerifierKey, recount,
};

use super::finding::{Finding, FindingKind};
use super::history::Read;
use crate::error::{LakeError, Result};
use crate::notary::{MISSING_SIGN_ONCE, behind};
use crate::sign_once::SignOnce;

/// The entries that could be read, and what is wrong with the ledger.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Each with its index and bytes.
    pub(super) entries: Vec<Read>,
    /// Entries by the checkpoint, or by what was signed last.
    pub(super) size: u64,
    /// The ledger at every size, by its entries.
    pub(super) beginnings: Beginnings,
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
    /// The restore that names the older checkpoint, where it isn't a beginning.
    pub(super) restored_from: Option<u64>,
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
        // That no key can be read has been told.
        Some(Err(_)) if keys.as_ref().is_some_and(Keys::are_none) => {
            bytes.as_ref().and_then(|bytes| said(bytes))
        }
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
    ledger.root = hex::encode(checkpoint.root);
    ledger.origin.clone_from(&checkpoint.origin);
    if checkpoint.size == 0 {
        let detail = "the ledger is empty: nothing vouches for this data";
        ledger.found(FindingKind::NoLedger, path.display(), detail);
    }
    ledger.size = size_to_read(&directory, checkpoint.size, signed);
    ledger.count(&directory);
    let counted = ledger.beginnings.root(checkpoint.size);
    if is_readable && counted.is_some_and(|counted| counted != checkpoint.root) {
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
        ledger.compare(against.sign_once, signed, Head::from(&checkpoint));
    }
    ledger.list_restores();
    if let Some(older) = against.older {
        ledger.extends(&keys, older);
    }
    Ok(ledger)
}

/// Entries that are to be read: where all that was signed is there, the checkpoint may be
/// an older one.
fn size_to_read(directory: &Directory, of_checkpoint: u64, signed: Option<Head>) -> u64 {
    let is_there = |head: &Head| {
        let mut read = 0;
        let count = recount(directory, head.size, |_, bundle| read += bundle.len() as u64);
        read == head.size && count.root == Some(head.root)
    };
    let ahead = signed.filter(|head| head.size > of_checkpoint);
    ahead.filter(is_there).map_or(of_checkpoint, |head| head.size)
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
    /// Whether none is known.
    const fn are_none(&self) -> bool {
        matches!(self, Self::Named(keys) if keys.is_empty())
    }

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
                let detail = format!(
                    "the log's public keys can't be read, so that no signature of the checkpoint can be checked: {error}"
                );
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
        if followed != *keys && self.is_whole() {
            let what = root.join("keys/log.pub").display().to_string();
            let detail = "it names keys that no entry of the ledger introduces";
            found.push(Finding::new(FindingKind::WrongKey, what, detail));
        }
        self.findings.append(&mut found);
    }

    /// Hashes all entries and every tile.
    fn count(&mut self, directory: &Directory) {
        let (mut entries, mut findings) = (Vec::new(), Vec::new());
        let recounted = recount(directory, self.size, |first, bundle| {
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
        self.beginnings = recounted.beginnings;
        let is_sound = recounted.damage.is_empty();
        for damage in recounted.damage {
            let what = format!("ledger/{}", damage.path);
            self.found(FindingKind::DamagedLedger, what, damage.detail);
        }
        if is_sound {
            self.look_at_leftovers(directory);
        }
        self.tell_unread();
    }

    /// Partial tiles of earlier sizes: one finding, however many there are.
    fn look_at_leftovers(&mut self, directory: &Directory) {
        match directory.damaged_leftovers(&self.beginnings) {
            Ok(damage) => {
                let Some(first) = damage.first() else { return };
                let more = match damage.len() {
                    1 => String::new(),
                    all => format!(" ({} more such tiles)", all - 1),
                };
                let what = format!("ledger/{}", first.path);
                self.found(FindingKind::DamagedLedger, what, format!("{}{more}", first.detail));
            }
            Err(error) => self.found(FindingKind::DamagedLedger, "ledger/tile", error),
        }
    }

    /// Whether every entry could be read.
    pub(super) fn is_whole(&self) -> bool {
        self.entries.len() as u64 == self.size
    }

    /// What entries say that can't be read, nothing can be held against.
    fn tell_unread(&mut self) {
        if self.is_whole() {
            return;
        }
        let mut unread = Vec::new();
        let mut next = 0;
        let ends = self.entries.iter().map(|(index, ..)| *index).chain([self.size]);
        for index in ends {
            if index > next {
                unread.push(span(next, index));
            }
            next = index + 1;
        }
        let entries = unread.join(", ");
        self.cannot_tell.push(format!(
            "what {entries} of the ledger said, which can't be read: neither whether every commit has an entry and every file its commit, nor whether every record is accounted for"
        ));
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

    /// What a sign-once file elsewhere vouches for: nothing where something contradicts it.
    pub(super) fn signed_apart(
        &self,
        sign_once: &SignOnce,
        data: &Path,
        findings: &[Finding],
    ) -> Option<Head> {
        let is_contradicted = findings.iter().any(|finding| finding.what == sign_once.place());
        let is_signed_apart = sign_once.is_apart_from(data) && !is_contradicted;
        self.signed
            .filter(|_| is_signed_apart)
            .filter(|head| self.beginnings.root(head.size) == Some(head.root))
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
                Some(lost) => {
                    let entries = span(lost.from, lost.to);
                    let lost = if lost.to > lost.from + 1 { "them" } else { "it" };
                    format!("what {entries} said: by entry {index} a restore lost {lost}")
                }
                None => format!(
                    "whether entries were lost before entry {index}, a restore that names none"
                ),
            });
        }
    }

    /// Against the sign-once file.
    fn compare(&mut self, sign_once: &SignOnce, before: Head, now: Head) {
        let what = sign_once.place();
        if before.size > now.size {
            let detail =
                format!("{} entries were signed, the checkpoint has {}", before.size, now.size);
            if self.size == before.size {
                let detail = format!(
                    "{detail}; all of them are there: where a process was just killed, starting rollcall once writes the checkpoint; otherwise an older one was put in its place"
                );
                self.found(FindingKind::UnsignedTail, what, detail);
            } else {
                self.found(FindingKind::RolledBack, what, detail);
            }
        } else if before.size == now.size {
            if before.root != now.root {
                let detail = format!(
                    "another root was signed of {} entries than the checkpoint has",
                    before.size
                );
                self.found(FindingKind::RolledBack, what, detail);
            }
        } else if self.beginnings.root(before.size).is_some_and(|root| root != before.root) {
            let detail = format!("another root was signed of {} entries", before.size);
            self.found(FindingKind::RolledBack, what, detail);
        } else {
            // A process that writes moves it on before the checkpoint.
            let again = sign_once.read().ok().flatten();
            if again.is_none_or(|again| again.size < now.size) {
                self.found(FindingKind::RolledBack, what, behind(before.size, now.size));
            }
        }
    }

    /// Whether an older checkpoint is this ledger's beginning.
    fn extends(&mut self, keys: &Keys, older: &[u8]) {
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
        // One of before a restore says nothing of what came after it.
        if older.size == 0 || self.begins_with(&older) {
            self.extends = Some(older.size);
            return;
        }
        self.restored_from = self.restore_naming(&older);
        if self.restored_from.is_some() {
            return;
        }
        if older.size <= self.size && self.beginnings.root(older.size).is_none() {
            let detail = "whether it goes on from the older checkpoint: entries can't be read";
            return self.cannot_tell.push(detail.to_owned());
        }
        let detail = self.contradiction(&older);
        self.found(FindingKind::NotAppendOnly, what, detail);
    }

    fn begins_with(&self, older: &Checkpoint) -> bool {
        self.beginnings.root(older.size) == Some(older.root)
    }

    /// The restore that names a checkpoint as the newest from before.
    fn restore_naming(&self, older: &Checkpoint) -> Option<u64> {
        self.entries.iter().find_map(|(index, _, entry)| match &entry.fact {
            Fact::Restore(restore) => {
                let named = Note::parse(restore.checkpoint.as_bytes()).ok()?;
                let named = Checkpoint::parse(named.text()).ok()?;
                // One of which nothing was lost must be a beginning.
                (named == *older && restore.lost.is_some()).then_some(*index)
            }
            _ => None,
        })
    }

    /// Why an older checkpoint isn't this ledger's beginning.
    fn contradiction(&self, older: &Checkpoint) -> String {
        let lost = self.restored.iter().find_map(|(index, lost)| {
            let lost = lost.filter(|lost| lost.from < older.size && older.size <= lost.to)?;
            (older.origin != self.origin).then_some((index, lost))
        });
        if let Some((index, lost)) = lost {
            return format!(
                "it has {} entries of the log before the restore in entry {index}, which says that {} were lost: what it vouches for beyond entry {} can't be compared",
                older.size,
                span(lost.from, lost.to),
                lost.from.saturating_sub(1)
            );
        }
        if older.size > self.size {
            format!("it has {} entries, this ledger {}", older.size, self.size)
        } else {
            format!("the first {} entries of this ledger are others", older.size)
        }
    }
}

/// Entries from one to before another, in words.
pub(super) fn span(from: u64, to: u64) -> String {
    match to.saturating_sub(1) {
        last if last <= from => format!("entry {from}"),
        last => format!("entries {from} to {last}"),
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
