//! Rows into one file and one commit. The file is whole and on disk before the
//! commit that names it; a crash in between leaves litter, never a hole.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use chrono::{DateTime, SecondsFormat, Utc};
use deltalake::kernel::Add;
use rollcall_schemas::Position;
use rollcall_schemas::row_hash::RowKey;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::encode::{row_root, write_parquet};
use crate::error::{LakeError, Result};
use crate::segment::Segment;
use crate::sort::{Row, order};
use crate::store::fsync_directory;
use crate::table::Table;
use crate::tags::{SegmentTags, ShardRange, TAG};

/// Version of the columns that this version writes.
const SCHEMA_VERSION: u32 = 1;

/// What goes into the lake in one step.
#[derive(Debug, Default)]
pub struct SealInput {
    /// Event rows.
    pub events: Vec<Arc<RecordBatch>>,
    /// Verdicts.
    pub set_aside: Vec<Arc<RecordBatch>>,
    /// The records that the two account for together.
    pub ranges: Vec<ShardRange>,
    /// Position of each log shard after this: committed with the rows, so that
    /// a restart goes on from here.
    pub positions: Vec<(i32, i64)>,
    /// Where shards must stand in `events` and in `set_aside` before it: those of which
    /// another process may have sealed the same records.
    pub expected: Vec<(i32, (i64, i64))>,
    /// Quarantined parts that the event rows supersede, as (shard, seq, part).
    pub replays: Vec<(i32, i64, i32)>,
    /// Quarantined parts that the verdicts supersede.
    pub verdict_replays: Vec<(i32, i64, i32)>,
}

/// What a seal made.
#[derive(Debug, Clone, Default)]
pub struct Sealed {
    /// The file of event rows, if there were any.
    pub events: Option<Arc<Segment>>,
    /// The file of verdicts, if there were any.
    pub set_aside: Option<Arc<Segment>>,
    /// Version of `events` after it.
    pub events_version: Option<u64>,
    /// Version of `set_aside` after it.
    pub set_aside_version: Option<u64>,
    /// Rows in file order, by position, to find replaced ones.
    pub(crate) event_positions: Vec<Position>,
}

/// A file that is on disk and not committed yet.
pub(crate) struct Written {
    pub(crate) segment: Segment,
    pub(crate) add: Add,
    pub(crate) order: Vec<Row>,
    /// The temporary name, as long as it has no other.
    staged: PathBuf,
}

impl Written {
    /// Gives the file its final name, durably, as of now.
    pub(crate) fn publish(&self) -> Result<()> {
        let parent = self.segment.path.parent().unwrap_or(Path::new("."));
        publish(&self.staged, &self.segment.path, parent)
    }

    /// Removes the file again, as far as that can be done: what stays, a start removes.
    pub(crate) fn remove(&self) {
        let path = &self.segment.path;
        if let Err(error) = fs::remove_file(path) {
            tracing::warn!(file.path = %path.display(), error = %error,
                "a file that no commit names can't be removed");
        }
    }
}

/// Writes rows of a table as one file: temporary name, fsync, final name, fsync
/// of the directory, read-only. Of the tags, those that don't follow from the rows
/// are `known`. Blocks.
pub(crate) fn write_segment(
    root: &Path,
    table: Table,
    batches: &[Arc<RecordBatch>],
    known: SegmentTags,
    key: Option<&RowKey>,
) -> Result<Written> {
    let written = stage_segment(root, table, batches, known, key)?;
    written.publish()?;
    Ok(written)
}

/// The same under a temporary name, which a start after a crash removes. Blocks.
pub(crate) fn stage_segment(
    root: &Path,
    table: Table,
    batches: &[Arc<RecordBatch>],
    known: SegmentTags,
    key: Option<&RowKey>,
) -> Result<Written> {
    let order = order(table, batches);
    let staged = root.join(format!(".writing-{}-{}", std::process::id(), uuid::Uuid::new_v4()));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&staged)
        .map_err(LakeError::file("can't create", &staged))?;
    let mut out = write_parquet(table, batches, &order, &staged, Hashing::new(file))?;
    out.flush().map_err(LakeError::file("can't write", &staged))?;
    let (file, sha256, bytes) = out.finish(&staged)?;
    file.sync_all().map_err(LakeError::file("can't fsync", &staged))?;
    drop(file);

    let tags = SegmentTags {
        received_min: extreme(batches, "received", i64::min),
        received_max: extreme(batches, "received", i64::max),
        revisions: revisions(batches),
        row_root: key.map(|key| row_root(table, batches, key)).transpose()?.map(hex::encode),
        rows: i64::try_from(order.len()).unwrap_or(i64::MAX),
        schema_version: SCHEMA_VERSION,
        sha256: hex::encode(sha256),
        time_min: extreme(batches, "time", i64::min),
        time_max: extreme(batches, "time", i64::max),
        ..known
    };
    let name = file_name(table, &tags);
    let path = root.join(&name);
    let committed = Utc::now().timestamp_millis();
    let segment = Segment { table, name, path, bytes, tags, committed };
    let add = add_action(&segment);
    Ok(Written { segment, add, order, staged })
}

fn publish(staged: &Path, path: &Path, root: &Path) -> Result<()> {
    // A file without a commit is told from others by its time (crate::sweep): that of
    // the system, whatever clock this process has. Cutting it to its length sets it.
    OpenOptions::new()
        .write(true)
        .open(staged)
        .and_then(|file| file.set_len(file.metadata()?.len()))
        .and_then(|()| fs::set_permissions(staged, Permissions::from_mode(0o444)))
        .map_err(LakeError::file("can't protect", staged))?;
    match fs::hard_link(staged, path) {
        // The same rows sealed before a crash: the name carries the content's hash.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
    .map_err(LakeError::file("can't name", path))?;
    fs::remove_file(staged).map_err(LakeError::file("can't remove", staged))?;
    fsync_directory(root)
}

/// What it holds, from when to when, and the start of its hash.
pub(crate) fn file_name(table: Table, tags: &SegmentTags) -> String {
    let stamp = |time: Option<i64>| {
        time.and_then(DateTime::<Utc>::from_timestamp_micros)
            .map(|time| time.format("%Y%m%dT%H%M%SZ").to_string())
    };
    let span = stamp(tags.time_min.or(tags.received_min))
        .zip(stamp(tags.time_max.or(tags.received_max)))
        .map(|(from, to)| format!("{from}-{to}_"))
        .unwrap_or_default();
    let hash = tags.sha256.get(..16).unwrap_or(&tags.sha256);
    format!("{}_{span}{}rows_{hash}.parquet", table.name(), tags.rows)
}

/// The action that adds a file to its table.
pub(crate) fn add_action(segment: &Segment) -> Add {
    Add {
        path: segment.name.clone(),
        size: i64::try_from(segment.bytes).unwrap_or(i64::MAX),
        modification_time: segment.committed,
        data_change: true,
        stats: Some(statistics(&segment.tags)),
        tags: Some(HashMap::from([(TAG.to_owned(), Some(segment.tags.to_json()))])),
        ..Add::default()
    }
}

/// Delta statistics: never of a personal column, since commits are kept for
/// ever. Maxima are rounded up to the millisecond, the protocol's precision.
pub(crate) fn statistics(tags: &SegmentTags) -> String {
    let low = |time: i64| time.div_euclid(1000);
    let high = |time: i64| time.div_euclid(1000) + i64::from(time.rem_euclid(1000) > 0);
    let text = |millis: i64| {
        DateTime::<Utc>::from_timestamp_millis(millis)
            .map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
    };
    let mut minima = serde_json::Map::new();
    let mut maxima = serde_json::Map::new();
    let mut nulls = serde_json::Map::new();
    for (name, min, max) in
        [("time", tags.time_min, tags.time_max), ("received", tags.received_min, tags.received_max)]
    {
        if let (Some(min), Some(max)) = (min.map(low).and_then(text), max.map(high).and_then(text))
        {
            minima.insert(name.to_owned(), json!(min));
            maxima.insert(name.to_owned(), json!(max));
            nulls.insert(name.to_owned(), json!(0));
        }
    }
    json!({"numRecords": tags.rows, "minValues": minima, "maxValues": maxima, "nullCount": nulls})
        .to_string()
}

fn extreme(batches: &[Arc<RecordBatch>], name: &str, pick: fn(i64, i64) -> i64) -> Option<i64> {
    batches
        .iter()
        .filter_map(|batch| batch.column_by_name(name))
        .filter_map(|column| column.as_primitive_opt::<TimestampMicrosecondType>())
        .flat_map(|times| times.values().iter().copied())
        .reduce(pick)
}

fn revisions(batches: &[Arc<RecordBatch>]) -> i64 {
    batches
        .iter()
        .filter_map(|batch| batch.column_by_name("revises_seq"))
        .map(|column| i64::try_from(column.len() - column.null_count()).unwrap_or_default())
        .sum()
}

/// Positions of rows in file order.
pub(crate) fn positions_in_order(batches: &[Arc<RecordBatch>], order: &[Row]) -> Vec<Position> {
    let by_batch: Vec<Vec<Position>> =
        batches.iter().map(|batch| crate::read::positions(batch)).collect();
    order
        .iter()
        .filter_map(|(batch, row)| by_batch.get(*batch).and_then(|rows| rows.get(*row)).copied())
        .collect()
}

/// A file that is hashed as it is written.
struct Hashing {
    out: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl Hashing {
    fn new(file: File) -> Self {
        Self { out: BufWriter::with_capacity(1 << 20, file), hash: Sha256::new(), bytes: 0 }
    }

    fn finish(self, path: &Path) -> Result<(File, [u8; 32], u64)> {
        let file = self.out.into_inner().map_err(|error| LakeError::File {
            action: "can't write",
            path: path.to_owned(),
            source: error.into_error(),
        })?;
        Ok((file, self.hash.finalize().into(), self.bytes))
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
