//! What a pipeline knows of a stream that was sealed in part, before it takes the rest.

use rollcall_lake::{Lake, LakeError, Standing, Table, committed_verdicts};

use super::{Command, Pipeline, PipelineError};
use crate::memory;
use crate::source::Sources;

impl Pipeline {
    /// Tells it what the lake has of a shard that is sealed up to the record `sealed`:
    /// its last minutes, for readers with state, and the verdicts that stand. Blocks.
    ///
    /// # Errors
    /// If a segment can't be read, or the pipeline has stopped.
    pub(crate) fn resume(
        &self,
        lake: &Lake,
        sources: &Sources,
        shard: i32,
        sealed: i64,
    ) -> Result<(), LakeError> {
        let stopped = |error: PipelineError| LakeError::Worker(error.to_string());
        let snapshot = lake.snapshot();
        for one in memory::recent(&snapshot, sources, shard, sealed)? {
            let (source, record, raw, part) = (one.source, one.record, one.raw, one.part);
            let command = Command::Remember { source, record, raw, part };
            self.send(command).map_err(stopped)?;
        }
        let segments = snapshot.table(Table::SetAside).segments;
        let verdicts = committed_verdicts(&segments, shard, sealed)?;
        self.standing(shard, verdicts).map_err(stopped)
    }

    /// Verdicts of a shard that an interrupted seal committed: they stand.
    pub(crate) fn standing(&self, shard: i32, verdicts: Standing) -> Result<(), PipelineError> {
        self.send(Command::Standing { shard, verdicts })
    }

    /// Records of a shard before `seq` are sealed: they are skipped.
    pub(crate) fn skip_below(&self, shard: i32, seq: i64) -> Result<(), PipelineError> {
        self.send(Command::SkipBelow { shard, seq })
    }
}
