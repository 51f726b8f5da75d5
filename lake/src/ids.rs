//! Which (source, event id) are stored already. Beside each segment lies a
//! small sorted file, derived and rebuildable, that reaches back 30 days; what
//! isn't sealed yet is in memory.
//!
//! File: the magic, the number of entries (u64), then 40 bytes an entry,
//! ascending by id: id hash (16, big-endian so that bytes sort), hash of the
//! redacted bytes (8), shard (4), seq (8), part (4), little-endian.

use std::collections::HashMap;
use std::fs::{self, File};
use std::hash::{BuildHasherDefault, Hasher};
use std::io::{BufWriter, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Int32Type, Int64Type};
use rollcall_schemas::Position;
use siphasher::sip::SipHasher13;
use siphasher::sip128::{Hasher128, SipHasher13 as SipHasher13Wide};

use crate::error::{LakeError, Result};
use crate::read::read_rows;
use crate::segment::Segment;

const MAGIC: &[u8; 8] = b"rcids\0\0\x01";
const HEADER: u64 = 16;
const ENTRY: usize = 40;

/// Hashes ids and bytes under the installation's key: nobody can make an event
/// that collides with another and so vanishes as its duplicate.
#[derive(Debug, Clone, Copy)]
pub struct IdHasher {
    keys: (u64, u64),
}

impl IdHasher {
    /// A hasher from the installation's identifier key.
    pub fn new(key: &[u8; 32]) -> Self {
        let word = |from: usize| {
            let bytes = key.get(from..from + 8).and_then(|b| b.try_into().ok());
            bytes.map_or(0, u64::from_le_bytes)
        };
        Self { keys: (word(0), word(8)) }
    }

    /// Hash of a source's event id.
    pub fn id(&self, source: &str, event_id: &str) -> u128 {
        let mut hasher = SipHasher13Wide::new_with_keys(self.keys.0, self.keys.1);
        hasher.write(source.as_bytes());
        hasher.write(&[0]);
        hasher.write(event_id.as_bytes());
        hasher.finish128().as_u128()
    }

    /// Hash of a redacted record.
    pub fn bytes(&self, raw: &[u8]) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.keys.0, self.keys.1);
        hasher.write(raw);
        hasher.finish()
    }
}

/// What is known of an event's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// Not stored in the last 30 days.
    New,
    /// The same event with the same bytes is stored at this position.
    Duplicate(Position),
    /// The same event with other bytes is stored; this is its newest position.
    Revision(Position),
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    id: u128,
    bytes: u64,
    at: Position,
}

/// Takes an id's hash as its own: it was made under a key already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = u64::try_from(hash & u128::from(u64::MAX)).unwrap_or_default();
    }
}

/// The ids of everything stored in the last 30 days.
#[derive(Debug, Default)]
pub struct Known {
    /// Newest last.
    sealed: Vec<SegmentIds>,
    /// The newest version of what isn't sealed.
    tail: HashMap<u128, (u64, Position), BuildHasherDefault<Hashed>>,
    /// Earlier versions of what isn't sealed.
    superseded: HashMap<(u128, u64), Position>,
}

impl Known {
    /// Opens the id files of some segments, making those that are missing.
    ///
    /// # Errors
    /// If a segment or its id file can't be read or written.
    pub fn open(index: &Path, segments: &[Arc<Segment>], hasher: &IdHasher) -> Result<Self> {
        let sealed = segments
            .iter()
            .map(|segment| {
                let path = ids_path(index, &segment.name);
                if let Ok(ids) = SegmentIds::open(&path) {
                    return Ok(ids);
                }
                SegmentIds::write(&path, entries_of(segment, hasher)?)
            })
            .collect::<Result<_>>()?;
        Ok(Self { sealed, ..Self::default() })
    }

    /// Looks an id up and, unless it is a duplicate, remembers it as at `at`.
    ///
    /// # Errors
    /// If an id file can't be read.
    pub fn check(&mut self, id: u128, bytes: u64, at: Position) -> Result<Lookup> {
        let mut newest = None;
        if let Some((known, position)) = self.tail.get(&id).copied() {
            if known == bytes {
                return Ok(Lookup::Duplicate(position));
            }
            if let Some(position) = self.superseded.get(&(id, bytes)) {
                return Ok(Lookup::Duplicate(*position));
            }
            newest = Some(position);
            self.superseded.insert((id, known), position);
        }
        for segment in self.sealed.iter().rev().filter(|segment| segment.may_hold(id)) {
            let entries = segment.find(id)?;
            for entry in &entries {
                if entry.bytes == bytes {
                    return Ok(Lookup::Duplicate(entry.at));
                }
            }
            // Segments come newest first, their entries newest last.
            newest = newest.or_else(|| entries.last().map(|entry| entry.at));
        }
        self.tail.insert(id, (bytes, at));
        Ok(newest.map_or(Lookup::New, Lookup::Revision))
    }

    /// Writes the id file of a segment that was just sealed and forgets its
    /// entries in memory.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn sealed(
        &mut self,
        index: &Path,
        segment: &Segment,
        is_sealed: impl Fn(Position) -> bool,
    ) -> Result<()> {
        let mut entries = Vec::new();
        self.tail.retain(|id, (bytes, at)| {
            let keep = !is_sealed(*at);
            if !keep {
                entries.push(Entry { id: *id, bytes: *bytes, at: *at });
            }
            keep
        });
        self.superseded.retain(|(id, bytes), at| {
            let keep = !is_sealed(*at);
            if !keep {
                entries.push(Entry { id: *id, bytes: *bytes, at: *at });
            }
            keep
        });
        self.sealed.push(SegmentIds::write(&ids_path(index, &segment.name), entries)?);
        Ok(())
    }
}

fn ids_path(index: &Path, segment: &str) -> PathBuf {
    index.join(format!("{segment}.ids"))
}

/// The ids of one segment, on disk, with a filter in memory.
#[derive(Debug)]
struct SegmentIds {
    file: File,
    path: PathBuf,
    count: u64,
    filter: Filter,
}

impl SegmentIds {
    fn open(path: &Path) -> Result<Self> {
        let damaged =
            |detail: &str| LakeError::Damaged { path: path.to_owned(), detail: detail.to_owned() };
        let mut file = File::open(path).map_err(LakeError::file("can't open", path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(LakeError::file("can't read", path))?;
        let (header, entries) = bytes.split_at_checked(16).ok_or_else(|| damaged("no header"))?;
        let (magic, count) = header.split_at(8);
        let count = count.try_into().map(u64::from_le_bytes).unwrap_or_default();
        let whole = u64::try_from(entries.len() / ENTRY).unwrap_or_default();
        if magic != MAGIC || count != whole || entries.len() % ENTRY != 0 {
            return Err(damaged("it is incomplete"));
        }
        let mut filter = Filter::new(entries.len() / ENTRY);
        for entry in entries.chunks_exact(ENTRY).filter_map(parse) {
            filter.insert(entry.id);
        }
        Ok(Self { file, path: path.to_owned(), count, filter })
    }

    fn write(path: &Path, mut entries: Vec<Entry>) -> Result<Self> {
        // Within an id by position: the last is the newest version.
        entries.sort_unstable_by_key(|entry| (entry.id, entry.at));
        let staged = path.with_extension("writing");
        let write = || -> std::io::Result<()> {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let mut out = BufWriter::new(File::create(&staged)?);
            out.write_all(MAGIC)?;
            out.write_all(&(entries.len() as u64).to_le_bytes())?;
            for entry in &entries {
                out.write_all(&entry.id.to_be_bytes())?;
                out.write_all(&entry.bytes.to_le_bytes())?;
                out.write_all(&entry.at.shard.to_le_bytes())?;
                out.write_all(&entry.at.seq.to_le_bytes())?;
                out.write_all(&entry.at.part.to_le_bytes())?;
            }
            out.flush()?;
            // Not fsynced: a torn file is seen by its length and made again.
            fs::rename(&staged, path)
        };
        write().map_err(LakeError::file("can't write", path))?;
        let mut filter = Filter::new(entries.len());
        for entry in &entries {
            filter.insert(entry.id);
        }
        let file = File::open(path).map_err(LakeError::file("can't open", path))?;
        Ok(Self { file, path: path.to_owned(), count: entries.len() as u64, filter })
    }

    fn may_hold(&self, id: u128) -> bool {
        self.filter.may_hold(id)
    }

    fn entry(&self, index: u64) -> Result<Entry> {
        let mut bytes = [0; ENTRY];
        self.file
            .read_exact_at(&mut bytes, HEADER + index * ENTRY as u64)
            .map_err(LakeError::file("can't read", &self.path))?;
        parse(&bytes).ok_or_else(|| LakeError::Damaged {
            path: self.path.clone(),
            detail: "an entry is incomplete".to_owned(),
        })
    }

    /// Every entry of an id, by binary search.
    fn find(&self, id: u128) -> Result<Vec<Entry>> {
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

/// Makes a segment's entries again from its rows.
fn entries_of(segment: &Segment, hasher: &IdHasher) -> Result<Vec<Entry>> {
    let columns = ["shard", "seq", "part", "source", "source_event_id", "raw"];
    let mut entries = Vec::new();
    for batch in read_rows(segment, &columns, None)? {
        let column = |name: &str| batch.column_by_name(name).map(Arc::clone);
        let (Some(shard), Some(seq), Some(part)) = (column("shard"), column("seq"), column("part"))
        else {
            continue;
        };
        let (Some(source), Some(ids), Some(raw)) =
            (column("source"), column("source_event_id"), column("raw"))
        else {
            continue;
        };
        let (source, ids, raw) =
            (source.as_string_view(), ids.as_string_view(), raw.as_binary_view());
        for row in (0..batch.num_rows()).filter(|row| ids.is_valid(*row) && raw.is_valid(*row)) {
            entries.push(Entry {
                id: hasher.id(source.value(row), ids.value(row)),
                bytes: hasher.bytes(raw.value(row)),
                at: Position {
                    shard: shard.as_primitive::<Int32Type>().value(row),
                    seq: seq.as_primitive::<Int64Type>().value(row),
                    part: part.as_primitive::<Int32Type>().value(row),
                },
            });
        }
    }
    Ok(entries)
}

/// A blocked Bloom filter: 16 bits a key, one cache line a look-up; about one
/// false yes in a thousand (Putze, Sanders and Singler, 2007).
#[derive(Debug)]
struct Filter {
    blocks: Vec<[u64; 8]>,
}

impl Filter {
    fn new(keys: usize) -> Self {
        Self { blocks: vec![[0; 8]; keys.div_ceil(32).max(1)] }
    }

    /// The block and, in each of its eight words, one bit of the key.
    fn place(&self, id: u128) -> (usize, [u64; 8]) {
        #[expect(clippy::cast_possible_truncation, reason = "halves of a hash")]
        let (high, low) = ((id >> 64) as u64, id as u64);
        let blocks = self.blocks.len() as u128;
        let block = usize::try_from((u128::from(high) * blocks) >> 64).unwrap_or_default();
        let mut bits = [0; 8];
        for (bit, shift) in bits.iter_mut().zip((0..).step_by(6)) {
            *bit = 1 << ((low >> shift) & 63);
        }
        (block, bits)
    }

    fn insert(&mut self, id: u128) {
        let (block, bits) = self.place(id);
        if let Some(words) = self.blocks.get_mut(block) {
            for (word, bit) in words.iter_mut().zip(bits) {
                *word |= bit;
            }
        }
    }

    fn may_hold(&self, id: u128) -> bool {
        let (block, bits) = self.place(id);
        self.blocks
            .get(block)
            .is_some_and(|words| words.iter().zip(bits).all(|(word, bit)| word & bit != 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seq: i64) -> Position {
        Position { shard: 1, seq, part: 0 }
    }

    #[test]
    fn the_same_bytes_are_a_duplicate_and_others_a_revision() {
        let mut known = Known::default();
        assert_eq!(known.check(7, 1, at(0)).expect("look-up"), Lookup::New);
        assert_eq!(known.check(7, 1, at(1)).expect("look-up"), Lookup::Duplicate(at(0)));
        assert_eq!(known.check(7, 2, at(2)).expect("look-up"), Lookup::Revision(at(0)));
        // The older version sent again is a duplicate, not a step back.
        assert_eq!(known.check(7, 1, at(3)).expect("look-up"), Lookup::Duplicate(at(0)));
        assert_eq!(known.check(7, 3, at(4)).expect("look-up"), Lookup::Revision(at(2)));
    }

    #[test]
    fn an_id_file_gives_back_every_entry_and_tells_damage() {
        let scratch = tempfile::tempdir().expect("a directory");
        let path = scratch.path().join("x.ids");
        let hasher = IdHasher::new(&[3; 32]);
        let entries: Vec<Entry> = (0..5000_i64)
            .map(|n| Entry { id: hasher.id("okta", &n.to_string()), bytes: 9, at: at(n) })
            .collect();
        SegmentIds::write(&path, entries.clone()).expect("written");
        let ids = SegmentIds::open(&path).expect("opened");
        for entry in &entries {
            assert!(ids.may_hold(entry.id));
            let found = ids.find(entry.id).expect("search");
            assert_eq!(found.iter().map(|e| e.at).collect::<Vec<_>>(), vec![entry.at]);
        }
        let strangers =
            (5000..105_000_i64).filter(|n| ids.may_hold(hasher.id("okta", &n.to_string())));
        let share = strangers.count() as f64 / 100_000.0;
        assert!(share < 0.005, "{share} of strangers pass the filter");
        let bytes = fs::read(&path).expect("bytes");
        fs::write(&path, &bytes[..bytes.len() - 1]).expect("truncated");
        assert!(SegmentIds::open(&path).is_err());
    }
}
