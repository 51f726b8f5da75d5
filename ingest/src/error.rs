//! What can go wrong on the way from bytes to rows.

use std::path::PathBuf;

use rollcall_lake::LakeError;

use crate::input::pull::PullError;
use crate::log::LogError;
use crate::tail::PipelineError;

/// Result of this crate.
pub type Result<T, E = IngestError> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// A file couldn't be read.
    #[error("{action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A named source doesn't exist.
    #[error("there is no source {0:?}; `rollcall source list` names them")]
    UnknownSource(String),
    /// A sample holds nothing.
    #[error("there is no record in {0}")]
    EmptySample(PathBuf),
    /// The lake refused.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The log refused.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The pipeline has stopped.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// Rows didn't fit their table; a bug of rollcall.
    #[error("rows don't fit their table: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A directory or snapshot file has a wrong column or value.
    #[error("{path}, line {line}: {detail}")]
    Table {
        /// The file.
        path: String,
        /// Line in it, from 1.
        line: usize,
        /// What is wrong and what would be right.
        detail: String,
    },
    /// A version of a policy that is there with another text.
    #[error(
        "version {version} of policy {policy} was loaded on {} with another text; a version never changes: give the new text the next version",
        loaded.format("%Y-%m-%d %H:%M:%S UTC")
    )]
    PolicyChanged {
        /// The policy.
        policy: String,
        /// The version.
        version: i32,
        /// When it was loaded.
        loaded: chrono::DateTime<chrono::Utc>,
    },
    /// A line or a JSON document that can't be held in memory.
    #[error("{path}: a line or JSON document in it is longer than {bytes} bytes; split the file")]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Most bytes.
        bytes: usize,
    },
    /// A vendor's digests of its logs, or the keys to them, aren't what they should be.
    #[error("{path}: {detail}")]
    Digests {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong and what would be right.
        detail: String,
    },
    /// A vendor can't be asked.
    #[error(transparent)]
    Pull(#[from] PullError),
    /// A worker thread died.
    #[error("a worker thread stopped unexpectedly: {0}")]
    Worker(String),
}

impl IngestError {
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
