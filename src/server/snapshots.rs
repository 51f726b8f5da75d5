//! Everybody's factors and vendors' policies, asked for once a day.

use std::collections::BTreeSet;
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
/// policies of each account that is. Sources don't wait for each other: one that answers
/// slowly holds its own accounts up alone.
pub fn keep(lake: Arc<Lake>, accounts: Arc<[Account]>, collectors: Arc<Collectors>) {
    for source in sources(&accounts) {
        let lake = Arc::clone(&lake);
        let (accounts, collectors) = (Arc::clone(&accounts), Arc::clone(&collectors));
        // A commit that is under way when the process ends is finished by it.
        tokio::spawn(async move {
            let mut turns = tokio::time::interval(EVERY);
            loop {
                turns.tick().await;
                let day = Utc::now().date_naive();
                let own: Vec<&Account> =
                    accounts.iter().filter(|account| account.source() == source).collect();
                policies(&lake, &own, &collectors, day).await;
                factors(&lake, &source, &own, &collectors, day).await;
            }
        });
    }
}

/// The sources with an account that is asked for anything.
fn sources(accounts: &[Account]) -> BTreeSet<String> {
    let asked = accounts.iter().filter(|account| account.factors || account.policies);
    asked.map(|account| account.source().to_owned()).collect()
}

/// Of several accounts of one source all or none: what a source knows of a person is one
/// snapshot.
async fn factors(
    lake: &Lake,
    source: &str,
    own: &[&Account],
    collectors: &Collectors,
    day: NaiveDate,
) {
    let asked: Vec<&Account> = own.iter().copied().filter(|account| account.factors).collect();
    if !asked.is_empty() {
        let has = has_factors(lake, source, day);
        let pull = pull_factors(lake, source, &asked, day);
        take(collectors, &format!("{source}/factors"), has, pull).await;
    }
}

async fn policies(lake: &Lake, own: &[&Account], collectors: &Collectors, day: NaiveDate) {
    for account in own.iter().copied().filter(|account| account.policies) {
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
