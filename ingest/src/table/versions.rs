//! Policies as code: each version once, and the event that says it was loaded.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, TimestampMicrosecondType};
use arrow::error::ArrowError;
use chrono::{DateTime, SecondsFormat, Utc};
use rollcall_lake::{Lake, Table, read_rows};
use serde::Serialize;

use crate::error::{IngestError, Result};
use crate::intake::Intake;
use crate::source::OWN;

/// What the events of loading are told of in the column `collector`.
const COLLECTOR: &str = "policies";

/// A version that is to be stored.
#[derive(Debug, Clone, Copy)]
pub struct PolicyVersion<'a> {
    /// The policy.
    pub policy: &'a str,
    /// Its version.
    pub version: i32,
    /// SHA-256 of its text, hex.
    pub sha256: &'a str,
}

/// What became of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredVersion {
    /// When it was stored, µs since 1970 UTC.
    pub loaded: i64,
    /// Whether it was there already, with the same text.
    pub already: bool,
}

/// What the event of a load says of the version, beside when.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyChange<'a> {
    /// The policy.
    pub policy: &'a str,
    /// What it is called.
    pub title: Option<&'a str>,
    /// Its version.
    pub version: i32,
    /// SHA-256 of its text, hex.
    pub sha256: &'a str,
    /// `report_only`, `pilot` or `enforced`.
    pub phase: &'a str,
    /// From when it counts.
    pub effective: DateTime<Utc>,
    /// Whose it is.
    pub owner: &'a str,
    /// Who approved it, in the policy's words.
    pub approved_by: Option<&'a str>,
}

/// Stores a version; `rows` makes its rows as of a moment. A version that is there with the
/// same text stays as it is.
///
/// # Errors
/// If the version is there with another text, or the table can't be read or written.
pub async fn store_version(
    lake: &Lake,
    version: PolicyVersion<'_>,
    rows: impl FnOnce(i64) -> Result<RecordBatch, ArrowError>,
) -> Result<StoredVersion> {
    let known = known(lake)?;
    // Loads are in order, also where the clock was set back.
    let after = known.values().map(|(loaded, _)| *loaded).max().unwrap_or(i64::MIN);
    if let Some((loaded, sha256)) = known.get(&(version.policy.to_owned(), version.version)) {
        if sha256.as_deref() != Some(version.sha256) {
            return Err(IngestError::PolicyChanged {
                policy: version.policy.to_owned(),
                version: version.version,
                loaded: DateTime::from_timestamp_micros(*loaded).unwrap_or_default(),
            });
        }
        return Ok(StoredVersion { loaded: *loaded, already: true });
    }
    let loaded = Utc::now().timestamp_micros().max(after.saturating_add(1));
    lake.append(Table::Policies, rows(loaded)?).await?;
    Ok(StoredVersion { loaded, already: false })
}

/// Writes the event of a load. The same load gives the same record, so that one that was
/// interrupted can be told again.
///
/// # Errors
/// If the log has stopped.
pub async fn tell_of_load(
    intake: &Intake,
    change: &PolicyChange<'_>,
    stored: StoredVersion,
) -> Result<()> {
    #[derive(Serialize)]
    struct Written<'a> {
        rollcall_event: &'static str,
        id: String,
        time: String,
        #[serde(flatten)]
        change: &'a PolicyChange<'a>,
    }
    let time = DateTime::<Utc>::from_timestamp_micros(stored.loaded).unwrap_or_default();
    let written = Written {
        rollcall_event: "policy_change",
        id: format!("policy/{}/{}", change.policy, change.version),
        time: time.to_rfc3339_opts(SecondsFormat::Micros, true),
        change,
    };
    let record = serde_json::to_string(&written)
        .map_err(|error| IngestError::Worker(format!("the event can't be written: {error}")))?;
    intake.accept(OWN, COLLECTOR, record.into()).await?;
    Ok(())
}

type Known = BTreeMap<(String, i32), (i64, Option<String>)>;

/// The versions that are stored: when each was loaded, and its text's hash.
fn known(lake: &Lake) -> Result<Known> {
    let mut known = Known::new();
    let columns = ["loaded", "policy", "version", "sha256", "part"];
    for segment in lake.snapshot().table(Table::Policies).segments.iter() {
        for batch in read_rows(segment, &columns, None)? {
            take(&batch, &mut known);
        }
    }
    Ok(known)
}

fn take(batch: &RecordBatch, known: &mut Known) {
    let column = |name| batch.column_by_name(name);
    let (Some(loaded), Some(policy), Some(version), Some(sha256), Some(part)) =
        (column("loaded"), column("policy"), column("version"), column("sha256"), column("part"))
    else {
        return;
    };
    let loaded = loaded.as_primitive::<TimestampMicrosecondType>();
    let (policy, part) = (policy.as_string_view(), part.as_string_view());
    let (version, sha256) = (version.as_primitive::<Int32Type>(), sha256.as_string_view());
    for row in (0..batch.num_rows()).filter(|row| part.value(*row) == "policy") {
        let hash = sha256.is_valid(row).then(|| sha256.value(row).to_owned());
        let of = (policy.value(row).to_owned(), version.value(row));
        known.insert(of, (loaded.value(row), hash));
    }
}
