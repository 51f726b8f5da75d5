//! The right edge of a growing tree: on each level the hashes of the tile that
//! is not full yet.

use crate::error::{LedgerError, Result};
use crate::hash::Hash;
use crate::proof::{Hashes, complete_subtrees};
use crate::root::RootBuilder;
use crate::tile::read::read_hashes;
use crate::tile::{Level, ReadTile, Tile, TileHashes, WIDTH, items};

/// A tile and its hashes.
pub(crate) type HashTile = (Tile, Vec<Hash>);

/// The right edge.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edge {
    levels: Vec<Vec<Hash>>,
    tree: RootBuilder,
}

impl Edge {
    /// The edge of the tree of `size` leaves that stands in tiles. Whether its
    /// root is the right one is for the caller to check.
    pub(crate) fn load(reader: &impl ReadTile, size: u64) -> Result<Self> {
        let mut levels = Vec::new();
        for level in 0..8 {
            let of_level = items(Level::Hashes(level), size);
            if of_level == 0 {
                break;
            }
            // Where the last tile is full, the edge of the level is empty.
            let last = of_level / u64::from(WIDTH);
            levels.push(match Tile::of_size(Level::Hashes(level), last, size) {
                Some(tile) => read_hashes(reader, tile)?,
                None => Vec::new(),
            });
        }
        let hashes = TileHashes::new(reader, size);
        let complete = complete_subtrees(0, size)
            .map(|(level, index)| hashes.read(level, index))
            .collect::<Result<Vec<_>>>()?;
        let tree = RootBuilder::resume(size, complete).ok_or(LedgerError::OutOfTree {
            what: "edge",
            index: size,
            size,
        })?;
        Ok(Self { levels, tree })
    }

    pub(crate) const fn size(&self) -> u64 {
        self.tree.leaves()
    }

    pub(crate) fn root(&self) -> Hash {
        self.tree.root()
    }

    /// Adds a leaf; gives the tiles that it makes full, from the leaves up.
    pub(crate) fn push(&mut self, leaf: Hash) -> Vec<HashTile> {
        self.tree.push_hash(leaf);
        let mut full = Vec::new();
        let mut hash = leaf;
        for level in 0..8_u8 {
            if self.levels.len() <= usize::from(level) {
                self.levels.push(Vec::new());
            }
            let Some(hashes) = self.levels.get_mut(usize::from(level)) else { break };
            hashes.push(hash);
            if hashes.len() < usize::from(WIDTH) {
                break;
            }
            let hashes = std::mem::take(hashes);
            let mut above = RootBuilder::default();
            hashes.iter().for_each(|hash| above.push_hash(*hash));
            hash = above.root();
            let last = items(Level::Hashes(level), self.size()) / u64::from(WIDTH) - 1;
            let tile = Tile::of_size(Level::Hashes(level), last, self.size());
            full.extend(tile.map(|tile| (tile, hashes)));
        }
        full
    }

    /// The tiles that aren't full, from the leaves up; without those that are the
    /// same in the tree of `since` leaves.
    pub(crate) fn partial(&self, since: u64) -> impl Iterator<Item = HashTile> {
        (0..8_u8).zip(&self.levels).filter_map(move |(level, hashes)| {
            let level = Level::Hashes(level);
            let of_level = items(level, self.size());
            let tile = Tile::of_size(level, of_level / u64::from(WIDTH), self.size())?;
            (items(level, since) != of_level).then(|| (tile, hashes.clone()))
        })
    }
}
