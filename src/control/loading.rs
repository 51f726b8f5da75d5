//! Versions of policies, stored once, and the event that says that they were loaded.

use anyhow::{Result, bail};
use rollcall_ingest::{Intake, PolicyChange, PolicyVersion, store_version, tell_of_load};
use rollcall_lake::Lake;
use rollcall_query::policy::Policy;
use serde::{Deserialize, Serialize};

/// What came of a load.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoadedPolicy {
    /// The policy.
    pub policy: String,
    /// Its version.
    pub version: i32,
    /// Its phase.
    pub phase: String,
    /// From when it counts, as the file says.
    pub effective: chrono::DateTime<chrono::Utc>,
    /// Whether the version was there already, with the same text.
    pub already: bool,
}

/// Stores a version and tells of it. Who sent it has checked it; it is read again all the
/// same, since whoever may write to the directory may send anything.
pub async fn load(lake: &Lake, intake: &Intake, text: &str) -> Result<LoadedPolicy> {
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(faults) => {
            let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
            bail!("the policy can't be read: {}", said.join("; "));
        }
    };
    let sha256 = policy.sha256();
    let version = PolicyVersion { policy: &policy.id, version: policy.version, sha256: &sha256 };
    let stored = store_version(lake, version, |loaded| policy.rows(loaded)).await?;
    let change = PolicyChange {
        policy: &policy.id,
        title: policy.title.as_deref(),
        version: policy.version,
        sha256: &sha256,
        phase: policy.phase.as_str(),
        effective: policy.effective,
        owner: &policy.owner,
        approved_by: policy.approved_by.as_deref(),
    };
    // Also of one that was there already: it may have been stored just before a crash. The
    // same event is one, however often it is told.
    tell_of_load(intake, &change, stored).await?;
    Ok(LoadedPolicy {
        policy: policy.id.clone(),
        version: policy.version,
        phase: policy.phase.as_str().to_owned(),
        effective: policy.effective,
        already: stored.already,
    })
}
