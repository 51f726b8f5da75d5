//! Files written so that a power cut leaves all of one or none: written and
//! fsynced under another name, then given theirs, then the directory fsynced.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{LedgerError, Result};
use crate::tile::Tile;

/// Where files lie until they have their name; emptied at the start.
const STAGING: &str = "writing";

/// Writes below a ledger's directory.
#[derive(Debug)]
pub(super) struct Writer {
    root: PathBuf,
    /// Directories that a power cut can't take away any more.
    lasting: BTreeSet<PathBuf>,
}

impl Writer {
    /// Makes the directory and removes what a crash left in it.
    pub(super) fn open(root: &Path) -> Result<Self> {
        make_directory(root)?;
        let staging = root.join(STAGING);
        make_directory(&staging)?;
        for file in fs::read_dir(&staging).map_err(LedgerError::file("can't list", &staging))? {
            let path = file.map_err(LedgerError::file("can't list", &staging))?.path();
            fs::remove_file(&path).map_err(LedgerError::file("can't remove", &path))?;
        }
        Ok(Self { root: root.to_owned(), lasting: BTreeSet::from([root.to_owned()]) })
    }

    /// Writes tiles that aren't there and leaves those that are there, if they are
    /// the same. `since` is the size before, for the message.
    pub(super) fn write_tiles(&mut self, since: u64, tiles: &[(Tile, Vec<u8>)]) -> Result<()> {
        let mut directories = BTreeSet::new();
        for (tile, bytes) in tiles {
            let path = self.root.join(tile.path());
            if let Some(parent) = path.parent() {
                self.make_lasting(parent)?;
                directories.insert(parent.to_owned());
            }
            let staged = self.stage(bytes)?;
            // A link never takes the place of what is there, as a rename would.
            let linked = fs::hard_link(&staged, &path);
            fs::remove_file(&staged).map_err(LedgerError::file("can't remove", &staged))?;
            match linked {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    let there = fs::read(&path).map_err(LedgerError::file("can't read", &path))?;
                    if there != *bytes {
                        return Err(LedgerError::Contradiction { index: since, path: tile.path() });
                    }
                }
                Err(source) => {
                    return Err(LedgerError::File { action: "can't name", path, source });
                }
            }
        }
        directories.iter().try_for_each(|directory| fsync_directory(directory))?;
        for (tile, _) in tiles.iter().filter(|(tile, _)| tile.is_full()) {
            self.drop_partial(*tile)?;
        }
        Ok(())
    }

    /// Removes the partial forms of a tile that stands there full: readers take the
    /// full one in their place.
    fn drop_partial(&mut self, tile: Tile) -> Result<()> {
        let path = self.root.join(format!("{}.p", tile.path()));
        self.lasting.remove(&path);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(LedgerError::File { action: "can't remove", path, source: error })
            }
            _ => Ok(()),
        }
    }

    /// Makes a directory below the root. One that is there may be a crash's, made
    /// and not fsynced: each is fsynced once by this process.
    fn make_lasting(&mut self, path: &Path) -> Result<()> {
        if self.lasting.contains(path) {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.make_lasting(parent)?;
            make_directory(path)?;
            fsync_directory(parent)?;
        }
        self.lasting.insert(path.to_owned());
        Ok(())
    }

    /// Puts bytes in the place of a file.
    pub(super) fn replace(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let staged = self.stage(bytes)?;
        let path = self.root.join(name);
        fs::rename(&staged, &path).map_err(LedgerError::file("can't replace", &path))?;
        fsync_directory(&self.root)
    }

    fn stage(&self, bytes: &[u8]) -> Result<PathBuf> {
        let staged = self.root.join(STAGING).join("file");
        write_new(&staged, bytes, 0o644)?;
        Ok(staged)
    }
}

/// Writes and fsyncs a file that isn't there yet, with permissions.
pub(crate) fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let mut file = options.open(path).map_err(LedgerError::file("can't make", path))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(LedgerError::file("can't write", path))
}

/// Makes a directory and those above it, each fsynced into the one above.
pub(crate) fn make_directory(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        make_directory(parent)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(LedgerError::File { action: "can't make", path: path.to_owned(), source: error })
        }
        _ => fsync_directory(parent.unwrap_or(Path::new("."))),
    }
}

/// Makes the names in a directory last.
pub(crate) fn fsync_directory(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(LedgerError::file("can't fsync", path))
}
