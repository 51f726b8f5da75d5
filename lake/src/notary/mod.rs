//! The notary: turns every Delta commit into exactly one entry of the ledger, in
//! the process that holds the lock, before anybody builds on the commit.
//!
//! ```text
//! fact       a commit's entry: a pure function of the commit's bytes
//! read_back  what is on disk, read again before anything is signed about it
//! start      what is looked at before anything is signed at all
//! ```
//!
//! Order (ledger.md): Parquet and commit are fsynced → the file is read back →
//! entry and tiles fsynced → the root is recomputed from the tiles → (size, root)
//! moved on in the sign-once file → signed → the checkpoint replaced.
//! Everything here blocks.

mod fact;
mod read_back;
mod start;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono::Utc;
use rollcall_ledger::{
    Checkpoint, Directory, Entry, Fact, Head, Heartbeat, Ledger, LogKeys, Note, recount,
};

use crate::directory::DataDirectory;
use crate::error::{LakeError, Result};
use crate::objection::objection;
use crate::provenance::Provenance;
use crate::sign_once::SignOnce;
use crate::table::Table;
pub(crate) use fact::{Commitment, entry_of};
pub(crate) use read_back::{irregular, read_back, sha256_of};
pub(crate) use start::behind;
use start::{Known, refuse_unbegun};

/// Most commits that go into one batch of tiles and one checkpoint.
const TOGETHER: usize = 256;
/// Silence after which a heartbeat says so, µs.
const SILENCE: i64 = 10 * 60 * 1_000_000;

/// What a sign-once file that isn't there may mean.
pub(crate) const MISSING_SIGN_ONCE: &str = "the file that says what was signed last is missing, \
    and a checkpoint is there; where ledger.sign_once has just been set to this place, copy the \
    data directory's ledger/signed there first; where it is set to another, name the \
    configuration (--config)";

/// Writes the ledger.
#[derive(Debug)]
pub(crate) struct Notary {
    data: PathBuf,
    ledger: Ledger,
    keys: LogKeys,
    sign_once: SignOnce,
    /// The version of each table that the ledger says nothing of yet.
    next: BTreeMap<Table, u64>,
    /// When the last entry was written, µs since 1970 UTC by this clock.
    last: i64,
    /// Why nothing more is written: something failed between an entry and its
    /// signature, and only a new start can tell how far it came.
    failed: Option<String>,
    /// The process is ending.
    is_closed: bool,
    /// At the start: what commits that came without this process are held against.
    known: Option<Known>,
}

impl Notary {
    /// Opens the ledger and takes up where it ended; makes it where there is none.
    ///
    /// # Errors
    /// If it is shorter than what was signed, if a commit that it knows is gone, if
    /// its key is gone, or if a file can't be read or written.
    pub(crate) fn open(directory: &DataDirectory, sign_once: SignOnce) -> Result<Self> {
        let root = directory.ledger();
        let size = sign_once.read()?.map_or(0, |head| head.size);
        Self::take_up(directory, sign_once).map_err(|error| match error {
            LakeError::Ledger(error) => LakeError::RolledBack {
                detail: format!("{error}{}", damaged(&root, size)),
                path: root,
            },
            error => error,
        })
    }

    fn take_up(directory: &DataDirectory, sign_once: SignOnce) -> Result<Self> {
        let root = directory.ledger();
        let signed = sign_once.read()?;
        let checkpoint = Directory::new(&root).checkpoint()?;
        if signed.is_none() && checkpoint.is_none() {
            refuse_unbegun(directory)?;
        }
        let keys = keys(&directory.keys(), signed.is_some() || checkpoint.is_some())?;
        let opened = |note: &Vec<u8>| {
            let known = keys.public().for_checkpoint(note);
            let opened = known.and_then(|keys| Checkpoint::open(note, &keys));
            opened.map(|signed| Head::from(&signed.checkpoint)).map_err(|error| {
                LakeError::RolledBack {
                    path: root.join("checkpoint"),
                    detail: format!("the checkpoint isn't the log's: {error}"),
                }
            })
        };
        let stated = checkpoint.as_ref().map(opened).transpose()?;
        let head = match (signed, &checkpoint) {
            (Some(head), _) => head,
            (None, None) => Head::empty(),
            (None, Some(_)) => {
                return Err(LakeError::RolledBack {
                    path: sign_once.place().into(),
                    detail: MISSING_SIGN_ONCE.to_owned(),
                });
            }
        };
        start::refuse_other(&root, &sign_once.place(), head, stated)?;
        let ledger = Ledger::open(&root, head).map_err(|error| LakeError::RolledBack {
            path: root.clone(),
            detail: format!(
                "the ledger isn't the one that was signed, by {}: {error}{}",
                sign_once.place(),
                damaged(&root, head.size)
            ),
        })?;
        start::refuse_rewritten(&root, ledger.beginnings(), stated)?;
        let known = Known::read(directory, ledger.directory(), head.size)?;
        let mut notary = Self {
            data: directory.path().to_owned(),
            known: Some(known),
            next: next_versions(ledger.directory(), head.size)?,
            ledger,
            keys,
            sign_once,
            last: Utc::now().timestamp_micros(),
            failed: None,
            is_closed: false,
        };
        notary.last = notary.newest_time(head.size)?;
        notary.take_over()?;
        notary.refuse_missing()?;
        if notary.ledger.head().size > 0 {
            notary.sign()?;
        }
        Ok(notary)
    }

    /// The time of the newest entry; now where there is none.
    fn newest_time(&self, size: u64) -> Result<i64> {
        let Some(newest) = size.checked_sub(1) else { return Ok(self.last) };
        let bytes = self.ledger.directory().entries(size).entry(newest)?;
        Ok(Entry::parse(&bytes)?.time.min(self.last))
    }

    /// Entries that a crash left behind the last signed size: they stand, and are
    /// what their commits say.
    fn take_over(&mut self) -> Result<()> {
        let beyond: Vec<Vec<u8>> = self.ledger.beyond().iter().cloned().collect();
        if beyond.is_empty() {
            return Ok(());
        }
        if self.ledger.head().size > 0 {
            // What was moved on to is signed before anything comes behind it.
            self.sign()?;
        }
        let mut changes = Vec::new();
        for (index, bytes) in (self.ledger.head().size..).zip(&beyond) {
            let entry = Entry::parse(bytes)?;
            if let Some((table, version)) = subject(&entry) {
                let expected = self.entry(table, version)?.map(|entry| entry.to_bytes());
                if expected.transpose()?.as_ref() != Some(bytes) {
                    return Err(LakeError::RolledBack {
                        path: self.ledger.directory().path().to_owned(),
                        detail: format!(
                            "an entry that isn't signed yet isn't what version {version} of table {} says",
                            table.name()
                        ),
                    });
                }
                self.next.insert(table, version + 1);
            }
            if let Fact::KeyChange(change) = &entry.fact {
                changes.push((index, change.clone()));
            }
        }
        self.ledger.append(&beyond)?;
        for (index, change) in changes {
            self.keys.end_change(index, &change)?;
        }
        self.sign()
    }

    /// Refuses to go on where a commit that the ledger knows isn't there.
    fn refuse_missing(&self) -> Result<()> {
        for (table, next) in &self.next {
            let Some(version) = next.checked_sub(1) else { continue };
            let path = commit_path(&self.data, *table, version);
            if !path.exists() {
                let detail = format!(
                    "the ledger has an entry about version {version} of table {}, whose commit is gone",
                    table.name()
                );
                return Err(LakeError::RolledBack { path, detail });
            }
        }
        Ok(())
    }

    /// The same at the start, where nobody knows who made these commits: each is looked at
    /// as a whole.
    ///
    /// # Errors
    /// As [`Self::catch_up`]; if a commit isn't one that this program would have made.
    pub(crate) fn begin(&mut self) -> Result<()> {
        self.catch_up()?;
        self.known = None;
        Ok(())
    }

    /// Writes an entry for every commit that has none yet, and signs.
    ///
    /// # Errors
    /// If a commit's file isn't what the commit says, or the ledger can't be written:
    /// then the process must stop.
    pub(crate) fn catch_up(&mut self) -> Result<()> {
        loop {
            let mut entries = Vec::new();
            let mut next = self.next.clone();
            for table in Table::ALL {
                while entries.len() < TOGETHER {
                    let version = next.get(&table).copied().unwrap_or_default();
                    let Some(entry) = self.entry(table, version)? else { break };
                    self.refuse_unfounded(table, version, &entry, &entries)?;
                    if !self.is_removed_later(table, version, &entry)? {
                        read_back(&self.data, table, &entry)?;
                        if let Some(known) = &self.known {
                            known.refuse_rows(&self.data, table, &entry)?;
                        }
                    }
                    if let Some(known) = &mut self.known {
                        known.refuse_foreign(&self.data, table, version, &entry)?;
                    }
                    entries.push(entry.to_bytes()?);
                    next.insert(table, version + 1);
                }
            }
            if entries.is_empty() {
                return Ok(());
            }
            self.append(&entries)?;
            self.next = next;
        }
    }

    /// Refuses a commit that takes files away against the rule that it names: it isn't
    /// one that this program made, and must not become an entry. `pending` are the
    /// entries before it that aren't written yet.
    fn refuse_unfounded(
        &self,
        table: Table,
        version: u64,
        entry: &Entry,
        pending: &[Vec<u8>],
    ) -> Result<()> {
        if !matches!(entry.fact, Fact::Retention(_) | Fact::Erasure(_)) {
            return Ok(());
        }
        let mut before = Provenance::read(self.ledger.directory().path())?;
        for (index, bytes) in (self.ledger.head().size..).zip(pending) {
            before.take(index, &Entry::parse(bytes)?);
        }
        match objection(&before, entry) {
            Some(detail) => Err(LakeError::Commit { table: table.name(), version, detail }),
            None => Ok(()),
        }
    }

    /// Whether a later commit takes the file away again: then it may be gone by now.
    fn is_removed_later(&self, table: Table, version: u64, entry: &Entry) -> Result<bool> {
        let root = self.data.join(table.name());
        let mut missing: Vec<&str> =
            entry.added().map(|file| file.path.as_str()).into_iter().collect();
        if let Fact::Erasure(erasure) = &entry.fact {
            missing.extend(erasure.replaced.iter().map(|replaced| replaced.path.as_str()));
        }
        missing.retain(|name| !root.join(name).exists());
        if missing.is_empty() {
            return Ok(false);
        }
        for later in version + 1.. {
            let path = commit_path(&self.data, table, later);
            let bytes = match fs::read(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
                bytes => bytes.map_err(LakeError::file("can't read", &path))?,
            };
            let commit = Commitment::parse(&bytes).unwrap_or_default();
            missing.retain(|name| !commit.removed.iter().any(|removed| removed == name));
            if missing.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Says that nothing happened, if nothing did for ten minutes.
    ///
    /// # Errors
    /// If the ledger can't be written.
    pub(crate) fn heartbeat(&mut self) -> Result<()> {
        let now = Utc::now().timestamp_micros();
        if self.is_closed || now.saturating_sub(self.last) < SILENCE {
            return Ok(());
        }
        let versions = self
            .next
            .iter()
            .filter_map(|(table, next)| Some((table.name().to_owned(), next.checked_sub(1)?)))
            .collect();
        self.state(Heartbeat { versions })
    }

    /// Writes an entry about something that isn't a commit.
    ///
    /// # Errors
    /// If the ledger can't be written.
    pub(crate) fn state(&mut self, fact: impl Into<Fact>) -> Result<()> {
        let entry = Entry::new(Utc::now().timestamp_micros(), fact);
        self.append(&[entry.to_bytes()?])
    }

    /// Changes the log's key: the entry is the old key's last word, and its
    /// checkpoint the new key's first.
    ///
    /// # Errors
    /// If the ledger or a key can't be written.
    pub(crate) fn change_key(&mut self) -> Result<String> {
        self.guarded(|notary| {
            let index = notary.ledger.head().size;
            let change = notary.keys.begin_change(index)?;
            let entry = Entry::new(Utc::now().timestamp_micros(), change.clone());
            notary.ledger.append(&[entry.to_bytes()?])?;
            notary.keys.end_change(index, &change)?;
            notary.sign()?;
            Ok(change.key)
        })
    }

    fn append(&mut self, entries: &[Vec<u8>]) -> Result<()> {
        self.guarded(|notary| {
            notary.ledger.append(entries)?;
            notary.last = Utc::now().timestamp_micros();
            notary.sign()
        })
    }

    /// Writes nothing more from now on: the process is ending.
    pub(crate) const fn close(&mut self) {
        self.is_closed = true;
    }

    /// Does something that changes the ledger; after a failure, nothing more.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.is_closed {
            return Err(LakeError::Ending);
        }
        if let Some(reason) = &self.failed {
            return Err(LakeError::LedgerStopped(reason.clone()));
        }
        let done = work(self).map_err(|error| error.in_ledger(self.ledger.directory().path()));
        if let Err(error) = &done {
            self.failed = Some(error.to_string());
        }
        done
    }

    /// Recomputes the root from the tiles, moves the sign-once file on, signs, and
    /// replaces the checkpoint.
    fn sign(&self) -> Result<()> {
        let head = self.ledger.head();
        let root = self.ledger.directory().hashes(head.size).root()?;
        if root != head.root {
            return Err(LakeError::RolledBack {
                path: self.ledger.directory().path().to_owned(),
                detail: format!(
                    "the tiles on disk don't give the root of the {} entries that were written",
                    head.size
                ),
            });
        }
        self.sign_once.advance(head)?;
        // Signed already, perhaps by a key that has been changed since.
        if let Some(note) = self.ledger.directory().checkpoint()?
            && Head::from(&Checkpoint::parse(Note::parse(&note)?.text())?) == head
        {
            return Ok(());
        }
        let checkpoint = Checkpoint {
            origin: self.keys.signer().name().to_owned(),
            size: head.size,
            root: head.root,
            extensions: Vec::new(),
        };
        let note = checkpoint.sign(&[self.keys.signer()])?;
        Ok(self.ledger.replace_checkpoint(&note)?)
    }

    /// The entry of a table's version; nothing where there is no such version yet.
    fn entry(&self, table: Table, version: u64) -> Result<Option<Entry>> {
        let path = commit_path(&self.data, table, version);
        match fs::read(&path) {
            Ok(bytes) => entry_of(table, version, &bytes).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(LakeError::File { action: "can't read", path, source }),
        }
    }
}

/// Where a table's commit lies.
pub(crate) fn commit_path(data: &Path, table: Table, version: u64) -> PathBuf {
    commit_path_in(&data.join(table.name()), version)
}

/// The same by the table's directory.
pub(crate) fn commit_path_in(table: &Path, version: u64) -> PathBuf {
    table.join("_delta_log").join(format!("{version:020}.json"))
}

/// The version of each table that a ledger's signed part says nothing of yet; empty where
/// there is no checkpoint.
pub(crate) fn unknown_versions(ledger: &Path) -> Result<BTreeMap<Table, u64>> {
    let directory = Directory::new(ledger);
    let Some(note) = directory.checkpoint()? else { return Ok(BTreeMap::new()) };
    let size = Checkpoint::parse(Note::parse(&note)?.text())?.size;
    next_versions(&directory, size)
}

/// The table and version that an entry is about.
pub(crate) fn subject(entry: &Entry) -> Option<(Table, u64)> {
    let commit = entry.commit()?;
    Some((Table::from_name(&commit.table)?, commit.delta_version))
}

/// Which files of the ledger contradict each other, in words: a hash that isn't that of
/// its entry may be wrong, or the entry.
fn damaged(root: &Path, size: u64) -> String {
    let damage = recount(&Directory::new(root), size, |_, _| ()).damage;
    let mut words = String::new();
    for one in damage.iter().take(3) {
        words.push_str(&format!("; {}: {}", root.join(&one.path).display(), one.detail));
        if let Some(bundle) = one.path.strip_prefix("tile/0/") {
            let bundle = root.join("tile/entries").join(bundle);
            words.push_str(&format!(" (or it is {} that was changed)", bundle.display()));
        }
    }
    words
}

/// The log's key; made where no ledger has been begun.
fn keys(directory: &Path, is_begun: bool) -> Result<LogKeys> {
    if directory.join("log").exists() {
        let detail = |error| format!("log or log.pub, the keys that sign the ledger: {error}");
        return LogKeys::load(directory).map_err(|error| LakeError::Damaged {
            path: directory.join("log.pub"),
            detail: format!("{}; the other is {}", detail(error), directory.join("log").display()),
        });
    }
    if is_begun {
        return Err(LakeError::Damaged {
            path: directory.join("log"),
            detail: "the key that signs the ledger is missing".to_owned(),
        });
    }
    // An origin must be the log's own for ever, wherever it is moved to.
    let origin = format!("rollcall/{}", uuid::Uuid::new_v4());
    Ok(LogKeys::make(directory, &origin)?)
}

/// Goes back through the entries until each table's last is found.
fn next_versions(directory: &Directory, size: u64) -> Result<BTreeMap<Table, u64>> {
    let mut next = BTreeMap::new();
    let entries = directory.entries(size);
    for bundle in (0..size.div_ceil(256)).rev() {
        for bytes in entries.bundle(bundle)?.iter().rev() {
            let entry = Entry::parse(bytes)?;
            if let Some((table, version)) = subject(&entry) {
                next.entry(table).or_insert(version + 1);
            }
            if let Fact::Heartbeat(heartbeat) = &entry.fact {
                for (name, version) in &heartbeat.versions {
                    if let Some(table) = Table::from_name(name) {
                        next.entry(table).or_insert(version + 1);
                    }
                }
            }
        }
        if Table::ALL.iter().all(|table| next.contains_key(table)) {
            break;
        }
    }
    Ok(next)
}
