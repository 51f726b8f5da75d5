//! Reconciling: each log of each vendor is asked for a closed period again, and what the
//! vendor has is compared with what is stored, by id.
//!
//! ```text
//! stored    the ids that are stored, verdicts included
//! outcome   what a comparison came to
//! rows      outcomes in the table `reconciliations`
//! ```
//!
//! What is missing is taken in, unless only a comparison is wanted: then it comes the way of
//! everything else, and what was stored in between is told by its id. A log that can't be
//! asked is not reconciled, and the outcome says why.

mod outcome;
mod rows;
mod stored;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use rollcall_lake::{Lake, Table};

pub use outcome::{Comparison, Outcome};
pub use rows::reconciled;

use crate::error::{IngestError, Result};
use crate::input::pull::{Element, Reader};
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
    let outcome = match asked(reader, period).await {
        Err(reason) => Outcome::not_reconciled(reader, period, reason),
        Ok(vendors) => {
            let known = known(lake, reader, period).await?;
            let mut comparison = Comparison::of(&vendors, &known, LISTED);
            if let Some(fetch) = fetch
                && comparison.missing > 0
            {
                let missing: BTreeMap<&String, &Element> =
                    vendors.iter().filter(|(id, _)| !known.all.contains(*id)).collect();
                let mut lines = BytesMut::new();
                for element in missing.values() {
                    lines.extend_from_slice(&element.bytes);
                    lines.extend_from_slice(b"\n");
                }
                let source = reader.endpoint.source;
                fetch(source, reader.collector.clone(), lines.freeze()).await?;
                comparison.fetched = missing.len() as u64;
            }
            Outcome::reconciled(reader, period, comparison)
        }
    };
    lake.append(Table::Reconciliations, rows::batch(&outcome)?).await?;
    Ok(outcome)
}

/// What the vendor has of a period, by id; or why it can't be asked.
async fn asked(
    reader: &Reader,
    period: Period,
) -> std::result::Result<BTreeMap<String, Element>, String> {
    if reader.endpoint.id.is_empty() {
        return Err("its events have no ids by which they could be told".to_owned());
    }
    if period.from.timestamp_micros() < reader.reaches_back_to() {
        let days = reader.endpoint.look_back_days;
        return Err(format!("the vendor lets nobody look back over {days} days"));
    }
    if period.to.timestamp_micros() > reader.now() {
        return Err("the period isn't over".to_owned());
    }
    let (from, to) = (period.from.timestamp_micros(), period.to.timestamp_micros());
    let events = reader.period(from, to).await.map_err(|error| error.to_string())?;
    let without = events.iter().filter(|event| event.id.is_none()).count();
    if without > 0 {
        return Err(format!("{without} of its events have no id"));
    }
    Ok(events.into_iter().filter_map(|event| Some((event.id.clone()?, event))).collect())
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
