//! Hashes of subtrees from the hashes of all leaves. For the rows of a segment
//! or the hashes of a tile, not for a whole ledger.

use crate::error::{LedgerError, Result};
use crate::hash::Hash;
use crate::proof::Hashes;
use crate::root::RootBuilder;

/// The leaf hashes of a tree.
#[derive(Debug, Clone, Copy)]
pub struct Leaves<'a>(pub &'a [Hash]);

impl Hashes for Leaves<'_> {
    fn read(&self, level: u8, index: u64) -> Result<Hash> {
        let range = || {
            let length = 1_usize.checked_shl(level.into())?;
            let start = usize::try_from(index).ok()?.checked_mul(length)?;
            self.0.get(start..start.checked_add(length)?)
        };
        let leaves = range().ok_or(LedgerError::OutOfTree {
            what: "subtree",
            index,
            size: self.0.len() as u64,
        })?;
        let mut builder = RootBuilder::default();
        leaves.iter().for_each(|leaf| builder.push_hash(*leaf));
        Ok(builder.root())
    }
}
