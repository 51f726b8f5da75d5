//! Many small files of closed days become one. All rows and their identities are
//! kept; the originals stay on disk until retention.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};
use rollcall_schemas::row_hash::RowKey;

use crate::blocking::blocking;
use crate::delta_log::Change;
use crate::encode::row_root;
use crate::error::{LakeError, Result};
use crate::lake::Lake;
use crate::provenance::Provenance;
use crate::read::read_rows;
use crate::seal::{Written, add_action, positions_in_order, stage_segment};
use crate::segment::Segment;
use crate::table::Table;
use crate::tags::{CommitNote, SegmentTags, ShardRange};

/// Rows of a file that compaction makes, at most: as many as a seal's.
const MOST_ROWS: usize = 1_000_000;
/// Bytes of the files that are merged into one, at most.
const MOST_BYTES: u64 = 256 << 20;
/// Files that are merged into one, at most: the ledger's entry names them.
const MOST_FILES: usize = 1000;
const DAY_US: i64 = 24 * 3600 * 1_000_000;

/// Files that became one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Compacted {
    /// The table.
    pub table: String,
    /// The file that came out.
    pub file: String,
    /// Files that were merged.
    pub files: usize,
    /// Rows in them.
    pub rows: usize,
    /// Bytes of the files before.
    pub bytes_before: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

impl Lake {
    /// Merges the small files of days that ended before a moment, by receipt.
    /// `tell` hears of each file that comes out.
    ///
    /// # Errors
    /// If a file isn't what its commit says (nothing is merged then), or can't be read
    /// or written.
    pub async fn compact(
        &self,
        before: DateTime<Utc>,
        tell: &(dyn Fn(&Compacted) + Sync),
    ) -> Result<Vec<Compacted>> {
        let mut done = Vec::new();
        for table in [Table::SetAside, Table::Events] {
            let segments = self.snapshot().table(table).segments;
            let groups = groups(&segments, before.timestamp_micros().div_euclid(DAY_US));
            let has_work = !groups.is_empty();
            for group in groups {
                let compacted = self.merge(table, group).await?;
                tell(&compacted);
                done.push(compacted);
            }
            if has_work {
                self.checkpoint(table).await?;
            }
        }
        Ok(done)
    }

    async fn merge(&self, table: Table, group: Vec<Arc<Segment>>) -> Result<Compacted> {
        let key = self.row_key()?;
        let root = self.directory().path().join(table.name());
        let ledger = self.directory().ledger();
        let from = group.clone();
        let work = move || -> Result<_> {
            let names: HashSet<&str> = from.iter().map(|segment| segment.name.as_str()).collect();
            let inputs = Provenance::read(&ledger)?.ranges(table, |name| names.contains(name));
            let (written, order) = write(&root, table, &from, &key)?;
            Ok((inputs, written, order))
        };
        let (inputs, written, order) = blocking(work).await?;
        written.publish()?;
        let change = Change {
            adds: vec![written.add],
            removes: group.iter().map(|segment| add_action(segment)).collect(),
            note: Some(CommitNote::Compaction { inputs }),
            ..Change::default()
        };
        let version = self.change(table, &change).await?;
        let segment = Arc::new(written.segment);
        self.publish_merged(table, &group, &segment, &order, version)?;
        Ok(Compacted {
            table: table.name().to_owned(),
            file: segment.name.clone(),
            files: group.len(),
            rows: segment.rows(),
            bytes_before: group.iter().map(|segment| segment.bytes).sum(),
            bytes: segment.bytes,
        })
    }
}

/// Small files of closed days, day by day, as many as become one file each.
fn groups(segments: &[Arc<Segment>], today: i64) -> Vec<Vec<Arc<Segment>>> {
    let day = |segment: &Segment| segment.tags.received_max.map(|time| time.div_euclid(DAY_US));
    let is_small =
        |segment: &Segment| segment.rows() < MOST_ROWS / 2 && segment.bytes < MOST_BYTES / 2;
    let mut small: Vec<(i64, &Arc<Segment>)> = segments
        .iter()
        .filter(|segment| is_small(segment))
        .filter_map(|segment| Some((day(segment)?, segment)))
        .filter(|(day, _)| *day < today)
        .collect();
    small.sort_by(|a, b| {
        (a.0, a.1.tags.time_min, &a.1.name).cmp(&(b.0, b.1.tags.time_min, &b.1.name))
    });
    let mut groups: Vec<(i64, Vec<Arc<Segment>>)> = Vec::new();
    for (day, segment) in small {
        let fits = |group: &[Arc<Segment>]| {
            let rows: usize = group.iter().map(|segment| segment.rows()).sum();
            let bytes: u64 = group.iter().map(|segment| segment.bytes).sum();
            rows + segment.rows() <= MOST_ROWS
                && bytes + segment.bytes <= MOST_BYTES
                && group.len() < MOST_FILES
        };
        match groups.last_mut() {
            Some((of, group)) if *of == day && fits(group) => group.push(Arc::clone(segment)),
            _ => groups.push((day, vec![Arc::clone(segment)])),
        }
    }
    groups.into_iter().map(|(_, group)| group).filter(|group| group.len() > 1).collect()
}

/// Writes the rows of some files as one, if they are those that were sealed.
fn write(
    root: &std::path::Path,
    table: Table,
    group: &[Arc<Segment>],
    key: &RowKey,
) -> Result<(Written, Vec<rollcall_schemas::Position>)> {
    let schema = table.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let mut batches: Vec<Arc<RecordBatch>> = Vec::new();
    for segment in group {
        let rows: Vec<_> = read_rows(segment, &names, None)?.into_iter().map(Arc::new).collect();
        let found = hex::encode(row_root(table, &rows, key)?);
        if segment.tags.row_root.as_ref() != Some(&found) {
            return Err(LakeError::Damaged {
                path: segment.path.clone(),
                detail: format!("its rows have the root {found}, which isn't what its commit says"),
            });
        }
        batches.extend(rows);
    }
    let known = SegmentTags {
        ranges: merged(group.iter().flat_map(|segment| segment.tags.ranges.clone())),
        replays: group.iter().flat_map(|segment| segment.tags.replays.clone()).collect(),
        ..SegmentTags::default()
    };
    let mut written = stage_segment(root, table, &batches, known, Some(key))?;
    let committed = group.iter().map(|segment| segment.committed).max();
    written.segment.committed = committed.unwrap_or(written.segment.committed);
    written.add = add_action(&written.segment);
    let order = positions_in_order(&batches, &written.order);
    Ok((written, order))
}

/// Ranges of several files, neighbours made one.
fn merged(ranges: impl Iterator<Item = ShardRange>) -> Vec<ShardRange> {
    let mut ranges: Vec<ShardRange> = ranges.collect();
    ranges.sort_by_key(|range| (range.shard, range.from, range.to));
    let mut merged: Vec<ShardRange> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            // A range without rows is done by its verdicts alone: that must stay told.
            Some(last)
                if last.shard == range.shard
                    && last.to == range.from
                    && (last.rows == 0) == (range.rows == 0) =>
            {
                last.to = range.to;
                last.rows += range.rows;
                last.standing += range.standing;
                last.unchecked += range.unchecked;
                last.gaps.extend(range.gaps);
                for (verdict, count) in range.verdicts {
                    *last.verdicts.entry(verdict).or_default() += count;
                }
            }
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(day: i64, number: i64, rows: i64) -> Arc<Segment> {
        let name = format!("events_{day}_{number}.parquet");
        let received_max = Some(day * DAY_US + number);
        let tags = SegmentTags { rows, received_max, ..SegmentTags::default() };
        let path = name.clone().into();
        Arc::new(Segment { table: Table::Events, path, name, bytes: 1, tags, committed: 0 })
    }

    #[test]
    fn small_files_of_closed_days_are_merged_day_by_day() {
        let segments = [
            segment(1, 0, 10),
            segment(1, 1, 20),
            segment(1, 2, 900_000),
            segment(2, 0, 400_000),
            segment(2, 1, 400_000),
            segment(2, 2, 400_000),
            segment(2, 3, 5),
            segment(3, 0, 1),
            segment(4, 0, 1),
            segment(4, 1, 1),
        ];
        let names: Vec<Vec<String>> = groups(&segments, 4)
            .iter()
            .map(|group| group.iter().map(|s| s.name[7..10].to_owned()).collect())
            .collect();
        assert_eq!(names, [vec!["1_0", "1_1"], vec!["2_0", "2_1"], vec!["2_2", "2_3"]]);
    }

    #[test]
    fn neighbours_become_one_range_and_their_sums_add_up() {
        let range = |shard, from, to| ShardRange {
            shard,
            from,
            to,
            rows: to - from,
            gaps: vec![(from, from + 1)],
            verdicts: [("joined".to_owned(), 1)].into(),
            ..ShardRange::default()
        };
        let all = [range(2, 5, 9), range(1, 4, 6), range(1, 0, 4), range(1, 8, 9)];
        let merged = merged(all.into_iter());
        let spans: Vec<_> = merged.iter().map(|r| (r.shard, r.from, r.to, r.rows)).collect();
        assert_eq!(spans, [(1, 0, 6, 6), (1, 8, 9, 1), (2, 5, 9, 4)]);
        assert_eq!(merged[0].gaps, [(0, 1), (4, 5)]);
        assert_eq!(merged[0].verdicts["joined"], 2);
    }
}
