//! Work that writes: done here where nothing else writes, handed to the process
//! that holds the lock where one does, over `data/rollcall.sock`.
//!
//! ```text
//! worker   does the work, in whichever process
//! erasing  who is to be erased, and from where
//! reconciling  vendors' logs, asked for again
//! loading  versions of policies, and the events that say so
//! detecting  what is new, looked at; events of rollcall's own
//! server   takes work on the socket
//! client   hands work over and shows its progress
//! sql      queries, which a running server answers with what isn't sealed yet
//! ```

mod client;
mod detecting;
mod erasing;
mod loading;
mod reconciling;
mod server;
mod sql;
mod worker;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use chrono::{DateTime, Utc};
use rollcall_ingest::reconcile::Outcome as Reconciled;
use rollcall_ingest::{ImportReport, Intake, LogSettings, ReplayReport, TableReport};
use rollcall_lake::{Access, Backup, Compacted, Lake, LakeError, RetainRule, Retained};
use rollcall_query::Catalog;
use rollcall_schemas::Append;
use serde::{Deserialize, Serialize};

use crate::cli::Global;
use crate::config::Config;
use crate::output;
use crate::progress::Progress;

pub use detecting::{Detected, Detecting, Outward, Told};
pub use erasing::Erasure;
pub use loading::LoadedPolicy;
pub use reconciling::{Asked as Reconciling, reconcile_all};
pub use server::listen;
pub use sql::{Answered, answer, ask};
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
    /// Import marked times.
    Annotations(PathBuf),
    /// Store a version of a policy: its file's text.
    Policy(String),
    /// Read quarantined records again.
    Replay {
        /// Only those of this source.
        source: Option<String>,
        /// The source of those that none recognises.
        read_as: Option<String>,
    },
    /// Merge small files of days before a moment.
    Compact(DateTime<Utc>),
    /// Remove files whose time is over.
    Retain {
        /// How long files are kept.
        rule: RetainRule,
        /// Only say what would be removed.
        dry_run: bool,
    },
    /// Erase a person.
    Erase {
        /// Their id or a login.
        person: String,
        /// Further texts that identify them.
        also: Vec<String>,
        /// Only say what would be erased.
        dry_run: bool,
        /// Also where they are named by many rows.
        many: bool,
    },
    /// Copy what the ledger vouches for into a directory, absolute.
    Backup(PathBuf),
    /// Change the ledger's key.
    ChangeKey,
    /// Look at what is new, and write the alerts down.
    Detect {
        /// Forget what detectors know first.
        again: bool,
    },
    /// Write events of rollcall's own.
    Append {
        /// What the column `collector` says.
        collector: String,
        /// The events.
        records: Vec<String>,
    },
    /// Ask vendors again.
    Reconcile(Reconciling),
    /// Check CloudTrail's digest files.
    CloudTrail {
        /// The folder that they are under, absolute.
        folder: PathBuf,
        /// The file with AWS' public keys, absolute.
        keys: PathBuf,
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
    /// Of a policy that was loaded.
    Policy(LoadedPolicy),
    /// Of a replay.
    Replay(ReplayReport),
    /// Of a compaction.
    Compacted(Vec<Compacted>),
    /// Of a retention.
    Retained(Vec<Retained>),
    /// Of an erasure.
    Erased(Erasure),
    /// Of a backup.
    Backup(Backup),
    /// The ledger's new key.
    Key(String),
    /// What vendors have against what is stored.
    Reconciled(Vec<Reconciled>),
    /// What detectors found.
    Detected(Detected),
    /// How many events were written.
    Appended(usize),
}

/// A line on the socket.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Update {
    Progress(String),
    Done(Answer),
    Failed(String),
    /// What was asked can't be meant.
    Misused(String),
}

/// Does work here, or hands it to the process that holds the lock.
pub async fn perform(work: Work, global: &Global, config: &Config) -> Result<Answer> {
    let progress = Progress::begin("starting");
    let tell = {
        let progress = progress.clone();
        move |text: String| progress.tell(text)
    };
    let answer = match Lake::open_with(global.data(), Access::Write, &config.ledger()).await {
        Ok(lake) => alone(Arc::new(lake), config, work, &tell).await,
        Err(LakeError::Locked { path, .. }) => client::hand_over(&path, &work, &tell).await,
        Err(error) => Err(error.into()),
    };
    progress.end();
    answer
}

async fn alone(
    lake: Arc<Lake>,
    config: &Config,
    work: Work,
    tell: &(dyn Fn(String) + Sync),
) -> Result<Answer> {
    if matches!(work, Work::Erase { .. } | Work::Backup(_)) {
        with_intake(&lake, config, async |_| Ok(())).await?;
    }
    let answer = match work {
        Work::Reconcile(asked) => {
            let accounts = rollcall_ingest::pull::open(&config.pull)?;
            let reconciled = with_intake(&lake, config, async |intake: &Arc<Intake>| {
                reconcile_all(&lake, intake, &accounts, &asked, tell).await
            });
            Answer::Reconciled(reconciled.await?)
        }
        Work::Policy(text) => {
            let load = async |intake: &Arc<Intake>| loading::load(&lake, intake, &text).await;
            Answer::Policy(with_intake(&lake, config, load).await?)
        }
        Work::Detect { again } => {
            let detected = with_intake(&lake, config, async |intake: &Arc<Intake>| {
                let catalog =
                    Catalog::new(Arc::clone(&lake), crate::lake::query_settings(config)?)?;
                let detecting = Detecting::new(catalog, config.detect(&lake)?);
                tell("looking at what is new".to_owned());
                let detected = detecting.look(intake.as_ref(), again).await?;
                detecting.save().await?;
                Ok(detected)
            });
            Answer::Detected(detected.await?)
        }
        Work::Append { collector, records } => {
            with_intake(&lake, config, async |intake: &Arc<Intake>| {
                Ok(intake.append(&collector, &records).await?)
            })
            .await?;
            Answer::Appended(records.len())
        }
        work => Worker::alone(Arc::clone(&lake), config)?.perform(work, tell).await?,
    };
    // A server does this every minute.
    for (name, pushed) in lake.push_anchors().await? {
        if let Err(error) = pushed {
            output::note(&format!("anchor {name} didn't take the checkpoint: {error}"));
        }
    }
    Ok(answer)
}

/// Does something with the log open; then seals what came, and what a server that is gone
/// has acknowledged and not sealed: it must be in a backup, and in reach of an erasure.
async fn with_intake<T>(
    lake: &Arc<Lake>,
    config: &Config,
    work: impl AsyncFnOnce(&Arc<Intake>) -> Result<T>,
) -> Result<T> {
    let failure = Arc::new(std::sync::Mutex::new(None));
    let told = Arc::clone(&failure);
    let (intake, _) = Intake::start(
        Arc::clone(lake),
        crate::lake::pipeline_settings(lake, config)?,
        LogSettings::default(),
        None,
        move |reason| {
            if let Ok(mut failure) = told.lock() {
                failure.get_or_insert(reason);
            }
        },
    )
    .await?;
    let done = work(&intake).await;
    let settled = intake.settle_for_good().await;
    let stopped = intake.stop().await;
    if let Some(reason) = failure.lock().ok().and_then(|mut failure| failure.take()) {
        anyhow::bail!(reason);
    }
    settled?;
    stopped?;
    done
}
