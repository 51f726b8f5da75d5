//! Work that writes: done here where nothing else writes, handed to the process
//! that holds the lock where one does, over `data/rollcall.sock`.
//!
//! ```text
//! worker   does the work, in whichever process
//! server   takes work on the socket
//! client   hands work over and shows its progress
//! sql      queries, which a running server answers with what isn't sealed yet
//! ```

mod client;
mod server;
mod sql;
mod worker;

use std::path::PathBuf;

use anyhow::Result;
use rollcall_ingest::{ImportReport, ReplayReport, TableReport};
use rollcall_lake::{Access, Lake, LakeError};
use serde::{Deserialize, Serialize};

use crate::cli::Global;
use crate::config::Config;
use crate::progress::Progress;

pub use server::listen;
pub use sql::{answer, ask};
pub use worker::Worker;

/// Work that writes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Import files.
    Import {
        /// Files and folders, absolute.
        paths: Vec<PathBuf>,
        /// Their source; empty to tell it by content.
        source: String,
    },
    /// Import a directory file.
    People(PathBuf),
    /// Import a factor snapshot.
    Factors(PathBuf),
    /// Read quarantined records again.
    Replay {
        /// Only those of this source.
        source: Option<String>,
        /// The source of those that none recognises.
        read_as: Option<String>,
    },
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Of an import of files.
    Import(ImportReport),
    /// Of an import of a table.
    Table(TableReport),
    /// Of a replay.
    Replay(ReplayReport),
}

/// A line on the socket.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Update {
    Progress(String),
    Done(Answer),
    Failed(String),
}

/// Does work here, or hands it to the process that holds the lock.
pub async fn perform(work: Work, global: &Global, config: &Config) -> Result<Answer> {
    let progress = Progress::begin("starting");
    let tell = {
        let progress = progress.clone();
        move |text: String| progress.tell(text)
    };
    let answer = match Lake::open(global.data(), Access::Write).await {
        Ok(lake) => Worker::alone(lake.into(), config)?.perform(work, &tell).await,
        Err(LakeError::Locked { path, .. }) => client::hand_over(&path, &work, &tell).await,
        Err(error) => Err(error.into()),
    };
    progress.end();
    answer
}
