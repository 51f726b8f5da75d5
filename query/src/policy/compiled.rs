//! A policy over many accesses: which are critical, and which rule is for each.

use std::sync::Arc;

use datafusion::arrow::array::{BooleanArray, RecordBatch};
use datafusion::common::Result;

use super::access::Accesses;
use super::expression::Expression;
use super::format::Policy;

/// A policy with what it says of some accesses before it is known who verified when.
#[derive(Debug)]
pub(super) struct Applied {
    /// By access, the place of the first rule that is for it.
    rules: Vec<Option<u32>>,
    /// By access, the place of the first condition by which it is critical.
    criticals: Vec<Option<u32>>,
}

impl Applied {
    /// Looks at every condition of a policy.
    pub(super) fn of(policy: &Policy, accesses: &Accesses) -> Result<Self> {
        let criticals = first(
            policy.criticals.iter().map(|critical| &critical.when),
            &accesses.before_critical()?,
        )?;
        let is_critical: BooleanArray = criticals.iter().map(|by| Some(by.is_some())).collect();
        let seen = accesses.with_critical(is_critical)?;
        let rules = first(policy.rules.iter().map(|rule| &rule.when), &seen)?;
        Ok(Self { rules, criticals })
    }

    /// The place of the first rule that is for an access.
    pub(super) fn rule(&self, access: usize) -> Option<usize> {
        self.rules.get(access).copied().flatten().and_then(|rule| usize::try_from(rule).ok())
    }

    /// The place of the first condition by which an access is critical.
    pub(super) fn critical(&self, access: usize) -> Option<usize> {
        self.criticals.get(access).copied().flatten().and_then(|by| usize::try_from(by).ok())
    }
}

/// By row, the first condition that holds.
fn first<'e>(
    conditions: impl Iterator<Item = &'e Expression>,
    seen: &RecordBatch,
) -> Result<Vec<Option<u32>>> {
    let mut found: Vec<Option<u32>> = vec![None; seen.num_rows()];
    for (place, condition) in (0..).zip(conditions) {
        let holds = condition.holds(seen)?;
        for (row, found) in found.iter_mut().enumerate() {
            if found.is_none() && holds.value(row) {
                *found = Some(place);
            }
        }
    }
    Ok(found)
}

/// A version that is in force for some time.
#[derive(Debug, Clone)]
pub(super) struct InForce {
    /// The version.
    pub(super) policy: Arc<Policy>,
    /// The one before.
    pub(super) before: Option<Arc<Policy>>,
    /// From when, µs since 1970 UTC.
    pub(super) from: i64,
    /// Until when, exclusively; `i64::MAX`: still.
    pub(super) until: i64,
}
