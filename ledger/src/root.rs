//! The root over a stream of leaves. Keeps one hash for each perfect subtree
//! that is complete, as RFC 6962's definition of the Merkle tree hash splits them.

use crate::hash::{Hash, empty_root, leaf_hash, node_hash};

/// Builds a root leaf by leaf, in memory proportional to the logarithm of the
/// number of leaves.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RootBuilder {
    /// Roots of complete subtrees, largest first.
    complete: Vec<Hash>,
    leaves: u64,
}

impl RootBuilder {
    /// Goes on after `leaves` leaves, given the roots of their complete subtrees,
    /// largest first; `None` unless there is one for each bit of the number.
    pub fn resume(leaves: u64, complete: Vec<Hash>) -> Option<Self> {
        let fits = u64::from(leaves.count_ones()) == complete.len() as u64;
        fits.then_some(Self { complete, leaves })
    }

    /// Adds a leaf by its bytes.
    pub fn push(&mut self, leaf: &[u8]) {
        self.push_hash(leaf_hash(leaf));
    }

    /// Adds a leaf by its [`leaf_hash`].
    pub fn push_hash(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // One bit of the count is one complete subtree; carry like an adder.
        let mut carry = self.leaves;
        while carry & 1 == 1 {
            if let Some(left) = self.complete.pop() {
                hash = node_hash(&left, &hash);
            }
            carry >>= 1;
        }
        self.complete.push(hash);
        self.leaves += 1;
    }

    /// Leaves so far.
    pub const fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The root over the leaves so far.
    pub fn root(&self) -> Hash {
        let mut subtrees = self.complete.iter().rev();
        let Some(last) = subtrees.next() else { return empty_root() };
        subtrees.fold(*last, |right, left| node_hash(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recursive definition of RFC 6962, section 2.1.
    fn by_definition(leaves: &[Vec<u8>]) -> Hash {
        match leaves.len() {
            0 => empty_root(),
            1 => leaf_hash(&leaves[0]),
            n => {
                let split = n.next_power_of_two() / 2;
                node_hash(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
            }
        }
    }

    #[test]
    fn every_size_up_to_130_has_the_root_of_the_definition() {
        let mut builder = RootBuilder::default();
        let mut leaves = Vec::new();
        assert_eq!(builder.root(), by_definition(&leaves));
        for n in 0_u16..130 {
            leaves.push(n.to_be_bytes().to_vec());
            builder.push(&n.to_be_bytes());
            assert_eq!(builder.root(), by_definition(&leaves), "{} leaves", n + 1);
        }
    }
}
