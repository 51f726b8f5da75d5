//! Reconciling: each log of each vendor is asked for a closed period again, and what the
//! vendor has is compared with what is stored, by id.
//!
//! ```text
//! stored      the ids that are stored, verdicts included
//! outcome     what a comparison came to
//! rows        outcomes in the table `reconciliations`
//! cloudtrail  the digest files that CloudTrail signs, and the files that were imported
//! ```
//!
//! What is missing is taken in, unless only a comparison is wanted: then it comes the way of
//! everything else, and what was stored in between is told by its id. A log that can't be
//! asked is not reconciled, and the outcome says why.

mod cloudtrail;
mod outcome;
mod rows;
mod stored;

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use rollcall_lake::{Lake, Table};

pub use cloudtrail::reconcile_cloudtrail;
pub use outcome::{Comparison, Outcome};
pub use rows::reconciled;

use crate::error::{IngestError, Result};
use crate::input::pull::Reader;
use stored::{Wanted, stored};

/// Most ids that an outcome lists.
const LISTED: usize = 100;

/// A closed period, from its first moment to the one after its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Period {
    /// First moment.
    pub from: DateTime<Utc>,
    /// The moment after the last.
    pub to: DateTime<Utc>,
}

impl Period {
    /// A day, UTC.
    pub fn day(day: chrono::NaiveDate) -> Self {
        let from = day.and_time(chrono::NaiveTime::MIN).and_utc();
        Self { from, to: from + chrono::TimeDelta::days(1) }
    }
}

/// Asks one log again and compares. `fetch` takes events in as NDJSON: source, collector,
/// payload; without it nothing is taken in. The outcome is a row of `reconciliations`.
///
/// # Errors
/// If what is stored can't be read, the outcome can't be written, or `fetch` fails. A vendor
/// that can't be asked is an outcome.
pub async fn reconcile<F, T>(
    lake: &Arc<Lake>,
    reader: &Reader,
    period: Period,
    fetch: Option<F>,
) -> Result<Outcome>
where
    F: Fn(&'static str, String, Bytes) -> T + Sync,
    T: Future<Output = Result<()>> + Send,
{
    let found = match why_not(reader, period) {
        Some(reason) => Err(reason),
        None => compare(lake, reader, period, fetch).await?,
    };
    let (collector, source) = (reader.collector.clone(), reader.endpoint.source.to_owned());
    let outcome = Outcome { collector, source, period, found };
    lake.append(Table::Reconciliations, rows::batch(&outcome)?).await?;
    Ok(outcome)
}

/// Why a log can't be asked for a period, if it can't.
fn why_not(reader: &Reader, period: Period) -> Option<String> {
    if reader.endpoint.id.is_empty() {
        return Some("its events have no ids by which they could be told".to_owned());
    }
    if period.from.timestamp_micros() < reader.reaches_back_to() {
        let days = reader.endpoint.look_back_days;
        return Some(format!("the vendor lets nobody look back over {days} days"));
    }
    let is_over = period.to.timestamp_micros() <= reader.now();
    (!is_over).then(|| "the period isn't over".to_owned())
}

/// What became of a log; or why it couldn't be asked to its end.
async fn compare<F, T>(
    lake: &Arc<Lake>,
    reader: &Reader,
    period: Period,
    fetch: Option<F>,
) -> Result<std::result::Result<Comparison, String>>
where
    F: Fn(&'static str, String, Bytes) -> T + Sync,
    T: Future<Output = Result<()>> + Send,
{
    let known = known(lake, reader, period).await?;
    let (from, to) = (period.from.timestamp_micros(), period.to.timestamp_micros());
    let (mut vendors, mut fetched) = (BTreeSet::new(), 0);
    let mut pages = reader.period(from, to);
    loop {
        let events = match pages.next().await {
            Ok(Some(events)) => events,
            Ok(None) => break,
            Err(error) if fetched > 0 => {
                return Ok(Err(format!("{error}; {fetched} missing events were taken in before")));
            }
            Err(error) => return Ok(Err(error.to_string())),
        };
        let mut missing = BytesMut::new();
        for event in events {
            let Some(id) = event.id else {
                return Ok(Err("an event without an id is among its events".to_owned()));
            };
            if fetch.is_some() && !known.all.contains(&id) && !vendors.contains(&id) {
                fetched += 1;
                missing.extend_from_slice(&event.bytes);
                missing.extend_from_slice(b"\n");
            }
            vendors.insert(id);
        }
        if let Some(fetch) = &fetch
            && !missing.is_empty()
        {
            fetch(reader.endpoint.source, reader.collector.clone(), missing.freeze()).await?;
        }
    }
    Ok(Ok(Comparison { fetched, ..Comparison::of(&vendors, &known, LISTED) }))
}

/// What is stored.
#[derive(Debug, Default)]
struct Known {
    /// Every id around the period, whoever brought it, whatever became of it.
    all: BTreeSet<String>,
    /// Those of the period that this collector brought and that became rows.
    own: BTreeSet<String>,
}

async fn known(lake: &Arc<Lake>, reader: &Reader, period: Period) -> Result<Known> {
    let snapshot = lake.snapshot();
    let wanted = Wanted {
        source: reader.endpoint.source,
        collector: reader.collector.clone(),
        id: reader.endpoint.id,
        from: period.from.timestamp_micros(),
        to: period.to.timestamp_micros(),
    };
    tokio::task::spawn_blocking(move || stored(&snapshot, &wanted))
        .await
        .map_err(|error| IngestError::Worker(error.to_string()))?
}
