//! The Delta log behind each table.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use deltalake::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake::kernel::{Action, Add, Remove, StructType, Transaction};
use deltalake::operations::create::CreateBuilder;
use deltalake::protocol::checkpoints::create_checkpoint;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::table::state::DeltaTableState;
use deltalake::{DeltaTable, DeltaTableBuilder, DeltaTableError};
use futures::TryStreamExt;
use object_store::ObjectStore;
use url::Url;

use crate::error::{LakeError, Result};
use crate::notary::{Commitment, commit_path_in};
use crate::segment::Segment;
use crate::store::{DurableStore, create_directory};
use crate::table::Table;
use crate::tags::{CommitNote, NOTE, SegmentTags, TAG};

const APPEND_ONLY: &str = "delta.appendOnly";
/// Commits from one Delta checkpoint to the next.
const CHECKPOINT_INTERVAL: u64 = 50;

/// What a commit changes.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// Files that come.
    pub(crate) adds: Vec<Add>,
    /// Files that go, as they were added.
    pub(crate) removes: Vec<Add>,
    /// Positions of shards.
    pub(crate) transactions: Vec<(String, i64)>,
    /// What the commit says of itself.
    pub(crate) note: Option<CommitNote>,
}

impl Change {
    fn is_empty(&self) -> bool {
        self.adds.is_empty() && self.removes.is_empty() && self.transactions.is_empty()
    }

    /// Whether the rows stay the same ones.
    const fn keeps_rows(&self) -> bool {
        matches!(self.note, Some(CommitNote::Compaction { .. }))
    }

    fn properties(&self) -> CommitProperties {
        let transactions = self.transactions.iter();
        // Words, numbers and lists always become JSON.
        let note = self.note.as_ref().map(|note| serde_json::json!(note));
        CommitProperties::default()
            .with_max_retries(0)
            .with_cleanup_expired_logs(Some(false))
            .with_application_transactions(
                transactions.map(|(id, version)| Transaction::new(id, *version)).collect(),
            )
            .with_metadata(note.map(|note| (NOTE.to_owned(), note)))
    }

    fn actions(&self) -> Vec<Action> {
        let data_change = !self.keeps_rows();
        let adds = self.adds.iter().map(|add| Action::Add(Add { data_change, ..add.clone() }));
        let now = chrono::Utc::now().timestamp_millis();
        let removes = self.removes.iter().map(|add| {
            Action::Remove(Remove {
                path: add.path.clone(),
                data_change,
                deletion_timestamp: Some(now),
                extended_file_metadata: Some(true),
                partition_values: Some(HashMap::new()),
                size: Some(add.size),
                ..Remove::default()
            })
        });
        adds.chain(removes).collect()
    }

    fn operation(&self) -> DeltaOperation {
        match self.note {
            Some(CommitNote::Compaction { .. }) => {
                DeltaOperation::Optimize { predicate: None, target_size: 0 }
            }
            Some(CommitNote::Retention { .. }) => DeltaOperation::Delete { predicate: None },
            Some(CommitNote::Erasure { .. }) => DeltaOperation::Update { predicate: None },
            None => DeltaOperation::Write {
                mode: SaveMode::Append,
                partition_by: None,
                predicate: None,
            },
        }
    }
}

/// One table's Delta log, at the version that this process last saw.
#[derive(Debug)]
pub(crate) struct DeltaLog {
    table: Table,
    root: PathBuf,
    delta: DeltaTable,
    /// An fsync of the log has failed in this process.
    doubtful: Arc<AtomicBool>,
}

impl DeltaLog {
    /// Opens the table; `None` where it doesn't exist.
    pub(crate) async fn open(data: &Path, table: Table) -> Result<Option<Self>> {
        let root = data.join(table.name());
        if !root.join("_delta_log").is_dir() {
            return Ok(None);
        }
        let doubtful = Arc::default();
        let mut delta = connect(&root, table, &doubtful)?;
        match delta.load().await {
            Ok(()) => Ok(Some(Self { table, root, delta, doubtful })),
            Err(DeltaTableError::NotATable(_)) => Ok(None),
            Err(source) => {
                Err(error(table, &root, "can't be read; bring it back from a backup", source))
            }
        }
    }

    /// Opens the table, or makes it.
    pub(crate) async fn open_or_create(data: &Path, table: Table) -> Result<Self> {
        if let Some(log) = Self::open(data, table).await? {
            return Ok(log);
        }
        let root = data.join(table.name());
        create_directory(&root)?;
        let schema = rollcall_schemas::delta::schema_json(&table.schema()).map_err(|e| {
            error(table, &root, "has no Delta schema", DeltaTableError::generic(e.to_string()))
        })?;
        let schema: StructType = serde_json::from_value(schema).map_err(|e| {
            error(table, &root, "has no Delta schema", DeltaTableError::generic(e.to_string()))
        })?;
        let doubtful = Arc::default();
        let delta = CreateBuilder::new()
            .with_log_store(connect(&root, table, &doubtful)?.log_store())
            .with_table_name(table.name())
            .with_columns(schema.fields().cloned())
            .with_configuration(configuration())
            .with_save_mode(SaveMode::ErrorIfExists)
            .await
            .map_err(|source| error(table, &root, "can't be made", source))?;
        Ok(Self { table, root, delta, doubtful })
    }

    fn error(&self, action: &'static str, source: DeltaTableError) -> LakeError {
        error(self.table, &self.root, action, source)
    }

    fn state(&self) -> Result<&DeltaTableState> {
        self.delta.snapshot().map_err(|source| self.error("isn't loaded", source))
    }

    /// The version that this process last saw.
    pub(crate) fn version(&self) -> Result<u64> {
        Ok(self.state()?.version())
    }

    /// Takes in what other processes committed.
    pub(crate) async fn refresh(&mut self) -> Result<()> {
        self.delta.update_state().await.map_err(|source| self.error("can't be refreshed", source))
    }

    /// Its live files.
    pub(crate) async fn segments(&self) -> Result<Vec<Arc<Segment>>> {
        let log_store = self.delta.log_store();
        let state = self.state()?;
        let views: Vec<_> = state
            .snapshot()
            .file_views(log_store.as_ref(), None)
            .try_collect()
            .await
            .map_err(|source| self.error("can't list its files", source))?;
        views
            .iter()
            .map(|view| {
                #[expect(deprecated, reason = "the only way to a file's tags")]
                let add = view.add_action();
                segment(self.table, &self.root, &add).map(Arc::new)
            })
            .collect()
    }

    /// The version of an application's last transaction, if it has any.
    pub(crate) async fn transaction(&self, application: &str) -> Result<Option<i64>> {
        self.state()?
            .transaction_version(self.delta.log_store().as_ref(), application)
            .await
            .map_err(|source| self.error("can't read its transactions", source))
    }

    /// Commits a change on top of the version last seen. After an error the log is
    /// read again: a commit whose answer was lost is told by its transactions or its
    /// files, and is not made twice.
    pub(crate) async fn commit(&mut self, change: &Change) -> Result<u64> {
        let base = self.version()?;
        let state = self.state()?.clone();
        let commit = CommitBuilder::from(change.properties()).with_actions(change.actions()).build(
            Some(&state),
            self.delta.log_store(),
            change.operation(),
        );
        match commit.await {
            Ok(_) => {
                self.refresh().await?;
                self.version()
            }
            Err(source) => self.after_error(base, change, source).await,
        }
    }

    /// Writes a checkpoint out of turn: who opens the table needn't read of a thousand
    /// files that one commit has taken away.
    pub(crate) async fn checkpoint(&self) -> Result<()> {
        let Err(source) = create_checkpoint(&self.delta, None).await else { return Ok(()) };
        if self.doubtful.load(Ordering::SeqCst) {
            return Err(LakeError::Doubtful { table: self.table.name(), source: Box::new(source) });
        }
        // The commits say the same.
        tracing::warn!(table.name = self.table.name(), error = %source,
            "a Delta checkpoint couldn't be written; the next one comes with later commits");
        Ok(())
    }

    /// Lets files be removed, or forbids it again: a commit of its own.
    pub(crate) async fn set_append_only(&mut self, append_only: bool) -> Result<u64> {
        let base = self.version()?;
        let value = append_only.to_string();
        let commit = self
            .delta
            .clone()
            .set_tbl_properties()
            .with_properties(HashMap::from([(APPEND_ONLY.to_owned(), value.clone())]))
            .with_commit_properties(Change::default().properties());
        let result = commit.await;
        if self.doubtful.load(Ordering::SeqCst)
            && let Err(source) = result
        {
            return Err(LakeError::Doubtful { table: self.table.name(), source: Box::new(source) });
        }
        self.refresh().await?;
        let version = self.version()?;
        match result {
            Err(source) if version == base => Err(self.error("can't commit", source)),
            _ if self.is_append_only()? == append_only => Ok(version),
            _ => Err(LakeError::Conflict { table: self.table.name(), version }),
        }
    }

    /// Whether files may be added only.
    pub(crate) fn is_append_only(&self) -> Result<bool> {
        Ok(self.state()?.table_config().append_only.unwrap_or_default())
    }

    async fn after_error(
        &mut self,
        base: u64,
        change: &Change,
        source: DeltaTableError,
    ) -> Result<u64> {
        if self.doubtful.load(Ordering::SeqCst) {
            return Err(LakeError::Doubtful { table: self.table.name(), source: Box::new(source) });
        }
        self.refresh().await?;
        let version = self.version()?;
        if version == base {
            return Err(self.error("can't commit", source));
        }
        let segments = self.segments().await?;
        let there = |path: &str| segments.iter().any(|segment| segment.name == path);
        let mut ours = !change.is_empty()
            && change.adds.iter().all(|add| there(&add.path))
            && !change.removes.iter().any(|add| there(&add.path));
        if change.note.is_some() {
            // One that only says something is told by what it says.
            let path = commit_path_in(&self.root, base + 1);
            let there = std::fs::read(path).ok().and_then(|bytes| Commitment::parse(&bytes).ok());
            ours = there.is_some_and(|there| there.note() == change.note.as_ref());
        }
        for (application, wanted) in &change.transactions {
            ours &= self.transaction(application).await? == Some(*wanted);
        }
        if ours {
            tracing::warn!(table.name = self.table.name(), delta.version = version, error = %source,
                "the answer to a commit was lost; the commit is there");
            Ok(version)
        } else {
            Err(LakeError::Conflict { table: self.table.name(), version })
        }
    }
}

fn error(table: Table, root: &Path, action: &'static str, source: DeltaTableError) -> LakeError {
    let path = root.join("_delta_log");
    LakeError::Delta { table: table.name(), path, action, source: Box::new(source) }
}

fn connect(root: &Path, table: Table, doubtful: &Arc<AtomicBool>) -> Result<DeltaTable> {
    let url = Url::from_directory_path(root).map_err(|()| LakeError::Damaged {
        path: root.to_owned(),
        detail: "its path is not absolute".to_owned(),
    })?;
    DeltaTableBuilder::from_url(url.clone())
        .map(|builder| {
            let store: Arc<dyn ObjectStore> = Arc::new(DurableStore::new(Arc::clone(doubtful)));
            #[cfg(test)]
            let store = crate::faulty_store::over(store, root);
            builder.with_storage_backend(store, url)
        })
        .and_then(DeltaTableBuilder::build)
        .map_err(|source| error(table, root, "can't be opened", source))
}

fn configuration() -> HashMap<String, Option<String>> {
    let interval = CHECKPOINT_INTERVAL.to_string();
    [
        (APPEND_ONLY, "true"),
        ("delta.enableExpiredLogCleanup", "false"),
        ("delta.checkpointInterval", &interval),
        ("delta.checkpoint.writeStatsAsStruct", "false"),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), Some(value.to_owned())))
    .collect()
}

fn segment(table: Table, root: &Path, add: &Add) -> Result<Segment> {
    let path = root.join(&add.path);
    let tag = add.tags.as_ref().and_then(|tags| tags.get(TAG)).and_then(Option::as_deref);
    let tags = tag
        .ok_or_else(|| "its commit has no rollcall tag".to_owned())
        .and_then(|tag| SegmentTags::from_json(tag).map_err(|e| e.to_string()))
        .map_err(|detail| LakeError::Damaged {
            path: root.join("_delta_log"),
            detail: format!("what it says of {} can't be read: {detail}", add.path),
        })?;
    let bytes = u64::try_from(add.size).unwrap_or_default();
    Ok(Segment {
        table,
        name: add.path.clone(),
        path,
        bytes,
        tags,
        committed: add.modification_time,
    })
}
