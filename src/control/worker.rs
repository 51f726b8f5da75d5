//! Does the work, in whichever process.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Result, bail};
use chrono::Utc;
use rollcall_ingest::pull::Account;
use rollcall_ingest::reconcile::reconcile_cloudtrail;
use rollcall_ingest::scim::Scim;
use rollcall_ingest::{
    Importer, Intake, Pipeline, ReadSettings, ReplayChoice, import_annotations, import_factors,
    import_people, replay,
};
use rollcall_lake::{Backup, Compacted, Lake, LakeError};
use rollcall_schemas::Append;
use rollcall_web::StateDb;

use super::{Answer, Detecting, Reconciled, Reconciling, Work, reconcile_all};
use crate::config::Config;
use crate::lake;

/// What a process that does nothing else says to work that needs the log.
const NOT_OPEN: &str = "the log isn't open; this is a bug";

/// Does work that writes.
#[derive(Clone)]
pub struct Worker {
    lake: Arc<Lake>,
    pipeline: Pipeline,
    read: ReadSettings,
    /// Beside a server: its log, which an erasure must reach too.
    intake: Option<Arc<Intake>>,
    /// Beside a server: who is provisioned, which an erasure must reach too.
    scim: Option<Arc<Scim>>,
    /// Vendors that can be asked.
    accounts: Arc<[Account]>,
    /// Beside a server: its detectors.
    detecting: Option<Arc<Detecting>>,
    /// Ends the process where something was left that a new start must look at.
    fail: Arc<dyn Fn(String) + Send + Sync>,
    /// Why the pipeline had to stop, if it had to.
    failure: Arc<Mutex<Option<String>>>,
    /// One piece of work at a time: two imports of one file are one stream.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Worker {
    /// In a process that does nothing else.
    pub fn alone(lake: Arc<Lake>, config: &Config) -> Result<Self> {
        let failure = Arc::new(Mutex::new(None));
        let told = Arc::clone(&failure);
        let settings = lake::pipeline_settings(&lake, config)?;
        let read = settings.read.clone();
        let pipeline = Pipeline::start(
            Arc::clone(&lake),
            HashSet::new(),
            settings,
            |_, _| {},
            move |reason| {
                if let Ok(mut failure) = told.lock() {
                    *failure = Some(reason.to_string());
                }
            },
        )?;
        Ok(Self {
            lake,
            pipeline,
            read,
            intake: None,
            scim: None,
            accounts: Arc::default(),
            detecting: None,
            fail: Arc::new(|_| {}),
            failure,
            turn: Arc::default(),
        })
    }

    /// In a server, beside its inputs.
    pub fn beside(
        lake: Arc<Lake>,
        intake: Arc<Intake>,
        scim: Arc<Scim>,
        accounts: Arc<[Account]>,
        read: ReadSettings,
        fail: impl Fn(String) + Send + Sync + 'static,
    ) -> Self {
        Self {
            lake,
            pipeline: intake.pipeline().clone(),
            read,
            intake: Some(intake),
            scim: Some(scim),
            accounts,
            detecting: None,
            fail: Arc::new(fail),
            failure: Arc::default(),
            turn: Arc::default(),
        }
    }

    /// The same with detectors that look at what is new.
    #[must_use]
    pub fn with_detectors(self, detecting: Arc<Detecting>) -> Self {
        Self { detecting: Some(detecting), ..self }
    }

    /// What must not run beside a piece of work takes this first.
    pub fn turn(&self) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(&self.turn)
    }

    /// Does it; `tell` gets a line of progress now and then.
    pub async fn perform(&self, work: Work, tell: &(dyn Fn(String) + Sync)) -> Result<Answer> {
        // Vendors are slow, and what comes of them needs no turn.
        if let Work::Reconcile(asked) = work {
            return self.reconcile(&asked, tell).await.map(Answer::Reconciled);
        }
        if let Work::Append { collector, records } = work {
            self.log()?.append(&collector, &records).await?;
            return Ok(Answer::Appended(records.len()));
        }
        if let Work::Detect { again } = work {
            let Some(detecting) = &self.detecting else { bail!(NOT_OPEN) };
            return Ok(Answer::Detected(detecting.look(self.log()?.as_ref(), again).await?));
        }
        let _turn = self.turn.lock().await;
        let result = self.attempt(work, tell).await;
        // What the pipeline said is nearer to the cause than what came of it here.
        if let Some(reason) = self.failure.lock().ok().and_then(|mut reason| reason.take()) {
            bail!(reason);
        }
        if let Err(error) = &result
            && error.downcast_ref::<LakeError>().is_some_and(LakeError::is_fatal)
        {
            (self.fail)(format!("{error:#}"));
        }
        result
    }

    fn log(&self) -> Result<&Arc<Intake>> {
        self.intake.as_ref().ok_or_else(|| anyhow::anyhow!(NOT_OPEN))
    }

    /// Asks vendors again.
    pub async fn reconcile(
        &self,
        asked: &Reconciling,
        tell: &(dyn Fn(String) + Sync),
    ) -> Result<Vec<Reconciled>> {
        reconcile_all(&self.lake, self.log()?, &self.accounts, asked, tell).await
    }

    /// Seals everything that was acknowledged; of the log nothing is left then.
    async fn settle(&self) -> Result<()> {
        match &self.intake {
            Some(intake) => Ok(intake.settle_for_good().await?),
            None => Ok(self.pipeline.seal().await?),
        }
    }

    async fn attempt(&self, work: Work, tell: &(dyn Fn(String) + Sync)) -> Result<Answer> {
        Ok(match work {
            Work::Import { paths, source } => {
                let importer =
                    Importer::new(Arc::clone(&self.lake), self.pipeline.clone(), self.read.clone());
                let report = importer
                    .import(&paths, &source, &|now| {
                        tell(format!(
                            "{} records, file {} of {}: {}",
                            now.records,
                            now.files_done + 1,
                            now.files,
                            now.file
                        ));
                    })
                    .await?;
                Answer::Import(report)
            }
            Work::People(file) => Answer::Table(import_people(&self.lake, &file).await?),
            Work::Factors(file) => Answer::Table(import_factors(&self.lake, &file).await?),
            Work::Annotations(file) => Answer::Table(import_annotations(&self.lake, &file).await?),
            Work::Policy(text) => {
                let Some(intake) = &self.intake else { bail!("the log isn't open; this is a bug") };
                Answer::Policy(super::loading::load(&self.lake, intake, &text).await?)
            }
            Work::Compact(before) => {
                let told = |done: &Compacted| {
                    tell(format!(
                        "{}: {} files are one of {} rows",
                        done.table, done.files, done.rows
                    ));
                };
                Answer::Compacted(self.lake.compact(before, &told).await?)
            }
            Work::Retain { rule, dry_run } => {
                Answer::Retained(self.lake.retain(rule, Utc::now(), dry_run).await?)
            }
            Work::Erase { person, also, dry_run, many } => {
                // What isn't sealed can't be erased.
                self.settle().await?;
                if let Some(scim) = &self.scim {
                    scim.commit().await?;
                }
                let asked = super::erasing::Asked { person, also, dry_run, many };
                let beside = (self.scim.as_deref(), self.detecting.as_deref());
                Answer::Erased(super::erasing::erase(&self.lake, beside, asked, tell).await?)
            }
            Work::Backup(to) => {
                // What was acknowledged up to now is in it.
                self.settle().await?;
                if let Some(scim) = &self.scim {
                    scim.commit().await?;
                }
                Answer::Backup(self.back_up(to, tell).await?)
            }
            Work::Reconcile(asked) => Answer::Reconciled(self.reconcile(&asked, tell).await?),
            // Done before anybody waits for a turn.
            Work::Append { .. } | Work::Detect { .. } => bail!(NOT_OPEN),
            Work::CloudTrail { folder, keys } => {
                Answer::Reconciled(reconcile_cloudtrail(&self.lake, &folder, &keys).await?)
            }
            Work::ChangeKey => Answer::Key(self.lake.change_key().await?),
            Work::Replay { source, read_as } => {
                let choice = ReplayChoice { source, read_as };
                let lake = Arc::clone(&self.lake);
                Answer::Replay(replay(lake, &self.pipeline, &self.read, choice).await?)
            }
        })
    }

    async fn back_up(&self, to: PathBuf, tell: &(dyn Fn(String) + Sync)) -> Result<Backup> {
        let lake = Arc::clone(&self.lake);
        let (told, mut hear) = tokio::sync::mpsc::unbounded_channel();
        let work = tokio::task::spawn_blocking(move || {
            let state = |data: &Path, to: &Path| {
                StateDb::copy(&data.join("state.db"), &to.join("state.db"))
            };
            rollcall_lake::backup(lake.directory(), &to, state, &|done, of| {
                // Nobody listens only once the work is over.
                let _ = told.send((done, of));
            })
        });
        while let Some((done, of)) = hear.recv().await {
            tell(format!("{done} of {of} files"));
        }
        Ok(work.await??)
    }
}
