//! What was taken away, and whether by the rule that it names. That it was is no error,
//! but whoever reads a verification should know of it.

use rollcall_ledger::Fact;

use super::finding::{Finding, FindingKind};
use super::history::Read;
use crate::notary::subject;
use crate::objection::objection;
use crate::provenance::Provenance;

/// Files that went, or that others took the place of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Removal {
    /// The entry that says so.
    pub entry: u64,
    /// When, µs since 1970 UTC, by the clock of whoever did it.
    pub time: i64,
    /// The table.
    pub table: String,
    /// Files.
    pub files: u64,
    /// Rows that are gone, or lost their personal columns.
    pub rows: u64,
    /// By which rule; nothing for an erasure.
    pub rule: Option<String>,
}

/// Every removal, in the order of the entries.
/// Whether they were founded, only all entries before them tell.
pub(super) fn check(entries: &[Read], is_whole: bool, findings: &mut Vec<Finding>) -> Vec<Removal> {
    let mut before = Provenance::default();
    let mut removals = Vec::new();
    for (index, _, entry) in entries {
        let Some((table, _)) = subject(entry) else { continue };
        if let Some(detail) = objection(&before, entry).filter(|_| is_whole) {
            let what = format!("entry {index} ({})", table.name());
            findings.push(Finding::new(FindingKind::UnfoundedRemoval, what, detail));
        }
        before.take(*index, entry);
        let (files, rows, rule) = match &entry.fact {
            Fact::Retention(retention) => {
                (retention.files, retention.rows, Some(retention.rule.clone()))
            }
            Fact::Erasure(erasure) => (erasure.replaced.len() as u64, erasure.rows, None),
            _ => continue,
        };
        let (entry, time, table) = (*index, entry.time, table.name().to_owned());
        removals.push(Removal { entry, time, table, files, rows, rule });
    }
    removals
}
