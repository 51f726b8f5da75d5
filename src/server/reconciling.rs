//! Yesterday, asked for again each day once what comes late should be there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use chrono::{TimeDelta, Utc};
use rollcall_ingest::pull::Account;
use rollcall_ingest::reconcile::{Period, reconciled};
use rollcall_ingest::{CollectorKind, CollectorState, Collectors};
use rollcall_lake::Lake;

use crate::control::{Reconciling, Worker};

/// How often is looked whether it is time.
const EVERY: Duration = Duration::from_secs(600);
/// How long after a day's end it is reconciled.
const LATE: TimeDelta = TimeDelta::hours(3);

/// Reconciles each day until the process ends.
pub fn keep(
    lake: Arc<Lake>,
    worker: Worker,
    accounts: Arc<[Account]>,
    collectors: Arc<Collectors>,
) {
    if accounts.is_empty() {
        return;
    }
    // A commit that is under way when the process ends is finished by it.
    tokio::spawn(async move {
        let mut turns = tokio::time::interval(EVERY);
        let mut tried = None;
        loop {
            turns.tick().await;
            let day = (Utc::now() - LATE).date_naive() - TimeDelta::days(1);
            // What is only on its way isn't missing.
            if !accounts.iter().all(|account| has_begun(account, &collectors)) {
                continue;
            }
            // What can't be asked is an outcome; it isn't tried for ever.
            if tried.replace(day) == Some(day) {
                continue;
            }
            if let Err(error) = one_day(&lake, &worker, &accounts, day).await {
                tracing::warn!(%error, "vendors' logs can't be reconciled");
            }
        }
    });
}

/// Whether each log was read to its end once, or can't be.
fn has_begun(account: &Account, collectors: &Collectors) -> bool {
    account.readers.iter().all(|log| {
        let meter = collectors.meter(CollectorKind::Pull, &log.collector);
        meter.health().state != CollectorState::Starting
    })
}

async fn one_day(
    lake: &Lake,
    worker: &Worker,
    accounts: &[Account],
    day: chrono::NaiveDate,
) -> Result<()> {
    let period = Period::day(day);
    let done = reconciled(lake, period)?;
    let is_done = |account: &&Account| {
        let logs: BTreeSet<&String> = account.readers.iter().map(|log| &log.collector).collect();
        logs.into_iter().all(|log| done.contains(log))
    };
    let names: Vec<String> =
        accounts.iter().filter(|a| !is_done(a)).map(|account| account.name.clone()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let asked = Reconciling { period, names, fetch: true };
    for outcome in worker.reconcile(&asked, &|_| {}).await? {
        match outcome.found {
            Ok(found) if found.agrees() => {}
            Ok(found) => tracing::warn!(collector.name = outcome.collector, period.day = %day,
                reconciled.missing = found.missing, reconciled.fetched = found.fetched,
                reconciled.extra = found.extra, "a vendor has other events than are stored"),
            Err(reason) => tracing::warn!(collector.name = outcome.collector, period.day = %day,
                reason, "a log couldn't be reconciled"),
        }
    }
    Ok(())
}
