//! The ids of one or several segments: a sorted file, derived and rebuildable.
//!
//! File: the magic; the segments' names, one a line, behind their length (u32);
//! the number of entries (u64); 40 bytes an entry, ascending by id: id hash (16,
//! big-endian so that bytes sort), hash of the redacted bytes (8), shard (4), seq
//! (8), part (4); a checksum (u64). Numbers are little-endian. The checksum is
//! `SipHash`-1-3 under the installation's key over everything before it: a file
//! that is damaged, of other segments or of another key is told and made again.
//! Of one id, the last entry is the newest version.

use std::fs::{self, File};
use std::hash::Hasher;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rollcall_schemas::Position;
use siphasher::sip::SipHasher13;

use crate::error::{LakeError, Result};
use crate::filter::Filter;
use crate::ids::IdHasher;

const MAGIC: &[u8; 8] = b"rcids\0\0\x03";
const ENTRY: usize = 40;
/// More than the names of all segments of a month.
const MOST_NAMES: u32 = 1 << 26;

/// Where one version of an event is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: u128,
    pub(crate) bytes: u64,
    pub(crate) at: Position,
}

/// The ids of some segments, on disk, with a filter in memory.
#[derive(Debug)]
pub(crate) struct IdFile {
    file: File,
    path: PathBuf,
    /// The segments, oldest first.
    segments: Vec<String>,
    count: u64,
    filter: Filter,
}

impl IdFile {
    /// Where the ids of segments lie.
    pub(crate) fn path_of(index: &Path, segments: &[String]) -> PathBuf {
        let first = segments.first().map_or("", String::as_str);
        match segments.len() {
            0 | 1 => index.join(format!("{first}.ids")),
            many => index.join(format!("{first}+{}.ids", many - 1)),
        }
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The segments whose ids it holds, oldest first.
    pub(crate) fn segments(&self) -> &[String] {
        &self.segments
    }

    /// Entries in it.
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// The segments that a file says it is of; nothing is checked yet.
    ///
    /// # Errors
    /// If it can't be read or doesn't begin as such a file does.
    pub(crate) fn segments_of(path: &Path) -> io::Result<Vec<String>> {
        names(&mut BufReader::new(File::open(path)?))
    }

    /// Opens a file and checks every byte of it.
    ///
    /// # Errors
    /// If it isn't whole, as it was written and where it was written.
    pub(crate) fn open(path: &Path, hasher: &IdHasher) -> Result<Self> {
        let file = File::open(path).map_err(LakeError::file("can't open", path))?;
        let mut reader = Checked::new(BufReader::with_capacity(1 << 20, &file), hasher);
        let mut read = || -> io::Result<(Vec<String>, u64, Filter)> {
            let segments = names(&mut reader)?;
            if path.file_name() != Self::path_of(Path::new(""), &segments).file_name() {
                return Err(wrong("it is of other segments"));
            }
            let count = u64::from_le_bytes(array(&mut reader)?);
            let mut filter = Filter::new(usize::try_from(count).unwrap_or(usize::MAX).min(1 << 34));
            for _ in 0..count {
                let bytes: [u8; ENTRY] = array(&mut reader)?;
                filter.insert(parse(&bytes).map_or(0, |entry| entry.id));
            }
            let expected = reader.sum.finish();
            if u64::from_le_bytes(array(&mut reader)?) != expected {
                return Err(wrong("its checksum doesn't match"));
            }
            if reader.inner.read(&mut [0])? > 0 {
                return Err(wrong("there is more behind its end"));
            }
            Ok((segments, count, filter))
        };
        // A count that can't be is told before anything is allocated for it.
        let most = file.metadata().map_err(LakeError::file("can't read", path))?.len();
        check_count(path, most)?;
        let (segments, count, filter) =
            read().map_err(|error| damaged(path, &error.to_string()))?;
        Ok(Self { file, path: path.to_owned(), segments, count, filter })
    }

    /// Writes the file of one segment.
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
        let count = entries.len() as u64;
        Self::stream(index, vec![segment.to_owned()], count, hasher, entries.into_iter().map(Ok))
    }

    /// Writes one file with the entries of several, which come oldest first.
    ///
    /// # Errors
    /// If one of them can't be read or the new one not be written.
    pub(crate) fn merge(index: &Path, files: &[PathBuf], hasher: &IdHasher) -> Result<Self> {
        let files: Vec<Self> =
            files.iter().map(|path| Self::open(path, hasher)).collect::<Result<_>>()?;
        let segments = files.iter().flat_map(|file| file.segments.iter().cloned()).collect();
        let count = files.iter().map(|file| file.count).sum();
        let mut heads = files.iter().map(Self::entries).collect::<Result<Vec<_>>>()?;
        let merged = std::iter::from_fn(|| {
            // Of equal ids the one of the oldest file comes first.
            let next = heads
                .iter_mut()
                .filter_map(|head| {
                    let id = head.peek()?.as_ref().map_or(0, |entry| entry.id);
                    Some((id, head))
                })
                .min_by_key(|(id, _)| *id);
            next.and_then(|(_, head)| head.next())
        });
        Self::stream(index, segments, count, hasher, merged)
    }

    fn stream(
        index: &Path,
        segments: Vec<String>,
        count: u64,
        hasher: &IdHasher,
        entries: impl Iterator<Item = io::Result<Entry>>,
    ) -> Result<Self> {
        let path = Self::path_of(index, &segments);
        let staged = path.with_extension("writing");
        let mut filter = Filter::new(usize::try_from(count).unwrap_or_default());
        let write = || -> io::Result<File> {
            fs::create_dir_all(index)?;
            let mut out = Summed { out: BufWriter::new(File::create(&staged)?), sum: hasher.sum() };
            let names = segments.join("\n");
            out.put(MAGIC)?;
            out.put(&u32::try_from(names.len()).unwrap_or(u32::MAX).to_le_bytes())?;
            out.put(names.as_bytes())?;
            out.put(&count.to_le_bytes())?;
            for entry in entries {
                let entry = entry?;
                filter.insert(entry.id);
                out.put(&bytes(&entry))?;
            }
            let sum = out.sum.finish().to_le_bytes();
            out.put(&sum)?;
            out.out.flush()?;
            // Not fsynced: a torn file is told by its checksum and made again.
            fs::rename(&staged, &path)?;
            File::open(&path)
        };
        let file = write().map_err(LakeError::file("can't write", &path))?;
        Ok(Self { file, path, segments, count, filter })
    }

    /// Whether an id may be in it; no is certain.
    pub(crate) fn may_hold(&self, id: u128) -> bool {
        self.filter.may_hold(id)
    }

    fn first_entry(&self) -> u64 {
        let names = self.segments.iter().map(|name| name.len() + 1).sum::<usize>().max(1) - 1;
        (MAGIC.len() + 4 + names + 8) as u64
    }

    fn entry(&self, number: u64) -> Result<Entry> {
        let mut bytes = [0; ENTRY];
        self.file
            .read_exact_at(&mut bytes, self.first_entry() + number * ENTRY as u64)
            .map_err(LakeError::file("can't read", &self.path))?;
        parse(&bytes).ok_or_else(|| damaged(&self.path, "an entry is incomplete"))
    }

    /// Its entries in order.
    fn entries(
        &self,
    ) -> Result<std::iter::Peekable<impl Iterator<Item = io::Result<Entry>> + use<>>> {
        let mut file = File::open(&self.path).map_err(LakeError::file("can't open", &self.path))?;
        io::Seek::seek(&mut file, io::SeekFrom::Start(self.first_entry()))
            .map_err(LakeError::file("can't read", &self.path))?;
        let mut reader = BufReader::with_capacity(1 << 18, file);
        let entries = (0..self.count).map(move |_| {
            let bytes: [u8; ENTRY] = array(&mut reader)?;
            parse(&bytes).ok_or_else(|| wrong("an entry is incomplete"))
        });
        Ok(entries.peekable())
    }

    /// Every entry of an id, by binary search, the newest last.
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

/// What is read, summed up as it goes by.
struct Checked<R> {
    inner: R,
    sum: SipHasher13,
}

impl<R> Checked<R> {
    fn new(inner: R, hasher: &IdHasher) -> Self {
        Self { inner, sum: hasher.sum() }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.sum.write(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// What is written, summed up as it goes by.
struct Summed<W> {
    out: W,
    sum: SipHasher13,
}

impl<W: Write> Summed<W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sum.write(bytes);
        self.out.write_all(bytes)
    }
}

fn array<const N: usize>(reader: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn wrong(detail: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, detail)
}

fn damaged(path: &Path, detail: &str) -> LakeError {
    LakeError::Damaged { path: path.to_owned(), detail: detail.to_owned() }
}

/// Whether a file of so many bytes can hold what it says it does.
fn check_count(path: &Path, bytes: u64) -> Result<()> {
    let says = || -> io::Result<u64> {
        let mut reader = BufReader::new(File::open(path)?);
        let names = names(&mut reader)?;
        let before = names.iter().map(|name| name.len() as u64 + 1).sum::<u64>().max(1) - 1;
        let count = u64::from_le_bytes(array(&mut reader)?);
        let entries = count.saturating_mul(ENTRY as u64);
        Ok(entries.saturating_add(before + MAGIC.len() as u64 + 4 + 8 + 8))
    };
    match says() {
        Ok(says) if says == bytes => Ok(()),
        Ok(_) => Err(damaged(path, "it is incomplete")),
        Err(error) => Err(damaged(path, &error.to_string())),
    }
}

fn names(reader: &mut impl Read) -> io::Result<Vec<String>> {
    if &array::<8>(reader)? != MAGIC {
        return Err(wrong("it is of another version"));
    }
    let length = u32::from_le_bytes(array(reader)?);
    if length > MOST_NAMES {
        return Err(wrong("its names are too long"));
    }
    let mut names = String::new();
    reader.take(length.into()).read_to_string(&mut names)?;
    if names.len() as u64 != u64::from(length) {
        return Err(wrong("it is incomplete"));
    }
    Ok(names.split('\n').map(str::to_owned).collect())
}

fn bytes(entry: &Entry) -> [u8; ENTRY] {
    let mut bytes = [0; ENTRY];
    let parts: [&[u8]; 5] = [
        &entry.id.to_be_bytes(),
        &entry.bytes.to_le_bytes(),
        &entry.at.shard.to_le_bytes(),
        &entry.at.seq.to_le_bytes(),
        &entry.at.part.to_le_bytes(),
    ];
    let mut rest = bytes.as_mut_slice();
    for part in parts {
        let Some((target, behind)) = rest.split_at_mut_checked(part.len()) else { break };
        target.copy_from_slice(part);
        rest = behind;
    }
    bytes
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

    fn entries(hasher: &IdHasher, shard: i32, count: i64) -> Vec<Entry> {
        (0..count)
            .map(|n| Entry {
                id: hasher.id("okta", &n.to_string()),
                bytes: 9,
                at: Position { shard, seq: n, part: 0 },
            })
            .collect()
    }

    #[test]
    fn a_file_gives_back_every_entry() {
        let scratch = tempfile::tempdir().expect("a directory");
        let hasher = IdHasher::new(&[3; 32]);
        let entries = entries(&hasher, 1, 5000);
        IdFile::write(scratch.path(), "x", &hasher, entries.clone()).expect("written");
        let ids = IdFile::open(&scratch.path().join("x.ids"), &hasher).expect("opened");
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
    fn a_merged_file_gives_every_version_the_newest_last() {
        let scratch = tempfile::tempdir().expect("a directory");
        let hasher = IdHasher::new(&[3; 32]);
        // The shard of the older file is the greater one: files tell the age.
        let paths: Vec<PathBuf> = [("old", 9, 300), ("new", 2, 200), ("none", 1, 0)]
            .into_iter()
            .map(|(name, shard, count)| {
                let entries = entries(&hasher, shard, count);
                IdFile::write(scratch.path(), name, &hasher, entries).expect("written").path
            })
            .collect();
        let merged = IdFile::merge(scratch.path(), &paths, &hasher).expect("merged");
        assert_eq!(merged.segments(), ["old", "new", "none"]);
        assert_eq!(merged.count(), 500);
        let merged = IdFile::open(merged.path(), &hasher).expect("opened");
        for n in 0..300_i64 {
            let id = hasher.id("okta", &n.to_string());
            assert!(merged.may_hold(id));
            let shards: Vec<i32> =
                merged.find(id).expect("search").iter().map(|entry| entry.at.shard).collect();
            assert_eq!(shards, if n < 200 { vec![9, 2] } else { vec![9] }, "{n}");
        }
    }

    #[test]
    fn no_damage_is_trusted_wherever_it_is() {
        let scratch = tempfile::tempdir().expect("a directory");
        let hasher = IdHasher::new(&[3; 32]);
        IdFile::write(scratch.path(), "x", &hasher, entries(&hasher, 1, 60)).expect("written");
        let path = scratch.path().join("x.ids");
        let whole = fs::read(&path).expect("bytes");
        let opens = |bytes: &[u8]| {
            fs::write(&path, bytes).expect("a file");
            IdFile::open(&path, &hasher).is_ok()
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
        let first = 8 + 4 + 1 + 8;
        let mut swapped = whole.clone();
        swapped[first..first + 2 * ENTRY].rotate_left(ENTRY);
        assert!(!opens(&swapped), "a file out of order was taken");
    }

    #[test]
    fn a_file_of_another_segment_or_key_or_version_is_not_trusted() {
        let scratch = tempfile::tempdir().expect("a directory");
        let hasher = IdHasher::new(&[3; 32]);
        IdFile::write(scratch.path(), "x", &hasher, entries(&hasher, 1, 60)).expect("written");
        let path = scratch.path().join("x.ids");
        assert!(IdFile::open(&path, &IdHasher::new(&[4; 32])).is_err());
        let other = scratch.path().join("y.ids");
        fs::copy(&path, &other).expect("copied");
        assert!(IdFile::open(&other, &hasher).is_err());
        let mut before = fs::read(&path).expect("bytes");
        before[7] = 2;
        fs::write(&path, before).expect("a file");
        assert!(IdFile::open(&path, &hasher).is_err());
    }
}
