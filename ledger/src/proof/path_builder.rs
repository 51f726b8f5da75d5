//! An inclusion proof from leaves that stream by: the ranges that a proof needs
//! lie side by side, so one root at a time is built.

use crate::error::{LedgerError, Result};
use crate::hash::{Hash, leaf_hash};
use crate::proof::inclusion::{root_of_path, siblings};
use crate::root::RootBuilder;

/// A leaf, its place, its proof and the root that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// Which leaf.
    pub index: u64,
    /// Leaves in the tree.
    pub size: u64,
    /// The leaf's hash.
    pub leaf: Hash,
    /// From the leaf's sibling to the root's child.
    pub path: Vec<Hash>,
    /// The tree's root.
    pub root: Hash,
}

/// Collects the proof of one leaf while all leaves pass, in memory proportional
/// to the logarithm of their number.
#[derive(Debug, Clone)]
pub struct PathBuilder {
    index: u64,
    size: u64,
    /// The ends of the sibling ranges and their places in the path, last first.
    ranges: Vec<(u64, usize)>,
    range: RootBuilder,
    seen: u64,
    leaf: Hash,
    path: Vec<Hash>,
}

impl PathBuilder {
    /// For leaf `index` of `size`.
    ///
    /// # Errors
    /// If there is no such leaf.
    pub fn new(index: u64, size: u64) -> Result<Self> {
        let siblings = siblings(index, size)?;
        let path = vec![[0; 32]; siblings.len()];
        let mut ranges: Vec<_> =
            siblings.into_iter().enumerate().map(|(place, (_, end))| (end, place)).collect();
        ranges.sort_unstable_by_key(|(end, _)| std::cmp::Reverse(*end));
        let range = RootBuilder::default();
        Ok(Self { index, size, ranges, range, seen: 0, leaf: [0; 32], path })
    }

    /// Adds the next leaf by its bytes.
    pub fn push(&mut self, leaf: &[u8]) {
        self.push_hash(leaf_hash(leaf));
    }

    /// Adds the next leaf by its hash.
    pub fn push_hash(&mut self, leaf: Hash) {
        let at = self.seen;
        self.seen += 1;
        if at == self.index {
            self.leaf = leaf;
            return;
        }
        self.range.push_hash(leaf);
        if let Some((_, place)) = self.ranges.pop_if(|(end, _)| *end == self.seen) {
            let root = std::mem::take(&mut self.range).root();
            if let Some(hash) = self.path.get_mut(place) {
                *hash = root;
            }
        }
    }

    /// The proof, once all leaves have passed.
    ///
    /// # Errors
    /// If fewer or more leaves passed than were announced.
    pub fn finish(self) -> Result<Inclusion> {
        let Self { index, size, seen, leaf, path, .. } = self;
        if seen != size {
            return Err(LedgerError::WrongCount { expected: size, found: seen });
        }
        let root = root_of_path(&leaf, index, size, &path)?;
        Ok(Inclusion { index, size, leaf, path, root })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::{Leaves, prove_inclusion, tree_root};

    #[test]
    fn streaming_gives_the_same_proof_as_having_all_leaves() {
        let leaves: Vec<Hash> = (0_u8..100).map(|n| leaf_hash(&[n])).collect();
        for size in 1..=100_usize {
            let hashes = &leaves[..size];
            let root = tree_root(&Leaves(hashes), size as u64).expect("a root");
            for index in 0..size as u64 {
                let mut builder = PathBuilder::new(index, size as u64).expect("a builder");
                hashes.iter().for_each(|leaf| builder.push_hash(*leaf));
                let proof = builder.finish().expect("a proof");
                let path = prove_inclusion(&Leaves(hashes), index, size as u64);
                assert_eq!((proof.path, proof.root), (path.expect("a proof"), root));
            }
        }
    }

    #[test]
    fn a_wrong_number_of_leaves_is_told() {
        for count in [0_u8, 1, 2, 4] {
            let mut builder = PathBuilder::new(1, 3).expect("a builder");
            (0..count).for_each(|n| builder.push(&[n]));
            assert!(builder.finish().is_err(), "{count} leaves");
        }
    }
}
