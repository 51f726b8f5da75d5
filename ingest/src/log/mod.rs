//! The embedded log: raw bytes, durable before anything is acknowledged.
//!
//! ```text
//! batch     what goes into it together
//! frame     the bytes of one request, with a checksum
//! file      one file of frames: header, reading, torn ends
//! marks     how far inputs have come that follow something
//! recovery  what the files of an epoch hold after a start
//! kafka     the log on Kafka instead, for several processes
//! writer    group commit: one write, one fdatasync, then all acknowledgements
//! ```

mod batch;
mod file;
pub(crate) mod frame;
pub mod kafka;
mod marks;
mod recovery;
mod writer;

pub use batch::Batch;
pub(crate) use file::{image, parse};
pub use frame::{Frame, Layout};
pub use marks::{Mark, Marks};
pub use recovery::{Recovered, end_of_files, recover};
pub use writer::{Log, LogSettings, LogStart, Stored};

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
    /// The log is on Kafka, which doesn't take them.
    #[error(transparent)]
    Kafka(#[from] Box<kafka::KafkaLogError>),
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
    /// The file of marks is damaged.
    #[error(
        "{path} is damaged: {detail}; restore it from a backup, or remove it: then inputs that follow files or vendors begin as on their first start"
    )]
    Marks {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A mark or the name of its collector is too long; a bug of the input.
    #[error(
        "a mark may have 65,536 bytes and its collector's name 1,024; they have {mark} and {collector}"
    )]
    LongMark {
        /// Bytes of the mark.
        mark: usize,
        /// Bytes of the name.
        collector: usize,
    },
    /// The log takes nothing any more.
    #[error("the log has stopped taking records: {0}; free or mend the disk and start again")]
    Closed(String),
}

impl From<kafka::KafkaLogError> for LogError {
    fn from(error: kafka::KafkaLogError) -> Self {
        Self::Kafka(Box::new(error))
    }
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
