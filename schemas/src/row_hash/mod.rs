//! `rollcall-row-v1`: the canonical bytes of a row, and what is hashed of them.
//!
//! A row's leaf in its segment's tree is
//! `"rollcall-row-v1" ‖ shard ‖ seq ‖ part ‖ SHA-256(open) ‖ SHA-256(salt ‖ personal) ‖ SHA-256(salt ‖ raw)`
//! with shard and part as 4 bytes, seq as 8, big-endian. `open` and `personal`
//! list the columns of their group, ascending by field id, nulls left out, each
//! as `u16 field id ‖ u8 type ‖ u32 length ‖ bytes`. Lists hold
//! `u32 length ‖ fields` per element. `salt` is HMAC-SHA-256(row key, shard ‖
//! seq ‖ part). None of it depends on how a library writes Parquet, Arrow or JSON.

mod field;

use ::arrow::array::{Array, AsArray, BinaryViewArray, RecordBatch};
use ::arrow::datatypes::{DataType, Int32Type, Int64Type};
use field::{Field, encode_fields, field_of};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::column::{self, Column, Group};

/// First bytes of every leaf.
pub const DOMAIN: &[u8] = b"rollcall-row-v1";

/// Bytes of a leaf: the domain, 16 bytes of position, three hashes.
pub const LEAF_BYTES: usize = DOMAIN.len() + 16 + 96;

/// The secret that salts personal columns and raw bytes, so that a neighbour's
/// hash in a proof can't be guessed from a dictionary.
#[derive(Clone)]
pub struct RowKey(Hmac<Sha256>);

impl std::fmt::Debug for RowKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RowKey(…)")
    }
}

impl RowKey {
    /// A key from its 32 bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        // HMAC pads a key with zeros to the block of its hash (RFC 2104): done
        // here, so that no length can be wrong.
        let mut block = [0; 64];
        block[..32].copy_from_slice(bytes);
        Self(Hmac::new(&block.into()))
    }

    fn salt(&self, position: &[u8; 16]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(position);
        mac.finalize().into_bytes().into()
    }
}

/// Why a batch can't be hashed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowHashError {
    /// A column of the format is not in the batch.
    #[error("column {0} is missing; the batch is not of the table that is to be hashed")]
    MissingColumn(&'static str),
    /// A column has a type that the format doesn't know.
    #[error("column {column} has type {data_type}, which rollcall-row-v1 doesn't encode")]
    UnknownType {
        /// The column.
        column: String,
        /// Its type.
        data_type: DataType,
    },
}

/// Hashes the rows of one batch.
pub struct RowHasher<'a> {
    key: &'a RowKey,
    shard: &'a [i32],
    seq: &'a [i64],
    part: &'a [i32],
    open: Vec<Field<'a>>,
    personal: Vec<Field<'a>>,
    raw: &'a BinaryViewArray,
    erased_personal: Option<&'a BinaryViewArray>,
    erased_raw: Option<&'a BinaryViewArray>,
    buffer: Vec<u8>,
}

impl<'a> RowHasher<'a> {
    /// For a batch of `events`.
    ///
    /// # Errors
    /// If the batch is not of that table.
    pub fn events(batch: &'a RecordBatch, key: &'a RowKey) -> Result<Self, RowHashError> {
        Self::new(batch, key, column::events())
    }

    /// For a batch of `set_aside`.
    ///
    /// # Errors
    /// If the batch is not of that table.
    pub fn set_aside(batch: &'a RecordBatch, key: &'a RowKey) -> Result<Self, RowHashError> {
        Self::new(batch, key, column::SET_ASIDE.iter())
    }

    fn new(
        batch: &'a RecordBatch,
        key: &'a RowKey,
        columns: impl Iterator<Item = &'static Column> + Clone,
    ) -> Result<Self, RowHashError> {
        let find = |name: &'static str| {
            batch.column_by_name(name).ok_or(RowHashError::MissingColumn(name))
        };
        let group = |group: Group| -> Result<Vec<Field<'a>>, RowHashError> {
            let mut fields = columns
                .clone()
                .filter(|c| c.group == group)
                .filter_map(|c| match find(c.name) {
                    // Wholly null columns add nothing to any row.
                    Ok(array) if array.null_count() == array.len() => None,
                    Ok(array) => Some(field_of(c.id, c.name, array.as_ref())),
                    // A column that a newer version added and an old file lacks.
                    Err(_) if c.nullable => None,
                    Err(error) => Some(Err(error)),
                })
                .collect::<Result<Vec<_>, _>>()?;
            fields.sort_by_key(|f| f.id);
            Ok(fields)
        };
        Ok(Self {
            key,
            shard: find("shard")?.as_primitive::<Int32Type>().values(),
            seq: find("seq")?.as_primitive::<Int64Type>().values(),
            part: find("part")?.as_primitive::<Int32Type>().values(),
            open: group(Group::Open)?,
            personal: group(Group::Personal)?,
            raw: find("raw")?.as_binary_view(),
            erased_personal: erased(batch, "personal_hash"),
            erased_raw: erased(batch, "raw_hash"),
            buffer: Vec::with_capacity(1024),
        })
    }

    fn position(&self, row: usize) -> Option<[u8; 16]> {
        let mut position = [0; 16];
        position[..4].copy_from_slice(&self.shard.get(row)?.to_be_bytes());
        position[4..12].copy_from_slice(&self.seq.get(row)?.to_be_bytes());
        position[12..].copy_from_slice(&self.part.get(row)?.to_be_bytes());
        Some(position)
    }

    /// The leaf of a row, to be hashed into the segment's tree. `None` past the end.
    pub fn leaf(&mut self, row: usize) -> Option<[u8; LEAF_BYTES]> {
        let position = self.position(row)?;
        let salt = self.key.salt(&position);

        self.buffer.clear();
        encode_fields(&self.open, row, &mut self.buffer);
        let open = Sha256::digest(&self.buffer);

        let (personal, raw) = self.salted(row, &salt);

        let mut leaf = [0; LEAF_BYTES];
        let (domain, rest) = leaf.split_at_mut(DOMAIN.len());
        domain.copy_from_slice(DOMAIN);
        let parts: [&[u8]; 4] = [&position, &open, &personal, &raw];
        let mut at = 0;
        for part in parts {
            if let Some(target) = rest.get_mut(at..at + part.len()) {
                target.copy_from_slice(part);
            }
            at += part.len();
        }
        Some(leaf)
    }

    /// The hashes of a row's personal columns and raw bytes: those that an erasure
    /// left, where nothing but them is left.
    fn salted(&mut self, row: usize, salt: &[u8; 32]) -> ([u8; 32], [u8; 32]) {
        self.buffer.clear();
        self.buffer.extend_from_slice(salt);
        encode_fields(&self.personal, row, &mut self.buffer);
        let personal = match left(self.erased_personal, row) {
            Some(hash) if self.buffer.len() == salt.len() => hash,
            _ => Sha256::digest(&self.buffer).into(),
        };
        let raw = match left(self.erased_raw, row) {
            Some(hash) if self.raw.is_null(row) => hash,
            _ => {
                let mut raw = Sha256::new_with_prefix(salt);
                if self.raw.is_valid(row) {
                    raw.update(self.raw.value(row));
                }
                raw.finalize().into()
            }
        };
        (personal, raw)
    }

    /// A row's salt and its columns, as they are hashed: open, personal. `None` past
    /// the end.
    pub fn parts(&self, row: usize) -> Option<RowParts> {
        let position = self.position(row)?;
        let (mut open, mut personal) = (Vec::new(), Vec::new());
        encode_fields(&self.open, row, &mut open);
        encode_fields(&self.personal, row, &mut personal);
        Some(RowParts {
            salt: self.key.salt(&position),
            open,
            personal_hash: left(self.erased_personal, row).filter(|_| personal.is_empty()),
            personal,
            raw_hash: left(self.erased_raw, row).filter(|_| self.raw.is_null(row)),
            raw: self.raw.is_valid(row).then(|| self.raw.value(row).to_vec()),
        })
    }

    /// The hashes that take the place of a row's personal columns and raw bytes when
    /// they are erased. `None` past the end.
    pub fn hashes(&mut self, row: usize) -> Option<([u8; 32], [u8; 32])> {
        let salt = self.key.salt(&self.position(row)?);
        Some(self.salted(row, &salt))
    }
}

/// What is hashed of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowParts {
    /// The row's own salt.
    pub salt: [u8; 32],
    /// The columns that identify nobody.
    pub open: Vec<u8>,
    /// The columns that can identify someone.
    pub personal: Vec<u8>,
    /// What an erasure left of them.
    pub personal_hash: Option<[u8; 32]>,
    /// The record.
    pub raw: Option<Vec<u8>>,
    /// What an erasure left of it.
    pub raw_hash: Option<[u8; 32]>,
}

/// A column that erasures fill, where they filled any of it.
fn erased<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a BinaryViewArray> {
    let column = batch.column_by_name(name)?.as_binary_view_opt()?;
    (column.null_count() < column.len()).then_some(column)
}

/// The hash that an erasure left in a row.
fn left(column: Option<&BinaryViewArray>, row: usize) -> Option<[u8; 32]> {
    let column = column.filter(|column| column.is_valid(row))?;
    column.value(row).try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::sync::Arc;

    use super::*;
    use crate::{Activity, Event, EventRows, Factor, FactorStep, Outcome, Record};

    /// A column's bytes, as the format's text has them.
    fn put(out: &mut Vec<u8>, id: u16, kind: u8, bytes: &[u8]) {
        out.extend(id.to_be_bytes());
        out.push(kind);
        out.extend(u32::try_from(bytes.len()).expect("short").to_be_bytes());
        out.extend(bytes);
    }

    fn batch(city: Option<&'static str>) -> RecordBatch {
        let record = Record {
            shard: 3,
            seq: 70_000,
            collector: Arc::from("okta-prod"),
            received: 2_000_000,
        };
        let mut rows = EventRows::default();
        let mut event = Event {
            time: 1_000_000,
            activity: Activity::Logon,
            outcome: Outcome::Success,
            user_name: Some(Cow::Borrowed("Ada@Corp.example")),
            city: city.map(Cow::Borrowed),
            interactive: Some(true),
            factors: vec![FactorStep {
                factor: Factor::Totp,
                outcome: Outcome::Success,
                started: None,
                ended: Some(5),
            }],
            ..Event::default()
        };
        rows.push(&record, 1, "okta", &mut event, 0, b"{}");
        rows.finish().expect("a batch")
    }

    fn leaf(batch: &RecordBatch) -> Vec<u8> {
        let key = RowKey::new(&[7; 32]);
        let mut hasher = RowHasher::events(batch, &key).expect("a hasher");
        hasher.leaf(0).expect("a row").to_vec()
    }

    #[test]
    fn the_leaf_is_built_as_the_format_says() {
        let batch = batch(None);
        let position = [0, 0, 0, 3, 0, 0, 0, 0, 0, 1, 17, 112, 0, 0, 0, 1];
        let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).expect("a key");
        mac.update(&position);
        let salt = mac.finalize().into_bytes();
        let mut open = Vec::new();
        put(&mut open, 7, 1, b"okta");
        put(&mut open, 9, 1, b"okta-prod");
        put(&mut open, 10, 6, &1_000_000_i64.to_be_bytes());
        put(&mut open, 11, 6, &2_000_000_i64.to_be_bytes());
        put(&mut open, 12, 4, &[0; 4]);
        put(&mut open, 13, 1, b"logon");
        put(&mut open, 14, 1, b"success");
        put(&mut open, 18, 2, &[1]);
        put(&mut open, 23, 1, b"other");
        put(&mut open, 32, 1, b"unknown");
        let mut step = Vec::new();
        put(&mut step, 66, 1, b"totp");
        put(&mut step, 67, 1, b"success");
        put(&mut step, 69, 6, &5_i64.to_be_bytes());
        let mut list = u32::try_from(step.len()).expect("short").to_be_bytes().to_vec();
        list.extend(step);
        put(&mut open, 35, 7, &list);
        let mut personal = salt.to_vec();
        put(&mut personal, 20, 1, b"ada@corp.example");
        let mut raw = salt.to_vec();
        raw.extend(b"{}");
        let mut expected = b"rollcall-row-v1".to_vec();
        expected.extend(position);
        expected.extend(Sha256::digest(&open));
        expected.extend(Sha256::digest(&personal));
        expected.extend(Sha256::digest(&raw));
        assert_eq!(leaf(&batch), expected);
    }

    #[test]
    fn a_personal_column_changes_only_the_personal_hash() {
        let (without, with) = (leaf(&batch(None)), leaf(&batch(Some("Turin"))));
        assert_eq!(without[..63], with[..63]);
        assert_ne!(without[63..95], with[63..95]);
        assert_eq!(without[95..], with[95..]);
    }

    #[test]
    fn a_new_nullable_column_leaves_old_hashes_unchanged() {
        let whole = batch(None);
        let schema = whole.schema();
        let keep: Vec<usize> =
            (0..schema.fields().len()).filter(|i| schema.field(*i).name() != "score").collect();
        let older = whole.project(&keep).expect("a projection");
        assert_eq!(leaf(&older), leaf(&whole));
    }
}
