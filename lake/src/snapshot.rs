//! What a reader sees: the files, versions and tail of one instant.

use std::collections::BTreeMap;
use std::sync::Arc;

use rollcall_schemas::Tail;

use crate::replaced::Replaced;
use crate::segment::Segment;
use crate::table::Table;

/// One table at one version.
#[derive(Debug, Clone, Default)]
pub struct TableSnapshot {
    /// Version of its Delta log; `None` before its first commit.
    pub version: Option<u64>,
    /// Its live files.
    pub segments: Arc<Vec<Arc<Segment>>>,
}

impl TableSnapshot {
    /// Rows in its files.
    pub fn rows(&self) -> usize {
        self.segments.iter().map(|segment| segment.rows()).sum()
    }
}

/// All tables at one instant, with the tail. Swapped as a whole: a reader sees
/// a row either in the tail or in a file, never in both or in neither.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The tables.
    pub tables: BTreeMap<Table, TableSnapshot>,
    /// Rows that aren't sealed yet.
    pub tail: Tail,
    /// Rows that a revision replaced.
    pub replaced: Arc<Replaced>,
    /// Whether the tail is known: false in a process that reads beside a
    /// running server and sees only what is sealed.
    pub has_tail: bool,
}

impl Snapshot {
    /// One table; empty where it has never been written.
    pub fn table(&self, table: Table) -> TableSnapshot {
        self.tables.get(&table).cloned().unwrap_or_default()
    }

    /// Every version, as `table=version`, for footers and pins.
    pub fn versions(&self) -> Vec<(&'static str, u64)> {
        self.tables
            .iter()
            .filter_map(|(table, snapshot)| snapshot.version.map(|v| (table.name(), v)))
            .collect()
    }
}
