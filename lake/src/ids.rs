//! Which (source, event id) are stored already. Of what was sealed in the last 30
//! days sorted files tell ([`crate::id_file`]); what isn't sealed yet is in memory.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use rollcall_schemas::Position;
use siphasher::sip::SipHasher13;
use siphasher::sip128::{Hasher128, SipHasher13 as SipHasher13Wide};

use crate::error::Result;
use crate::id_file::Entry;
use crate::id_files::IdFiles;
use crate::read::{positions, read_rows};
use crate::segment::Segment;

/// How far ahead of its receipt an event's time may lie, µs.
const AHEAD: i64 = 24 * 3_600_000_000;

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

    /// Several events of one part of a record share its id and bytes: the hash of
    /// the `number`th, from 0.
    pub fn numbered(&self, id: u128, number: i32) -> u128 {
        if number == 0 {
            return id;
        }
        let mut hasher = SipHasher13Wide::new_with_keys(self.keys.0, self.keys.1);
        hasher.write(&id.to_be_bytes());
        hasher.write(&number.to_le_bytes());
        hasher.finish128().as_u128()
    }

    /// Hash of a redacted record.
    pub fn bytes(&self, raw: &[u8]) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.keys.0, self.keys.1);
        hasher.write(raw);
        hasher.finish()
    }

    /// A checksum of what is written to it.
    pub(crate) fn sum(&self) -> SipHasher13 {
        SipHasher13::new_with_keys(self.keys.0, self.keys.1)
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
#[derive(Debug)]
pub struct Known {
    sealed: IdFiles,
    /// The newest version of what isn't sealed.
    tail: HashMap<u128, (u64, Position), BuildHasherDefault<Hashed>>,
    /// Earlier versions of what isn't sealed.
    superseded: HashMap<(u128, u64), Position>,
    /// An event from before may be stored in a segment that wasn't opened.
    unchecked_before: i64,
}

impl Known {
    /// Knows nothing yet; keeps its files in `index`.
    pub fn new(index: &Path, hasher: IdHasher) -> Self {
        Self::with(IdFiles::new(index.to_owned(), hasher))
    }

    fn with(sealed: IdFiles) -> Self {
        Self {
            sealed,
            tail: HashMap::default(),
            superseded: HashMap::new(),
            unchecked_before: i64::MIN,
        }
    }

    /// Opens the id files of the segments received from `since` (µs) on. One that
    /// is missing, damaged or of an earlier version is made again.
    ///
    /// # Errors
    /// If a segment or its id file can't be read or written.
    pub fn open(
        index: &Path,
        segments: &[Arc<Segment>],
        hasher: &IdHasher,
        since: i64,
    ) -> Result<Self> {
        let (remembered, old): (Vec<_>, Vec<_>) = segments
            .iter()
            .cloned()
            .partition(|segment| segment.tags.received_max.is_none_or(|time| time >= since));
        let mut in_order = remembered;
        in_order.sort_by_key(|segment| segment.committed);
        let mut known = Self::with(IdFiles::open(index, hasher, &in_order, |segment| {
            entries_of(segment, hasher)
        })?);
        known.forgotten(old.iter().filter_map(|segment| segment.tags.received_max).max());
        Ok(known)
    }

    /// Takes the id files of other processes over, as far as they are there: what is
    /// missing is made from the rows, which takes longer. Before [`Self::open`].
    ///
    /// # Errors
    /// If the folder can't be made.
    pub fn borrow_files(index: &Path, elsewhere: &[PathBuf]) -> Result<()> {
        crate::id_files::borrow_all(index, elsewhere)
    }

    /// Learns the ids of a segment that another process sealed, from its id file in one
    /// of the folders `elsewhere` or else from its rows.
    ///
    /// # Errors
    /// If the segment can't be read or the file not be written.
    pub fn take_in(&mut self, segment: &Segment, elsewhere: &[PathBuf]) -> Result<()> {
        let hasher = self.sealed.hasher();
        self.sealed.take_in(segment, elsewhere, || entries_of(segment, &hasher))
    }

    /// Notes the latest receipt of what isn't remembered. An event may lie ahead of
    /// its receipt by a day at most.
    fn forgotten(&mut self, received: Option<i64>) {
        if let Some(received) = received {
            self.unchecked_before = self.unchecked_before.max(received.saturating_add(AHEAD));
        }
    }

    /// Whether an event of this time (µs), whose id isn't known, may be stored all
    /// the same: in a segment older than what is remembered.
    pub const fn is_unchecked(&self, time: i64) -> bool {
        time <= self.unchecked_before
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
        }
        for file in self.sealed.that_may_hold(id) {
            let entries = file.find(id)?;
            for entry in &entries {
                if entry.bytes == bytes {
                    return Ok(Lookup::Duplicate(entry.at));
                }
            }
            // Files come newest first, their entries newest last.
            newest = newest.or_else(|| entries.last().map(|entry| entry.at));
        }
        if let Some((known, position)) = self.tail.insert(id, (bytes, at)) {
            self.superseded.insert((id, known), position);
        }
        Ok(newest.map_or(Lookup::New, Lookup::Revision))
    }

    /// Writes the id file of a segment that was just sealed, forgets its entries
    /// in memory, and what was received before `since` (µs) altogether.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn sealed(
        &mut self,
        segment: &Segment,
        since: i64,
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
        self.sealed.add(segment, entries)?;
        let forgotten = self.sealed.forget(since);
        self.forgotten(forgotten);
        Ok(())
    }
}

/// Makes a segment's entries again from its rows.
fn entries_of(segment: &Segment, hasher: &IdHasher) -> Result<Vec<Entry>> {
    let columns = ["shard", "seq", "part", "source", "source_event_id", "raw"];
    let mut entries = Vec::new();
    for batch in read_rows(segment, &columns, None)? {
        let text = |name: &str| batch.column_by_name(name).map(|c| c.as_string_view());
        let (Some(source), Some(ids)) = (text("source"), text("source_event_id")) else { continue };
        let Some(raw) = batch.column_by_name("raw").map(|c| c.as_binary_view()) else { continue };
        for (row, at) in positions(&batch).into_iter().enumerate() {
            if ids.is_valid(row) && raw.is_valid(row) {
                let id = hasher.id(source.value(row), ids.value(row));
                entries.push(Entry { id, bytes: hasher.bytes(raw.value(row)), at });
            }
        }
    }
    number(&mut entries, hasher);
    Ok(entries)
}

/// Tells the events apart that were made from one part of a record: they follow
/// each other with the same id and the same bytes.
fn number(entries: &mut [Entry], hasher: &IdHasher) {
    entries.sort_unstable_by_key(|entry| entry.at);
    let mut last: Option<Entry> = None;
    let mut nth = 0;
    for entry in entries {
        let same = last.is_some_and(|last| {
            let next = Position { part: last.at.part + 1, ..last.at };
            (next, last.id, last.bytes) == (entry.at, entry.id, entry.bytes)
        });
        nth = if same { nth + 1 } else { 0 };
        last = Some(*entry);
        entry.id = hasher.numbered(entry.id, nth);
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
        let scratch = tempfile::tempdir().expect("a directory");
        let mut known = Known::new(scratch.path(), IdHasher::new(&[3; 32]));
        assert_eq!(known.check(7, 1, at(0)).expect("look-up"), Lookup::New);
        assert_eq!(known.check(7, 1, at(1)).expect("look-up"), Lookup::Duplicate(at(0)));
        assert_eq!(known.check(7, 2, at(2)).expect("look-up"), Lookup::Revision(at(0)));
        // The older version sent again is a duplicate, not a step back.
        assert_eq!(known.check(7, 1, at(3)).expect("look-up"), Lookup::Duplicate(at(0)));
        assert_eq!(known.check(7, 3, at(4)).expect("look-up"), Lookup::Revision(at(2)));
    }

    /// Three events of one record, as a seal writes them, and one of another.
    fn segment(root: &Path) -> Segment {
        use crate::seal::write_segment;
        use crate::table::Table;
        use rollcall_schemas::{Event, EventRows, Record};
        let mut rows = EventRows::default();
        let record = |seq| Record { shard: 1, seq, collector: "c".into(), received: 1 };
        for part in 0..3 {
            let mut event = Event { source_event_id: Some("a".into()), ..Event::default() };
            rows.push(&record(0), part, "okta", &mut event, 0, b"{\"a\":1}");
        }
        let mut event = Event { source_event_id: Some("b".into()), ..Event::default() };
        rows.push(&record(1), 0, "okta", &mut event, 0, b"{\"b\":1}");
        let batches = [Arc::new(rows.finish().expect("rows"))];
        let known = crate::tags::SegmentTags::default();
        write_segment(root, Table::Events, &batches, known, None).expect("written").segment
    }

    #[test]
    fn damaged_ids_are_made_again_and_tell_the_same() {
        let scratch = tempfile::tempdir().expect("a directory");
        let index = scratch.path().join("index");
        let hasher = IdHasher::new(&[3; 32]);
        let segment = Arc::new(segment(scratch.path()));
        let open =
            || Known::open(&index, &[Arc::clone(&segment)], &hasher, i64::MIN).expect("opened");
        let bytes = hasher.bytes(b"{\"a\":1}");
        let id = hasher.id("okta", "a");
        let tells = |known: &mut Known| {
            for part in 0..3 {
                let found = known.check(hasher.numbered(id, part), bytes, at(9)).expect("look-up");
                assert_eq!(found, Lookup::Duplicate(Position { shard: 1, seq: 0, part }));
            }
            let found = known.check(id, bytes + 1, at(9)).expect("look-up");
            assert_eq!(found, Lookup::Revision(Position { shard: 1, seq: 0, part: 0 }));
        };
        tells(&mut open());
        let path = index.join(format!("{}.ids", segment.name));
        let whole = std::fs::read(&path).expect("bytes");
        for position in (0..whole.len()).step_by(7) {
            let mut flipped = whole.clone();
            flipped[position] ^= 0x10;
            std::fs::write(&path, &flipped).expect("a file");
            tells(&mut open());
            assert_eq!(std::fs::read(&path).expect("bytes"), whole, "not made again");
        }
    }

    #[test]
    fn what_is_older_than_the_memory_is_unchecked_and_nothing_else() {
        let scratch = tempfile::tempdir().expect("a directory");
        let index = scratch.path().join("index");
        let hasher = IdHasher::new(&[3; 32]);
        let mut old = segment(scratch.path());
        old.tags.received_max = Some(1_000);
        let segments = [Arc::new(old)];
        let known = Known::open(&index, &segments, &hasher, 2_000).expect("opened");
        assert!(known.is_unchecked(900) && known.is_unchecked(1_000 + AHEAD));
        assert!(!known.is_unchecked(1_001 + AHEAD));
        // What is all in memory is all checked, however old.
        let known = Known::open(&index, &segments, &hasher, 1_000).expect("opened");
        assert!(!known.is_unchecked(0));
    }
}
