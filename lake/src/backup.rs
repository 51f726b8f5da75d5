//! Backup and restore. A backup is a directory like the data directory, of one
//! checkpoint; a second one into the same place copies only what is new. A restored
//! ledger goes on under a new origin: nobody can take it for the one that was lost.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use chrono::Utc;
use rollcall_ledger::{
    Beginnings, Checkpoint, Directory, Entry, Head, IndexRange, Ledger, Level, LogKeys, Note,
    ReadTile, Tile, push_entry, tiles,
};
use serde::{Deserialize, Serialize};

use crate::directory::{Access, DataDirectory};
use crate::error::{LakeError, Result};
use crate::notary::{commit_path, sha256_of, subject};
use crate::provenance::{Provenance, State};
use crate::sign_once::SignOnce;
use crate::store::{create_private_directory, fsync_directory};
use crate::table::Table;

/// The file that makes a directory a backup; written last.
pub(crate) const MARKER: &str = "backup.json";
/// How far inputs have come that follow something; the same name as in the data directory.
const MARKS: &str = "marks";
/// What an identity provider has provisioned; the same name as in the data directory.
const SCIM: &str = "scim";
/// The first file that is copied: of every data directory.
const FORMAT: &str = "format";
/// The keys without which rows can't be verified, and the log's own.
const KEYS: [&str; 4] = ["row", "identifier", "log", "log.pub"];

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// When it was made, µs since 1970 UTC.
    pub time: i64,
    /// Which log.
    pub origin: String,
    /// Entries of its ledger.
    pub entries: u64,
    /// Files of rows.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were copied this time.
    #[serde(default)]
    pub copied: usize,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The backup.
    pub backup: Backup,
    /// The origin under which the ledger goes on.
    pub origin: String,
    /// Entries that were lost, where a newer checkpoint says so.
    pub lost: u64,
}

/// Copies what a ledger's checkpoint vouches for into a directory. Beside a process
/// that writes, what it writes meanwhile is left out. `also` copies what the lake
/// doesn't know: it gets the data directory and the backup's. Blocks.
///
/// # Errors
/// If a file can't be read or written, or isn't what the ledger says.
pub fn backup(
    directory: &DataDirectory,
    to: &Path,
    also: impl FnOnce(&Path, &Path) -> std::io::Result<()>,
    tell: &dyn Fn(usize, usize),
) -> Result<Backup> {
    let data = directory.path();
    // Before the checkpoint: where they are older than it, inputs read a little again; where
    // they were newer, something would be missing.
    let marks = read_small(directory.marks())?;
    let scim = read_small(directory.scim())?;
    let from = Source::read(data)?;
    let inside = |to: &Path| {
        let detail = "a backup can't lie inside the data directory".to_owned();
        if to.starts_with(data) {
            Err(LakeError::Backup { path: to.to_owned(), detail })
        } else {
            Ok(())
        }
    };
    inside(to)?;
    create_private_directory(to)?;
    let to = to.canonicalize().map_err(LakeError::file("can't find", to))?;
    inside(&to)?;
    refuse_foreign(&to)?;
    from.is_continued_in(&to)?;
    let (copied, bytes) = copy_vouched(data, &to, &from, tell)?;
    for (name, bytes) in [(MARKS, marks), (SCIM, scim)] {
        if let Some(bytes) = bytes {
            write_durably(&to.join(name), &bytes, 0o600)?;
        }
    }
    also(data, &to).map_err(LakeError::file("can't back up what belongs to", data))?;
    let ledger = to.join("ledger");
    write_durably(&ledger.join("checkpoint"), from.checkpoint.as_bytes(), 0o644)?;
    SignOnce::at(ledger.join("signed")).advance(from.head)?;
    let backup = Backup {
        time: Utc::now().timestamp_micros(),
        origin: from.origin.clone(),
        entries: from.head.size,
        files: from.files.len(),
        bytes,
        copied,
    };
    let marker = serde_json::to_vec_pretty(&backup).unwrap_or_default();
    write_durably(&to.join(MARKER), &marker, 0o600)?;
    from.remove_others(&to)?;
    Ok(backup)
}

/// A small file that not every data directory has.
fn read_small(path: PathBuf) -> Result<Option<Vec<u8>>> {
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LakeError::file("can't read", path)(error)),
    }
}

/// Refuses a directory of something else: what isn't part of a backup is removed from it.
fn refuse_foreign(to: &Path) -> Result<()> {
    let entries = fs::read_dir(to).map_err(LakeError::file("can't list", to))?;
    // The first file of a backup, the marker is its last.
    let is_begun = [FORMAT, MARKER].iter().any(|name| to.join(name).exists());
    if !is_begun && entries.count() > 0 {
        let detail =
            "it holds other files: name an empty directory, or one of an earlier backup".to_owned();
        return Err(LakeError::Backup { path: to.to_owned(), detail });
    }
    Ok(())
}

/// Copies what a checkpoint vouches for, but the checkpoint itself; tells how many files
/// were new, and the bytes of all files of rows.
fn copy_vouched(
    data: &Path,
    to: &Path,
    from: &Source,
    tell: &dyn Fn(usize, usize),
) -> Result<(usize, u64)> {
    let mut copies = Copies { data: data.to_owned(), to: to.to_owned(), copied: 0 };
    copies.always(Path::new(FORMAT), 0o600)?;
    let (mut bytes, total) = (0, from.files.len());
    for (done, file) in from.files.iter().enumerate() {
        copies.once(&file.path, Some(&file.sha256))?;
        bytes += file.bytes;
        tell(done + 1, total);
    }
    for (table, last) in &from.versions {
        for version in 0..=*last {
            let path = commit_path(data, *table, version);
            copies.once(path.strip_prefix(data).unwrap_or(&path), None)?;
        }
    }
    let log = Directory::new(data.join("ledger"));
    for tile in tiles(from.head.size) {
        let path = Path::new("ledger").join(tile.path());
        if tile.is_full() {
            copies.once(&path, None)?;
        } else {
            write_durably(&to.join(path), &partial(&log, tile, from.head.size)?, 0o644)?;
        }
    }
    for key in KEYS {
        copies.always(&Path::new("ledger/keys").join(key), 0o600)?;
    }
    Ok((copies.copied, bytes))
}

/// Makes a data directory of a backup. `newest` is the newest checkpoint that is known
/// from before, where it is newer than the backup. Blocks.
///
/// # Errors
/// If there is no backup, if there is data already, or if a file can't be written.
pub fn restore(from: &Path, to: &Path, newest: Option<&[u8]>) -> Result<Restored> {
    let path = from.join(MARKER);
    let marker = fs::read(&path).map_err(LakeError::file("can't read", &path))?;
    let backup: Backup = serde_json::from_slice(&marker)
        .map_err(|error| LakeError::Damaged { path, detail: error.to_string() })?;
    let is_empty = match fs::read_dir(to) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => !to.exists(),
    };
    if !is_empty {
        let detail = "there is data already: restore into a directory of its own".to_owned();
        return Err(LakeError::Backup { path: to.to_owned(), detail });
    }
    let staged = staging(to)?;
    let made = restore_into(&staged, from, newest);
    if made.is_err() {
        // What is half done would be in the way of the next; the reason is told.
        let _ = fs::remove_dir_all(&staged);
    }
    let (origin, lost) = made?;
    if to.exists() {
        fs::remove_dir(to).map_err(LakeError::file("can't replace", to))?;
    }
    fs::rename(&staged, to).map_err(LakeError::file("can't name", to))?;
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    fsync_directory(parent.unwrap_or(Path::new(".")))?;
    DataDirectory::open(to, Access::Read)?;
    Ok(Restored { backup, origin, lost })
}

/// Makes the data directory; the origin under which it goes on, and what was lost.
fn restore_into(staged: &Path, from: &Path, newest: Option<&[u8]>) -> Result<(String, u64)> {
    // Only what the checkpoint vouches for: a backup that was interrupted may have more.
    let source = Source::read(from)?;
    copy_vouched(from, staged, &source, &|_, _| {})?;
    for name in ["state.db", MARKS, SCIM] {
        if from.join(name).exists() {
            copy(&from.join(name), &staged.join(name))?;
        }
    }
    write_durably(&staged.join("ledger/checkpoint"), source.checkpoint.as_bytes(), 0o644)?;
    SignOnce::at(staged.join("ledger/signed")).advance(source.head)?;
    go_on(staged, from, newest).map_err(|error| error.in_ledger(&staged.join("ledger")))
}

/// Where a restore is made until it is whole: beside its place, under a name of its own.
fn staging(to: &Path) -> Result<PathBuf> {
    let to = std::path::absolute(to).map_err(LakeError::file("can't find", to))?;
    let none = || LakeError::Backup { path: to.clone(), detail: "it has no name".to_owned() };
    let mut name = to.file_name().ok_or_else(none)?.to_owned();
    name.push(".restoring");
    let staged = to.with_file_name(name);
    if staged.exists() {
        let detail = "an earlier restore was interrupted there; remove it first".to_owned();
        return Err(LakeError::Backup { path: staged, detail });
    }
    create_private_directory(&staged)?;
    Ok(staged)
}

/// Appends the entry of the restore from a backup, under a key and an origin of its own.
fn go_on(staged: &Path, backup: &Path, newest: Option<&[u8]>) -> Result<(String, u64)> {
    let root = staged.join("ledger");
    let log = Directory::new(&root);
    let path = root.join("checkpoint");
    let own = log.checkpoint()?.ok_or_else(|| LakeError::Damaged {
        path: path.clone(),
        detail: "the backup has no checkpoint".to_owned(),
    })?;
    let mut keys = LogKeys::load(&root.join("keys"))?;
    let known = keys.public().verifiers();
    let checkpoint = Checkpoint::open(&own, &known)?.checkpoint;
    let newest = match newest {
        Some(bytes) => match Checkpoint::open(bytes, &known) {
            Ok(signed) => Some((bytes, signed.checkpoint)),
            Err(error) => {
                let detail = format!(
                    "the newest checkpoint can't be bound to it: {error}; where its key was made after the backup, restore without it, keep it, and tell the auditors what it says"
                );
                return Err(LakeError::Backup { path: backup.to_owned(), detail });
            }
        },
        None => None,
    };
    let newer = newest.filter(|(_, newest)| newest.size > checkpoint.size);
    let size = checkpoint.size;
    let lost = newer.as_ref().map(|(_, newest)| IndexRange { from: size, to: newest.size });
    let named = newer.map_or(own.as_slice(), |(bytes, _)| bytes);
    let mut ledger = Ledger::open(&root, Head::from(&checkpoint))?;
    let origin = format!("rollcall/{}", uuid::Uuid::new_v4());
    let named = String::from_utf8_lossy(named).into_owned();
    let fact = keys.restore(size, &origin, named, lost)?;
    let entry = Entry::new(Utc::now().timestamp_micros(), fact).to_bytes()?;
    let head = ledger.append(&[entry])?;
    SignOnce::at(root.join("signed")).advance(head)?;
    let checkpoint = Checkpoint {
        origin: origin.clone(),
        size: head.size,
        root: head.root,
        extensions: Vec::new(),
    };
    ledger.replace_checkpoint(&checkpoint.sign(&[keys.signer()])?)?;
    Ok((origin, lost.map_or(0, |lost| lost.to - lost.from)))
}

/// A tile that wasn't full at a size; by now it may be part of a full one.
fn partial(log: &Directory, tile: Tile, size: u64) -> Result<Vec<u8>> {
    if let Ok(bytes) = log.tile(&tile.path()) {
        return Ok(bytes);
    }
    if tile.level() == Level::Entries {
        let mut bundle = Vec::new();
        for entry in log.entries(size).bundle(tile.index())? {
            push_entry(&mut bundle, &entry)?;
        }
        return Ok(bundle);
    }
    let full = tile.path();
    let full = full.split_once(".p/").map_or(full.as_str(), |(full, _)| full);
    let path = log.path().join(full);
    let mut bytes = log.tile(full).map_err(LakeError::file("can't read", path))?;
    bytes.truncate(usize::from(tile.width()) * 32);
    Ok(bytes)
}

/// What a checkpoint vouches for.
struct Source {
    log: Directory,
    checkpoint: String,
    origin: String,
    head: Head,
    files: Vec<Kept>,
    versions: BTreeMap<Table, u64>,
}

/// A file of rows, by its path below the data directory.
struct Kept {
    path: PathBuf,
    sha256: String,
    bytes: u64,
}

impl Source {
    fn read(data: &Path) -> Result<Self> {
        let root = data.join("ledger");
        Self::said_by(&root).map_err(|error| error.in_ledger(&root))
    }

    fn said_by(root: &Path) -> Result<Self> {
        let log = Directory::new(root);
        let bytes = log.checkpoint()?.ok_or_else(|| LakeError::Damaged {
            path: root.join("checkpoint"),
            detail: "there is no checkpoint: nothing vouches for this data".to_owned(),
        })?;
        let checkpoint = Checkpoint::parse(Note::parse(&bytes)?.text())?;
        let mut provenance = Provenance::default();
        let mut versions = BTreeMap::new();
        for entry in log.entries(checkpoint.size).from(0) {
            let (index, bytes) = entry?;
            let entry = Entry::parse(&bytes)?;
            if let Some((table, version)) = subject(&entry) {
                versions.insert(table, version);
            }
            provenance.take(index, &entry);
        }
        let kept = provenance.files().iter().filter(|origin| origin.state != State::Gone);
        let files = kept
            .map(|origin| Kept {
                path: Path::new(origin.table.name()).join(&origin.file.path),
                sha256: origin.file.sha256.clone(),
                bytes: origin.file.bytes,
            })
            .collect();
        Ok(Self {
            log,
            checkpoint: String::from_utf8_lossy(&bytes).into_owned(),
            head: Head::from(&checkpoint),
            origin: checkpoint.origin,
            files,
            versions,
        })
    }

    /// Refuses a place that holds a backup of another history: files of both would lie
    /// there side by side.
    fn is_continued_in(&self, to: &Path) -> Result<()> {
        let there = Directory::new(to.join("ledger"));
        let Some(bytes) = there.checkpoint()? else { return Ok(()) };
        let there = Checkpoint::parse(Note::parse(&bytes)?.text())?;
        // By the entries: tiles of then may have stayed where these were rewritten.
        let ours = Beginnings::read(&self.log.entries(self.head.size))?.root(there.size);
        if ours == Some(there.root) {
            return Ok(());
        }
        let detail = format!(
            "it holds a backup of {} whose {} entries aren't the beginning of this ledger; name another place",
            there.origin, there.size
        );
        Err(LakeError::Backup { path: to.to_owned(), detail })
    }

    /// What an earlier backup holds and this one doesn't, goes: rows that were erased,
    /// above all.
    fn remove_others(&self, to: &Path) -> Result<()> {
        let kept: HashSet<PathBuf> = self.files.iter().map(|file| to.join(&file.path)).collect();
        for table in Table::ALL {
            let folder = to.join(table.name());
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries {
                let path = entry.map_err(LakeError::file("can't list", &folder))?.path();
                if path.is_file() && !kept.contains(&path) {
                    fs::remove_file(&path).map_err(LakeError::file("can't remove", &path))?;
                }
            }
        }
        Ok(())
    }
}

/// Copies files from the data directory to the backup's, durably.
struct Copies {
    data: PathBuf,
    to: PathBuf,
    copied: usize,
}

impl Copies {
    /// A file that never changes: copied where it isn't there yet.
    fn once(&mut self, path: &Path, sha256: Option<&str>) -> Result<()> {
        let (from, to) = (self.data.join(path), self.to.join(path));
        let length = |path: &Path| fs::metadata(path).map(|file| file.len()).ok();
        if length(&to).is_some() && length(&to) == length(&from) {
            return Ok(());
        }
        copy(&from, &to)?;
        self.copied += 1;
        let Some(expected) = sha256 else { return Ok(()) };
        let found = sha256_of(&to)?;
        if found == expected {
            return Ok(());
        }
        let detail = format!("its SHA-256 is {found}, the ledger says {expected}");
        Err(LakeError::Damaged { path: from, detail })
    }

    /// A small file that may change.
    fn always(&self, path: &Path, mode: u32) -> Result<()> {
        let from = self.data.join(path);
        let bytes = fs::read(&from).map_err(LakeError::file("can't read", &from))?;
        write_durably(&self.to.join(path), &bytes, mode)
    }
}

/// Copies a file: temporary name, fsync, final name, fsync of the directory.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let parent = to.parent().unwrap_or(Path::new("."));
    create_private_directory(parent)?;
    let staged = to.with_extension("copying");
    fs::copy(from, &staged).map_err(LakeError::file("can't copy", from))?;
    File::open(&staged)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&staged, to))
        .map_err(LakeError::file("can't write", to))?;
    fsync_directory(parent)
}

fn write_durably(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    create_private_directory(parent)?;
    let staged = path.with_extension("writing");
    let write = || -> std::io::Result<()> {
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(mode).open(&staged)?;
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&staged, path)
    };
    write().map_err(LakeError::file("can't write", path))?;
    fsync_directory(parent)
}
