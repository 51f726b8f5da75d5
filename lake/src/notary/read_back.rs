//! What is on disk, read again before anything is signed about it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use rollcall_ledger::{Entry, Fact};
use sha2::{Digest, Sha256};

use crate::error::{LakeError, Result};
use crate::table::Table;

/// Reads the files of a commit: their bytes, their footers, their numbers of rows.
///
/// # Errors
/// If they aren't what the commit says.
pub(crate) fn read_back(data: &Path, table: Table, entry: &Entry) -> Result<()> {
    let root = data.join(table.name());
    if let Some(file) = entry.added() {
        one(&root.join(&file.path), &file.sha256, Some(file.rows))?;
    }
    if let Fact::Erasure(erasure) = &entry.fact {
        for replaced in &erasure.replaced {
            one(&root.join(&replaced.path), &replaced.sha256, None)?;
        }
    }
    Ok(())
}

fn one(path: &Path, expected: &str, rows: Option<u64>) -> Result<()> {
    let damaged = |detail: String| Err(LakeError::Damaged { path: path.to_owned(), detail });
    let sha256 = sha256_of(path)?;
    if sha256 != expected {
        return damaged(format!("its SHA-256 is {sha256}, its commit says {expected}"));
    }
    let opened = File::open(path).map_err(LakeError::file("can't open", path))?;
    let reader =
        SerializedFileReader::new(opened).map_err(LakeError::parquet("can't read", path))?;
    let found = reader.metadata().file_metadata().num_rows();
    match rows {
        Some(rows) if u64::try_from(found) != Ok(rows) => {
            damaged(format!("it has {found} rows, its commit says {rows}"))
        }
        _ => Ok(()),
    }
}

/// SHA-256 of a file, hex.
pub(crate) fn sha256_of(path: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    let mut file = File::open(path).map_err(LakeError::file("can't open", path))?;
    let mut buffer = vec![0; 1 << 18];
    loop {
        let read = file.read(&mut buffer).map_err(LakeError::file("can't read", path))?;
        if read == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(buffer.get(..read).unwrap_or_default());
    }
}
