//! Vendors' logs asked for again and compared with what is stored.

use std::sync::Arc;

use anyhow::Result;
use rollcall_ingest::pull::Account;
use rollcall_ingest::reconcile::{Outcome, Period, reconcile};
use rollcall_ingest::{IngestError, Intake};
use rollcall_lake::Lake;

use crate::usage;

/// What is to be reconciled.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Asked {
    /// The period.
    pub period: Period,
    /// Names of the settings; all where there are none.
    pub names: Vec<String>,
    /// Whether what is missing is taken in.
    pub fetch: bool,
}

/// Asks each log of the accounts again.
pub async fn reconcile_all(
    lake: &Arc<Lake>,
    intake: &Arc<Intake>,
    accounts: &[Account],
    asked: &Asked,
    tell: &(dyn Fn(String) + Sync),
) -> Result<Vec<Outcome>> {
    if let Some(unknown) =
        asked.names.iter().find(|name| !accounts.iter().any(|account| account.name == **name))
    {
        return Err(usage(format!("there is no [[pull]] named {unknown:?} in the configuration")));
    }
    let wanted = |account: &&Account| asked.names.is_empty() || asked.names.contains(&account.name);
    let mut outcomes = Vec::new();
    for reader in accounts.iter().filter(wanted).flat_map(|account| &account.readers) {
        tell(format!("asking {} again", reader.collector));
        let fetch = |source: &'static str, collector: String, payload| {
            let intake = Arc::clone(intake);
            async move {
                intake.accept(source, &collector, payload).await?;
                Ok::<(), IngestError>(())
            }
        };
        let fetch = asked.fetch.then_some(fetch);
        outcomes.push(reconcile(lake, reader, asked.period, fetch).await?);
    }
    Ok(outcomes)
}
