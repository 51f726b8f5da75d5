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
    /// A thread of rollcall died.
    #[error("a worker thread stopped unexpectedly: {0}")]
    Worker(String),
}

/// What delta-rs says, without the backtrace that may follow.
fn first_line(error: &deltalake::DeltaTableError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

impl LakeError {
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
