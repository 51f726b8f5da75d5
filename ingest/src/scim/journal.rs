//! The file that keeps users and groups: `rollcall scim 1 ‖ newline`, then an entry a line,
//! `CRC32C of the rest, 8 hex digits ‖ space ‖ JSON ‖ newline`. What is answered is in it, and
//! synced. Later entries replace earlier ones; a torn end, of what was never answered, is
//! cut off. Mode 0600.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::people::Stood;
use super::resource::Resource;
use crate::error::IngestError;

const TITLE: &str = "rollcall scim 1\n";

/// What is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Entry {
    /// A resource under its number: the order in which they were made.
    Kept { number: u64, resource: Resource },
    /// A resource that was deleted.
    Gone { number: u64 },
    /// What the table `people` has of a user, by the user's id.
    Stands { user: String, stood: Stood },
    /// That it has nothing of the user any more that it should.
    Fell { user: String },
}

/// The open file.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

/// Reads a file; entries, and how many bytes of it are whole. Nothing where there is none.
pub(super) fn read(path: &Path) -> Result<(Vec<Entry>, u64), IngestError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(error) => return Err(IngestError::file("can't read", path)(error)),
    };
    let damaged = |line: usize, detail: &str| IngestError::Table {
        path: path.display().to_string(),
        line,
        detail: format!(
            "{detail}; restore the file from a backup, or move it away and have the identity \
             provider provision everybody again"
        ),
    };
    let Some(mut rest) = bytes.strip_prefix(TITLE.as_bytes()) else {
        // A start that a crash cut short.
        let is_torn = TITLE.as_bytes().starts_with(&bytes);
        let fault = damaged(1, "it isn't a file of provisioned people of this version");
        return if is_torn { Ok((Vec::new(), 0)) } else { Err(fault) };
    };
    let mut entries = Vec::new();
    let mut number = 1;
    while !rest.is_empty() {
        number += 1;
        let end = rest.iter().position(|byte| *byte == b'\n');
        let (line, behind) = match end {
            Some(end) => (rest.get(..end), rest.get(end + 1..).unwrap_or_default()),
            None => (None, &[][..]),
        };
        match line.and_then(entry) {
            Some(entry) => entries.push(entry),
            None if behind.is_empty() => break,
            None => return Err(damaged(number, "the line is damaged, and whole ones follow")),
        }
        rest = behind;
    }
    let whole = bytes.len().saturating_sub(rest.len());
    Ok((entries, whole as u64))
}

fn entry(line: &[u8]) -> Option<Entry> {
    let (sum, json) = line.split_at_checked(8)?;
    let json = json.strip_prefix(b" ")?;
    let sum = u32::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()?;
    if sum != crc32c::crc32c(json) {
        return None;
    }
    serde_json::from_slice(json).ok()
}

fn lines<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Result<Vec<u8>, IngestError> {
    let mut bytes = Vec::new();
    for entry in entries {
        let json = serde_json::to_vec(entry).map_err(|error| {
            IngestError::Worker(format!("an entry can't be written as JSON: {error}"))
        })?;
        bytes.extend_from_slice(format!("{:08x} ", crc32c::crc32c(&json)).as_bytes());
        bytes.extend_from_slice(&json);
        bytes.push(b'\n');
    }
    Ok(bytes)
}

impl Journal {
    /// Opens a file of which so many bytes are whole; what follows them is cut off.
    pub(super) fn open(path: PathBuf, whole: u64) -> Result<Self, IngestError> {
        if whole == 0 {
            return Self::written(path, &[]);
        }
        let file = OpenOptions::new().append(true).open(&path);
        let file = file.map_err(IngestError::file("can't open", &path))?;
        let length = file.metadata().map_err(IngestError::file("can't look at", &path))?.len();
        if length > whole {
            let bytes = length - whole;
            tracing::warn!(
                path = %path.display(), bytes,
                "provisioned people: a torn end that was never answered is cut off"
            );
            let cut = file.set_len(whole).and_then(|()| file.sync_all());
            cut.map_err(IngestError::file("can't cut the torn end off", &path))?;
        }
        Ok(Self { path, file })
    }

    /// Puts a file with these entries, and no others, in the place of the one there is.
    pub(super) fn written(path: PathBuf, entries: &[Entry]) -> Result<Self, IngestError> {
        let lines = lines(entries)?;
        let write = || {
            let next = path.with_extension("next");
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true).mode(0o600);
            let mut file = options.open(&next)?;
            file.write_all(TITLE.as_bytes())?;
            file.write_all(&lines)?;
            file.sync_all()?;
            fs::rename(&next, &path)?;
            if let Some(folder) = path.parent() {
                File::open(folder)?.sync_all()?;
            }
            OpenOptions::new().append(true).open(&path)
        };
        let file = write().map_err(IngestError::file("can't write", &path))?;
        Ok(Self { path, file })
    }

    /// Adds entries; they are durable afterwards.
    pub(super) fn append(&mut self, entries: &[Entry]) -> Result<(), IngestError> {
        let lines = lines(entries)?;
        let written = self.file.write_all(&lines).and_then(|()| self.file.sync_data());
        written.map_err(IngestError::file("can't write", &self.path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}
