//! The tables, and the Delta log behind each.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::datatypes::SchemaRef;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake::kernel::{Action, Add, StructType, Transaction};
use deltalake::operations::create::CreateBuilder;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::table::state::DeltaTableState;
use deltalake::{DeltaTable, DeltaTableBuilder, DeltaTableError};
use futures::TryStreamExt;
use url::Url;

use crate::error::{LakeError, Result};
use crate::segment::Segment;
use crate::store::{DurableStore, create_directory};
use crate::tags::{SegmentTags, TAG};

/// The tables of the lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// Every row ever sealed.
    Events,
    /// Every record's verdict where it gave no row.
    SetAside,
    /// What each shard number stands for.
    Shards,
    /// The directory, by import.
    People,
    /// Factor snapshots, by day.
    Factors,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 5] =
        [Self::Events, Self::SetAside, Self::Shards, Self::People, Self::Factors];

    /// Its name, also its folder's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::SetAside => "set_aside",
            Self::Shards => "shards",
            Self::People => "people",
            Self::Factors => "factors",
        }
    }

    /// Its columns.
    pub fn schema(self) -> SchemaRef {
        match self {
            Self::Events => rollcall_schemas::arrow::events_schema(),
            Self::SetAside => rollcall_schemas::arrow::set_aside_schema(),
            Self::Shards => rollcall_schemas::directory::shards_schema(),
            Self::People => rollcall_schemas::directory::people_schema(),
            Self::Factors => rollcall_schemas::directory::factors_schema(),
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

    /// Commits files and transactions on top of the version last seen. After an
    /// error the log is read again: a commit whose answer was lost is told by
    /// its transactions or its file, and is not made twice.
    pub(crate) async fn commit(
        &mut self,
        adds: Vec<Add>,
        transactions: &[(String, i64)],
    ) -> Result<u64> {
        let base = self.version()?;
        let actions: Vec<Action> = adds.iter().cloned().map(Action::Add).collect();
        let transactions_made: Vec<Transaction> =
            transactions.iter().map(|(id, version)| Transaction::new(id, *version)).collect();
        let properties = CommitProperties::default()
            .with_max_retries(0)
            .with_cleanup_expired_logs(Some(false))
            .with_application_transactions(transactions_made);
        let operation =
            DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None };
        let log_store = self.delta.log_store();
        let state = self.state()?.clone();
        let commit = CommitBuilder::from(properties).with_actions(actions).build(
            Some(&state),
            Arc::clone(&log_store),
            operation,
        );
        match commit.await {
            Ok(_) => {
                self.refresh().await?;
                self.version()
            }
            Err(source) => self.after_error(base, &adds, transactions, source).await,
        }
    }

    async fn after_error(
        &mut self,
        base: u64,
        adds: &[Add],
        transactions: &[(String, i64)],
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
        let mut ours = !(adds.is_empty() && transactions.is_empty());
        for (application, wanted) in transactions {
            ours &= self.transaction(application).await? == Some(*wanted);
        }
        if let Some(add) = adds.first() {
            let segments = self.segments().await?;
            ours &= segments.iter().any(|segment| segment.name == add.path);
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
            let store = DurableStore::new(Arc::clone(doubtful));
            builder.with_storage_backend(Arc::new(store), url)
        })
        .and_then(DeltaTableBuilder::build)
        .map_err(|source| error(table, root, "can't be opened", source))
}

fn configuration() -> HashMap<String, Option<String>> {
    [
        ("delta.appendOnly", "true"),
        ("delta.enableExpiredLogCleanup", "false"),
        ("delta.checkpointInterval", "50"),
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
