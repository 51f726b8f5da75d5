//! How far each file is read. It goes into the log together with what was read.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::print::Print;

/// A file, and how far it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    /// Where it was last.
    pub(super) path: String,
    pub(super) device: u64,
    pub(super) inode: u64,
    /// Bytes that are read. It always is the end of a line, unless it is within one that
    /// was too long.
    pub(super) offset: u64,
    /// Its first bytes, as far as they are read.
    pub(super) head: Print,
    /// The bytes before the offset.
    pub(super) before: Print,
    /// When it was written last, ns since 1970 UTC.
    pub(super) modified: i64,
    /// Whether what comes next is the rest of a line that was too long.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) in_long: bool,
    /// When it was given up because it wasn't under its path any more, ns since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) away: Option<i64>,
}

impl Known {
    /// A file of which nothing is read.
    pub(super) fn new(path: &std::path::Path, metadata: &Metadata) -> Self {
        Self {
            path: path.to_string_lossy().into_owned(),
            device: metadata.dev(),
            inode: metadata.ino(),
            offset: 0,
            head: Print::default(),
            before: Print::default(),
            modified: modified(metadata),
            in_long: false,
            away: None,
        }
    }

    /// Whether it has this device and inode.
    pub(super) fn is(&self, metadata: &Metadata) -> bool {
        (self.device, self.inode) == (metadata.dev(), metadata.ino())
    }

    /// Whether it may be the one with this inode: device numbers change when a machine
    /// starts anew.
    pub(super) fn may_be(&self, metadata: &Metadata) -> bool {
        self.is(metadata) || (self.inode == metadata.ino() && self.head.bytes > 0)
    }

    /// Whether a file begins like it.
    pub(super) fn begins(&self, file: &File) -> io::Result<bool> {
        self.head.is_at(file, 0)
    }

    /// Whether a file holds what was read of it.
    pub(super) fn holds(&self, file: &File, size: u64) -> io::Result<bool> {
        Ok(size >= self.offset
            && self.begins(file)?
            && self.before.is_at(file, self.offset.saturating_sub(self.before.bytes))?)
    }
}

/// When a file was written last, ns since 1970 UTC.
pub(super) fn modified(metadata: &Metadata) -> i64 {
    metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec())
}

/// The time, ns since 1970 UTC.
pub(super) fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_nanos()).unwrap_or(i64::MAX)
}

/// The mark of a collector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    version: u32,
    /// Files that are followed.
    pub(super) files: Vec<Known>,
    /// Files that were followed last, and what others held before they were cut short:
    /// copies of them are known by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) past: Vec<Known>,
    /// Paths that couldn't be looked at since the first start: what shows there is begun at
    /// its end, where the settings say so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unseen: Vec<String>,
}

/// Versions of marks that can be read.
const VERSION: u32 = 1;

impl Mark {
    pub(super) const fn new(files: Vec<Known>, past: Vec<Known>, unseen: Vec<String>) -> Self {
        Self { version: VERSION, files, past, unseen }
    }

    /// Reads one; `None` where it is of another version.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str::<Self>(text).ok().filter(|mark| mark.version == VERSION)
    }

    /// As it is kept.
    pub(super) fn in_words(&self) -> String {
        // There is nothing in it that JSON can't say.
        serde_json::to_string(self).unwrap_or_default()
    }
}
