//! The handle that the other crates hold.
//!
//! ```text
//! commit    rows become files and commits
//! publish   what readers see
//! evidence  the ledger of it, and who vouches for that
//! ```

mod commit;
mod evidence;
mod publish;

use std::collections::BTreeMap;
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
use crate::directory::{Access, DataDirectory};
use crate::error::{LakeError, Result};
use crate::notary::{Notary, unknown_versions};
use crate::replaced::Replaced;
use crate::snapshot::{Snapshot, TableSnapshot};
use crate::sweep;
use crate::table::Table;

pub use evidence::LedgerSettings;
use evidence::open_notary;

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
        let known = match access {
            Access::Write => {
                refuse_backup(directory.path())?;
                // What is wrong with it, the notary tells.
                unknown_versions(&directory.ledger()).ok()
            }
            Access::Read => None,
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
