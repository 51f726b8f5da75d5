//! Entries, out of bundles.

use crate::error::{LedgerError, Result};
use crate::tile::read::read_entries;
use crate::tile::{Level, ReadTile, Tile, WIDTH};

/// The entries of a ledger of a certain size.
#[derive(Debug, Clone)]
pub struct Entries<R> {
    reader: R,
    size: u64,
}

impl<R: ReadTile> Entries<R> {
    /// The first `size` entries.
    pub const fn new(reader: R, size: u64) -> Self {
        Self { reader, size }
    }

    /// How many there are.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The bytes of one entry, as they were hashed.
    ///
    /// # Errors
    /// If there is no such entry, or its bundle can't be read.
    pub fn entry(&self, index: u64) -> Result<Vec<u8>> {
        let missing = || LedgerError::OutOfTree { what: "entry", index, size: self.size };
        if index >= self.size {
            return Err(missing());
        }
        let place = usize::try_from(index % u64::from(WIDTH)).map_err(|_| missing())?;
        self.bundle(index / u64::from(WIDTH))?.into_iter().nth(place).ok_or_else(missing)
    }

    /// The entries `256 × index` and following, up to 256.
    ///
    /// # Errors
    /// If there are none, or the bundle can't be read.
    pub fn bundle(&self, index: u64) -> Result<Vec<Vec<u8>>> {
        let tile = Tile::of_size(Level::Entries, index, self.size)
            .ok_or(LedgerError::OutOfTree { what: "bundle", index, size: self.size })?;
        read_entries(&self.reader, tile)
    }

    /// All entries from `start` on, with their indexes, a bundle in memory at a time.
    pub fn from(&self, start: u64) -> impl Iterator<Item = Result<(u64, Vec<u8>)>> {
        let width = u64::from(WIDTH);
        (start / width..self.size.div_ceil(width)).flat_map(move |bundle| {
            let entries = match self.bundle(bundle) {
                Ok(entries) => entries.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            };
            (bundle * width..)
                .zip(entries)
                .filter(move |(index, entry)| *index >= start || entry.is_err())
                .map(|(index, entry)| entry.map(|entry| (index, entry)))
        })
    }
}
