//! The embedded log: raw bytes, durable before anything is acknowledged.
//!
//! ```text
//! frame     the bytes of one request, with a checksum
//! file      one file of frames: header, reading, torn ends
//! recovery  what the files of an epoch hold after a start
//! writer    group commit: one write, one fdatasync, then all acknowledgements
//! ```

mod file;
pub(crate) mod frame;
mod recovery;
mod writer;

pub(crate) use file::{image, parse};
pub use frame::Frame;
pub use recovery::{Recovered, recover};
pub use writer::{Accepted, Entry, Log, LogSettings};

use std::path::PathBuf;

/// Why the log can't be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// A file operation failed.
    #[error("{action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Bytes in the middle of the log are damaged.
    #[error(
        "{path} is damaged at byte {offset}, and intact records follow; restore the file from a backup, or move it away to go on without its records (they were acknowledged and would be lost)"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the first damaged byte lies.
        offset: usize,
    },
    /// The log takes nothing any more.
    #[error("the log has stopped taking records: {0}; free or mend the disk and start again")]
    Closed(String),
}

impl LogError {
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
