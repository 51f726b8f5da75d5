//! Which rows a revision replaced. The view `events` leaves them out; the view
//! `events_all` doesn't.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rollcall_schemas::Position;

use crate::segment::Segment;
use crate::{Result, read};

/// Replaced rows, by where they lie. Only files that have some pay for a filter.
#[derive(Debug, Clone, Default)]
pub struct Replaced {
    /// Row numbers in a sealed file, ascending, by the file's name.
    sealed: HashMap<String, Arc<Vec<u32>>>,
    /// Positions that aren't sealed yet.
    tail: HashSet<Position>,
}

impl Replaced {
    /// Row numbers of a sealed file that are replaced, ascending; `None` where
    /// there are none.
    pub fn in_segment(&self, name: &str) -> Option<&Arc<Vec<u32>>> {
        self.sealed.get(name)
    }

    /// Positions in the tail that are replaced.
    pub const fn in_tail(&self) -> &HashSet<Position> {
        &self.tail
    }

    /// Number of replaced rows.
    pub fn len(&self) -> usize {
        self.tail.len() + self.sealed.values().map(|rows| rows.len()).sum::<usize>()
    }

    /// Whether no row is replaced.
    pub fn is_empty(&self) -> bool {
        self.tail.is_empty() && self.sealed.is_empty()
    }

    /// Reads what the sealed files say of each other.
    pub(crate) fn load(segments: &[Arc<Segment>]) -> Result<Self> {
        let mut positions = Vec::new();
        for segment in segments.iter().filter(|segment| segment.tags.revisions > 0) {
            positions.extend(read::revised_positions(segment)?);
        }
        let mut replaced = Self::default();
        replaced.add(&positions, segments)?;
        Ok(replaced)
    }

    /// Adds replaced positions, finding the sealed ones in their files.
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn add(&mut self, positions: &[Position], segments: &[Arc<Segment>]) -> Result<()> {
        let mut by_segment: BTreeMap<&str, (&Arc<Segment>, HashSet<Position>)> = BTreeMap::new();
        for position in positions {
            let mut sealed = false;
            for segment in segments.iter().filter(|s| s.covers(position.shard, position.seq)) {
                sealed = true;
                by_segment
                    .entry(&segment.name)
                    .or_insert_with(|| (segment, HashSet::new()))
                    .1
                    .insert(*position);
            }
            if !sealed {
                self.tail.insert(*position);
            }
        }
        for (name, (segment, wanted)) in by_segment {
            let found = read::rows_at(segment, &wanted)?;
            self.add_rows(name, found);
        }
        Ok(())
    }

    /// Moves positions of the tail to the file that now holds them. `order` is
    /// the file's rows by position, in file order.
    pub(crate) fn sealed_into(&mut self, name: &str, order: impl Iterator<Item = Position>) {
        if self.tail.is_empty() {
            return;
        }
        let mut found = Vec::new();
        for (row, position) in order.enumerate() {
            if self.tail.remove(&position)
                && let Ok(row) = u32::try_from(row)
            {
                found.push(row);
            }
        }
        self.add_rows(name, found);
    }

    /// Files were merged: their replaced rows lie in another file now. `order` is the
    /// new file's rows by position, in file order.
    ///
    /// # Errors
    /// If a file can't be read.
    pub(crate) fn moved(
        &mut self,
        from: &[Arc<Segment>],
        to: &str,
        order: &[Position],
    ) -> Result<()> {
        let mut moved = HashSet::new();
        for segment in from {
            if let Some(rows) = self.sealed.remove(&segment.name) {
                for batch in read::read_rows(segment, &["shard", "seq", "part"], Some(&rows))? {
                    moved.extend(read::positions(&batch));
                }
            }
        }
        let places = order.iter().enumerate().filter(|(_, position)| moved.contains(position));
        self.add_rows(to, places.filter_map(|(row, _)| u32::try_from(row).ok()).collect());
        Ok(())
    }

    /// Files left the table.
    pub(crate) fn forget(&mut self, names: &HashSet<String>) {
        self.sealed.retain(|name, _| !names.contains(name));
    }

    fn add_rows(&mut self, name: &str, found: Vec<u32>) {
        if found.is_empty() {
            return;
        }
        let entry = self.sealed.entry(name.to_owned()).or_default();
        let mut rows: Vec<u32> = entry.iter().copied().chain(found).collect();
        rows.sort_unstable();
        rows.dedup();
        *entry = Arc::new(rows);
    }
}
