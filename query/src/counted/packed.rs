//! What was counted of a day, as the content of a file: the length (u32, little-endian)
//! and text of [`About`], JSON; then, for each state, the hash that it goes by (32 bytes),
//! its length (u64) and itself, an Arrow stream.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::error::ArrowError;
use serde::{Deserialize, Serialize};

use super::bounds::Bounds;
use crate::days::stored::{decode, encode};

/// What a state goes by: a hash of the question and of all that is counted.
pub(super) type Hash = [u8; 32];

/// What is known of a day's rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct About {
    pub(super) rows: usize,
    pub(super) bounds: Bounds,
}

/// The content of a day's file.
pub(super) fn packed(about: &About, states: &[(Hash, RecordBatch)]) -> Result<Vec<u8>, ArrowError> {
    let about = serde_json::to_vec(about).map_err(|e| ArrowError::ExternalError(Box::new(e)))?;
    let length = u32::try_from(about.len()).map_err(|e| ArrowError::ExternalError(Box::new(e)))?;
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend(about);
    for (hash, state) in states {
        let state = encode(state)?;
        bytes.extend_from_slice(hash);
        bytes.extend_from_slice(&(state.len() as u64).to_le_bytes());
        bytes.extend(state);
    }
    Ok(bytes)
}

/// What [`packed`] wrote; `None` where it didn't.
pub(super) fn unpacked(bytes: &[u8]) -> Option<(About, Vec<(Hash, RecordBatch)>)> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (about, mut rest) = rest.split_at_checked(u32::from_le_bytes(*length).try_into().ok()?)?;
    let about = serde_json::from_slice(about).ok()?;
    let mut states = Vec::new();
    while !rest.is_empty() {
        let (hash, behind) = rest.split_first_chunk::<32>()?;
        let (length, behind) = behind.split_first_chunk()?;
        let length = u64::from_le_bytes(*length).try_into().ok()?;
        let (state, behind) = behind.split_at_checked(length)?;
        states.push((*hash, decode(state).ok()?));
        rest = behind;
    }
    Some((about, states))
}
