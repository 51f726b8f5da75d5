//! Rows become files and commits, and each commit an entry of the ledger.

use std::sync::Arc;

use arrow::array::RecordBatch;

use crate::blocking::blocking;
use crate::delta_log::{Change, DeltaLog};
use crate::directory::Access;
use crate::error::{LakeError, Result};
use crate::lake::publish::extend;
use crate::lake::{ATTEMPTS, Lake};
use crate::seal::{SealInput, Sealed, Written, positions_in_order, write_segment};
use crate::segment::Segment;
use crate::table::Table;
use crate::tags::SegmentTags;

impl Lake {
    /// Writes and commits rows: `set_aside` first, so that after a crash in
    /// between the committed verdicts stand. Doesn't publish them.
    ///
    /// # Errors
    /// If a file or a commit fails; then the log still has everything.
    pub async fn seal(&self, input: SealInput) -> Result<Sealed> {
        let input = Arc::new(input);
        let mut sealed = Sealed::default();
        // Whoever moves on the verdicts' position has the records, verdicts or none.
        if !input.set_aside.is_empty() || !input.expected.is_empty() {
            let (version, written) = self.seal_table(Table::SetAside, &input).await?;
            sealed.set_aside_version = Some(version);
            sealed.set_aside = written.map(|written| Arc::new(written.segment));
        }
        let (version, written) = self.seal_table(Table::Events, &input).await?;
        sealed.events_version = Some(version);
        if let Some(written) = written {
            sealed.event_positions = positions_in_order(&input.events, &written.order);
            sealed.events = Some(Arc::new(written.segment));
        }
        Ok(sealed)
    }

    async fn seal_table(
        &self,
        table: Table,
        input: &Arc<SealInput>,
    ) -> Result<(u64, Option<Written>)> {
        let batches = |input: &SealInput| match table {
            Table::SetAside => input.set_aside.clone(),
            _ => input.events.clone(),
        };
        let expected = self.expected(table, input);
        let rows = batches(input);
        let written = if rows.is_empty() {
            None
        } else {
            let replays = match table {
                Table::SetAside => input.verdict_replays.clone(),
                _ => input.replays.clone(),
            };
            let known =
                SegmentTags { ranges: input.ranges.clone(), replays, ..SegmentTags::default() };
            Some(self.write(table, rows, known).await?)
        };
        let transactions: Vec<(String, i64)> =
            input.positions.iter().map(|(shard, to)| (application(*shard), *to)).collect();
        let version = self.commit(table, written.as_ref(), &transactions, &expected).await?;
        Ok((version, written))
    }

    /// Where shards must stand in a table: their number and position.
    fn expected(&self, table: Table, input: &SealInput) -> Vec<(i32, i64)> {
        let of = |(events, set_aside): (i64, i64)| match table {
            Table::SetAside => set_aside,
            _ => events,
        };
        input.expected.iter().map(|(shard, ends)| (*shard, of(*ends))).collect()
    }

    async fn write(
        &self,
        table: Table,
        batches: Vec<Arc<RecordBatch>>,
        known: SegmentTags,
    ) -> Result<Written> {
        let root = self.directory.path().join(table.name());
        let key = match table {
            Table::Events | Table::SetAside => self.row_key.clone(),
            Table::Shards
            | Table::People
            | Table::Factors
            | Table::Reconciliations
            | Table::VendorPolicies
            | Table::Policies
            | Table::Annotations => None,
        };
        blocking(move || write_segment(&root, table, &batches, known, key.as_ref())).await
    }

    async fn commit(
        &self,
        table: Table,
        written: Option<&Written>,
        transactions: &[(String, i64)],
        expected: &[(i32, i64)],
    ) -> Result<u64> {
        let adds = written.map(|written| written.add.clone()).into_iter().collect::<Vec<_>>();
        if adds.is_empty() && transactions.is_empty() {
            return self.log_of(table).await?.version();
        }
        let transactions = transactions.to_vec();
        let change = Change { adds, transactions, ..Change::default() };
        let committed = self.change_expecting(table, &change, expected).await;
        let lost =
            matches!(&committed, Err(LakeError::Superseded { .. } | LakeError::Conflict { .. }));
        if let Some(written) = written.filter(|_| lost) {
            // No commit names it, and none will.
            written.remove();
        }
        committed
    }

    /// Commits a change, and lets the ledger say so.
    pub(crate) async fn change(&self, table: Table, change: &Change) -> Result<u64> {
        self.change_expecting(table, change, &[]).await
    }

    /// Commits a change on top of whatever other processes committed, as long as shards
    /// stand where they are `expected`: then nobody else has sealed their records.
    async fn change_expecting(
        &self,
        table: Table,
        change: &Change,
        expected: &[(i32, i64)],
    ) -> Result<u64> {
        let mut log = self.log_of(table).await?;
        self.are_own(&change.adds);
        let mut attempt = 0;
        let version = loop {
            if !expected.is_empty() {
                log.refresh().await?;
            }
            for (shard, expected) in expected {
                let found = log.transaction(&application(*shard)).await?.unwrap_or_default();
                if found != *expected {
                    let (shard, expected) = (*shard, *expected);
                    let table = table.name();
                    return Err(LakeError::Superseded { table, shard, expected, found });
                }
            }
            match log.commit(change).await {
                // A number that was given out twice would be no number.
                Err(LakeError::Conflict { .. }) if table != Table::Shards && attempt < ATTEMPTS => {
                    attempt += 1;
                }
                committed => break committed?,
            }
        };
        drop(log);
        self.notarise().await?;
        Ok(version)
    }

    /// Lets a table's log begin anew from what is live now, after files left it.
    pub(crate) async fn checkpoint(&self, table: Table) -> Result<()> {
        self.log_of(table).await?.checkpoint().await
    }

    /// A table's log, for this caller alone.
    pub(crate) async fn log_of(
        &self,
        table: Table,
    ) -> Result<tokio::sync::MappedMutexGuard<'_, DeltaLog>> {
        let logs = self.logs.lock().await;
        let is_closed = logs.is_empty() && self.access != Access::Read;
        tokio::sync::MutexGuard::try_map(logs, |logs| logs.get_mut(&table)).map_err(|_| {
            if is_closed {
                return LakeError::Ending;
            }
            LakeError::NoData { path: self.directory.path().to_owned() }
        })
    }

    /// Ends writing: a commit that is under way is finished and has its signed entry,
    /// and nothing is committed or signed after it. Readers go on.
    ///
    /// # Errors
    /// If the ledger can't be written.
    pub async fn close(&self) -> Result<()> {
        let mut logs = self.logs.lock().await;
        self.notarise().await?;
        logs.clear();
        self.close_notary().await
    }

    /// Appends rows to a table that has no positions: people, factors.
    ///
    /// # Errors
    /// If the file or the commit fails.
    pub async fn append(&self, table: Table, batch: RecordBatch) -> Result<Arc<Segment>> {
        self.append_saying(table, batch, SegmentTags::default()).await
    }

    pub(crate) async fn append_saying(
        &self,
        table: Table,
        batch: RecordBatch,
        known: SegmentTags,
    ) -> Result<Arc<Segment>> {
        let written = self.write(table, vec![Arc::new(batch)], known).await?;
        let version = self.commit(table, Some(&written), &[], &[]).await?;
        let segment = Arc::new(written.segment);
        self.publish(|now| {
            let mut next = now.clone();
            extend(&mut next, table, Some(&segment), Some(version));
            next
        });
        Ok(segment)
    }

    /// Position up to which a log shard is committed in `events` and in
    /// `set_aside`: everything before is sealed.
    ///
    /// # Errors
    /// If a table can't be read.
    pub async fn committed(&self, shard: i32) -> Result<(i64, i64)> {
        let logs = self.logs.lock().await;
        let mut ends = [0; 2];
        for (end, table) in ends.iter_mut().zip([Table::Events, Table::SetAside]) {
            if let Some(log) = logs.get(&table) {
                *end = log.transaction(&application(shard)).await?.unwrap_or_default();
            }
        }
        Ok((ends[0], ends[1]))
    }
}

fn application(shard: i32) -> String {
    format!("rollcall-shard-{shard}")
}
