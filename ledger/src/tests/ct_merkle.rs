//! The crate ct-merkle gives the same roots and proofs on random trees.

use ::ct_merkle::mem_backed_tree::MemoryBackedTree;
use ::ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sha2::Sha256;

use crate::hash::{Hash, leaf_hash};
use crate::proof::{Leaves, prove_consistency, prove_inclusion, tree_root};
use crate::proof::{verify_consistency, verify_inclusion};

type Tree = MemoryBackedTree<Sha256, Vec<u8>>;

fn hashes(bytes: &[u8]) -> Vec<Hash> {
    bytes.as_chunks().0.to_vec()
}

#[test]
fn roots_and_proofs_are_the_same_both_ways() {
    let mut rng = ChaCha8Rng::seed_from_u64(6962);
    for _ in 0..150 {
        let size = 1 + u64::from(rng.next_u32() % 700);
        let mut tree = Tree::new();
        let mut leaves = Vec::new();
        let mut roots: Vec<RootHash<Sha256>> = vec![tree.root()];
        for n in 0..size {
            let leaf = [&n.to_be_bytes()[..], &rng.next_u64().to_be_bytes()].concat();
            leaves.push(leaf_hash(&leaf));
            tree.push(leaf);
            roots.push(tree.root());
        }
        let ours = Leaves(&leaves);
        let root_of = |size: u64| tree_root(&ours, size).expect("a root");
        let theirs = |size: u64| &roots[usize::try_from(size).expect("small")];
        assert_eq!(root_of(size)[..], theirs(size).as_bytes()[..]);

        let index = rng.next_u64() % size;
        let place = usize::try_from(index).expect("small");
        let proof = tree.prove_inclusion(place);
        let path = prove_inclusion(&ours, index, size).expect("a proof");
        assert_eq!(path, hashes(proof.as_bytes()));
        verify_inclusion(&leaves[place], index, size, &path, &root_of(size)).expect("holds");
        let ours_as_theirs = InclusionProof::<Sha256>::from_bytes(path.concat());
        let item = tree.get(place).expect("an item");
        theirs(size).verify_inclusion(item, index, &ours_as_theirs).expect("holds");

        let old = 1 + rng.next_u64() % size;
        let proof = tree.prove_consistency(usize::try_from(size - old).expect("small"));
        let path = prove_consistency(&ours, old, size).expect("a proof");
        assert_eq!(path, hashes(proof.as_bytes()), "{old} of {size}");
        verify_consistency(old, &root_of(old), size, &root_of(size), &path).expect("holds");
        let ours_as_theirs = ConsistencyProof::<Sha256>::try_from_bytes(path.concat());
        let ours_as_theirs = ours_as_theirs.expect("a proof");
        theirs(size).verify_consistency(theirs(old), &ours_as_theirs).expect("holds");
    }
}
