//! What a comparison came to.

use std::collections::BTreeSet;

use super::{Known, Period};

/// A log of a vendor over a period.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Outcome {
    /// The collector that reads the log.
    pub collector: String,
    /// The source that reads its events.
    pub source: String,
    /// The period.
    pub period: Period,
    /// What was found; or why the log is not reconciled.
    pub found: std::result::Result<Comparison, String>,
}

/// Numbers of ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Comparison {
    /// That the vendor has.
    pub vendor: u64,
    /// That of those were stored.
    pub stored: u64,
    /// That weren't.
    pub missing: u64,
    /// That were taken in now, of the missing ones.
    pub fetched: u64,
    /// That are stored and the vendor doesn't have.
    pub extra: u64,
    /// The first of the missing ones.
    pub missing_ids: Vec<String>,
    /// The first of the extra ones.
    pub extra_ids: Vec<String>,
}

impl Comparison {
    pub(super) fn of(vendors: &BTreeSet<String>, known: &Known, most_listed: usize) -> Self {
        let missing: Vec<&String> = vendors.iter().filter(|id| !known.all.contains(*id)).collect();
        let extra: Vec<&String> = known.own.iter().filter(|id| !vendors.contains(*id)).collect();
        let listed = |ids: &[&String]| ids.iter().take(most_listed).copied().cloned().collect();
        let (vendor, lacks) = (vendors.len() as u64, missing.len() as u64);
        Self {
            vendor,
            stored: vendor - lacks,
            missing: lacks,
            fetched: 0,
            extra: extra.len() as u64,
            missing_ids: listed(&missing),
            extra_ids: listed(&extra),
        }
    }

    /// Whether both have the same.
    pub const fn agrees(&self) -> bool {
        self.missing == 0 && self.extra == 0
    }
}
