//! The ids of one segment: a small sorted file beside it, derived and rebuildable.
//!
//! File: the magic, the number of entries (u64), a checksum (u64), then 40 bytes an
//! entry, ascending by id: id hash (16, big-endian so that bytes sort), hash of
//! the redacted bytes (8), shard (4), seq (8), part (4), little-endian. The
//! checksum is `SipHash`-1-3 under the installation's key over the segment's name,
//! a zero byte, the number of entries and the entries: a file that is damaged, of
//! another segment or of another key is told and made again.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rollcall_schemas::Position;

use crate::error::{LakeError, Result};
use crate::filter::Filter;
use crate::ids::IdHasher;

const MAGIC: &[u8; 8] = b"rcids\0\0\x02";
const HEADER: usize = 24;
const ENTRY: usize = 40;

/// Where one version of an event is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: u128,
    pub(crate) bytes: u64,
    pub(crate) at: Position,
}

/// The ids of one segment, on disk, with a filter in memory.
#[derive(Debug)]
pub(crate) struct IdFile {
    file: File,
    path: PathBuf,
    count: u64,
    filter: Filter,
}

impl IdFile {
    /// Where the ids of a segment lie.
    pub(crate) fn path(index: &Path, segment: &str) -> PathBuf {
        index.join(format!("{segment}.ids"))
    }

    /// Opens a segment's file and checks every byte of it.
    ///
    /// # Errors
    /// If it is missing or isn't what was written for this segment.
    pub(crate) fn open(index: &Path, segment: &str, hasher: &IdHasher) -> Result<Self> {
        let path = Self::path(index, segment);
        let mut file = File::open(&path).map_err(LakeError::file("can't open", &path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(LakeError::file("can't read", &path))?;
        let entries = checked(&bytes, segment, hasher)
            .map_err(|detail| LakeError::Damaged { path: path.clone(), detail })?;
        let mut filter = Filter::new(entries.len() / ENTRY);
        for entry in entries.chunks_exact(ENTRY).filter_map(parse) {
            filter.insert(entry.id);
        }
        Ok(Self { file, path, count: (entries.len() / ENTRY) as u64, filter })
    }

    /// Writes a segment's file.
    ///
    /// # Errors
    /// If the system refuses it.
    pub(crate) fn write(
        index: &Path,
        segment: &str,
        hasher: &IdHasher,
        mut entries: Vec<Entry>,
    ) -> Result<Self> {
        // Within an id by position: the last is the newest version.
        entries.sort_unstable_by_key(|entry| (entry.id, entry.at));
        let path = Self::path(index, segment);
        let mut body = Vec::with_capacity(entries.len() * ENTRY);
        let mut filter = Filter::new(entries.len());
        for entry in &entries {
            filter.insert(entry.id);
            body.extend(entry.id.to_be_bytes());
            body.extend(entry.bytes.to_le_bytes());
            body.extend(entry.at.shard.to_le_bytes());
            body.extend(entry.at.seq.to_le_bytes());
            body.extend(entry.at.part.to_le_bytes());
        }
        let count = (entries.len() as u64).to_le_bytes();
        let staged = path.with_extension("writing");
        let write = || -> std::io::Result<()> {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let mut out = BufWriter::new(File::create(&staged)?);
            out.write_all(MAGIC)?;
            out.write_all(&count)?;
            out.write_all(&hasher.checksum(segment, [&count, &body]).to_le_bytes())?;
            out.write_all(&body)?;
            out.flush()?;
            // Not fsynced: a torn file is told by its checksum and made again.
            fs::rename(&staged, &path)
        };
        write().map_err(LakeError::file("can't write", &path))?;
        let file = File::open(&path).map_err(LakeError::file("can't open", &path))?;
        Ok(Self { file, path, count: entries.len() as u64, filter })
    }

    /// Whether an id may be in it; no is certain.
    pub(crate) fn may_hold(&self, id: u128) -> bool {
        self.filter.may_hold(id)
    }

    fn entry(&self, index: u64) -> Result<Entry> {
        let mut bytes = [0; ENTRY];
        self.file
            .read_exact_at(&mut bytes, HEADER as u64 + index * ENTRY as u64)
            .map_err(LakeError::file("can't read", &self.path))?;
        parse(&bytes).ok_or_else(|| LakeError::Damaged {
            path: self.path.clone(),
            detail: "an entry is incomplete".to_owned(),
        })
    }

    /// Every entry of an id, by binary search.
    ///
    /// # Errors
    /// If the file can't be read.
    pub(crate) fn find(&self, id: u128) -> Result<Vec<Entry>> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.entry(middle)?.id < id {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let mut found = Vec::new();
        while low < self.count {
            let entry = self.entry(low)?;
            if entry.id != id {
                break;
            }
            found.push(entry);
            low += 1;
        }
        Ok(found)
    }
}

/// The entries of a file's bytes, if they are what was written for the segment.
fn checked<'a>(bytes: &'a [u8], segment: &str, hasher: &IdHasher) -> Result<&'a [u8], String> {
    let Some((magic, rest)) = bytes.split_first_chunk::<8>() else {
        return Err("it has no header".to_owned());
    };
    if magic != MAGIC {
        return Err("it is of another version".to_owned());
    }
    let header = rest.split_first_chunk::<8>().and_then(|(count, rest)| {
        rest.split_first_chunk::<8>().map(|(checksum, entries)| (count, checksum, entries))
    });
    let Some((count, checksum, entries)) = header else {
        return Err("it has no header".to_owned());
    };
    if u64::from_le_bytes(*count) != (entries.len() / ENTRY) as u64 || entries.len() % ENTRY != 0 {
        return Err("it is incomplete".to_owned());
    }
    if hasher.checksum(segment, [count, entries]).to_le_bytes() != *checksum {
        return Err("its checksum doesn't match".to_owned());
    }
    Ok(entries)
}

fn parse(bytes: &[u8]) -> Option<Entry> {
    let (id, rest) = bytes.split_first_chunk()?;
    let (hash, rest) = rest.split_first_chunk()?;
    let (shard, rest) = rest.split_first_chunk()?;
    let (seq, rest) = rest.split_first_chunk()?;
    let (part, _) = rest.split_first_chunk()?;
    Some(Entry {
        id: u128::from_be_bytes(*id),
        bytes: u64::from_le_bytes(*hash),
        at: Position {
            shard: i32::from_le_bytes(*shard),
            seq: i64::from_le_bytes(*seq),
            part: i32::from_le_bytes(*part),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(hasher: &IdHasher, count: i64) -> Vec<Entry> {
        (0..count)
            .map(|n| Entry {
                id: hasher.id("okta", &n.to_string()),
                bytes: 9,
                at: Position { shard: 1, seq: n, part: 0 },
            })
            .collect()
    }

    #[test]
    fn a_file_gives_back_every_entry() {
        let scratch = tempfile::tempdir().expect("a directory");
        let hasher = IdHasher::new(&[3; 32]);
        let entries = entries(&hasher, 5000);
        IdFile::write(scratch.path(), "x", &hasher, entries.clone()).expect("written");
        let ids = IdFile::open(scratch.path(), "x", &hasher).expect("opened");
        for entry in &entries {
            assert!(ids.may_hold(entry.id));
            assert_eq!(ids.find(entry.id).expect("search"), [*entry]);
        }
        let strangers =
            (5000..105_000_i64).filter(|n| ids.may_hold(hasher.id("okta", &n.to_string())));
        let share = strangers.count() as f64 / 100_000.0;
        assert!(share < 0.005, "{share} of strangers pass the filter");
    }

    #[test]
    fn no_damage_is_trusted_wherever_it_is() {
        let scratch = tempfile::tempdir().expect("a directory");
        let hasher = IdHasher::new(&[3; 32]);
        IdFile::write(scratch.path(), "x", &hasher, entries(&hasher, 60)).expect("written");
        let path = IdFile::path(scratch.path(), "x");
        let whole = fs::read(&path).expect("bytes");
        let opens = |bytes: &[u8]| {
            fs::write(&path, bytes).expect("a file");
            IdFile::open(scratch.path(), "x", &hasher).is_ok()
        };
        assert!(opens(&whole));
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(!opens(&flipped), "a flipped bit at byte {at} was taken");
            assert!(!opens(&whole[..at]), "a file cut off at byte {at} was taken");
        }
        let mut longer = whole.clone();
        longer.extend([0; ENTRY]);
        assert!(!opens(&longer), "a file with more behind it was taken");
        // Two whole entries changed for each other.
        let mut swapped = whole.clone();
        swapped[HEADER..HEADER + 2 * ENTRY].rotate_left(ENTRY);
        assert!(!opens(&swapped), "a file out of order was taken");
    }

    #[test]
    fn a_file_of_another_segment_or_key_or_version_is_not_trusted() {
        let scratch = tempfile::tempdir().expect("a directory");
        let hasher = IdHasher::new(&[3; 32]);
        IdFile::write(scratch.path(), "x", &hasher, entries(&hasher, 60)).expect("written");
        let path = IdFile::path(scratch.path(), "x");
        assert!(IdFile::open(scratch.path(), "x", &IdHasher::new(&[4; 32])).is_err());
        fs::copy(&path, IdFile::path(scratch.path(), "y")).expect("copied");
        assert!(IdFile::open(scratch.path(), "y", &hasher).is_err());
        // Version 1 had no checksum: the count, then the entries.
        let now = fs::read(&path).expect("bytes");
        let mut before = b"rcids\0\0\x01".to_vec();
        before.extend(&now[8..16]);
        before.extend(&now[HEADER..]);
        fs::write(&path, before).expect("a file");
        assert!(IdFile::open(scratch.path(), "x", &hasher).is_err());
    }
}
