//! Collectors that ask vendors for their logs, until the process ends.

use std::sync::Arc;

use rollcall_ingest::pull::{self, Account, IntoLog};
use rollcall_ingest::{CollectorKind, Collectors, Intake};
use tokio::task::JoinSet;

use super::Stopping;
use crate::config::Config;

/// Collectors at work.
#[derive(Debug)]
pub struct Pulls {
    running: JoinSet<()>,
}

impl Pulls {
    /// Starts a collector for each log of each `[[pull]]`.
    pub fn start(
        accounts: &[Account],
        config: &Config,
        intake: &Arc<Intake>,
        collectors: &Collectors,
        stopping: &Stopping,
    ) -> Self {
        let sink = Arc::new(IntoLog {
            intake: Arc::clone(intake),
            backlog_bytes: config.ingest.backlog_mib << 20,
        });
        let mut running = JoinSet::new();
        for reader in accounts.iter().flat_map(|account| &account.readers) {
            let meter = collectors.meter(CollectorKind::Pull, &reader.collector);
            let (reader, sink, stopping) = (Arc::clone(reader), sink.clone(), stopping.clone());
            running.spawn(async move {
                pull::run(reader, sink, meter, stopping.asked()).await;
            });
        }
        Self { running }
    }

    /// Returns once all of them have ended: then nothing comes from them any more.
    pub async fn ended(mut self) {
        while self.running.join_next().await.is_some() {}
    }
}
