//! What bytes a file holds at a place, in short: whether it still is the file that it was.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Some bytes: how many, and the first half of their SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Print {
    pub(super) bytes: u64,
    hash: String,
}

impl Print {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        let hash = hex::encode(digest.get(..16).unwrap_or_default());
        Self { bytes: bytes.len() as u64, hash }
    }

    /// Whether a file has these bytes at a place. No bytes are everywhere.
    pub(super) fn is_at(&self, file: &File, at: u64) -> io::Result<bool> {
        if self.bytes == 0 {
            return Ok(true);
        }
        Ok(Self::read(file, at, self.bytes)? == *self)
    }

    /// The print of so many bytes at a place, or of as many as there are.
    pub(super) fn read(file: &File, at: u64, bytes: u64) -> io::Result<Self> {
        let mut buffer = vec![0; usize::try_from(bytes).unwrap_or_default()];
        let read = read_at(file, &mut buffer, at)?;
        Ok(Self::of(buffer.get(..read).unwrap_or_default()))
    }
}

/// Reads until the buffer is full or the file ends. Returns how much.
pub(super) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(space) = buffer.get_mut(filled..).filter(|space| !space.is_empty()) {
        match file.read_at(space, at + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
