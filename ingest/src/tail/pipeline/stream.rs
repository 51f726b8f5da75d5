//! Records of streams that other processes may read and seal as well: partitions of a
//! Kafka topic.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use rollcall_lake::{LakeError, Segment, Table};
use tokio::sync::oneshot;

use super::super::clock::believed_until;
use super::super::reading::Piece;
use super::super::unsealed::Unsealed;
use super::{Command, PUBLISH_ROWS, Pipeline, PipelineError, TOGETHER, Worker};

/// One record: its number, and where it ends in the bytes of all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message {
    pub(crate) seq: i64,
    pub(crate) end: usize,
}

/// Records that came the same way at the same time, one after the other.
#[derive(Debug)]
pub(crate) struct Run {
    /// The source that the sender named; empty where it named none.
    pub(crate) source: Arc<str>,
    pub(crate) collector: Arc<str>,
    /// When they were taken in, µs since 1970 UTC.
    pub(crate) received: i64,
    /// Where the first begins in the bytes of all.
    pub(crate) start: usize,
    pub(crate) messages: Vec<Message>,
}

/// Records of one shard, ascending.
#[derive(Debug)]
pub(crate) struct Messages {
    pub(crate) shard: i32,
    pub(crate) bytes: Bytes,
    pub(crate) runs: Vec<Run>,
}

impl Run {
    /// The records, with their bytes.
    fn pieces<'b>(&self, bytes: &'b [u8]) -> impl Iterator<Item = Piece<'b>> {
        let starts = std::iter::once(self.start).chain(self.messages.iter().map(|one| one.end));
        self.messages.iter().zip(starts).map(|(message, start)| Piece {
            seq: message.seq,
            bytes: bytes.get(start..message.end).unwrap_or_default(),
        })
    }
}

impl Pipeline {
    /// Takes records that a broker holds.
    pub(crate) fn messages(&self, messages: Messages) -> Result<(), PipelineError> {
        let bytes = messages.bytes.len() as u64;
        self.status().backlog_bytes.fetch_add(bytes, Ordering::Relaxed);
        self.send(Command::Messages(messages))
    }

    /// Says where a shard stands that others may seal as well.
    pub(crate) fn stands(&self, shard: i32, ends: (i64, i64)) -> Result<(), PipelineError> {
        self.send(Command::Stands { shard, ends })
    }

    /// Ends the thread; what isn't sealed is dropped, a seal that runs is waited for.
    pub(crate) async fn end(&self) {
        let (answer, wait) = oneshot::channel();
        if self.send(Command::End(answer)).is_ok() {
            // It may have ended by itself.
            let _ = wait.await;
        }
    }
}

impl Worker {
    /// Accounts for records that the log should have and hasn't: an operator moved a
    /// damaged file away.
    pub(super) fn note_gap(&mut self, shard: i32, next: i64) -> Result<(), LakeError> {
        let Some(expected) = self.read_to.get(&shard).copied().filter(|end| *end < next) else {
            return Ok(());
        };
        if self.stands.contains_key(&shard) {
            // Marks of transactions, and what compaction took away, have offsets as well.
            tracing::debug!(
                log.shard = shard,
                log.from = expected,
                log.to = next,
                "offsets skipped"
            );
        } else {
            tracing::error!(
                log.shard = shard,
                log.from = expected,
                log.to = next,
                "acknowledged records are missing in the log; the gap is written into the lake"
            );
        }
        self.flush()?;
        self.open.expect(shard, expected);
        Ok(())
    }

    pub(super) fn messages(&mut self, messages: &Messages) -> Result<usize, LakeError> {
        let shard = messages.shard;
        if messages.runs.is_empty() {
            return Ok(0);
        }
        if self.reader.shard().is_some_and(|before| before != shard) {
            self.flush()?;
        }
        let behind = self.clock.behind();
        self.status.clock_behind.store(behind.unwrap_or_default(), Ordering::Relaxed);
        self.reader.believe_until(believed_until(behind));
        let mut count = 0;
        for run in &messages.runs {
            let mut pieces = run.pieces(&messages.bytes).peekable();
            while let Some(first) = pieces.peek().map(|piece| piece.seq) {
                self.note_gap(shard, first)?;
                // Up to the next offset without a record.
                let (mut some, mut next) = (Vec::with_capacity(TOGETHER), first);
                while some.len() < TOGETHER
                    && let Some(piece) = pieces.next_if(|piece| piece.seq <= next)
                {
                    next = next.max(piece.seq + 1);
                    some.push(piece);
                }
                self.read_to.insert(shard, next);
                let some = some.into_iter();
                self.reader.read(shard, &run.collector, run.received, &run.source, some);
                if self.reader.waiting() >= PUBLISH_ROWS {
                    self.publish()?;
                    self.take_seals()?;
                }
            }
            count += run.messages.len();
        }
        self.status.backlog_bytes.fetch_sub(messages.bytes.len() as u64, Ordering::Relaxed);
        Ok(count)
    }

    pub(super) fn stands(&mut self, shard: i32, ends: (i64, i64)) {
        self.log_shards.insert(shard);
        self.stands.insert(shard, ends);
        self.read_to.insert(shard, ends.0);
    }

    /// Where the shards of a seal must stand before it.
    pub(super) fn expected(&self, positions: &[(i32, i64)]) -> Vec<(i32, (i64, i64))> {
        let of = |shard: &i32| Some((*shard, *self.stands.get(shard)?));
        positions.iter().filter_map(|(shard, _)| of(shard)).collect()
    }

    /// A seal has moved both positions of its shards.
    pub(super) fn moved_on(&mut self, done: &Unsealed) {
        let ends: HashMap<i32, i64> =
            self.stands.keys().filter_map(|shard| Some((*shard, done.end(*shard)?))).collect();
        self.stands.extend(ends.into_iter().map(|(shard, end)| (shard, (end, end))));
    }

    /// Learns which events other processes have stored.
    pub(super) fn foreign(&mut self, segments: &[Arc<Segment>]) -> Result<(), LakeError> {
        let elsewhere = self.lake.directory().indexes_elsewhere();
        for segment in segments.iter().filter(|segment| segment.table == Table::Events) {
            self.known.take_in(segment, &elsewhere)?;
        }
        for segment in segments {
            self.clock.sealed(segment.tags.received_max);
        }
        Ok(())
    }

    /// Ends: waits for the seal that runs, and seals nothing more.
    pub(super) fn end(&mut self, answer: oneshot::Sender<()>) -> Result<(), LakeError> {
        let last = if self.sealing.is_some() { self.seals.recv().ok() } else { None };
        let _ = answer.send(());
        match last {
            Some(Err(error)) => Err(error),
            _ => Ok(()),
        }
    }
}
