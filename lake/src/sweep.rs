//! What an interrupted process left is removed when the next one starts to write.
//! What looks like it because a commit is damaged stays: it may hold the only copy.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use crate::directory::DataDirectory;
use crate::error::{LakeError, Result};
use crate::provenance::{Provenance, State};
use crate::segment::Segment;
use crate::snapshot::Snapshot;

/// Removes staged files and whole files whose commit never came. Only the process
/// that holds the lock does this, before it writes. Ids of segments that aren't
/// there go when the ids are opened ([`crate::id_files`]).
pub(crate) fn sweep(directory: &DataDirectory, snapshot: &Snapshot) -> Result<()> {
    for (table, state) in &snapshot.tables {
        let root = directory.path().join(table.name());
        let live: HashSet<&str> = state.segments.iter().map(|s| s.name.as_str()).collect();
        // Read only where there is a file that the table doesn't have.
        let (provenance, since) = (OnceCell::new(), OnceCell::new());
        remove(&root, |name| {
            if name.starts_with(".writing-") || is_staged(name) {
                return Ok(true);
            }
            if !name.ends_with(".parquet") || live.contains(name) {
                return Ok(false);
            }
            let known = match provenance.get() {
                Some(known) => known,
                None => {
                    let read = Provenance::read(&directory.ledger())?;
                    provenance.get_or_init(|| read)
                }
            };
            Ok(match known.of(*table, name).map(|origin| origin.state) {
                None => {
                    let since = since.get_or_init(|| orphans_since(&root, &state.segments));
                    is_orphan(&root.join(name), *since)
                }
                // Superseded files stay, also where their compaction has no entry yet.
                Some(state) => state == State::Gone,
            })
        })?;
        remove(&root.join("_delta_log"), |name| Ok(is_staged(name)))?;
    }
    remove(&directory.index(), |name| Ok(name.ends_with(".writing")))
}

/// Files that neither a commit nor the ledger names are litter if they came after
/// this: the last commit, since a process stops at the first that fails. `None` where
/// a file that a commit names is missing: then the commit may be what is damaged, and
/// nothing is litter.
fn orphans_since(root: &Path, segments: &[Arc<Segment>]) -> Option<SystemTime> {
    if let Some(missing) = segments.iter().find(|segment| !segment.path.exists()) {
        tracing::error!(file.path = %missing.path.display(),
            "a commit names this file and it isn't there; restore it, or the table's _delta_log, from a backup");
        return None;
    }
    fs::read_dir(root.join("_delta_log"))
        .ok()?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .filter_map(|path| fs::metadata(path).and_then(|file| file.modified()).ok())
        .max()
}

fn is_orphan(path: &Path, since: Option<SystemTime>) -> bool {
    let written = fs::metadata(path).and_then(|file| file.modified()).ok();
    let orphan = written.zip(since).is_some_and(|(written, since)| written >= since);
    if !orphan {
        tracing::error!(file.path = %path.display(),
            "no commit names this file, and it is older than the last one; the table's _delta_log may be damaged, so the file stays");
    }
    orphan
}

/// The object store, and ours in front of it, stage under the final name, `#` and
/// a number.
fn is_staged(name: &str) -> bool {
    name.rsplit_once('#')
        .is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
}

fn remove(folder: &Path, is_litter: impl Fn(&str) -> Result<bool>) -> Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(LakeError::file("can't list", folder))?,
    };
    for entry in entries {
        let entry = entry.map_err(LakeError::file("can't list", folder))?;
        if is_litter(&entry.file_name().to_string_lossy())? && !entry.path().is_dir() {
            let path = entry.path();
            tracing::info!(file.path = %path.display(), "removing what an interrupted process left");
            fs::remove_file(&path).map_err(LakeError::file("can't remove", &path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::directory::Access;
    use crate::lake::Lake;
    use crate::table::Table;

    fn everything(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                everything(&path, found);
            } else {
                found.insert(path.display().to_string());
            }
        }
    }

    fn open(path: &Path) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(Lake::open(path, Access::Write)).expect("opened");
    }

    #[test]
    fn a_file_whose_commit_is_damaged_stays() {
        let scratch = tempfile::tempdir().expect("a directory");
        open(scratch.path());
        let root = scratch.path().join("events");
        let lost = root.join("events_3rows_0123456789abcdef.parquet");
        let file = fs::File::create(&lost).expect("a file");
        file.set_modified(SystemTime::UNIX_EPOCH).expect("an old file");
        open(scratch.path());
        assert!(lost.exists(), "it is older than the last commit");
    }

    #[test]
    fn a_start_removes_all_litter_and_nothing_else() {
        let scratch = tempfile::tempdir().expect("a directory");
        open(scratch.path());
        let mut clean = BTreeSet::new();
        everything(scratch.path(), &mut clean);
        fs::create_dir_all(scratch.path().join("index")).expect("a folder");
        for table in Table::ALL {
            let root = scratch.path().join(table.name());
            let log = root.join("_delta_log");
            for litter in [
                root.join(".writing-7-0190"),
                root.join(format!("{}_3rows_0123456789abcdef.parquet", table.name())),
                root.join(format!("{}_3rows_0123456789abcdef.parquet#2", table.name())),
                log.join("00000000000000000001.json#1231"),
                log.join("00000000000000000050.checkpoint.parquet#1"),
                log.join("_last_checkpoint#12"),
            ] {
                fs::write(litter, "cut off").expect("a file");
            }
        }
        let litter = scratch.path().join("index/events_1rows_00.parquet.writing");
        fs::write(litter, "cut off").expect("a file");
        open(scratch.path());
        let mut after = BTreeSet::new();
        everything(scratch.path(), &mut after);
        assert_eq!(after, clean);
    }
}
