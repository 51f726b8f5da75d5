//! Where a row came from.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A row's identity everywhere: which stream, which record in it, which row of
/// that record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Surrogate number of the stream (a log epoch, an imported file, a Kafka
    /// partition); never reused.
    pub shard: i32,
    /// The record in the shard, from 0.
    pub seq: i64,
    /// The row made from that record, from 0.
    pub part: i32,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", self.shard, self.seq, self.part)
    }
}

impl std::str::FromStr for Position {
    type Err = &'static str;

    /// Reads `shard-seq-part`, as `Display` writes it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const HOW: &str = "an event is named shard-seq-part, for instance 1-4711-0";
        let mut numbers = text.split('-');
        let mut next = || numbers.next().ok_or(HOW);
        let position = Self {
            shard: next()?.parse().map_err(|_| HOW)?,
            seq: next()?.parse().map_err(|_| HOW)?,
            part: next()?.parse().map_err(|_| HOW)?,
        };
        if numbers.next().is_some() { Err(HOW) } else { Ok(position) }
    }
}

/// What is known of a record before anything in it is read.
#[derive(Debug, Clone)]
pub struct Record {
    /// Surrogate number of its stream.
    pub shard: i32,
    /// Its number in the stream.
    pub seq: i64,
    /// Who handed it in: a token's name, a file's name.
    pub collector: Arc<str>,
    /// When it was taken in, µs since 1970 UTC; never backwards within a shard.
    pub received: i64,
}

impl Record {
    /// The position of one of its rows.
    pub const fn part(&self, part: i32) -> Position {
        Position { shard: self.shard, seq: self.seq, part }
    }
}
