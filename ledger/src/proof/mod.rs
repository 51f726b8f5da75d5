//! Proofs over an RFC 6962 tree (RFC 6962, section 2.1; verified as RFC 9162,
//! sections 2.1.3.2 and 2.1.4.2, has it).
//!
//! ```text
//! inclusion     a leaf is in a tree
//! consistency   a tree is the beginning of another
//! path_builder  an inclusion proof from leaves that stream by
//! leaves        hashes of subtrees from the hashes of all leaves
//! ```

mod consistency;
mod inclusion;
mod leaves;
mod path_builder;

pub use consistency::{prove_consistency, verify_consistency};
pub use inclusion::{prove_inclusion, root_of_path, verify_inclusion};
pub use leaves::Leaves;
pub use path_builder::{Inclusion, PathBuilder};

use crate::error::Result;
use crate::hash::{Hash, empty_root, node_hash};

/// Hashes of complete subtrees, as tiles give them.
pub trait Hashes {
    /// The root over the leaves `index << level .. (index + 1) << level`.
    ///
    /// # Errors
    /// If the tree has not all of these leaves, or the hash can't be read.
    fn read(&self, level: u8, index: u64) -> Result<Hash>;
}

/// The root of the tree of the first `size` leaves.
///
/// # Errors
/// If a hash can't be read.
pub fn tree_root(hashes: &impl Hashes, size: u64) -> Result<Hash> {
    range_root(hashes, 0, size)
}

/// The root over the leaves `start..end`: a range as RFC 6962's splitting
/// makes them, so that `start` is a multiple of any power of two in it.
fn range_root(hashes: &impl Hashes, start: u64, end: u64) -> Result<Hash> {
    let mut subtrees = complete_subtrees(start, end)
        .map(|(level, index)| hashes.read(level, index))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .rev();
    let Some(last) = subtrees.next() else { return Ok(empty_root()) };
    Ok(subtrees.fold(last, |right, left| node_hash(&left, &right)))
}

/// The complete subtrees of a range, largest first, as (level, index).
pub(crate) fn complete_subtrees(start: u64, end: u64) -> impl Iterator<Item = (u8, u64)> {
    let mut at = start;
    std::iter::from_fn(move || {
        let level = end.checked_sub(at)?.checked_ilog2()?;
        let index = at >> level;
        at += 1 << level;
        Some((u8::try_from(level).ok()?, index))
    })
}

/// Where RFC 6962 splits `leaves` (two at least): the largest power of two below.
const fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}
