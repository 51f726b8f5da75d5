//! Which rows were looked at. Rows of a stream become visible in the order of their
//! positions, so one position a stream says it; only what a replay of quarantined records
//! gives comes later under an old position, and is remembered by itself.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{Int32Type, Int64Type};
use rollcall_lake::{Segment, SegmentTags, read_rows};
use serde::{Deserialize, Serialize};

use super::detection::unreadable;
use super::row::At;
use crate::error::Result;

/// Replayed rows that are remembered; the oldest go first.
const MOST_REPLAYED: usize = 100_000;

/// Rows that were looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// By stream: the first record and part that weren't.
    next: BTreeMap<i32, (i64, i32)>,
    /// Files of which all rows were.
    files: BTreeSet<String>,
    /// Rows of replays.
    replayed: BTreeSet<At>,
    /// Time of the newest snapshot of policies of which a change was told, µs since 1970 UTC.
    pub(crate) policies_until: i64,
}

impl Seen {
    /// Whether a file may hold a row that wasn't looked at.
    pub(crate) fn is_new(&self, segment: &Segment) -> bool {
        !self.files.contains(&segment.name)
    }

    /// Whether all that a file accounts for was looked at, by what its commit says.
    pub(crate) fn covers(&self, tags: &SegmentTags) -> bool {
        let covered = tags.ranges.iter().all(|range| self.next(range.shard) >= (range.to, 0));
        covered && tags.replays.iter().all(|(s, q, p)| self.replayed.contains(&At(*s, *q, *p)))
    }

    /// Whether a file holds a row that wasn't looked at: its positions are read. Most rows of
    /// a file were looked at before they were sealed.
    ///
    /// # Errors
    /// If the file can't be read.
    pub(crate) fn has_new(&self, segment: &Segment) -> Result<bool> {
        let known = segment.tags.ranges.iter().any(|range| self.next.contains_key(&range.shard));
        if !known {
            return Ok(true);
        }
        let replays: BTreeSet<At> =
            segment.tags.replays.iter().map(|(s, q, p)| At(*s, *q, *p)).collect();
        let batches = read_rows(segment, &["shard", "seq", "part"], None).map_err(unreadable)?;
        Ok(batches.iter().flat_map(positions).any(|at| self.wants(at, &replays)))
    }

    /// Whether a row of a file wasn't looked at. `replays` are those that the file's commit
    /// names.
    pub(crate) fn wants(&self, at: At, replays: &BTreeSet<At>) -> bool {
        (at.1, at.2) >= self.next(at.0) || (replays.contains(&at) && !self.replayed.contains(&at))
    }

    /// Whether an unsealed row wasn't looked at.
    pub(crate) fn wants_unsealed(&self, at: At) -> bool {
        (at.1, at.2) >= self.next(at.0)
    }

    fn next(&self, shard: i32) -> (i64, i32) {
        self.next.get(&shard).copied().unwrap_or_default()
    }

    /// An unsealed row was looked at.
    pub(crate) fn saw(&mut self, at: At) {
        let next = self.next.entry(at.0).or_default();
        *next = (*next).max((at.1, at.2.saturating_add(1)));
    }

    /// All rows of a file were, or are too old to be.
    pub(crate) fn saw_file(&mut self, segment: &Segment) {
        for range in &segment.tags.ranges {
            let next = self.next.entry(range.shard).or_default();
            *next = (*next).max((range.to, 0));
        }
        self.replayed.extend(segment.tags.replays.iter().map(|(s, q, p)| At(*s, *q, *p)));
        while self.replayed.len() > MOST_REPLAYED {
            self.replayed.pop_first();
        }
        self.files.insert(segment.name.clone());
    }

    /// Forgets files that are gone.
    pub(crate) fn keep_files<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        let names: BTreeSet<&str> = names.collect();
        self.files.retain(|name| names.contains(name.as_str()));
    }
}

fn positions(batch: &RecordBatch) -> Vec<At> {
    let column = |name: &str| batch.column_by_name(name);
    let small = |name: &str| column(name).and_then(|c| c.as_primitive_opt::<Int32Type>());
    let seqs = column("seq").and_then(|c| c.as_primitive_opt::<Int64Type>());
    let (Some(shards), Some(seqs), Some(parts)) = (small("shard"), seqs, small("part")) else {
        return Vec::new();
    };
    let rows = shards.values().iter().zip(seqs.values()).zip(parts.values());
    rows.map(|((shard, seq), part)| At(*shard, *seq, *part)).collect()
}

#[cfg(test)]
mod tests {
    use rollcall_lake::{ShardRange, Table};

    use super::*;

    fn file(name: &str, from: i64, to: i64, replays: Vec<(i32, i64, i32)>) -> Segment {
        let ranges = vec![ShardRange { from, to, shard: 1, ..ShardRange::default() }];
        Segment {
            table: Table::Events,
            name: name.to_owned(),
            path: name.into(),
            bytes: 0,
            tags: SegmentTags { ranges, replays, ..SegmentTags::default() },
            committed: 0,
        }
    }

    #[test]
    fn a_row_is_looked_at_once_unsealed_and_sealed() {
        let mut seen = Seen::default();
        for at in [At(1, 0, 0), At(1, 3, 0), At(1, 3, 1)] {
            assert!(seen.wants_unsealed(at));
            seen.saw(at);
            assert!(!seen.wants_unsealed(at));
        }
        assert!(seen.wants_unsealed(At(1, 3, 2)) && seen.wants_unsealed(At(2, 0, 0)));
        let none = BTreeSet::new();
        let sealed = file("a", 0, 6, Vec::new());
        assert!(seen.is_new(&sealed) && !seen.covers(&sealed.tags));
        assert!(!seen.wants(At(1, 3, 1), &none) && seen.wants(At(1, 5, 0), &none));
        seen.saw_file(&sealed);
        assert!(!seen.is_new(&sealed) && !seen.wants(At(1, 5, 9), &none));
        // Merged into another file it is still seen.
        assert!(seen.covers(&file("merged", 0, 6, Vec::new()).tags));
        assert!(!seen.covers(&file("more", 0, 7, Vec::new()).tags));
        seen.keep_files(std::iter::once("merged"));
        assert!(seen.is_new(&sealed));
    }

    #[test]
    fn what_a_replay_gives_is_new_once() {
        let mut seen = Seen::default();
        seen.saw_file(&file("a", 0, 10, Vec::new()));
        let replay = file("r", 0, 0, vec![(1, 4, 0)]);
        let replays = BTreeSet::from([At(1, 4, 0)]);
        assert!(!seen.covers(&replay.tags) && seen.wants(At(1, 4, 0), &replays));
        assert!(!seen.wants(At(1, 5, 0), &replays));
        seen.saw_file(&replay);
        assert!(!seen.wants(At(1, 4, 0), &replays) && seen.covers(&replay.tags));
    }
}
