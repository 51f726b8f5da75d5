//! What can go wrong below the tables, to what, and what to do.

use std::path::PathBuf;

/// Result of this crate.
pub type Result<T, E = LakeError> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LakeError {
    /// A file operation failed.
    #[error("{action} {path}: {source}")]
    File {
        /// What was tried, for instance "can't write".
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process writes to the directory.
    #[error(
        "{path} is in use by another rollcall process{}; stop it, or send your work to it",
        by.map_or_else(String::new, |id| format!(" ({id})"))
    )]
    Locked {
        /// The data directory.
        path: PathBuf,
        /// Its process id, where it could be told.
        by: Option<u32>,
    },
    /// There is no data directory yet.
    #[error(
        "{path} holds no rollcall data; name the right directory with --data, or make one with `rollcall ingest` or `rollcall serve`"
    )]
    NoData {
        /// The data directory.
        path: PathBuf,
    },
    /// The directory was written by a newer version.
    #[error(
        "{path} says data format {found}, this rollcall reads up to {known}; use the version that wrote it"
    )]
    NewerFormat {
        /// The file that says so.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// A file of rollcall's own doesn't read as it should.
    #[error("{path} is damaged: {detail}; restore it from a backup")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A Delta operation failed.
    #[error("table {table}, {path}: {action}: {}", first_line(source))]
    Delta {
        /// The table.
        table: &'static str,
        /// Its log.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What delta-rs said.
        source: Box<deltalake::DeltaTableError>,
    },
    /// Another writer moved the table.
    #[error("table {table}: another process committed version {version}; this one stops writing")]
    Conflict {
        /// The table.
        table: &'static str,
        /// The version that is there.
        version: u64,
    },
    /// Another process has sealed records that this one read as well.
    #[error(
        "table {table}: shard {shard} stands at record {found}, not at {expected}: another worker has sealed it; what was read of it is dropped"
    )]
    Superseded {
        /// The table.
        table: &'static str,
        /// The shard.
        shard: i32,
        /// Where it should have stood.
        expected: i64,
        /// Where it stands.
        found: i64,
    },
    /// A worker can't be called that.
    #[error("a worker can't be called {name:?}: use letters, digits, '-', '_' and '.'")]
    WorkerName {
        /// The name.
        name: String,
    },
    /// Workers are at work, and nothing may be committed meanwhile.
    #[error(
        "workers are sealing events into {path}; stop them first (`rollcall worker` goes on where it was), and start them again afterwards"
    )]
    WorkersRun {
        /// The data directory.
        path: PathBuf,
    },
    /// A commit is there by name, and an fsync of it failed.
    #[error(
        "table {table}: a commit couldn't be made durable: {}; the process stops, nothing acknowledged is lost: check the disk, then start it again",
        first_line(source)
    )]
    Doubtful {
        /// The table.
        table: &'static str,
        /// What delta-rs said.
        source: Box<deltalake::DeltaTableError>,
    },
    /// The ledger or the tables are behind what was signed.
    #[error(
        "{path}: {detail}; nothing was changed: run `rollcall verify`, find out who changed the directory, and restore it from a backup"
    )]
    RolledBack {
        /// The file or directory that shows it.
        path: PathBuf,
        /// What doesn't fit.
        detail: String,
    },
    /// A commit that isn't one of rollcall's.
    #[error(
        "version {version} of table {table} isn't a commit of rollcall: {detail}; find out who wrote it, and restore the table from a backup"
    )]
    Commit {
        /// The table.
        table: &'static str,
        /// Its version.
        version: u64,
        /// What is wrong with it.
        detail: String,
    },
    /// A backup can't be made there, or not be restored there.
    #[error("{path}: {detail}")]
    Backup {
        /// The directory.
        path: PathBuf,
        /// Why not.
        detail: String,
    },
    /// An event isn't in any sealed file.
    #[error(
        "no sealed file holds an event {event}; one that has just come in is sealed within minutes"
    )]
    NoEvent {
        /// The event.
        event: rollcall_schemas::Position,
    },
    /// An event is sealed, and the ledger has no entry about its file.
    #[error(
        "the file that holds event {event} has no entry in the ledger yet; try again in a moment, and run `rollcall verify` if that doesn't help"
    )]
    NoEntry {
        /// The event.
        event: rollcall_schemas::Position,
    },
    /// The ledger can't be read or written, or contradicts itself.
    #[error("the ledger: {0}")]
    Ledger(#[from] Box<rollcall_ledger::LedgerError>),
    /// The same, and where the ledger lies.
    #[error("the ledger in {path}: {source}")]
    LedgerAt {
        /// Its directory.
        path: PathBuf,
        /// What is wrong.
        source: Box<rollcall_ledger::LedgerError>,
    },
    /// The ledger failed before, and a new start must tell how far it came.
    #[error(
        "nothing more is written to the ledger, after this failure: {0}; the process stops, nothing acknowledged is lost: mend the cause, then start it again"
    )]
    LedgerStopped(String),
    /// The process is about to end.
    #[error("the process is ending, and writes nothing more: do it again once it is started again")]
    Ending,
    /// Parquet couldn't be read or written.
    #[error("{action} {path}: {source}")]
    Parquet {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the library said.
        source: parquet::errors::ParquetError,
    },
    /// Arrow arrays didn't fit together; a bug of rollcall.
    #[error("rows don't fit their table: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// Rows couldn't be hashed; a bug of rollcall.
    #[error("rows can't be hashed: {0}")]
    RowHash(#[from] rollcall_schemas::row_hash::RowHashError),
    /// A setting can't be used.
    #[error("{setting}: {detail}; correct it in the configuration")]
    BadSetting {
        /// What it sets.
        setting: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// What is to be signed isn't later than what was signed.
    #[error(
        "{place} says that size {} with root {} was signed, and size {} with root {} is to be: nothing more is signed; the ledger was put back, or another process signs with its key: run `rollcall verify`, then restore the newest backup",
        before.size, hex::encode(before.root), asked.size, hex::encode(asked.root)
    )]
    SignedOtherwise {
        /// Where the sign-once file lies.
        place: String,
        /// What was signed last.
        before: rollcall_ledger::Head,
        /// What was to be signed.
        asked: rollcall_ledger::Head,
    },
    /// A file of rollcall's own that lies elsewhere can't be reached.
    #[error("{action} {place}: {detail}; check the network, the address and the credentials")]
    Remote {
        /// What was tried, for instance "can't read".
        action: &'static str,
        /// Its URL.
        place: String,
        /// What the store said.
        detail: String,
        /// Whether it may be different in a while: no answer, a failing server.
        may_pass: bool,
    },
    /// An anchor has something wrong with it, or contradicts the ledger.
    #[error("anchor {name}: {source}")]
    Anchor {
        /// Its name in the settings.
        name: String,
        /// What is wrong.
        source: Box<crate::anchor::AnchorError>,
    },
    /// A thread of rollcall died.
    #[error("a worker thread stopped unexpectedly: {0}")]
    Worker(String),
}

impl From<rollcall_ledger::LedgerError> for LakeError {
    fn from(error: rollcall_ledger::LedgerError) -> Self {
        Self::Ledger(Box::new(error))
    }
}

/// What delta-rs says, without the backtrace that may follow, the names of its own layers,
/// and the structures that it prints.
fn first_line(error: &deltalake::DeltaTableError) -> String {
    let text = error.to_string();
    let mut line = text.lines().next().unwrap_or_default();
    for layer in ["Kernel error: ", "Generic delta kernel error: ", "Generic error: "] {
        line = line.strip_prefix(layer).unwrap_or(line);
    }
    line.split(": ParsedLogPath {").next().unwrap_or(line).to_owned()
}

impl LakeError {
    /// Whether the process must stop: something was written that a new start must look
    /// at before anything is built on it.
    pub const fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::Doubtful { .. }
                | Self::Conflict { .. }
                | Self::Delta { .. }
                | Self::Ledger(_)
                | Self::LedgerAt { .. }
                | Self::LedgerStopped(_)
                | Self::Commit { .. }
                | Self::RolledBack { .. }
                | Self::SignedOtherwise { .. }
                | Self::Remote { .. }
        )
    }

    /// Whether the settings can't be used: whoever wrote them can mend that.
    pub fn is_setting(&self) -> bool {
        match self {
            Self::BadSetting { .. } => true,
            Self::Anchor { source, .. } => {
                matches!(**source, crate::anchor::AnchorError::Settings(_))
            }
            _ => false,
        }
    }

    /// Says where the ledger lies, where it is about its files.
    pub(crate) fn in_ledger(self, path: &std::path::Path) -> Self {
        match self {
            Self::Ledger(source) => Self::LedgerAt { path: path.to_owned(), source },
            other => other,
        }
    }

    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }

    pub(crate) fn parquet(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(parquet::errors::ParquetError) -> Self {
        let path = path.into();
        move |source| Self::Parquet { action, path, source }
    }
}
