//! The handle that the other crates hold: opens the tables, seals into them,
//! and publishes what readers see.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use arrow::array::RecordBatch;
use chrono::Utc;
use rollcall_schemas::row_hash::RowKey;
use rollcall_schemas::{Position, Tail};
use tokio::runtime::Handle;

use crate::anchor::{AnchorResult, AnchorSettings, Anchors, Receipt};
use crate::delta_log::{Change, DeltaLog};
use crate::directory::{Access, DataDirectory};
use crate::error::{LakeError, Result};
use crate::notary::Notary;
use crate::replaced::Replaced;
use crate::seal::{SealInput, Sealed, Written, positions_in_order, write_segment};
use crate::segment::Segment;
use crate::shards::{self, Shard, ShardKind, ShardState, Stream};
use crate::sign_once::SignOnce;
use crate::snapshot::{Snapshot, TableSnapshot};
use crate::sweep;
use crate::table::Table;
use crate::tags::SegmentTags;

/// Who vouches for the ledger beside its own files.
#[derive(Debug, Clone, Default)]
pub struct LedgerSettings {
    /// Where what was signed last is kept: a path or `s3://bucket/key`. Beside the
    /// ledger where nothing is said.
    pub sign_once: Option<String>,
    /// Those outside who hold checkpoints.
    pub anchors: Vec<AnchorSettings>,
}

impl LedgerSettings {
    /// The sign-once file of a directory. Call it in a multi-threaded runtime.
    ///
    /// # Errors
    /// If the place can't be used.
    pub(crate) fn sign_once(&self, directory: &DataDirectory) -> Result<SignOnce> {
        match &self.sign_once {
            Some(place) => SignOnce::parse(place, Handle::current()),
            None => Ok(SignOnce::at(directory.ledger().join("signed"))),
        }
    }
}

/// The tables, open.
#[derive(Debug)]
pub struct Lake {
    directory: DataDirectory,
    access: Access,
    row_key: Option<RowKey>,
    logs: tokio::sync::Mutex<BTreeMap<Table, DeltaLog>>,
    /// Writes the ledger; where the process writes at all.
    notary: Option<Arc<Mutex<Notary>>>,
    anchors: Option<Arc<Mutex<Anchors>>>,
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
        Self::open_with(path, access, &LedgerSettings::default()).await
    }

    /// The same with settings of the ledger.
    ///
    /// # Errors
    /// As [`Self::open`]; if the settings can't be used.
    pub async fn open_with(path: &Path, access: Access, settings: &LedgerSettings) -> Result<Self> {
        let directory = DataDirectory::open(path, access)?;
        let mut logs = BTreeMap::new();
        for table in Table::ALL {
            let log = match access {
                Access::Write => Some(to_write(directory.path(), table).await?),
                Access::Read => DeltaLog::open(directory.path(), table).await?,
            };
            if let Some(log) = log {
                logs.insert(table, log);
            }
        }
        let snapshot = load(&logs, access).await?;
        let (mut row_key, mut notary, mut anchors) = (None, None, None);
        if access == Access::Write {
            directory.check_keys(&snapshot)?;
            row_key = Some(crate::directory::row_key(&directory)?);
            directory.identifier_key()?;
            // Before anything is removed: what the ledger misses is evidence.
            notary = Some(Arc::new(Mutex::new(open_notary(&directory, settings).await?)));
            let ledger = directory.ledger();
            anchors = Some(Anchors::open(&settings.anchors, &ledger, &Handle::current())?);
            sweep::sweep(&directory, &snapshot)?;
        }
        Ok(Self {
            directory,
            access,
            row_key,
            logs: tokio::sync::Mutex::new(logs),
            notary,
            anchors: anchors.filter(|anchors| !anchors.is_empty()).map(|a| Arc::new(Mutex::new(a))),
            published: ArcSwap::from_pointee(snapshot),
            publishing: Mutex::new(()),
        })
    }

    /// Writes the ledger's entries of what was committed.
    pub(crate) async fn notarise(&self) -> Result<()> {
        self.with_notary(Notary::catch_up).await.map(Option::unwrap_or_default)
    }

    /// Lets the ledger say that nothing happened, where nothing did for ten minutes.
    ///
    /// # Errors
    /// If the ledger can't be written; then the process must stop.
    pub async fn heartbeat(&self) -> Result<()> {
        self.with_notary(Notary::heartbeat).await.map(Option::unwrap_or_default)
    }

    /// Brings the checkpoint to the anchors whose turn it is; says what came of it.
    ///
    /// # Errors
    /// If the ledger can't be read. An anchor that fails is no error of the lake's.
    pub async fn push_anchors(&self) -> Result<Vec<(String, AnchorResult<Receipt>)>> {
        let Some(anchors) = self.anchors.clone() else { return Ok(Vec::new()) };
        let log = rollcall_ledger::Directory::new(self.directory.ledger());
        let work = move || {
            let Some(note) = log.checkpoint()? else { return Ok(Vec::new()) };
            Ok(anchors.lock().unwrap_or_else(PoisonError::into_inner).push(&note, &log))
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| LakeError::Worker(error.to_string()))?
    }

    /// Makes a new key for the log, for which the old one vouches; gives its text.
    ///
    /// # Errors
    /// If the process doesn't write, or the ledger or a key can't be written.
    pub async fn change_key(&self) -> Result<String> {
        self.with_notary(Notary::change_key)
            .await?
            .ok_or_else(|| LakeError::NoData { path: self.directory.path().to_owned() })
    }

    /// Lets the notary work, where this process has one.
    async fn with_notary<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Notary) -> Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let Some(notary) = self.notary.clone() else { return Ok(None) };
        let work = move || work(&mut notary.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| LakeError::Worker(error.to_string()))?
            .map(Some)
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

    /// The same where files must be read first.
    fn try_publish(&self, change: impl FnOnce(&Snapshot) -> Result<Snapshot>) -> Result<()> {
        let _order = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        let next = change(&self.published.load())?;
        self.published.store(Arc::new(next));
        Ok(())
    }

    /// Publishes that some files became one. `order` is its rows by position.
    pub(crate) fn publish_merged(
        &self,
        table: Table,
        from: &[Arc<Segment>],
        to: &Arc<Segment>,
        order: &[Position],
        version: u64,
    ) -> Result<()> {
        let gone = from.iter().map(|segment| segment.name.clone()).collect();
        self.try_publish(|now| {
            let mut next = now.clone();
            if table == Table::Events {
                Arc::make_mut(&mut next.replaced).moved(from, &to.name, order)?;
            }
            without(&mut next, table, &gone);
            extend(&mut next, table, Some(to), Some(version));
            Ok(next)
        })
    }

    /// Publishes that files left a table.
    pub(crate) fn publish_removed(&self, table: Table, names: &HashSet<String>, version: u64) {
        self.publish(|now| {
            let mut next = now.clone();
            if table == Table::Events {
                Arc::make_mut(&mut next.replaced).forget(names);
            }
            without(&mut next, table, names);
            extend(&mut next, table, None, Some(version));
            next
        });
    }

    /// The key that salts rows.
    pub(crate) fn row_key(&self) -> Result<RowKey> {
        let none = || LakeError::NoData { path: self.directory.path().to_owned() };
        self.row_key.clone().ok_or_else(none)
    }

    /// Publishes a new tail. `revised` are positions that its new rows replace.
    ///
    /// # Errors
    /// If a sealed file that holds a replaced row can't be read.
    pub fn publish_tail(&self, tail: Tail, revised: &[Position]) -> Result<()> {
        self.try_publish(|now| {
            let mut replaced = Arc::clone(&now.replaced);
            if !revised.is_empty() {
                let segments = &now.table(Table::Events).segments;
                Arc::make_mut(&mut replaced).add(revised, segments)?;
            }
            Ok(Snapshot { tail, replaced, has_tail: true, tables: now.tables.clone() })
        })
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
        self.try_publish(|now| {
            let mut next = Snapshot { tail, ..now.clone() };
            sealed.extend(&mut next);
            let segments = next.table(Table::Events).segments;
            Arc::make_mut(&mut next.replaced).add(revised, &segments)?;
            Ok(next)
        })
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
            let known =
                SegmentTags { ranges: input.ranges.clone(), replays, ..SegmentTags::default() };
            Some(self.write(table, rows, known).await?)
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
        known: SegmentTags,
    ) -> Result<Written> {
        let root = self.directory.path().join(table.name());
        let key = match table {
            Table::Events | Table::SetAside => self.row_key.clone(),
            Table::Shards | Table::People | Table::Factors => None,
        };
        tokio::task::spawn_blocking(move || {
            write_segment(&root, table, &batches, known, key.as_ref())
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
        let adds = written.map(|written| written.add.clone()).into_iter().collect::<Vec<_>>();
        if adds.is_empty() && transactions.is_empty() {
            return self.log_of(table).await?.version();
        }
        let transactions = transactions.to_vec();
        self.change(table, &Change { adds, transactions, ..Change::default() }).await
    }

    /// Commits a change, and lets the ledger say so.
    pub(crate) async fn change(&self, table: Table, change: &Change) -> Result<u64> {
        let version = self.log_of(table).await?.commit(change).await?;
        self.notarise().await?;
        Ok(version)
    }

    /// A table's log, for this caller alone.
    pub(crate) async fn log_of(
        &self,
        table: Table,
    ) -> Result<tokio::sync::MappedMutexGuard<'_, DeltaLog>> {
        let logs = self.logs.lock().await;
        tokio::sync::MutexGuard::try_map(logs, |logs| logs.get_mut(&table))
            .map_err(|_| LakeError::NoData { path: self.directory.path().to_owned() })
    }

    /// Appends rows to a table that has no positions: people, factors.
    ///
    /// # Errors
    /// If the file or the commit fails.
    pub async fn append(&self, table: Table, batch: RecordBatch) -> Result<Arc<Segment>> {
        self.append_saying(table, batch, SegmentTags::default()).await
    }

    async fn append_saying(
        &self,
        table: Table,
        batch: RecordBatch,
        known: SegmentTags,
    ) -> Result<Arc<Segment>> {
        let written = self.write(table, vec![Arc::new(batch)], known).await?;
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
        self.write_shards(&fresh).await?;
        Ok(assigned)
    }

    /// Writes that imports are complete.
    ///
    /// # Errors
    /// If the table can't be written.
    pub async fn finish(&self, finished: &[Shard]) -> Result<()> {
        self.write_shards(finished).await
    }

    async fn write_shards(&self, shards: &[Shard]) -> Result<()> {
        for some in shards.chunks(shards::TOGETHER) {
            let rows = shards::batch(some, Utc::now().timestamp_micros())?;
            let known = SegmentTags { shards: shards::tags(some), ..SegmentTags::default() };
            self.append_saying(Table::Shards, rows, known).await?;
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

/// Opens the ledger and writes what it misses; on a thread that may block.
async fn open_notary(directory: &DataDirectory, settings: &LedgerSettings) -> Result<Notary> {
    let (directory, sign_once) = (directory.for_reading(), settings.sign_once(directory)?);
    let work = move || {
        let mut notary = Notary::open(&directory, sign_once)?;
        notary.catch_up()?;
        Ok(notary)
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| LakeError::Worker(error.to_string()))?
}

/// Opens or makes a table. Where a removal was interrupted, append-only is restored.
async fn to_write(data: &Path, table: Table) -> Result<DeltaLog> {
    let mut log = DeltaLog::open_or_create(data, table).await?;
    if !log.is_append_only()? {
        log.set_append_only(true).await?;
    }
    Ok(log)
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

fn without(next: &mut Snapshot, table: Table, names: &HashSet<String>) {
    let entry = next.tables.entry(table).or_default();
    let kept = entry.segments.iter().filter(|segment| !names.contains(&segment.name));
    entry.segments = Arc::new(kept.cloned().collect());
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
