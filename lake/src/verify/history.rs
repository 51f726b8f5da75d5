//! The Delta logs against the entries: each commit has its entry, each entry its
//! commit, both say the same; and what became of every file that was ever sealed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rollcall_ledger::Entry;

use super::finding::{Finding, FindingKind};
use crate::error::{LakeError, Result};
use crate::notary::{Commitment, commit_path, entry_of, subject};
use crate::provenance::{Provenance, State};
use crate::table::Table;
use crate::tags::SegmentTags;

/// A file that an entry names.
#[derive(Debug, Clone)]
pub(super) struct Sealed {
    pub(super) table: Table,
    pub(super) file: rollcall_ledger::File,
    /// What its commit says; nothing where the commit is gone or altered.
    pub(super) tags: Option<SegmentTags>,
    /// Which entry names it.
    pub(super) index: u64,
    pub(super) state: State,
    /// Where a compaction made it: the files whose rows it holds, by their numbers.
    pub(super) merged: Vec<usize>,
}

/// An entry with its index and bytes.
pub(super) type Read = (u64, Vec<u8>, Entry);

/// Compares all tables; gives every file that was ever sealed, in the order of the
/// entries, and those of commits that have no entry yet.
pub(super) fn compare(
    data: &Path,
    entries: &[Read],
    is_held: bool,
    findings: &mut Vec<Finding>,
) -> Result<(Vec<Sealed>, HashSet<String>)> {
    let mut by_table: BTreeMap<Table, Vec<(u64, &Read)>> = BTreeMap::new();
    for read in entries {
        if let Some((table, version)) = subject(&read.2) {
            by_table.entry(table).or_default().push((version, read));
        }
    }
    let mut provenance = Provenance::default();
    for (index, _, entry) in entries {
        provenance.take(*index, entry);
    }
    let (mut tags, mut pending) = (HashMap::new(), HashSet::new());
    for table in Table::ALL {
        let of_table = by_table.remove(&table).unwrap_or_default();
        in_order(table, &of_table, findings);
        let logged: HashSet<u64> = of_table.iter().map(|(version, _)| *version).collect();
        for (version, read) in of_table {
            let commit = commit(data, table, version, read, findings)?;
            for add in commit.into_iter().flat_map(|commit| commit.added) {
                if let Ok(said) = add.tags() {
                    tags.insert((table, add.path), said);
                }
            }
        }
        let unlogged = unlogged(data, table, &logged, is_held, findings)?;
        extra(data, table, &provenance, &unlogged, is_held, findings);
        pending.extend(unlogged);
    }
    let sealed = provenance.files().iter().map(|origin| Sealed {
        table: origin.table,
        file: origin.file.clone(),
        tags: tags.remove(&(origin.table, origin.file.path.clone())),
        index: origin.named_by,
        state: origin.state,
        merged: origin.merged.clone(),
    });
    Ok((sealed.collect(), pending))
}

/// Versions must follow each other as the entries do.
fn in_order(table: Table, entries: &[(u64, &Read)], findings: &mut Vec<Finding>) {
    let mut expected = 0;
    for (version, (index, ..)) in entries {
        if *version != expected {
            let kind = if *version > expected {
                FindingKind::DroppedLeaf
            } else {
                FindingKind::ReorderedLeaves
            };
            let detail = format!("it is about version {version}; version {expected} should follow");
            findings.push(Finding::new(kind, format!("entry {index} ({})", table.name()), detail));
        }
        expected = version + 1;
    }
}

/// Reads the commit that an entry is about, and compares the two.
fn commit(
    data: &Path,
    table: Table,
    version: u64,
    (index, bytes, entry): &Read,
    findings: &mut Vec<Finding>,
) -> Result<Option<Commitment>> {
    let path = commit_path(data, table, version);
    let found = match fs::read(&path) {
        Ok(commit) => commit,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let detail = format!("entry {index} of the ledger is about it, and it is gone");
            findings.push(Finding::new(FindingKind::MissingCommit, path.display(), detail));
            return Ok(None);
        }
        Err(error) => {
            let detail = format!("it can't be read: {error}");
            findings.push(Finding::new(FindingKind::AlteredCommit, path.display(), detail));
            return Ok(None);
        }
    };
    let says = entry_of(table, version, &found);
    if says.as_ref().is_ok_and(|says| says.to_bytes().is_ok_and(|says| says == *bytes)) {
        return Ok(Commitment::parse(&found).ok());
    }
    let named = entry.added().map(|file| file.path.as_str());
    let added = Commitment::parse(&found).map(|commit| commit.added).unwrap_or_default();
    let (kind, detail) = match (named, says) {
        (_, Err(LakeError::Commit { detail, .. })) => (FindingKind::AlteredCommit, detail),
        (Some(file), _) if !added.iter().any(|add| add.path == file) => (
            FindingKind::DroppedAdd,
            format!("it no longer adds {file}, which entry {index} of the ledger names"),
        ),
        _ => (
            FindingKind::AlteredCommit,
            format!("it isn't the commit that entry {index} of the ledger was made of"),
        ),
    };
    findings.push(Finding::new(kind, path.display(), detail));
    Ok(None)
}

/// Commits that the ledger says nothing of.
fn unlogged(
    data: &Path,
    table: Table,
    logged: &HashSet<u64>,
    is_held: bool,
    findings: &mut Vec<Finding>,
) -> Result<HashSet<String>> {
    let last = logged.iter().max().copied();
    let mut pending = HashSet::new();
    for version in versions(data, table)? {
        if logged.contains(&version) {
            continue;
        }
        let path = commit_path(data, table, version);
        let is_new = last.is_none_or(|last| version > last);
        let commit = fs::read(&path).ok().and_then(|bytes| Commitment::parse(&bytes).ok());
        let commit = commit.unwrap_or_default();
        let added: Vec<String> = commit.added.into_iter().map(|add| add.path).collect();
        let adds = match (added.as_slice(), commit.removed.as_slice()) {
            ([], []) => "it adds no file".to_owned(),
            (names, []) => format!("it adds {}", names.join(", ")),
            (_, names) => format!("it removes {}", names.join(", ")),
        };
        let then = match commit.removed.is_empty() {
            true => "where a process was just killed, starting rollcall once writes it",
            false => {
                "unless a process was killed just now in `compact`, `retain` or `erase`, find out who wrote it before rollcall is started again"
            }
        };
        if is_new {
            pending.extend(added);
        }
        if is_new && is_held {
            // The process that writes is about to write its entry.
            continue;
        }
        let (kind, detail) = if is_new {
            (
                FindingKind::UnloggedCommit,
                format!("{adds}, and the ledger has no entry about it; {then}"),
            )
        } else {
            (
                FindingKind::DroppedLeaf,
                format!("{adds}, and the ledger has no entry about it, though later ones have"),
            )
        };
        findings.push(Finding::new(kind, path.display(), detail));
    }
    Ok(pending)
}

fn versions(data: &Path, table: Table) -> Result<Vec<u64>> {
    let folder = data.join(table.name()).join("_delta_log");
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(LakeError::file("can't list", &folder))?,
    };
    let mut versions: Vec<u64> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".json")?.parse().ok())
        .collect();
    versions.sort_unstable();
    Ok(versions)
}

/// Whether a file was written within the time that a seal may take.
fn is_fresh(path: &Path) -> bool {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < Duration::from_secs(30 * 60)))
}

/// Files in the folder that no entry names, or that should be gone.
fn extra(
    data: &Path,
    table: Table,
    provenance: &Provenance,
    pending: &HashSet<String>,
    is_held: bool,
    findings: &mut Vec<Finding>,
) {
    let folder = data.join(table.name());
    let Ok(entries) = fs::read_dir(&folder) else { return };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name != "_delta_log" && !name.starts_with(".writing-"))
        .filter(|name| !pending.contains(name))
        .collect();
    names.sort();
    for name in names {
        let detail = match provenance.of(table, &name).map(|origin| origin.state) {
            Some(State::Live | State::Superseded) => continue,
            // A process removes a file once its entry is signed.
            _ if is_held && is_fresh(&folder.join(&name)) => continue,
            Some(State::Gone) => "the ledger says that it was removed",
            None => {
                "no commit that the ledger knows names it; where a process was just killed, starting rollcall once removes it"
            }
        };
        let what = folder.join(name).display().to_string();
        findings.push(Finding::new(FindingKind::ExtraFile, what, detail));
    }
}
