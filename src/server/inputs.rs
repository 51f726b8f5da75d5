//! What takes records in beside HTTP: vendors' logs that are pulled, syslog, files that are
//! followed.

use std::sync::Arc;

use rollcall_ingest::pull::Account;
use rollcall_ingest::{CollectorKind, Collectors, Inputs, Intake, IntoLog, follow, pull, syslog};

use super::Stopping;
use crate::config::{Config, Ready};

/// Starts all of them; they end once the process is to.
pub fn start(
    ready: Ready,
    accounts: &[Account],
    config: &Config,
    intake: &Arc<Intake>,
    collectors: &Arc<Collectors>,
    stopping: &Stopping,
) -> Inputs {
    let backlog_bytes = config.ingest.backlog_mib << 20;
    let sink = Arc::new(IntoLog { intake: Arc::clone(intake), backlog_bytes });
    let stopping = stopping.clone();
    let mut inputs =
        Inputs::new(sink, Arc::clone(collectors), async move { stopping.asked().await });
    for reader in accounts.iter().flat_map(|account| &account.readers) {
        let reader = Arc::clone(reader);
        inputs.add(|with| async move {
            let meter = with.meter(CollectorKind::Pull, &reader.collector);
            let sink = Arc::clone(&with.sink);
            pull::run(reader, sink, meter, with.stopped()).await;
        });
    }
    for listener in ready.listeners {
        inputs.add(|with| syslog::run(listener, with));
    }
    for tail in ready.tails {
        inputs.add(|with| follow::run(tail, with));
    }
    inputs
}
