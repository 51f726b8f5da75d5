//! Everybody's factors and vendors' policies, asked for once a day.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveDate, Utc};
use rollcall_ingest::pull::Account;
use rollcall_ingest::{
    CollectorKind, CollectorState, Collectors, IngestError, TableReport, has_factors, has_policies,
    pull_factors, pull_policies,
};
use rollcall_lake::Lake;

/// How often is looked whether a day has none yet; a snapshot that broke off is begun anew
/// as often.
const EVERY: Duration = Duration::from_secs(3600);

/// Takes snapshots each day: of factors of each source whose accounts are asked for them, of
/// policies of each account that is.
pub fn keep(lake: Arc<Lake>, accounts: Arc<[Account]>, collectors: Arc<Collectors>) {
    if !accounts.iter().any(|account| account.factors || account.policies) {
        return;
    }
    // A commit that is under way when the process ends is finished by it.
    tokio::spawn(async move {
        let mut turns = tokio::time::interval(EVERY);
        loop {
            turns.tick().await;
            let day = Utc::now().date_naive();
            policies(&lake, &accounts, &collectors, day).await;
            factors(&lake, &accounts, &collectors, day).await;
        }
    });
}

async fn factors(lake: &Lake, accounts: &[Account], collectors: &Collectors, day: NaiveDate) {
    let mut by_source: BTreeMap<&str, Vec<&Account>> = BTreeMap::new();
    for account in accounts.iter().filter(|account| account.factors) {
        by_source.entry(account.source()).or_default().push(account);
    }
    for (source, accounts) in by_source {
        let has = has_factors(lake, source, day);
        let pull = pull_factors(lake, source, &accounts, day);
        take(collectors, &format!("{source}/factors"), has, pull).await;
    }
}

async fn policies(lake: &Lake, accounts: &[Account], collectors: &Collectors, day: NaiveDate) {
    for account in accounts.iter().filter(|account| account.policies) {
        let has = has_policies(lake, account, day);
        let pull = pull_policies(lake, account, day);
        take(collectors, &format!("{}/policies", account.name), has, pull).await;
    }
}

/// Takes a snapshot, unless the day has it.
async fn take(
    collectors: &Collectors,
    name: &str,
    has: Result<bool, IngestError>,
    pull: impl Future<Output = Result<TableReport, IngestError>>,
) {
    let meter = collectors.meter(CollectorKind::Pull, name);
    let taken = match has {
        Ok(true) => return,
        Ok(false) => {
            meter.is(CollectorState::Running);
            pull.await
        }
        Err(error) => Err(error),
    };
    match taken {
        Ok(report) => {
            tracing::info!(
                collector.name = name,
                snapshot.subjects = report.subjects,
                snapshot.rows = report.rows,
                "a snapshot was taken"
            );
            meter.stored(report.rows as u64, 0);
            meter.is(CollectorState::Running);
        }
        Err(error) => {
            tracing::warn!(collector.name = name, %error, "there is no snapshot of today yet");
            meter.failed(error.to_string());
        }
    }
}
