//! Quarantined parts that were read again: what they gave supersedes their
//! verdicts.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Int32Type, Int64Type};
use rollcall_lake::{LakeError, SealInput, Standing};
use rollcall_schemas::{Position, Verdict};
use tokio::sync::oneshot;

use super::{Command, Pipeline, PipelineError, Worker};
use crate::tail::Chunk;
use crate::tail::judge::judge;

/// What came of a replay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Superseded {
    /// Records that gave rows.
    pub(crate) rows_from: usize,
    /// Rows made of them.
    pub(crate) rows: usize,
    /// Verdicts other than quarantine.
    pub(crate) verdicts: Vec<Verdict>,
    /// Parts that were in quarantine and no longer are.
    pub(crate) parts: usize,
}

impl Pipeline {
    /// Takes what was read again of `held` and seals it by itself.
    pub(crate) async fn replay(
        &self,
        chunk: Chunk,
        held: HashSet<Position>,
    ) -> crate::Result<Superseded> {
        let (answer, wait) = oneshot::channel();
        self.send(Command::Replay { chunk, held, answer })?;
        let ended = |_| PipelineError("it ended before the replay".to_owned());
        Ok(wait.await.map_err(ended)??)
    }
}

impl Worker {
    /// Seals rows and verdicts that supersede those of `held`. They move no
    /// position, so they go into files of their own, at once; readers see them, and
    /// what they replace gone, in one step.
    pub(super) fn replay(
        &mut self,
        chunk: Chunk,
        held: &HashSet<Position>,
    ) -> Result<Superseded, LakeError> {
        let judged = judge(chunk, &mut self.known, &mut Standing::new())?;
        let rows: Vec<Position> = judged.events.iter().flat_map(positions).collect();
        let verdicts: Vec<Position> = judged.set_aside.iter().flat_map(positions).collect();
        let superseded = |found: &[Position]| -> Vec<(i32, i64, i32)> {
            found
                .iter()
                .filter(|at| held.contains(at))
                .map(|at| (at.shard, at.seq, at.part))
                .collect()
        };
        let input = SealInput {
            replays: superseded(&rows),
            verdict_replays: superseded(&verdicts),
            events: judged.events.into_iter().map(Arc::new).collect(),
            set_aside: judged.set_aside.iter().cloned().map(Arc::new).collect(),
            ..SealInput::default()
        };
        let report = Superseded {
            rows_from: rows.iter().map(|at| (at.shard, at.seq)).collect::<HashSet<_>>().len(),
            rows: rows.len(),
            verdicts: judged.set_aside.iter().flat_map(words).collect(),
            parts: input.replays.len() + input.verdict_replays.len(),
        };
        if rows.is_empty() && verdicts.is_empty() {
            return Ok(report);
        }
        let sealed = self.runtime.block_on(self.lake.seal(input))?;
        self.publish()?;
        let tail = self.open.tail(self.sealing.as_deref());
        self.lake.publish_replayed(&sealed, tail, &judged.revised)?;
        if let Some(segment) = &sealed.events {
            let rows: HashSet<Position> = rows.into_iter().collect();
            self.known.sealed(segment, super::remembered_since(), |at| rows.contains(&at))?;
        }
        Ok(report)
    }
}

fn words(batch: &RecordBatch) -> Vec<Verdict> {
    let words = batch.column_by_name("verdict").map(|column| column.as_string_view());
    let found = words.into_iter().flatten().flatten().filter_map(Verdict::from_word);
    found.filter(|verdict| *verdict != Verdict::Quarantined).collect()
}

/// The positions of a batch's rows.
pub(crate) fn positions(batch: &RecordBatch) -> Vec<Position> {
    let [shard, seq, part] = ["shard", "seq", "part"].map(|name| batch.column_by_name(name));
    let (Some(shard), Some(seq), Some(part)) = (shard, seq, part) else { return Vec::new() };
    let shard = shard.as_primitive::<Int32Type>().values();
    let seq = seq.as_primitive::<Int64Type>().values();
    let part = part.as_primitive::<Int32Type>().values();
    let both = shard.iter().zip(seq).zip(part);
    both.map(|((shard, seq), part)| Position { shard: *shard, seq: *seq, part: *part }).collect()
}

/// A batch without the rows at some positions.
pub(crate) fn without(
    batch: &RecordBatch,
    some: &HashSet<Position>,
) -> Result<RecordBatch, arrow::error::ArrowError> {
    let keep: BooleanArray = positions(batch).iter().map(|at| Some(!some.contains(at))).collect();
    filter_record_batch(batch, &keep)
}
