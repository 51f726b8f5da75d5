//! A day's factors as vendors tell them: the same rows as from CSV.

use std::collections::BTreeSet;

use arrow::array::RecordBatch;
use chrono::{Datelike, NaiveDate, Utc};
use rollcall_lake::{Lake, Table};
use sha2::{Digest, Sha256};

use super::factors::{self, Row};
use super::{TableReport, latest};
use crate::error::Result;
use crate::input::pull::{Account, Held, snapshot};

/// Days from 0001-01-01 to 1970-01-01.
pub(crate) const EPOCH: i32 = 719_163;

/// Whether a source has a snapshot of a day.
///
/// # Errors
/// If the table can't be read.
pub fn has_factors(lake: &Lake, source: &str, day: NaiveDate) -> Result<bool> {
    let of = Some((source.to_owned(), day.num_days_from_ce() - EPOCH));
    Ok(latest(lake, Table::Factors)?.contains_key(&of))
}

/// Asks accounts of one source for everybody's factors and stores them as a day's
/// snapshot; of several accounts all or none.
///
/// # Errors
/// If one of them can't be asked to the end: then nothing is stored.
pub async fn pull_factors(
    lake: &Lake,
    source: &str,
    accounts: &[&Account],
    day: NaiveDate,
) -> Result<TableReport> {
    let mut held = BTreeSet::new();
    for account in accounts {
        held.extend(snapshot(account).await?);
    }
    let latest = latest(lake, Table::Factors)?;
    // The newest import stands, also where the clock was set back.
    let after = latest.values().map(|(imported, _)| *imported).max().unwrap_or(i64::MIN);
    let now = Utc::now().timestamp_micros().max(after.saturating_add(1));
    let batch = batch(source, day, &held, now)?;
    let logins: BTreeSet<&str> = held.iter().map(|held| held.login.as_str()).collect();
    let (rows, subjects) = (batch.num_rows(), logins.len());
    lake.append(Table::Factors, batch).await?;
    let names: Vec<&str> = accounts.iter().map(|account| account.name.as_str()).collect();
    Ok(TableReport { file: names.join(", "), rows, subjects, already: false })
}

fn batch(source: &str, day: NaiveDate, held: &BTreeSet<Held>, now: i64) -> Result<RecordBatch> {
    let days = |day: NaiveDate| day.num_days_from_ce() - EPOCH;
    let rows: Vec<Row<'_>> = held
        .iter()
        .map(|one| Row {
            as_of: days(day),
            source,
            login: one.login.clone(),
            factor: one.factor.map_or("none", |factor| factor.as_str()),
            enrolled_on: one.enrolled_on.map(days),
            status: one.standing.as_str(),
        })
        .collect();
    factors::table(&rows, now, &digest(held))
}

/// SHA-256 of the rows, hex: what a file's is for one that was imported.
fn digest(held: &BTreeSet<Held>) -> String {
    let mut hasher = Sha256::new();
    for one in held {
        let factor = one.factor.map_or("none", |factor| factor.as_str());
        let enrolled = one.enrolled_on.map(|day| day.to_string()).unwrap_or_default();
        let line = [&*one.login, factor, one.standing.as_str(), &*enrolled].join("\t");
        hasher.update(line.as_bytes());
        hasher.update(b"\n");
    }
    hex::encode(hasher.finalize())
}
