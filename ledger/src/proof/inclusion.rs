//! Inclusion: a leaf is in a tree (RFC 6962, section 2.1.1).

use crate::error::{LedgerError, Result};
use crate::hash::{Hash, node_hash};
use crate::proof::{Hashes, range_root, split};

/// The ranges of leaves whose roots prove a leaf, from its sibling to the root's
/// child. Together with the leaf they cover the tree.
pub(super) fn siblings(index: u64, size: u64) -> Result<Vec<(u64, u64)>> {
    if index >= size {
        return Err(LedgerError::OutOfTree { what: "leaf", index, size });
    }
    let (mut start, mut end) = (0, size);
    let mut ranges = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((start, middle));
            start = middle;
        }
    }
    ranges.reverse();
    Ok(ranges)
}

/// Proves that leaf `index` is in the tree of the first `size` leaves: hashes from
/// the leaf's sibling to the root's child.
///
/// # Errors
/// If the tree has no such leaf, or a hash can't be read.
pub fn prove_inclusion(hashes: &impl Hashes, index: u64, size: u64) -> Result<Vec<Hash>> {
    siblings(index, size)?.into_iter().map(|(start, end)| range_root(hashes, start, end)).collect()
}

/// Hashes in the proof of a leaf: one for each level below which the leaf isn't
/// on the right edge, then one for each left neighbour of that edge.
fn length(index: u64, size: u64) -> usize {
    let inner = u64::BITS - (index ^ (size - 1)).leading_zeros();
    let border = index.checked_shr(inner).unwrap_or(0).count_ones();
    (inner + border) as usize
}

/// The root that a proof leads to (RFC 9162, section 2.1.3.2).
///
/// # Errors
/// If the tree has no such leaf, or the proof isn't exactly as long as it must be.
pub fn root_of_path(leaf: &Hash, index: u64, size: u64, path: &[Hash]) -> Result<Hash> {
    if index >= size {
        return Err(LedgerError::OutOfTree { what: "leaf", index, size });
    }
    let expected = length(index, size);
    if path.len() != expected {
        return Err(LedgerError::WrongLength { proof: "inclusion", expected, found: path.len() });
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // On the right edge a level may have no sibling: go up to where one is.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    Ok(hash)
}

/// Checks that a leaf is in the tree of `size` leaves with the given root.
///
/// # Errors
/// If it isn't, or the proof isn't exactly as long as it must be.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: &Hash,
) -> Result<()> {
    let found = root_of_path(leaf, index, size, path)?;
    if found == *root {
        return Ok(());
    }
    let what = format!("the proof of leaf {index} of {size}");
    Err(LedgerError::WrongRoot { what, expected: *root, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;
    use crate::proof::{Leaves, tree_root};

    #[test]
    fn every_leaf_of_every_small_tree_is_proven_and_nothing_else() {
        let leaves: Vec<Hash> = (0_u8..70).map(|n| leaf_hash(&[n])).collect();
        for size in 1..=70_u64 {
            let root = tree_root(&Leaves(&leaves), size).expect("a root");
            for index in 0..size {
                let leaf = leaves[usize::try_from(index).expect("small")];
                let path = prove_inclusion(&Leaves(&leaves), index, size).expect("a proof");
                verify_inclusion(&leaf, index, size, &path, &root).expect("it holds");
                for wrong in (0..size + 2).filter(|wrong| *wrong != index) {
                    assert!(verify_inclusion(&leaf, wrong, size, &path, &root).is_err());
                }
                let mut long = path.clone();
                long.push(root);
                assert!(verify_inclusion(&leaf, index, size, &long, &root).is_err());
            }
            assert!(prove_inclusion(&Leaves(&leaves), size, size).is_err());
        }
    }

    #[test]
    fn the_largest_numbers_are_refused_without_overflow() {
        let hash = [1; 32];
        for (index, size) in [(u64::MAX, u64::MAX), (0, u64::MAX), (u64::MAX - 1, u64::MAX), (0, 0)]
        {
            assert!(verify_inclusion(&hash, index, size, &[], &hash).is_err());
        }
        let path = vec![hash; length(u64::MAX - 1, u64::MAX)];
        assert!(root_of_path(&hash, u64::MAX - 1, u64::MAX, &path).is_ok());
    }
}
