//! What is on disk, read again before anything is signed about it.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::FileTypeExt;
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
        one(&root.join(&file.path), &file.sha256, file.bytes, Some(file.rows))?;
    }
    if let Fact::Erasure(erasure) = &entry.fact {
        for replaced in &erasure.replaced {
            one(&root.join(&replaced.path), &replaced.sha256, replaced.bytes, None)?;
        }
    }
    Ok(())
}

fn one(path: &Path, expected: &str, bytes: u64, rows: Option<u64>) -> Result<()> {
    let damaged = |detail: String| Err(LakeError::Damaged { path: path.to_owned(), detail });
    let sha256 = sha256_of(path)?;
    if sha256 != expected {
        return damaged(format!("its SHA-256 is {sha256}, its commit says {expected}"));
    }
    let opened = File::open(path).map_err(LakeError::file("can't open", path))?;
    let size = opened.metadata().map_err(LakeError::file("can't read", path))?.len();
    if size != bytes {
        return damaged(format!("it has {size} bytes, its commit says {bytes}"));
    }
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

/// What a path is that isn't a file itself: a pipe would be waited for, and a link leads
/// elsewhere. Nothing for a file, and for what can't be looked at.
pub(crate) fn irregular(path: &Path) -> Option<&'static str> {
    let kind = fs::symlink_metadata(path).ok()?.file_type();
    if kind.is_file() {
        return None;
    }
    let kinds = [
        (kind.is_dir(), "a directory"),
        (kind.is_symlink(), "a link"),
        (kind.is_fifo(), "a pipe"),
        (kind.is_socket(), "a socket"),
    ];
    let found = kinds.into_iter().find(|(is_it, _)| *is_it);
    Some(found.map_or("a device", |(_, name)| name))
}

/// SHA-256 of a file, hex.
pub(crate) fn sha256_of(path: &Path) -> Result<String> {
    if let Some(kind) = irregular(path) {
        let detail = format!("{kind} lies in its place, which isn't read");
        return Err(LakeError::Damaged { path: path.to_owned(), detail });
    }
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
