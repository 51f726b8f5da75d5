//! The tables as a reader sees them, through their own checkpoints: they must have
//! the files that the ledger says they have.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::finding::{Finding, FindingKind};
use super::history::{Now, Sealed};
use crate::delta_log::DeltaLog;
use crate::notary::irregular;
use crate::provenance::State;
use crate::table::Table;

/// Opens each table and compares its files with those that are live by the ledger.
pub(super) async fn compare(
    Now { data, is_held, is_whole }: Now<'_>,
    sealed: &[Sealed],
    pending: &HashSet<String>,
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
        if let Some(detail) = irregular_in(&data.join(table.name()).join("_delta_log")) {
            found(FindingKind::DamagedTable, detail);
            continue;
        }
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
                let detail = otherwise(&data.join(table.name()), &segment.name);
                found(FindingKind::DamagedTable, detail);
            }
        }
        let seen: HashSet<&str> = segments.iter().map(|segment| segment.name.as_str()).collect();
        for name in named.difference(&seen).filter(|_| is_whole) {
            found(
                FindingKind::DroppedAdd,
                format!("a reader no longer sees {name}, which the ledger names"),
            );
        }
        // Beside a process that writes, the table may be ahead of what was read.
        let is_known = |name: &&&str| is_held || !is_whole || pending.contains(**name);
        for name in seen.difference(&named).filter(|name| !is_known(name)) {
            found(
                FindingKind::ExtraFile,
                format!("a reader sees {name}, of which the ledger says nothing"),
            );
        }
    }
}

/// What lies in a Delta log and isn't a file: readers would wait for a pipe.
fn irregular_in(log: &Path) -> Option<String> {
    let files = std::fs::read_dir(log).into_iter().flatten().flatten();
    files.map(|file| file.path()).find_map(|path| {
        let kind = irregular(&path).filter(|_| !path.is_dir())?;
        Some(format!("{kind} lies at {}: the table wasn't opened", path.display()))
    })
}

/// That a reader is told other things of a file than its entry says.
fn otherwise(table: &Path, name: &str) -> String {
    let why = match has_checkpoint(table) {
        true => "a checkpoint of the Delta log, or the commit, was changed",
        false => "the commit was changed",
    };
    format!("a reader sees other times, counts or sizes of {name} than the ledger says: {why}")
}

/// Whether a table's Delta log has a checkpoint that readers take in place of commits.
fn has_checkpoint(table: &Path) -> bool {
    let mut files = std::fs::read_dir(table.join("_delta_log")).into_iter().flatten().flatten();
    files.any(|file| file.file_name().to_string_lossy().contains(".checkpoint."))
}
