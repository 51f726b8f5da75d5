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
use crate::notary::{Commitment, commit_path, entry_of, irregular, subject};
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

/// What is compared, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now<'a> {
    /// The data directory.
    pub(super) data: &'a Path,
    /// Whether a process is writing to it.
    pub(super) is_held: bool,
    /// Whether every entry could be read: of what one of the others may be about, nothing
    /// is missed.
    pub(super) is_whole: bool,
}

/// Compares all tables; gives every file that was ever sealed, in the order of the
/// entries, and those of commits that have no entry yet.
pub(super) fn compare(
    now: Now<'_>,
    entries: &[Read],
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
        if now.is_whole {
            in_order(table, &of_table, findings);
        }
        let logged: HashSet<u64> = of_table.iter().map(|(version, _)| *version).collect();
        for (version, read) in of_table {
            let commit = commit(now.data, table, version, read, findings)?;
            for add in commit.into_iter().flat_map(|commit| commit.added) {
                if let Ok(said) = add.tags() {
                    tags.insert((table, add.path), said);
                }
            }
        }
        let unlogged = unlogged(now, table, &logged, &provenance, findings)?;
        extra(now, table, &provenance, &unlogged, findings);
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
    if let Some(kind) = irregular(&path) {
        let detail = format!("{kind} lies in its place, which wasn't read");
        findings.push(Finding::new(FindingKind::AlteredCommit, path.display(), detail));
        return Ok(None);
    }
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

/// Commits that the ledger says nothing of; the files that they add.
fn unlogged(
    now: Now<'_>,
    table: Table,
    logged: &HashSet<u64>,
    provenance: &Provenance,
    findings: &mut Vec<Finding>,
) -> Result<HashSet<String>> {
    let last = logged.iter().max().copied();
    let mut pending = HashSet::new();
    let versions = versions(now.data, table)?;
    let newest = versions.last().copied();
    for version in versions {
        if logged.contains(&version) {
            continue;
        }
        let path = commit_path(now.data, table, version);
        let is_new = last.is_none_or(|last| version > last);
        let bytes = if irregular(&path).is_some() { None } else { fs::read(&path).ok() };
        let commit = bytes.and_then(|bytes| Commitment::parse(&bytes).ok()).unwrap_or_default();
        let added: Vec<&str> = commit.added.iter().map(|add| add.path.as_str()).collect();
        let adds = match (added.as_slice(), commit.removed.as_slice()) {
            ([], []) => "it adds no file".to_owned(),
            (names, []) => format!("it adds {}", names.join(", ")),
            (_, names) => format!("it removes {}", names.join(", ")),
        };
        if is_new || !now.is_whole {
            pending.extend(added.iter().map(|name| (*name).to_owned()));
        }
        if is_new && now.is_held || !now.is_whole {
            // The process that writes is about to write its entry; or one that can't be
            // read may be about it.
            continue;
        }
        let what = path.display();
        if !is_new {
            let detail =
                format!("{adds}, and the ledger has no entry about it, though later ones have");
            findings.push(Finding::new(FindingKind::DroppedLeaf, what, detail));
            continue;
        }
        let then = match objection(now.data, table, &commit, provenance) {
            Some(why) => format!("{why}: rollcall didn't write it, and won't start on it"),
            None => expected(&commit, Some(version) == newest).to_owned(),
        };
        let detail = format!("{adds}, and the ledger has no entry about it; {then}");
        findings.push(Finding::new(FindingKind::UnloggedCommit, what, detail));
    }
    Ok(pending)
}

/// What speaks for a commit without an entry, and what against it.
const fn expected(commit: &Commitment, is_newest: bool) -> &'static str {
    match (commit.removed.is_empty(), is_newest) {
        (true, true) => {
            "where a process was killed just now, that is to be expected of a table's newest commit, and the next start writes its entry; otherwise find out who wrote it before rollcall is started again, which vouches for it from then on"
        }
        (true, false) => {
            "of a table's commits a killed process leaves at most the newest so, unless workers went on without it: find out who wrote it before rollcall is started again, which vouches for it from then on"
        }
        (false, _) => {
            "unless a process was killed just now in `compact`, `retain` or `erase`, find out who wrote it before rollcall is started again"
        }
    }
}

/// Why a commit without an entry can't be ours.
fn objection(
    data: &Path,
    table: Table,
    commit: &Commitment,
    provenance: &Provenance,
) -> Option<String> {
    let again = commit.added.iter().find(|add| provenance.of(table, &add.path).is_some());
    if let Some(add) = again {
        return Some(format!("the ledger has an entry about {} already", add.path));
    }
    let other_size = commit.added.iter().find(|add| {
        let found = fs::symlink_metadata(data.join(table.name()).join(&add.path));
        found.is_ok_and(|found| found.len() != add.size)
    });
    if let Some(add) = other_size {
        return Some(format!("{} hasn't the size that it says", add.path));
    }
    commit.foreign_form(table)
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

/// Whether the next start takes a file for what a killed process left: it came after the
/// table's last commit.
fn is_litter(folder: &Path, name: &str) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let commits = fs::read_dir(folder.join("_delta_log")).into_iter().flatten().flatten();
    let commits = commits.map(|entry| entry.path());
    let last = commits
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .filter_map(|path| modified(&path))
        .max();
    let path = folder.join(name);
    let is_after = modified(&path).zip(last).is_some_and(|(written, last)| written >= last);
    name.ends_with(".parquet") && !path.is_dir() && is_after
}

/// Files in the folder that no entry names, or that should be gone.
fn extra(
    Now { data, is_held, is_whole }: Now<'_>,
    table: Table,
    provenance: &Provenance,
    pending: &HashSet<String>,
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
            None if !is_whole => continue,
            None if is_litter(&folder, &name) => {
                "no commit that the ledger knows names it; where a process was just killed, starting rollcall once removes it"
            }
            None => {
                "no commit that the ledger knows names it, and rollcall leaves it there: find out who put it there"
            }
        };
        let what = folder.join(name).display().to_string();
        findings.push(Finding::new(FindingKind::ExtraFile, what, detail));
    }
}
