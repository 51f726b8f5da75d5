//! The trees that a ledger was at earlier sizes, out of its entries. Partial tiles of
//! earlier sizes lie about for a while; whoever rewrites entries leaves those as they
//! were, so that they say nothing of what the entries are now.

use crate::error::Result;
use crate::hash::{Hash, leaf_hash};
use crate::proof::{Hashes, Leaves};
use crate::root::RootBuilder;
use crate::tile::{Entries, Level, ReadTile, Tile, WIDTH};

/// Every beginning of a ledger: 32 bytes for each entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beginnings {
    /// The hash of each entry.
    leaves: Vec<Hash>,
    /// The tree before each bundle, so that a root takes no more than one bundle's hashes.
    before: Vec<RootBuilder>,
    /// The tree of them all.
    tree: RootBuilder,
}

impl Beginnings {
    /// Those of entries that are read now.
    ///
    /// # Errors
    /// If a bundle can't be read.
    pub fn read<R: ReadTile>(entries: &Entries<R>) -> Result<Self> {
        let mut beginnings = Self::default();
        beginnings.go_on(entries)?;
        Ok(beginnings)
    }

    /// Takes in the entries behind those that are known.
    ///
    /// # Errors
    /// If a bundle can't be read.
    pub fn go_on<R: ReadTile>(&mut self, entries: &Entries<R>) -> Result<()> {
        for entry in entries.from(self.size()) {
            self.push(&entry?.1);
        }
        Ok(())
    }

    /// Takes in the next entry.
    pub fn push(&mut self, entry: &[u8]) {
        self.push_hash(leaf_hash(entry));
    }

    /// Takes in the next entry by its hash.
    pub(crate) fn push_hash(&mut self, leaf: Hash) {
        if self.size().is_multiple_of(WIDTH.into()) {
            self.before.push(self.tree.clone());
        }
        self.leaves.push(leaf);
        self.tree.push_hash(leaf);
    }

    /// Entries that are known.
    pub const fn size(&self) -> u64 {
        self.tree.leaves()
    }

    /// The root over the first `size` entries; `None` where not so many are known.
    pub fn root(&self, size: u64) -> Option<Hash> {
        if size == self.size() {
            return Some(self.tree.root());
        }
        let size = usize::try_from(size).ok()?;
        let bundle = size / usize::from(WIDTH);
        let mut tree = self.before.get(bundle)?.clone();
        let rest = self.leaves.get(bundle * usize::from(WIDTH)..size)?;
        rest.iter().for_each(|leaf| tree.push_hash(*leaf));
        Some(tree.root())
    }

    /// The hashes of a tile as the entries give them; `None` where it isn't one of hashes, or
    /// not enough is known.
    pub(crate) fn tile(&self, tile: Tile) -> Option<Vec<Hash>> {
        let Level::Hashes(level) = tile.level() else { return None };
        let height = level.checked_mul(8)?;
        let first = tile.index().checked_mul(WIDTH.into())?;
        let hashes = first..first.checked_add(tile.width().into())?;
        hashes.map(|index| Leaves(&self.leaves).read(height, index).ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_has_the_root_of_a_tree_of_its_own() {
        let (mut beginnings, mut tree) = (Beginnings::default(), RootBuilder::default());
        let mut roots = vec![tree.root()];
        for n in 0_u32..600 {
            beginnings.push(&n.to_be_bytes());
            tree.push(&n.to_be_bytes());
            roots.push(tree.root());
        }
        for (size, root) in (0..).zip(&roots) {
            assert_eq!(beginnings.root(size), Some(*root), "{size}");
        }
        assert_eq!(beginnings.root(601), None);
        assert_eq!(Beginnings::default().root(0), Some(roots[0]));
        assert_eq!(Beginnings::default().root(1), None);
    }
}
