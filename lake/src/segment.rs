//! One sealed file: written once, never changed.

use std::path::PathBuf;

use crate::table::Table;
use crate::tags::SegmentTags;

/// A sealed file of a table.
#[derive(Debug, Clone)]
pub struct Segment {
    /// The table that it belongs to.
    pub table: Table,
    /// Its name in the table's directory.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// What its commit says of it.
    pub tags: SegmentTags,
    /// When it was committed, ms since 1970 UTC by the clock of that moment.
    pub committed: i64,
}

impl Segment {
    /// Rows in the file.
    pub fn rows(&self) -> usize {
        usize::try_from(self.tags.rows).unwrap_or_default()
    }

    /// Whether it accounts for a record.
    pub fn covers(&self, shard: i32, seq: i64) -> bool {
        self.tags.ranges.iter().any(|r| r.shard == shard && r.from <= seq && seq < r.to)
            || self.tags.replays.iter().any(|r| r.0 == shard && r.1 == seq)
    }
}
