//! The handle that the other crates hold.
//!
//! ```text
//! commit    rows become files and commits
//! publish   what readers see
//! shared    what other processes committed
//! evidence  the ledger of it, and who vouches for that
//! ```

mod commit;
mod evidence;
mod publish;
mod shared;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use rollcall_schemas::Tail;
use rollcall_schemas::row_hash::RowKey;
use tokio::runtime::Handle;

use crate::anchor::Anchors;
use crate::backup::MARKER;
use crate::blocking::blocking;
use crate::delta_log::DeltaLog;
use crate::derived::DerivedFiles;
use crate::directory::{Access, DataDirectory};
use crate::error::{LakeError, Result};
use crate::notary::{Notary, unknown_versions};
use crate::replaced::Replaced;
use crate::snapshot::{Snapshot, TableSnapshot};
use crate::sweep;
use crate::table::Table;

pub use evidence::LedgerSettings;
use evidence::open_notary;

/// So often a commit is tried on top of what others committed meanwhile.
pub(crate) const ATTEMPTS: u32 = 100;

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
    /// Files that this process made: it publishes them itself.
    own: Mutex<HashSet<String>>,
    /// The version of each table up to which what others committed is published.
    taken: Mutex<BTreeMap<Table, u64>>,
    /// What was counted over segments, and can be again.
    derived: Arc<DerivedFiles>,
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
        Self::open_in(DataDirectory::open(path, access)?, access, settings).await
    }

    /// Opens the data directory for a worker: it seals events beside the process that
    /// writes the ledger, and beside other workers.
    ///
    /// # Errors
    /// As [`DataDirectory::open_worker`]; if the process that writes has never made its
    /// tables and keys.
    pub async fn open_worker(path: &Path, name: &str) -> Result<Self> {
        let directory = DataDirectory::open_worker(path, name)?;
        Self::open_in(directory, Access::Work, &LedgerSettings::default()).await
    }

    async fn open_in(
        directory: DataDirectory,
        access: Access,
        settings: &LedgerSettings,
    ) -> Result<Self> {
        let known = match access {
            Access::Write => {
                refuse_backup(directory.path())?;
                // What is wrong with it, the notary tells.
                unknown_versions(&directory.ledger()).ok()
            }
            Access::Work | Access::Read => None,
        };
        let mut logs = BTreeMap::new();
        for table in Table::ALL {
            let log = match access {
                Access::Write => {
                    let known = known
                        .as_ref()
                        .map_or(u64::MAX, |known| known.get(&table).copied().unwrap_or_default());
                    Some(to_write(directory.path(), table, known).await?)
                }
                Access::Work | Access::Read => DeltaLog::open(directory.path(), table).await?,
            };
            if let Some(log) = log {
                logs.insert(table, log);
            }
        }
        let snapshot = load(&logs, access).await?;
        let (mut row_key, mut notary, mut anchors) = (None, None, None);
        if access == Access::Work {
            refuse_unmade(&directory, &logs)?;
            row_key = Some(crate::directory::row_key(&directory)?);
        }
        if access == Access::Write {
            directory.check_keys(&snapshot)?;
            row_key = Some(crate::directory::row_key(&directory)?);
            directory.identifier_key()?;
            // Before anything is removed: what the ledger misses is evidence.
            notary = Some(Arc::new(Mutex::new(open_notary(&directory, settings).await?)));
            let ledger = directory.ledger();
            anchors = Some(Anchors::open(&settings.anchors, &ledger, &Handle::current())?);
            // What a worker has staged looks like litter.
            if let Some(_kept_out) = directory.without_workers()? {
                sweep::sweep(&directory, &snapshot)?;
            }
        }
        let derived = Arc::new(DerivedFiles::new(directory.derived()));
        let lake = Self {
            directory,
            access,
            row_key,
            logs: tokio::sync::Mutex::new(logs),
            notary,
            anchors: anchors.filter(|anchors| !anchors.is_empty()).map(|a| Arc::new(Mutex::new(a))),
            published: ArcSwap::from_pointee(snapshot),
            publishing: Mutex::new(()),
            own: Mutex::default(),
            taken: Mutex::default(),
            derived,
        };
        if access == Access::Write {
            // A removal that was interrupted may not have come to it.
            lake.forget_derived().await?;
        }
        Ok(lake)
    }

    /// What this process may do.
    pub(crate) const fn access(&self) -> Access {
        self.access
    }

    /// What was counted over segments.
    pub(crate) const fn derived_files(&self) -> &Arc<DerivedFiles> {
        &self.derived
    }

    /// The data directory.
    pub const fn directory(&self) -> &DataDirectory {
        &self.directory
    }

    /// What readers see now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.published.load_full()
    }

    /// The key that salts rows.
    pub(crate) fn row_key(&self) -> Result<RowKey> {
        let none = || LakeError::NoData { path: self.directory.path().to_owned() };
        self.row_key.clone().ok_or_else(none)
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
}

/// Refuses to work where the process that writes has never been: keys and tables are its.
fn refuse_unmade(directory: &DataDirectory, logs: &BTreeMap<Table, DeltaLog>) -> Result<()> {
    let keys = ["row", "identifier"].map(|name| directory.keys().join(name));
    if logs.len() == Table::ALL.len() && keys.iter().all(|key| key.exists()) {
        return refuse_backup(directory.path());
    }
    Err(LakeError::NoData { path: directory.path().to_owned() })
}

/// Refuses to write into a backup: its log would go on under the origin that a restore
/// gives up.
fn refuse_backup(data: &Path) -> Result<()> {
    let path = data.join(MARKER);
    if path.exists() {
        let detail = "this is a backup; `rollcall restore` makes a data directory of it".to_owned();
        return Err(LakeError::Backup { path, detail });
    }
    Ok(())
}

/// Opens or makes a table. Where a removal was interrupted, append-only is restored;
/// not in the place of a commit that the ledger knows, `known` versions of the table.
async fn to_write(data: &Path, table: Table, known: u64) -> Result<DeltaLog> {
    let mut log = DeltaLog::open_or_create(data, table).await?;
    if !log.is_append_only()? && log.version()? + 1 >= known {
        log.set_append_only(true).await?;
    }
    Ok(log)
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
    let replaced = blocking(move || Replaced::load(&events.segments)).await?;
    Ok(Snapshot {
        tables,
        tail: Tail::default(),
        replaced: Arc::new(replaced),
        has_tail: access == Access::Write,
    })
}
