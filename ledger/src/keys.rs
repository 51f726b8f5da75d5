//! The log's key and its predecessors: `keys/log` (0600), `keys/log.pub` (a verifier
//! key and the first size whose checkpoint it signs, a line each), and while the key
//! is being changed, `keys/log.next`.
//!
//! A change is an entry of type `key` whose statement the old key signed. From the
//! checkpoint on that holds this entry, the new key signs.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::checkpoint::{Checkpoint, parse_decimal};
use crate::entry::{IndexRange, KeyChange, Restore};
use crate::error::{LedgerError, Result};
use crate::note::{Note, SignerKey, VerifierKey};
use crate::store::{fsync_directory, make_directory, write_new};

/// First line of a statement; no checkpoint's second line is a key.
const STATEMENT: &str = "rollcall log key change v1";

/// The keys of a log over its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeys {
    /// Each with the first size that it signs, ascending.
    keys: Vec<(VerifierKey, u64)>,
}

impl PublicKeys {
    /// A log's first key.
    pub fn new(first: VerifierKey) -> Self {
        Self { keys: vec![(first, 0)] }
    }

    /// All of them, oldest first.
    pub fn verifiers(&self) -> Vec<VerifierKey> {
        self.keys.iter().map(|(key, _)| key.clone()).collect()
    }

    /// The key that signs checkpoints of a size.
    pub fn at(&self, size: u64) -> Option<&VerifierKey> {
        self.keys.iter().rev().find(|(_, from)| *from <= size).map(|(key, _)| key)
    }

    /// The key that must have signed a checkpoint, by the size that it states; to open
    /// it with.
    ///
    /// # Errors
    /// If it isn't a checkpoint.
    pub fn for_checkpoint(&self, note: &[u8]) -> Result<Vec<VerifierKey>> {
        let checkpoint = Checkpoint::parse(Note::parse(note)?.text())?;
        Ok(self.at(checkpoint.size).into_iter().cloned().collect())
    }

    /// The newest key.
    pub fn newest(&self) -> Option<&VerifierKey> {
        self.keys.last().map(|(key, _)| key)
    }

    /// Takes over the change in entry `index`, if the newest key signed it.
    ///
    /// # Errors
    /// If it didn't, or the statement says something else than the entry.
    pub fn follow(&mut self, index: u64, change: &KeyChange) -> Result<()> {
        let KeyChange { key, from, statement } = change;
        let name = self.newest().map(|old| old.name().to_owned()).unwrap_or_default();
        self.vouched(index, &name, key, *from, statement)
    }

    /// Takes over the key of the restore in entry `index`, if the newest key signed it.
    ///
    /// # Errors
    /// If it didn't, or the statement says something else than the entry.
    pub fn follow_restore(&mut self, index: u64, restore: &Restore) -> Result<()> {
        let Restore { origin, key, from, statement, .. } = restore;
        self.vouched(index, origin, key, *from, statement)
    }

    fn vouched(
        &mut self,
        index: u64,
        name: &str,
        key: &str,
        from: u64,
        vouching: &str,
    ) -> Result<()> {
        let bad = |detail: &str| LedgerError::BadKeyChange { index, detail: detail.to_owned() };
        let old = self.newest().ok_or_else(|| bad("there is no older key"))?;
        let new: VerifierKey = key.parse()?;
        if new.name() != name {
            return Err(bad("the new key has another name"));
        }
        if Some(from) != index.checked_add(1) {
            return Err(bad("it isn't valid from the entry's own checkpoint on"));
        }
        let note = Note::parse(vouching.as_bytes())?;
        if note.text() != statement(&new, from) {
            return Err(bad("the statement is about another key or size"));
        }
        note.verify(std::slice::from_ref(old))
            .map_err(|error| bad(&format!("the old key doesn't vouch for it: {error}")))?;
        self.keys.push((new, from));
        Ok(())
    }
}

fn statement(new: &VerifierKey, from: u64) -> String {
    format!("{STATEMENT}\n{new}\n{from}\n")
}

impl fmt::Display for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.keys.iter().try_for_each(|(key, from)| writeln!(f, "{key} {from}"))
    }
}

impl FromStr for PublicKeys {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self> {
        let bad = |line: &str| {
            LedgerError::BadKey(format!("{line:?} isn't a key and the size it is valid from"))
        };
        let mut keys: Vec<(VerifierKey, u64)> = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let (key, from) = line.rsplit_once(' ').unwrap_or((line, "0"));
            let from = parse_decimal(from).ok_or_else(|| bad(line))?;
            if keys.last().is_some_and(|(_, before)| *before >= from) {
                return Err(bad(line));
            }
            keys.push((key.parse()?, from));
        }
        if keys.is_empty() { Err(bad(text)) } else { Ok(Self { keys }) }
    }
}

/// The log's secret key and its public ones, in a directory.
#[derive(Debug)]
pub struct LogKeys {
    directory: PathBuf,
    signer: SignerKey,
    public: PublicKeys,
}

impl LogKeys {
    /// Makes a key for a log of a given origin, where there is none.
    ///
    /// # Errors
    /// If there is one, or it can't be written.
    pub fn make(directory: &Path, origin: &str) -> Result<Self> {
        let path = directory.join("log");
        if read_if_there(&path)?.is_some() {
            let detail = format!("{} is there already and is never replaced", path.display());
            return Err(LedgerError::BadKey(detail));
        }
        let signer = SignerKey::generate(origin)?;
        let public = PublicKeys::new(signer.verifier());
        make_directory(directory)?;
        let keys = Self { directory: directory.to_owned(), signer, public };
        // The secret one last: where it is, the public one is.
        keys.put("log.pub", &keys.public.to_string(), 0o644)?;
        keys.put("log", &secret_line(&keys.signer), 0o600)?;
        Ok(keys)
    }

    /// Loads the keys; ends a change that was interrupted after its entry.
    ///
    /// # Errors
    /// If a file is missing or holds no key, or the secret key isn't the newest
    /// of the public ones.
    pub fn load(directory: &Path) -> Result<Self> {
        let path = |name: &str| directory.join(name);
        let public: PublicKeys = read(&path("log.pub"))?.parse()?;
        if let Some(next) = read_if_there(&path("log.next"))? {
            let next: SignerKey = next.trim_end().parse()?;
            if public.newest() == Some(&next.verifier()) {
                take_over(directory)?;
            }
        }
        let signer: SignerKey = read(&path("log"))?.trim_end().parse()?;
        if public.newest() != Some(&signer.verifier()) {
            let detail = format!("{} isn't the newest of log.pub beside it", path("log").display());
            return Err(LedgerError::BadKey(detail));
        }
        Ok(Self { directory: directory.to_owned(), signer, public })
    }

    /// The key that signs.
    pub const fn signer(&self) -> &SignerKey {
        &self.signer
    }

    /// The keys that check.
    pub const fn public(&self) -> &PublicKeys {
        &self.public
    }

    /// Begins a change: makes the next key, or finds the one that was made before,
    /// and the fact to append as entry `index`. The same call gives the same fact.
    ///
    /// # Errors
    /// If the next key can't be read or written.
    pub fn begin_change(&self, index: u64) -> Result<KeyChange> {
        let path = self.path("log.next");
        let next = if let Some(text) = read_if_there(&path)? {
            text.trim_end().parse()?
        } else {
            let next = SignerKey::generate(self.signer.name())?;
            self.put("log.next", &secret_line(&next), 0o600)?;
            next
        };
        let (key, from) = (next.verifier(), index + 1);
        let mut note = Note::new(statement(&key, from))?;
        note.add(self.signer.sign(note.text()));
        Ok(KeyChange { key: key.to_string(), from, statement: note.to_string() })
    }

    /// Ends a change once its entry is on disk at `index`: from now on the new key signs.
    ///
    /// # Errors
    /// If the fact isn't one that [`LogKeys::begin_change`] made, or files can't be written.
    pub fn end_change(&mut self, index: u64, change: &KeyChange) -> Result<()> {
        let next: SignerKey = read(&self.path("log.next"))?.trim_end().parse()?;
        let mut public = self.public.clone();
        public.follow(index, change)?;
        if public.newest() != Some(&next.verifier()) {
            let detail = "it isn't about the key in log.next".to_owned();
            return Err(LedgerError::BadKeyChange { index, detail });
        }
        self.public = public;
        self.put("log.pub", &self.public.to_string(), 0o644)?;
        take_over(&self.directory)?;
        self.signer = next;
        Ok(())
    }

    /// Makes the key of a log that goes on from a backup under a new origin, and the
    /// fact to append as entry `index`. The key is in place at once: do this in a
    /// directory that nobody uses yet.
    ///
    /// # Errors
    /// If the key can't be made or written.
    pub fn restore(
        &mut self,
        index: u64,
        origin: &str,
        checkpoint: String,
        lost: Option<IndexRange>,
    ) -> Result<Restore> {
        let next = SignerKey::generate(origin)?;
        let (key, from) = (next.verifier(), index + 1);
        let mut note = Note::new(statement(&key, from))?;
        note.add(self.signer.sign(note.text()));
        let restore = Restore {
            origin: origin.to_owned(),
            key: key.to_string(),
            from,
            statement: note.to_string(),
            checkpoint,
            lost,
        };
        self.public.follow_restore(index, &restore)?;
        self.put("log.pub", &self.public.to_string(), 0o644)?;
        self.put("log", &secret_line(&next), 0o600)?;
        self.signer = next;
        Ok(restore)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Writes a file so that a power cut leaves all of it or none.
    fn put(&self, name: &str, text: &str, mode: u32) -> Result<()> {
        let (path, staged) = (self.path(name), self.path("writing"));
        if staged.exists() {
            fs::remove_file(&staged).map_err(LedgerError::file("can't remove", &staged))?;
        }
        write_new(&staged, text.as_bytes(), mode)?;
        fs::rename(&staged, &path).map_err(LedgerError::file("can't replace", &path))?;
        fsync_directory(&self.directory)
    }
}

/// Puts the next key in the place of the log's.
fn take_over(directory: &Path) -> Result<()> {
    let path = directory.join("log");
    fs::rename(directory.join("log.next"), &path)
        .map_err(LedgerError::file("can't replace", &path))?;
    fsync_directory(directory)
}

fn secret_line(key: &SignerKey) -> String {
    format!("{}\n", key.to_secret_text())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(LedgerError::file("can't read", path))
}

fn read_if_there(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(LedgerError::file("can't read", path)(source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_load_again_readable_by_their_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keys");
        let made = LogKeys::make(&path, "example.org/log").expect("keys");
        let loaded = LogKeys::load(&path).expect("keys");
        assert_eq!(loaded.public(), made.public());
        assert_eq!(loaded.signer().verifier(), made.signer().verifier());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path.join("log")).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(LogKeys::make(&path, "example.org/log").is_err());
        assert_eq!(LogKeys::load(&path).expect("keys").public(), made.public());
    }

    #[test]
    fn a_change_is_followed_from_the_first_key_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut keys = LogKeys::make(folder.path(), "example.org/log").expect("keys");
        let mut followed = PublicKeys::new(keys.signer().verifier());
        for index in [4, 9] {
            let change = keys.begin_change(index).expect("a change");
            assert_eq!(keys.begin_change(index).expect("a change"), change);
            keys.end_change(index, &change).expect("ends");
            followed.follow(index, &change).expect("holds");
        }
        assert_eq!(&followed, keys.public());
        assert_eq!(LogKeys::load(folder.path()).expect("keys").public(), keys.public());
        let [first, second, third] = &followed.verifiers()[..] else { panic!("three keys") };
        for (size, key) in [(0, first), (4, first), (5, second), (9, second), (10, third)] {
            assert_eq!(followed.at(size), Some(key), "at {size}");
        }
    }

    #[test]
    fn a_change_that_the_old_key_did_not_sign_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = LogKeys::make(folder.path(), "example.org/log").expect("keys");
        let good = keys.begin_change(4).expect("a change");
        let other = SignerKey::from_seed("example.org/log", &[3; 32]).expect("a key").verifier();
        let mut by_itself = Note::new(statement(&other, 5)).expect("a note");
        let forged = SignerKey::from_seed("example.org/log", &[3; 32]).expect("a key");
        by_itself.add(forged.sign(by_itself.text()));
        for (index, change) in [
            (3, good.clone()),
            (5, good.clone()),
            (4, KeyChange { key: other.to_string(), ..good.clone() }),
            (4, KeyChange { from: 6, ..good.clone() }),
            (4, KeyChange { key: other.to_string(), from: 5, statement: by_itself.to_string() }),
            (4, KeyChange { statement: String::new(), ..good.clone() }),
        ] {
            let mut public = keys.public().clone();
            assert!(public.follow(index, &change).is_err(), "{change:?}");
            assert_eq!(&public, keys.public());
        }
    }

    #[test]
    fn a_change_that_was_cut_off_is_ended_at_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut keys = LogKeys::make(folder.path(), "example.org/log").expect("keys");
        let before = fs::read(folder.path().join("log")).expect("a key");
        let change = keys.begin_change(4).expect("a change");
        // Begun only: the old key still signs.
        assert_eq!(LogKeys::load(folder.path()).expect("keys").public(), keys.public());
        let next = fs::read(folder.path().join("log.next")).expect("a key");
        keys.end_change(4, &change).expect("ends");
        // As if the last rename were lost.
        fs::write(folder.path().join("log"), before).expect("writes");
        fs::write(folder.path().join("log.next"), next).expect("writes");
        let loaded = LogKeys::load(folder.path()).expect("keys");
        assert_eq!(loaded.signer().verifier(), keys.signer().verifier());
        assert!(!folder.path().join("log.next").exists());
    }
}
