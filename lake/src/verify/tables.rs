//! The tables as a reader sees them, through their own checkpoints: they must have
//! the files that the ledger says they have.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::finding::{Finding, FindingKind};
use super::history::Sealed;
use crate::delta_log::DeltaLog;
use crate::provenance::State;
use crate::table::Table;

/// Opens each table and compares its files with those that are live by the ledger.
pub(super) async fn compare(
    data: &Path,
    sealed: &[Sealed],
    pending: &HashSet<String>,
    is_held: bool,
    findings: &mut Vec<Finding>,
) {
    for table in Table::ALL {
        let named: HashSet<&str> = sealed
            .iter()
            .filter(|sealed| sealed.table == table && sealed.state == State::Live)
            .map(|sealed| sealed.file.path.as_str())
            .collect();
        let what = data.join(table.name()).display().to_string();
        let mut found = |kind, detail: String| findings.push(Finding::new(kind, &what, detail));
        let opened = match DeltaLog::open(data, table).await {
            Ok(Some(log)) => log.segments().await,
            Ok(None) if named.is_empty() => continue,
            Ok(None) => {
                found(FindingKind::DamagedTable, "it has no Delta log".to_owned());
                continue;
            }
            Err(error) => Err(error),
        };
        let segments = match opened {
            Ok(segments) => segments,
            Err(error) => {
                found(FindingKind::DamagedTable, error.to_string());
                continue;
            }
        };
        let expected = sealed.iter().filter(|sealed| sealed.table == table);
        let expected: HashMap<&str, &Sealed> =
            expected.map(|sealed| (sealed.file.path.as_str(), sealed)).collect();
        for segment in &segments {
            let Some(sealed) = expected.get(segment.name.as_str()) else { continue };
            let same_tags = sealed.tags.as_ref().is_none_or(|tags| *tags == segment.tags);
            if !same_tags || segment.bytes != sealed.file.bytes {
                found(
                    FindingKind::DamagedTable,
                    format!(
                        "a reader sees other times, counts or sizes of {} than its commit says: a checkpoint of the Delta log was changed",
                        segment.name
                    ),
                );
            }
        }
        let seen: HashSet<&str> = segments.iter().map(|segment| segment.name.as_str()).collect();
        for name in named.difference(&seen) {
            found(
                FindingKind::DroppedAdd,
                format!("a reader no longer sees {name}, which the ledger names"),
            );
        }
        // Beside a process that writes, the table may be ahead of what was read.
        for name in seen.difference(&named).filter(|name| !is_held && !pending.contains(**name)) {
            found(
                FindingKind::ExtraFile,
                format!("a reader sees {name}, of which the ledger says nothing"),
            );
        }
    }
}
