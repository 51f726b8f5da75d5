//! What each shard number stands for. Assigned by a commit on top of the version
//! last seen, so that two processes can't hand out the same number.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    Array, AsArray, Int32Array, Int64Array, RecordBatch, StringViewArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Int32Type, Int64Type};
use chrono::Utc;

use crate::error::{LakeError, Result};
use crate::lake::{ATTEMPTS, Lake};
use crate::read::read_rows;
use crate::segment::Segment;
use crate::table::Table;
use crate::tags::{SegmentTags, ShardTag};

/// What kind of stream a shard is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShardKind {
    /// One life of the embedded log; stands for its UUID.
    Log,
    /// A partition of a Kafka topic; stands for the cluster's id, the topic's and the
    /// partition's number.
    Kafka,
    /// An imported file; stands for the SHA-256 of its content, expanded. One that
    /// has grown keeps its number: then the number stands for several contents, each
    /// the beginning of the next.
    Import,
}

impl ShardKind {
    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Kafka => "kafka",
            Self::Import => "import",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "log" => Self::Log,
            "kafka" => Self::Kafka,
            _ => Self::Import,
        }
    }
}

/// Whether an import is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShardState {
    /// It has a number.
    Assigned,
    /// Everything in it is sealed; with its records and the import's sum.
    Finished {
        /// Records in it.
        records: i64,
        /// Counts by verdict, as JSON.
        detail: String,
        /// When it was finished, µs since 1970 UTC.
        time: i64,
    },
}

/// One shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// Its number; never reused.
    pub number: i32,
    /// What kind of stream it is.
    pub kind: ShardKind,
    /// What it stands for: see [`ShardKind`].
    pub stands_for: String,
    /// A name for people: a file's name.
    pub name: String,
    /// Whether it is complete.
    pub state: ShardState,
}

/// A stream that is to have a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// What it stands for: a UUID or a SHA-256.
    pub stands_for: String,
    /// A name for people.
    pub name: String,
    /// The shard that it is the continuation of.
    pub continues: Option<i32>,
}

impl Stream {
    /// One that begins anew.
    pub const fn new(stands_for: String, name: String) -> Self {
        Self { stands_for, name, continues: None }
    }
}

impl Lake {
    /// Every shard that has a number.
    ///
    /// # Errors
    /// If the table can't be read.
    pub fn shards(&self) -> Result<Vec<Shard>> {
        load(&self.snapshot().table(Table::Shards).segments)
    }

    /// Gives numbers to streams; one that has a number keeps it.
    ///
    /// # Errors
    /// If the table can't be read or written.
    pub async fn assign(&self, kind: ShardKind, streams: &[Stream]) -> Result<Vec<Shard>> {
        let mut attempt = 0;
        loop {
            match self.try_assign(kind, streams).await {
                // Another process gave numbers out: what it gave is looked at first.
                Err(LakeError::Conflict { .. }) if attempt < ATTEMPTS => {
                    attempt += 1;
                    self.take_in().await?;
                }
                assigned => return assigned,
            }
        }
    }

    async fn try_assign(&self, kind: ShardKind, streams: &[Stream]) -> Result<Vec<Shard>> {
        let known = self.shards()?;
        let mut next = known.last().map_or(1, |shard| shard.number + 1);
        let mut fresh = Vec::new();
        let mut assigned: Vec<Shard> = Vec::new();
        for stream in streams {
            let same = |shard: &&Shard| shard.kind == kind && shard.stands_for == stream.stands_for;
            if let Some(shard) = known.iter().chain(&fresh).find(same) {
                assigned.push(shard.clone());
                continue;
            }
            let shard = Shard {
                number: stream.continues.unwrap_or(next),
                kind,
                stands_for: stream.stands_for.clone(),
                name: stream.name.clone(),
                state: ShardState::Assigned,
            };
            next = next.max(shard.number + 1);
            fresh.push(shard.clone());
            assigned.push(shard);
        }
        self.write_shards(&fresh).await?;
        Ok(assigned)
    }

    /// Writes that imports are complete.
    ///
    /// # Errors
    /// If the table can't be written.
    pub async fn finish(&self, finished: &[Shard]) -> Result<()> {
        let mut attempt = 0;
        loop {
            match self.write_shards(finished).await {
                Err(LakeError::Conflict { .. }) if attempt < ATTEMPTS => attempt += 1,
                written => return written,
            }
        }
    }

    async fn write_shards(&self, shards: &[Shard]) -> Result<()> {
        for some in shards.chunks(TOGETHER) {
            let rows = batch(some, Utc::now().timestamp_micros())?;
            let known = SegmentTags { shards: tags(some), ..SegmentTags::default() };
            self.append_saying(Table::Shards, rows, known).await?;
        }
        Ok(())
    }
}

/// Reads the table: the last word on everything that a shard stands for, by number.
pub(crate) fn load(segments: &[Arc<Segment>]) -> Result<Vec<Shard>> {
    let mut known: HashMap<(i32, String), Shard> = HashMap::new();
    let columns = ["shard", "state", "kind", "stands_for", "name", "time", "records", "detail"];
    for segment in segments {
        for batch in read_rows(segment, &columns, None)? {
            for shard in rows(&batch) {
                let key = (shard.number, shard.stands_for.clone());
                if known.get(&key).is_none_or(|known| known.state == ShardState::Assigned) {
                    known.insert(key, shard);
                }
            }
        }
    }
    let mut shards: Vec<Shard> = known.into_values().collect();
    shards.sort_by(|a, b| (a.number, &a.stands_for).cmp(&(b.number, &b.stands_for)));
    Ok(shards)
}

fn rows(batch: &RecordBatch) -> Vec<Shard> {
    let text = |name: &str, row: usize| {
        batch
            .column_by_name(name)
            .map(|column| column.as_string_view())
            .filter(|column| column.is_valid(row))
            .map(|column| column.value(row).to_owned())
            .unwrap_or_default()
    };
    let long = |name: &str, row: usize| {
        let column = batch.column_by_name(name)?;
        match column.as_primitive_opt::<Int64Type>() {
            Some(values) => values.is_valid(row).then(|| values.value(row)),
            None => column
                .as_primitive_opt::<arrow::datatypes::TimestampMicrosecondType>()
                .map(|values| values.value(row)),
        }
    };
    let Some(numbers) = batch.column_by_name("shard") else { return Vec::new() };
    let numbers = numbers.as_primitive::<Int32Type>();
    (0..batch.num_rows())
        .map(|row| Shard {
            number: numbers.value(row),
            kind: ShardKind::of(&text("kind", row)),
            stands_for: text("stands_for", row),
            name: text("name", row),
            state: if text("state", row) == "finished" {
                ShardState::Finished {
                    records: long("records", row).unwrap_or_default(),
                    detail: text("detail", row),
                    time: long("time", row).unwrap_or_default(),
                }
            } else {
                ShardState::Assigned
            },
        })
        .collect()
}

/// Shards whose commit's entry still fits into the ledger.
pub(crate) const TOGETHER: usize = 300;

/// What the commit says of some shards.
pub(crate) fn tags(shards: &[Shard]) -> Vec<ShardTag> {
    let tag = |shard: &Shard| ShardTag {
        kind: shard.kind.as_str().to_owned(),
        records: match shard.state {
            ShardState::Assigned => None,
            ShardState::Finished { records, .. } => Some(records),
        },
        shard: shard.number,
        stands_for: shard.stands_for.clone(),
    };
    shards.iter().map(tag).collect()
}

/// Rows of the table for some shards.
pub(crate) fn batch(shards: &[Shard], now: i64) -> Result<RecordBatch> {
    let finished = |shard: &Shard| match &shard.state {
        ShardState::Assigned => None,
        ShardState::Finished { records, detail, .. } => Some((*records, detail.clone())),
    };
    let state = |shard: &Shard| if finished(shard).is_some() { "finished" } else { "assigned" };
    let text = |values: Vec<Option<String>>| Arc::new(StringViewArray::from_iter(values));
    Ok(RecordBatch::try_new(
        crate::Table::Shards.schema(),
        vec![
            Arc::new(Int32Array::from_iter_values(shards.iter().map(|s| s.number))),
            text(shards.iter().map(|s| Some(state(s).to_owned())).collect()),
            text(shards.iter().map(|s| Some(s.kind.as_str().to_owned())).collect()),
            text(shards.iter().map(|s| Some(s.stands_for.clone())).collect()),
            text(shards.iter().map(|s| Some(s.name.clone())).collect()),
            Arc::new(
                TimestampMicrosecondArray::from_iter_values(shards.iter().map(|_| now))
                    .with_timezone("UTC"),
            ),
            Arc::new(Int64Array::from_iter(shards.iter().map(|s| finished(s).map(|f| f.0)))),
            text(shards.iter().map(|s| finished(s).map(|f| f.1)).collect()),
        ],
    )?)
}
