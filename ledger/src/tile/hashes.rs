//! Hashes of subtrees, out of tiles. What lies between two tile levels is
//! hashed anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{LedgerError, Result};
use crate::hash::Hash;
use crate::proof::{Hashes, Leaves};
use crate::tile::read::read_hashes;
use crate::tile::{Level, ReadTile, Tile, WIDTH};

/// Tiles that are kept: more than one proof reads, 2 MiB at most.
const KEPT: usize = 256;

/// The tree of a certain size. Tiles are believed: check the root of what is
/// made of them against a checkpoint.
#[derive(Debug)]
pub struct TileHashes<R> {
    reader: R,
    size: u64,
    kept: Mutex<HashMap<Tile, Arc<[Hash]>>>,
}

impl<R: ReadTile> TileHashes<R> {
    /// The tree of the first `size` leaves.
    pub fn new(reader: R, size: u64) -> Self {
        Self { reader, size, kept: Mutex::default() }
    }

    /// Its leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root, computed from the tiles of the right edge.
    ///
    /// # Errors
    /// If a tile can't be read.
    pub fn root(&self) -> Result<Hash> {
        crate::proof::tree_root(self, self.size)
    }

    fn tile(&self, tile: Tile) -> Result<Arc<[Hash]>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hashes) = kept.get(&tile) {
            return Ok(Arc::clone(hashes));
        }
        let hashes: Arc<[Hash]> = read_hashes(&self.reader, tile)?.into();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(tile, Arc::clone(&hashes));
        Ok(hashes)
    }
}

impl<R: ReadTile> Hashes for TileHashes<R> {
    fn read(&self, level: u8, index: u64) -> Result<Hash> {
        let missing = LedgerError::OutOfTree { what: "subtree", index, size: self.size };
        let end = u128::from(index) + 1;
        if level >= 64 || end << level > u128::from(self.size) {
            return Err(missing);
        }
        // A tile level is eight levels of the tree.
        let within = level % 8;
        let first = index << within;
        let place = usize::try_from(first % u64::from(WIDTH)).unwrap_or_default();
        let tile = Tile::of_size(Level::Hashes(level / 8), first / u64::from(WIDTH), self.size);
        let Some(tile) = tile else { return Err(missing) };
        Leaves(self.tile(tile)?.as_ref()).read(within, (place >> within) as u64)
    }
}
