//! Files that can be made again from segments at any time: what was counted over them,
//! or worked out of them. They are never evidence: nothing vouches for them, a backup
//! leaves them out, and what is damaged, of another version or of other segments is
//! made again.
//!
//! File: the magic; the length (u32, little-endian) of the head and the head, JSON: the
//! version of what made it, the key of what it was made from, the segments' names; the
//! content, zstd; the SHA-256 of everything before it. Not fsynced: a torn file is told
//! by its checksum.
//!
//! They hold what segments hold, people's names too. When segments leave their table for
//! good, so does what was made from them: a file is only kept while every segment that
//! it names is there, and none is written from segments that have gone meanwhile.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::blocking::blocking;
use crate::directory::Access;
use crate::error::{LakeError, Result};
use crate::lake::Lake;
use crate::snapshot::Snapshot;
use crate::store::create_private_directory;

const MAGIC: &[u8; 8] = b"rcmade\0\x01";
const CHECKSUM: usize = 32;
/// Longest head: the names of more segments than a day's rows come from.
const MOST_HEAD: u32 = 1 << 26;
/// Content, at most, in bytes: no file makes a process hold more.
const MOST_CONTENT: u64 = 1 << 31;
/// Fast: the files are read and written far more often than they are kept long.
const LEVEL: i32 = 1;

/// What a derived file was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeFrom {
    /// Version of what made it: its format, its SQL, its settings.
    pub version: String,
    /// One text for everything that it was made from.
    pub key: String,
    /// Names of the segments among that.
    pub segments: Vec<String>,
}

/// The folder of derived files.
#[derive(Debug)]
pub(crate) struct DerivedFiles {
    folder: PathBuf,
    /// Held while a file is written or files are removed: none is written from a
    /// segment whose removal has looked for them already.
    changing: Mutex<()>,
}

impl DerivedFiles {
    pub(crate) const fn new(folder: PathBuf) -> Self {
        Self { folder, changing: Mutex::new(()) }
    }

    /// The content, if it is there, whole, and made from just this.
    fn read(&self, name: &str, version: &str, key: &str) -> Option<Vec<u8>> {
        let path = self.folder.join(name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "a derived file can't be read; it is made again");
                return None;
            }
        };
        match opened(&bytes, version, key) {
            Ok(content) => content,
            Err(detail) => {
                tracing::warn!(file = %path.display(), detail, "a derived file is damaged; it is made again");
                None
            }
        }
    }

    fn write(&self, name: &str, from: &MadeFrom, content: &[u8]) -> io::Result<()> {
        create_private_directory(&self.folder).map_err(io::Error::other)?;
        let head = serde_json::to_vec(from)?;
        let length = u32::try_from(head.len()).map_err(io::Error::other)?;
        let mut bytes = Vec::with_capacity(content.len() / 4 + head.len() + 64);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&head);
        bytes.extend(zstd::bulk::compress(content, LEVEL)?);
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&sum);
        let staged = self.folder.join(format!("{name}.writing"));
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&staged)?;
        file.write_all(&bytes)?;
        fs::rename(&staged, self.folder.join(name))
    }

    /// Removes the files that name a segment which isn't there, and those that can't say
    /// what they were made from.
    fn forget(&self, live: &HashSet<&str>) -> Result<()> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(LakeError::file("can't list", &self.folder)(error)),
        };
        for entry in entries {
            let path = entry.map_err(LakeError::file("can't list", &self.folder))?.path();
            // What lies in a folder of its own is somebody else's, who sees to it.
            if path.is_dir() {
                continue;
            }
            let from = head_of(&path).unwrap_or_default();
            let stays = from.is_some_and(|from| {
                from.segments.iter().all(|segment| live.contains(segment.as_str()))
            });
            if !stays {
                fs::remove_file(&path).map_err(LakeError::file("can't remove", &path))?;
            }
        }
        Ok(())
    }
}

/// The content of a file; `None` where it was made from something else.
fn opened(bytes: &[u8], version: &str, key: &str) -> Result<Option<Vec<u8>>, String> {
    let end = bytes.len().checked_sub(CHECKSUM).ok_or("it is cut short")?;
    let (body, sum) = bytes.split_at_checked(end).ok_or("it is cut short")?;
    if Sha256::digest(body).as_slice() != sum {
        return Err("its checksum doesn't match".to_owned());
    }
    // Another layout isn't damage.
    let Some(rest) = body.strip_prefix(MAGIC) else { return Ok(None) };
    let (length, rest) = rest.split_first_chunk().ok_or("it has no head")?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|e| e.to_string())?;
    let (head, content) = rest.split_at_checked(length).ok_or("its head is incomplete")?;
    let from: MadeFrom = serde_json::from_slice(head).map_err(|error| error.to_string())?;
    if from.version != version || from.key != key {
        return Ok(None);
    }
    let mut unpacked = Vec::new();
    let reader = zstd::Decoder::with_buffer(content).map_err(|error| error.to_string())?;
    reader.take(MOST_CONTENT).read_to_end(&mut unpacked).map_err(|error| error.to_string())?;
    Ok(Some(unpacked))
}

/// What a file says that it was made from; `None` where it doesn't.
fn head_of(path: &Path) -> io::Result<Option<MadeFrom>> {
    use io::Read;
    let mut file = fs::File::open(path)?;
    let mut start = [0; 12];
    file.read_exact(&mut start)?;
    let Some((magic, length)) = start.split_at_checked(MAGIC.len()) else { return Ok(None) };
    let length = length.try_into().map_or(u32::MAX, u32::from_le_bytes);
    if magic != MAGIC || length > MOST_HEAD {
        return Ok(None);
    }
    let mut head = Vec::new();
    file.take(length.into()).read_to_end(&mut head)?;
    Ok(serde_json::from_slice(&head).ok())
}

/// The names of all files that a reader sees.
fn live(snapshot: &Snapshot) -> HashSet<&str> {
    let segments = snapshot.tables.values().flat_map(|table| table.segments.iter());
    segments.map(|segment| segment.name.as_str()).collect()
}

impl Lake {
    /// Content that was kept under a name, if it was made by this version from this key.
    /// Blocks.
    pub fn derived(&self, name: &str, version: &str, key: &str) -> Option<Vec<u8>> {
        self.derived_files().read(name, version, key)
    }

    /// Whether content is kept under a name that this version made from this key; whether it
    /// is whole, only reading it tells. Blocks.
    pub fn has_derived(&self, name: &str, version: &str, key: &str) -> bool {
        let head = head_of(&self.derived_files().folder.join(name));
        head.is_ok_and(|head| head.is_some_and(|from| from.version == version && from.key == key))
    }

    /// Whether this process keeps derived files: the one that writes does, readers beside
    /// it only read them.
    pub fn keeps_derived(&self) -> bool {
        self.access() == Access::Write
    }

    /// Keeps content under a name (`[A-Za-z0-9._-]`), in the place of what was there; not
    /// where a segment that it was made from has left its table meanwhile. Says whether
    /// it did. Blocks.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn keep_derived(&self, name: &str, from: &MadeFrom, content: &[u8]) -> Result<bool> {
        if !self.keeps_derived() {
            return Ok(false);
        }
        let files = self.derived_files();
        let _changing = files.changing.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: a removal publishes first, and then looks for files.
        let snapshot = self.snapshot();
        let live = live(&snapshot);
        if !from.segments.iter().all(|segment| live.contains(segment.as_str())) {
            return Ok(false);
        }
        let path = files.folder.join(name);
        files.write(name, from, content).map_err(LakeError::file("can't write", &path))?;
        Ok(true)
    }

    /// Removes derived files of segments that are no longer there.
    ///
    /// # Errors
    /// If a file can't be removed.
    pub(crate) async fn forget_derived(&self) -> Result<()> {
        let (files, snapshot) = (Arc::clone(self.derived_files()), self.snapshot());
        blocking(move || {
            let _changing = files.changing.lock().unwrap_or_else(PoisonError::into_inner);
            files.forget(&live(&snapshot))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(version: &str, key: &str, segments: &[&str]) -> MadeFrom {
        let segments = segments.iter().map(|name| (*name).to_owned()).collect();
        MadeFrom { version: version.to_owned(), key: key.to_owned(), segments }
    }

    fn files() -> (tempfile::TempDir, DerivedFiles) {
        let scratch = tempfile::tempdir().expect("a directory");
        let files = DerivedFiles::new(scratch.path().join("derived"));
        (scratch, files)
    }

    #[test]
    fn content_comes_back_for_the_same_version_and_key_alone() {
        let (_scratch, files) = files();
        let content = b"counted ".repeat(1000);
        files.write("a.counts", &from("1", "k", &["x"]), &content).expect("written");
        assert_eq!(files.read("a.counts", "1", "k"), Some(content));
        assert_eq!(files.read("a.counts", "2", "k"), None);
        assert_eq!(files.read("a.counts", "1", "other"), None);
        assert_eq!(files.read("b.counts", "1", "k"), None);
        files.write("a.counts", &from("2", "k", &["x"]), b"").expect("written");
        assert_eq!(files.read("a.counts", "2", "k"), Some(Vec::new()));
    }

    #[test]
    fn any_damage_is_told() {
        let (_scratch, files) = files();
        files.write("a", &from("1", "k", &["x"]), b"content").expect("written");
        let path = files.folder.join("a");
        let whole = fs::read(&path).expect("the file");
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).expect("written");
            assert_eq!(files.read("a", "1", "k"), None, "byte {at}");
            fs::write(&path, &whole[..at]).expect("written");
            assert_eq!(files.read("a", "1", "k"), None, "cut at {at}");
        }
        fs::write(&path, &whole).expect("written");
        assert!(files.read("a", "1", "k").is_some());
    }

    #[test]
    fn what_names_a_segment_that_is_gone_goes() {
        let (_scratch, files) = files();
        files.write("stays", &from("1", "k", &["x", "y"]), b"1").expect("written");
        files.write("goes", &from("1", "k", &["x", "z"]), b"2").expect("written");
        files.write("of-none", &from("1", "k", &[]), b"3").expect("written");
        for (name, bytes) in [("litter", &b"?"[..]), ("goes.writing", &b"rcmade\0\x01"[..])] {
            fs::write(files.folder.join(name), bytes).expect("written");
        }
        fs::create_dir(files.folder.join("of-others")).expect("a folder");
        files.forget(&["x", "y"].into()).expect("removed");
        let mut left: Vec<_> = fs::read_dir(&files.folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["of-none", "of-others", "stays"]);
    }
}
