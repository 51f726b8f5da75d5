//! Does the work, in whichever process.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use anyhow::{Result, bail};
use rollcall_ingest::{
    Importer, Pipeline, ReadSettings, ReplayChoice, import_factors, import_people, replay,
};
use rollcall_lake::Lake;

use super::{Answer, Work};
use crate::config::Config;
use crate::lake;

/// Does work that writes.
#[derive(Debug, Clone)]
pub struct Worker {
    lake: Arc<Lake>,
    pipeline: Pipeline,
    read: ReadSettings,
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
        let pipeline = Pipeline::start(
            Arc::clone(&lake),
            HashSet::new(),
            lake::pipeline_settings(&lake, config)?,
            |_, _| {},
            move |reason| {
                if let Ok(mut failure) = told.lock() {
                    *failure = Some(reason);
                }
            },
        )?;
        let read = lake::read_settings(&lake, config)?;
        Ok(Self { lake, pipeline, read, failure, turn: Arc::default() })
    }

    /// In a server, beside its inputs.
    pub fn beside(lake: Arc<Lake>, pipeline: Pipeline, config: &Config) -> Result<Self> {
        let read = lake::read_settings(&lake, config)?;
        Ok(Self { lake, pipeline, read, failure: Arc::default(), turn: Arc::default() })
    }

    /// Does it; `tell` gets a line of progress now and then.
    pub async fn perform(&self, work: Work, tell: &(dyn Fn(String) + Sync)) -> Result<Answer> {
        let _turn = self.turn.lock().await;
        let result = self.attempt(work, tell).await;
        // What the pipeline said is nearer to the cause than what came of it here.
        if let Some(reason) = self.failure.lock().ok().and_then(|mut reason| reason.take()) {
            bail!(reason);
        }
        result
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
            Work::Replay { source, read_as } => {
                let choice = ReplayChoice { source, read_as };
                let lake = Arc::clone(&self.lake);
                Answer::Replay(replay(lake, &self.pipeline, &self.read, choice).await?)
            }
        })
    }
}
