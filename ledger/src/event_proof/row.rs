//! A row's parts and its leaf: `"rollcall-row-v1" ‖ shard ‖ seq ‖ part ‖
//! SHA-256(open) ‖ SHA-256(salt ‖ personal) ‖ SHA-256(salt ‖ raw)`, shard and part
//! as 4 bytes, seq as 8, big-endian.

use sha2::{Digest, Sha256};

use crate::error::{LedgerError, Result};
use crate::hash::Hash;

const DOMAIN: &[u8] = b"rollcall-row-v1";

/// Bytes that are hashed behind the salt, or their hash where they are erased or
/// left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Salted {
    /// The bytes.
    Bytes(Vec<u8>),
    /// `SHA-256(salt ‖ bytes)`.
    Hash(Hash),
}

/// A row, as it was hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The stream.
    pub shard: i32,
    /// The record in it.
    pub seq: i64,
    /// The row made from that record.
    pub part: i32,
    /// The columns that identify nobody; [`crate::decode_fields`] reads them.
    pub open: Vec<u8>,
    /// The columns that can identify someone.
    pub personal: Salted,
    /// The record itself; no bytes where the row holds none.
    pub raw: Salted,
    /// The row's own salt; not needed where only hashes are left. Whoever has it can
    /// try out guesses of what is left out.
    pub salt: Option<[u8; 32]>,
}

impl Row {
    /// The bytes whose leaf hash stands in the segment's tree.
    ///
    /// # Errors
    /// If the salt is missing and bytes are there to be salted.
    pub fn leaf(&self) -> Result<Vec<u8>> {
        let mut leaf = DOMAIN.to_vec();
        leaf.extend_from_slice(&self.shard.to_be_bytes());
        leaf.extend_from_slice(&self.seq.to_be_bytes());
        leaf.extend_from_slice(&self.part.to_be_bytes());
        leaf.extend_from_slice(&Sha256::digest(&self.open));
        leaf.extend_from_slice(&self.salted(&self.personal)?);
        leaf.extend_from_slice(&self.salted(&self.raw)?);
        Ok(leaf)
    }

    fn salted(&self, part: &Salted) -> Result<Hash> {
        match (part, &self.salt) {
            (Salted::Hash(hash), _) => Ok(*hash),
            (Salted::Bytes(bytes), Some(salt)) => {
                Ok(Sha256::new_with_prefix(salt).chain_update(bytes).finalize().into())
            }
            (Salted::Bytes(_), None) => {
                Err(LedgerError::BadProofFile("it has salted bytes and no salt".to_owned()))
            }
        }
    }
}
