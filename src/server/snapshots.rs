//! Everybody's factors, asked for once a day.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use rollcall_ingest::pull::Account;
use rollcall_ingest::{CollectorKind, CollectorState, Collectors, has_factors, pull_factors};
use rollcall_lake::Lake;

/// How often is looked whether a day has none yet; a snapshot that broke off is begun anew
/// as often.
const EVERY: Duration = Duration::from_secs(3600);

/// Takes a snapshot each day, of each source whose accounts are asked for factors.
pub fn keep(lake: Arc<Lake>, accounts: Arc<[Account]>, collectors: Arc<Collectors>) {
    if !accounts.iter().any(|account| account.factors) {
        return;
    }
    // A commit that is under way when the process ends is finished by it.
    tokio::spawn(async move {
        let mut turns = tokio::time::interval(EVERY);
        loop {
            turns.tick().await;
            take(&lake, &accounts, &collectors).await;
        }
    });
}

async fn take(lake: &Lake, accounts: &[Account], collectors: &Collectors) {
    let mut by_source: BTreeMap<&str, Vec<&Account>> = BTreeMap::new();
    for account in accounts.iter().filter(|account| account.factors) {
        by_source.entry(account.source()).or_default().push(account);
    }
    let day = Utc::now().date_naive();
    for (source, accounts) in by_source {
        let meter = collectors.meter(CollectorKind::Pull, &format!("{source}/factors"));
        let taken = match has_factors(lake, source, day) {
            Ok(true) => continue,
            Ok(false) => {
                meter.is(CollectorState::Running);
                pull_factors(lake, source, &accounts, day).await
            }
            Err(error) => Err(error),
        };
        match taken {
            Ok(report) => {
                tracing::info!(
                    source,
                    factors.accounts = report.subjects,
                    factors.rows = report.rows,
                    "a snapshot of factors was taken"
                );
                meter.stored(report.rows as u64, 0);
                meter.is(CollectorState::Running);
            }
            Err(error) => {
                tracing::warn!(source, %error, "there is no snapshot of factors today yet");
                meter.failed(error.to_string());
            }
        }
    }
}
