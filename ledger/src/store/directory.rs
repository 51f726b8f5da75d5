//! The ledger's files, read.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::error::{LedgerError, Result};
use crate::tile::{
    Beginnings, Damage, Entries, Level, ReadTile, Tile, TileHashes, WIDTH, damaged_leftovers, items,
};

/// A directory with a ledger in it. Reading needs no lock.
#[derive(Debug, Clone)]
pub struct Directory(PathBuf);

impl ReadTile for Directory {
    fn tile(&self, path: &str) -> io::Result<Vec<u8>> {
        // Nothing but tiles: no path can lead out of the directory or to its keys.
        let tile = Tile::parse(path).ok_or(ErrorKind::NotFound)?;
        let path = self.0.join(tile.path());
        // A pipe would be waited for.
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::other("it isn't a file"));
        }
        fs::read(path)
    }
}

impl Directory {
    /// The ledger in a directory.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The bytes of the checkpoint; `None` if none was signed yet.
    ///
    /// # Errors
    /// If it is there and can't be read.
    pub fn checkpoint(&self) -> Result<Option<Vec<u8>>> {
        let path = self.0.join("checkpoint");
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(LedgerError::File { action: "can't read", path, source }),
        }
    }

    /// The tree of the first `size` leaves.
    pub fn hashes(&self, size: u64) -> TileHashes<&Self> {
        TileHashes::new(self, size)
    }

    /// The first `size` entries.
    pub const fn entries(&self, size: u64) -> Entries<&Self> {
        Entries::new(self, size)
    }

    /// Partial tiles of earlier sizes that aren't what the entries give.
    ///
    /// # Errors
    /// If a directory can't be listed.
    pub fn damaged_leftovers(&self, beginnings: &Beginnings) -> Result<Vec<Damage>> {
        let size = beginnings.size();
        let mut left = Vec::new();
        self.list_tiles("tile", &mut left)?;
        left.retain(|tile| {
            let end = tile.index().saturating_mul(WIDTH.into()) + u64::from(tile.width());
            let is_of_now = Tile::of_size(tile.level(), tile.index(), size) == Some(*tile);
            !tile.is_full() && !is_of_now && end <= items(tile.level(), size)
        });
        left.sort_unstable();
        Ok(damaged_leftovers(self, &left, beginnings))
    }

    /// Every file below a directory that has the name of a tile.
    fn list_tiles(&self, below: &str, found: &mut Vec<Tile>) -> Result<()> {
        let path = self.0.join(below);
        let files = match fs::read_dir(&path) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(LedgerError::File { action: "can't list", path, source }),
        };
        for file in files {
            let file = file.map_err(LedgerError::file("can't list", &path))?;
            let name = format!("{below}/{}", file.file_name().to_string_lossy());
            if file.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.list_tiles(&name, found)?;
            } else {
                found.extend(Tile::parse(&name));
            }
        }
        Ok(())
    }

    /// Entries on disk behind the first `size`.
    pub(super) fn beyond(&self, size: u64) -> Result<VecDeque<Vec<u8>>> {
        let mut beyond = VecDeque::new();
        let mut at = size;
        loop {
            let bundle = at / u64::from(WIDTH);
            let start = bundle * u64::from(WIDTH);
            let end = start + u64::from(self.widest_bundle(bundle)?);
            if end <= at {
                return Ok(beyond);
            }
            let entries = self.entries(end).bundle(bundle)?;
            beyond.extend((start..).zip(entries).filter(|(i, _)| *i >= at).map(|(_, entry)| entry));
            at = end;
        }
    }

    /// Entries in the widest file of a bundle; 0 if there is none.
    fn widest_bundle(&self, bundle: u64) -> Result<u16> {
        let size = (bundle + 1) * u64::from(WIDTH);
        let Some(full) = Tile::of_size(Level::Entries, bundle, size) else { return Ok(0) };
        let path = self.0.join(full.path());
        if path.try_exists().map_err(LedgerError::file("can't look for", &path))? {
            return Ok(WIDTH);
        }
        let path = self.0.join(format!("{}.p", full.path()));
        let files = match fs::read_dir(&path) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
            Err(source) => return Err(LedgerError::File { action: "can't list", path, source }),
        };
        let mut widest = 0;
        for file in files {
            let name = file.map_err(LedgerError::file("can't list", &path))?.file_name();
            let width = name.to_str().and_then(|name| {
                Tile::parse(&format!("{}.p/{name}", full.path())).map(Tile::width)
            });
            widest = widest.max(width.unwrap_or(0));
        }
        Ok(widest)
    }
}
