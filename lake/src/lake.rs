//! The handle that the other crates hold: opens the tables, seals into them,
//! and publishes what readers see.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use arrow::array::RecordBatch;
use chrono::Utc;
use rollcall_schemas::row_hash::RowKey;
use rollcall_schemas::{Position, Tail};

use crate::directory::{Access, DataDirectory, row_key};
use crate::error::{LakeError, Result};
use crate::replaced::Replaced;
use crate::seal::{SealInput, Sealed, Written, positions_in_order, write_segment};
use crate::segment::Segment;
use crate::shards::{self, Shard, ShardKind, ShardState, Stream};
use crate::snapshot::{Snapshot, TableSnapshot};
use crate::sweep;
use crate::table::{DeltaLog, Table};

/// The tables, open.
#[derive(Debug)]
pub struct Lake {
    directory: DataDirectory,
    access: Access,
    row_key: Option<RowKey>,
    logs: tokio::sync::Mutex<BTreeMap<Table, DeltaLog>>,
    published: ArcSwap<Snapshot>,
    /// Orders publications; readers never wait for it.
    publishing: Mutex<()>,
}

impl Lake {
    /// Opens the data directory. To write, tables that don't exist are made and
    /// the litter of an interrupted seal is removed.
    ///
    /// # Errors
    /// If the directory can't be opened ([`DataDirectory::open`]) or a table is
    /// damaged.
    pub async fn open(path: &Path, access: Access) -> Result<Self> {
        let directory = DataDirectory::open(path, access)?;
        let mut logs = BTreeMap::new();
        for table in Table::ALL {
            let log = match access {
                Access::Write => Some(DeltaLog::open_or_create(directory.path(), table).await?),
                Access::Read => DeltaLog::open(directory.path(), table).await?,
            };
            if let Some(log) = log {
                logs.insert(table, log);
            }
        }
        let row_key = match access {
            Access::Write => Some(row_key(&directory)?),
            Access::Read => None,
        };
        let snapshot = load(&logs, access).await?;
        if access == Access::Write {
            sweep::sweep(&directory, &snapshot)?;
        }
        Ok(Self {
            directory,
            access,
            row_key,
            logs: tokio::sync::Mutex::new(logs),
            published: ArcSwap::from_pointee(snapshot),
            publishing: Mutex::new(()),
        })
    }

    /// The data directory.
    pub const fn directory(&self) -> &DataDirectory {
        &self.directory
    }

    /// What readers see now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.published.load_full()
    }

    /// Reads again what another process committed. For readers beside a server.
    ///
    /// # Errors
    /// If a table can't be read.
    pub async fn refresh(&self) -> Result<()> {
        let mut logs = self.logs.lock().await;
        for log in logs.values_mut() {
            log.refresh().await?;
        }
        let snapshot = load(&logs, self.access).await?;
        self.publish(|_| snapshot);
        Ok(())
    }

    /// Swaps what readers see, as a whole.
    fn publish(&self, change: impl FnOnce(&Snapshot) -> Snapshot) {
        let _order = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        let next = change(&self.published.load());
        self.published.store(Arc::new(next));
    }

    /// Publishes a new tail. `revised` are positions that its new rows replace.
    ///
    /// # Errors
    /// If a sealed file that holds a replaced row can't be read.
    pub fn publish_tail(&self, tail: Tail, revised: &[Position]) -> Result<()> {
        let replaced = self.replaced_with(revised)?;
        self.publish(|now| Snapshot {
            tail,
            replaced: replaced.unwrap_or_else(|| Arc::clone(&now.replaced)),
            has_tail: true,
            tables: now.tables.clone(),
        });
        Ok(())
    }

    fn replaced_with(&self, revised: &[Position]) -> Result<Option<Arc<Replaced>>> {
        if revised.is_empty() {
            return Ok(None);
        }
        let now = self.snapshot();
        let mut replaced = (*now.replaced).clone();
        replaced.add(revised, &now.table(Table::Events).segments)?;
        Ok(Some(Arc::new(replaced)))
    }

    /// Publishes a seal and the tail without its rows, in one step: no reader
    /// misses a row or sees one twice.
    pub fn publish_sealed(&self, sealed: &Sealed, tail: Tail) {
        self.publish(|now| {
            let mut next = Snapshot { tail, ..now.clone() };
            sealed.extend(&mut next);
            if let Some(segment) = &sealed.events
                && !now.replaced.in_tail().is_empty()
            {
                let mut replaced = (*now.replaced).clone();
                replaced.sealed_into(&segment.name, sealed.event_positions.iter().copied());
                next.replaced = Arc::new(replaced);
            }
            next
        });
    }

    /// Publishes rows and verdicts that supersede quarantined ones, and the tail,
    /// in one step with what the rows replace.
    ///
    /// # Errors
    /// If a sealed file that holds a replaced row can't be read.
    pub fn publish_replayed(
        &self,
        sealed: &Sealed,
        tail: Tail,
        revised: &[Position],
    ) -> Result<()> {
        let now = self.snapshot();
        let mut replaced = (*now.replaced).clone();
        let mut segments = (*now.table(Table::Events).segments).clone();
        segments.extend(sealed.events.clone());
        replaced.add(revised, &segments)?;
        self.publish(|now| {
            let mut next = Snapshot { tail, replaced: Arc::new(replaced), ..now.clone() };
            sealed.extend(&mut next);
            next
        });
        Ok(())
    }

    /// Writes and commits rows: `set_aside` first, so that after a crash in
    /// between the committed verdicts stand. Doesn't publish them.
    ///
    /// # Errors
    /// If a file or a commit fails; then the log still has everything.
    pub async fn seal(&self, input: SealInput) -> Result<Sealed> {
        let input = Arc::new(input);
        let mut sealed = Sealed::default();
        if !input.set_aside.is_empty() {
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
        let rows = batches(input);
        let written = if rows.is_empty() {
            None
        } else {
            let replays = match table {
                Table::SetAside => input.verdict_replays.clone(),
                _ => input.replays.clone(),
            };
            Some(self.write(table, rows, input.ranges.clone(), replays).await?)
        };
        let transactions: Vec<(String, i64)> =
            input.positions.iter().map(|(shard, to)| (application(*shard), *to)).collect();
        let version = self.commit(table, written.as_ref(), &transactions).await?;
        Ok((version, written))
    }

    async fn write(
        &self,
        table: Table,
        batches: Vec<Arc<RecordBatch>>,
        ranges: Vec<crate::ShardRange>,
        replays: Vec<(i32, i64, i32)>,
    ) -> Result<Written> {
        let root = self.directory.path().join(table.name());
        let key = match table {
            Table::Events | Table::SetAside => self.row_key.clone(),
            Table::Shards | Table::People | Table::Factors => None,
        };
        tokio::task::spawn_blocking(move || {
            write_segment(&root, table, &batches, ranges, replays, key.as_ref())
        })
        .await
        .map_err(|error| LakeError::Worker(error.to_string()))?
    }

    async fn commit(
        &self,
        table: Table,
        written: Option<&Written>,
        transactions: &[(String, i64)],
    ) -> Result<u64> {
        let mut logs = self.logs.lock().await;
        let log = logs
            .get_mut(&table)
            .ok_or_else(|| LakeError::NoData { path: self.directory.path().to_owned() })?;
        let adds = written.map(|written| written.add.clone()).into_iter().collect::<Vec<_>>();
        if adds.is_empty() && transactions.is_empty() {
            return log.version();
        }
        log.commit(adds, transactions).await
    }

    /// Appends rows to a table that has no positions: shards, people, factors.
    ///
    /// # Errors
    /// If the file or the commit fails.
    pub async fn append(&self, table: Table, batch: RecordBatch) -> Result<Arc<Segment>> {
        let written = self.write(table, vec![Arc::new(batch)], Vec::new(), Vec::new()).await?;
        let version = self.commit(table, Some(&written), &[]).await?;
        let segment = Arc::new(written.segment);
        self.publish(|now| {
            let mut next = now.clone();
            extend(&mut next, table, Some(&segment), Some(version));
            next
        });
        Ok(segment)
    }

    /// Every shard that has a number.
    ///
    /// # Errors
    /// If the table can't be read.
    pub fn shards(&self) -> Result<Vec<Shard>> {
        shards::load(&self.snapshot().table(Table::Shards).segments)
    }

    /// Gives numbers to streams; one that has a number keeps it.
    ///
    /// # Errors
    /// If the table can't be read or written.
    pub async fn assign(&self, kind: ShardKind, streams: &[Stream]) -> Result<Vec<Shard>> {
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
        if !fresh.is_empty() {
            let rows = shards::batch(&fresh, Utc::now().timestamp_micros())?;
            self.append(Table::Shards, rows).await?;
        }
        Ok(assigned)
    }

    /// Writes that imports are complete.
    ///
    /// # Errors
    /// If the table can't be written.
    pub async fn finish(&self, finished: &[Shard]) -> Result<()> {
        if !finished.is_empty() {
            let rows = shards::batch(finished, Utc::now().timestamp_micros())?;
            self.append(Table::Shards, rows).await?;
        }
        Ok(())
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

impl Sealed {
    fn extend(&self, next: &mut Snapshot) {
        extend(next, Table::Events, self.events.as_ref(), self.events_version);
        extend(next, Table::SetAside, self.set_aside.as_ref(), self.set_aside_version);
    }
}

fn application(shard: i32) -> String {
    format!("rollcall-shard-{shard}")
}

fn extend(next: &mut Snapshot, table: Table, segment: Option<&Arc<Segment>>, version: Option<u64>) {
    let entry = next.tables.entry(table).or_default();
    if let Some(segment) = segment {
        let mut segments = (*entry.segments).clone();
        segments.push(Arc::clone(segment));
        entry.segments = Arc::new(segments);
    }
    // Two seals may end in another order than they committed.
    entry.version = version.max(entry.version);
}

async fn load(logs: &BTreeMap<Table, DeltaLog>, access: Access) -> Result<Snapshot> {
    let mut tables = BTreeMap::new();
    for (table, log) in logs {
        let mut segments = log.segments().await?;
        segments
            .sort_by(|a, b| (a.tags.received_min, &a.name).cmp(&(b.tags.received_min, &b.name)));
        let snapshot =
            TableSnapshot { version: Some(log.version()?), segments: Arc::new(segments) };
        tables.insert(*table, snapshot);
    }
    let events = tables.get(&Table::Events).cloned().unwrap_or_default();
    let replaced = tokio::task::spawn_blocking(move || Replaced::load(&events.segments))
        .await
        .map_err(|error| LakeError::Worker(error.to_string()))??;
    Ok(Snapshot {
        tables,
        tail: Tail::default(),
        replaced: Arc::new(replaced),
        has_tail: access == Access::Write,
    })
}
