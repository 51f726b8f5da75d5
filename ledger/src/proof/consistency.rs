//! Consistency: a tree is the beginning of another (RFC 6962, section 2.1.2).

use crate::error::{LedgerError, Result};
use crate::hash::{Hash, node_hash};
use crate::proof::{Hashes, range_root, split};

/// The ranges of leaves whose roots prove that the tree of `old` leaves is the
/// beginning of the tree of `new`, from the bottom up.
fn ranges(old: u64, new: u64) -> Result<Vec<(u64, u64)>> {
    if old == 0 {
        return Err(LedgerError::FromNothing);
    }
    if old > new {
        return Err(LedgerError::OutOfTree {
            what: "the older tree's size",
            index: old,
            size: new,
        });
    }
    let (mut start, mut end) = (0, new);
    let mut ranges = Vec::new();
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((start, middle));
            start = middle;
        }
    }
    // Where the old tree is itself a subtree, the verifier has its root.
    if start != 0 {
        ranges.push((start, end));
    }
    ranges.reverse();
    Ok(ranges)
}

/// Proves that the tree of the first `old` leaves is the beginning of the tree of
/// the first `new`. Empty where both are the same.
///
/// # Errors
/// If `old` is zero or more than `new`, or a hash can't be read.
pub fn prove_consistency(hashes: &impl Hashes, old: u64, new: u64) -> Result<Vec<Hash>> {
    ranges(old, new)?.into_iter().map(|(start, end)| range_root(hashes, start, end)).collect()
}

/// Checks that the tree of `old` leaves with `old_root` is the beginning of the
/// tree of `new` leaves with `new_root` (RFC 9162, section 2.1.4.2).
///
/// # Errors
/// If it isn't; if the proof isn't exactly as long as it must be; and always from
/// the empty tree, of which nothing can be proven.
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    path: &[Hash],
) -> Result<()> {
    let expected = ranges(old, new)?.len();
    if path.len() != expected {
        return Err(LedgerError::WrongLength { proof: "consistency", expected, found: path.len() });
    }
    let mut path = path.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { path.next() };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let mut of_old = *first.unwrap_or(old_root);
    let mut of_new = of_old;
    for hash in path {
        if node & 1 == 1 || node == last {
            of_old = node_hash(hash, &of_old);
            of_new = node_hash(hash, &of_new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            of_new = node_hash(&of_new, hash);
        }
        node >>= 1;
        last >>= 1;
    }
    // Of two trees of one size there is nothing to compute.
    if old == new {
        of_old = *old_root;
        of_new = *old_root;
    }
    for (found, expected, size) in [(of_old, old_root, old), (of_new, new_root, new)] {
        if found != *expected {
            let what = format!("the proof for the tree of {size}");
            return Err(LedgerError::WrongRoot { what, expected: *expected, found });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;
    use crate::proof::{Leaves, tree_root};

    #[test]
    fn every_pair_of_small_trees_is_proven_and_no_other_pair() {
        let leaves: Vec<Hash> = (0_u8..40).map(|n| leaf_hash(&[n])).collect();
        let hashes = Leaves(&leaves);
        let roots: Vec<Hash> =
            (0..=40).map(|size| tree_root(&hashes, size).expect("a root")).collect();
        let at = |size: u64| &roots[usize::try_from(size).expect("small")];
        for new in 1..=40_u64 {
            for old in 1..=new {
                let path = prove_consistency(&hashes, old, new).expect("a proof");
                verify_consistency(old, at(old), new, at(new), &path).expect("it holds");
                for wrong in (1..=new).filter(|wrong| *wrong != old) {
                    assert!(verify_consistency(wrong, at(old), new, at(new), &path).is_err());
                    assert!(verify_consistency(old, at(wrong), new, at(new), &path).is_err());
                }
                assert!(verify_consistency(old, at(old), new, &[7; 32], &path).is_err());
            }
            assert!(verify_consistency(0, at(0), new, at(new), &[]).is_err());
        }
    }
}
