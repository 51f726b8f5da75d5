//! What is looked at when the process starts, before anything is signed: whether this is
//! the ledger that was signed, and whether commits that nobody vouches for yet are ours.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use parquet::arrow::arrow_reader::ArrowReaderOptions;
use rollcall_ledger::{Beginnings, Directory, Entry, Fact, Head};
use rollcall_schemas::row_hash::RowKey;

use super::commit_path;
use super::fact::Commitment;
use super::read_back::sha256_of;
use crate::directory::{DataDirectory, row_key};
use crate::encode::{hash_batch, root_of};
use crate::error::{LakeError, Result};
use crate::footer::{self, Decoded};
use crate::provenance::{Provenance, State};
use crate::table::Table;

/// Files whose rows are hashed to see whether the key is the right one, at most.
const TRIED: usize = 4;

/// What a sign-once file means that says less than the checkpoint.
pub(crate) fn behind(signed: u64, stated: u64) -> String {
    format!(
        "it says that {} signed last, and the checkpoint has {stated}: it moves on before every checkpoint, so that it was put back, or is that of an earlier copy; find out by whom, and put the newest one in its place",
        match signed {
            1 => "1 entry was".to_owned(),
            more => format!("{more} entries were"),
        }
    )
}

/// Refuses to begin a ledger where one was begun before: what its key signed would be
/// signed another time, differently perhaps.
pub(super) fn refuse_unbegun(directory: &DataDirectory) -> Result<()> {
    // A first start that was interrupted has made its tables and keys, and nothing else.
    let commits = Table::ALL.iter().filter(|table| {
        let folder = directory.path().join(table.name());
        holds_files(&folder) || says_something(&folder.join("_delta_log"))
    });
    let begun: Vec<&str> = commits.map(|table| table.name()).collect();
    if begun.is_empty() {
        return Ok(());
    }
    let root = directory.ledger();
    let left = ["keys/log", "tile/entries"].into_iter().filter(|name| root.join(name).exists());
    let left: Vec<&str> = left.collect();
    let left = match left.is_empty() {
        true => "all of the ledger".to_owned(),
        false => format!("both of {} (left is {})", root.display(), left.join(", ")),
    };
    let detail = format!(
        "the checkpoint and the sign-once file are missing, {left}, though {} commits: nothing is signed a second time. Bring them back from a backup (`rollcall restore`), or name the place of the sign-once file (ledger.sign_once, --config). Without a backup nothing vouches for what is here any more: keep this directory as it is, and, if you want to go on without it, begin another with --data",
        match begun.as_slice() {
            [one] => format!("the table {one} has"),
            several => format!("the tables {} have", several.join(", ")),
        }
    );
    Err(LakeError::RolledBack { path: root.join("checkpoint"), detail })
}

fn holds_files(table: &Path) -> bool {
    let mut files = fs::read_dir(table).into_iter().flatten().flatten();
    files.any(|file| file.file_name().to_string_lossy().ends_with(".parquet"))
}

/// Whether commits say anything but what the table is. One that only does may stand there
/// twice: where a store lost the answer to the first, it is made again as the next.
fn says_something(log: &Path) -> bool {
    let mut files = fs::read_dir(log).into_iter().flatten().flatten();
    files.any(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        if name.ends_with(".checkpoint.parquet") || name == "_last_checkpoint" {
            return true;
        }
        if !name.ends_with(".json") {
            return false;
        }
        let commit = fs::read(file.path()).ok().and_then(|b| Commitment::parse(&b).ok());
        commit.is_none_or(|commit| {
            commit.note().is_some() || !commit.added.is_empty() || !commit.removed.is_empty()
        })
    })
}

/// Refuses a sign-once file that the checkpoint contradicts, and says where the checkpoint
/// alone is missing.
pub(super) fn refuse_other(
    root: &Path,
    place: &str,
    signed: Head,
    stated: Option<Head>,
) -> Result<()> {
    let refused = |detail| Err(LakeError::RolledBack { path: place.into(), detail });
    match stated {
        None if signed.size > 0 => {
            tracing::warn!(
                "{} is missing; it is signed anew for {} entries, which {place} says were signed last: find out who removed it",
                root.join("checkpoint").display(),
                signed.size
            );
            Ok(())
        }
        Some(stated) if stated.size > signed.size => refused(behind(signed.size, stated.size)),
        Some(stated) if stated.size == signed.size && stated.root != signed.root => refused(
            format!("another root was signed of {} entries than the checkpoint has", signed.size),
        ),
        _ => Ok(()),
    }
}

/// Refuses entries of which the checkpoint that lies there isn't the beginning.
pub(super) fn refuse_rewritten(
    root: &Path,
    beginnings: &Beginnings,
    stated: Option<Head>,
) -> Result<()> {
    let Some(stated) = stated else { return Ok(()) };
    if beginnings.root(stated.size) == Some(stated.root) {
        return Ok(());
    }
    Err(LakeError::RolledBack {
        path: root.join("checkpoint"),
        detail: format!(
            "it signs another root of {} entries than they have: entries were changed",
            stated.size
        ),
    })
}

/// What the ledger says already.
#[derive(Debug)]
pub(super) struct Known {
    /// Every file that an entry ever named.
    files: HashSet<(Table, String)>,
    key: RowKey,
}

impl Known {
    /// Reads it, and sees whether the key that salts rows is the one that salted them.
    ///
    /// # Errors
    /// If the ledger or the key can't be read, or it is another key.
    pub(super) fn read(directory: &DataDirectory, log: &Directory, size: u64) -> Result<Self> {
        let mut provenance = Provenance::default();
        for entry in log.entries(size).from(0) {
            let (index, bytes) = entry?;
            provenance.take(index, &Entry::parse(&bytes)?);
        }
        let key = row_key(directory)?;
        refuse_key(directory, &provenance, &key)?;
        let files = provenance.files().iter();
        let files = files.map(|file| (file.table, file.file.path.clone())).collect();
        Ok(Self { files, key })
    }

    /// Refuses a commit that this program wouldn't have made.
    pub(super) fn refuse_foreign(
        &mut self,
        data: &Path,
        table: Table,
        version: u64,
        entry: &Entry,
    ) -> Result<()> {
        let refused = |detail| Err(LakeError::Commit { table: table.name(), version, detail });
        let path = commit_path(data, table, version);
        let bytes = fs::read(&path).map_err(LakeError::file("can't read", &path))?;
        if let Some(detail) = Commitment::parse(&bytes).ok().and_then(|c| c.foreign_form(table)) {
            return refused(detail);
        }
        let mut names: Vec<&str> =
            entry.added().map(|file| file.path.as_str()).into_iter().collect();
        if let Fact::Erasure(erasure) = &entry.fact {
            names.extend(erasure.replaced.iter().map(|replaced| replaced.path.as_str()));
        }
        for name in names {
            if !self.files.insert((table, name.to_owned())) {
                return refused(format!("it adds {name}, which the ledger has an entry about"));
            }
        }
        Ok(())
    }

    /// Refuses a file whose rows aren't those that its commit says.
    pub(super) fn refuse_rows(&self, data: &Path, table: Table, entry: &Entry) -> Result<()> {
        let Some(file) = entry.added() else { return Ok(()) };
        let Some(expected) = &file.row_root else { return Ok(()) };
        let path = data.join(table.name()).join(&file.path);
        let found = root_of_file(table, &path, &self.key)?;
        if found == *expected {
            return Ok(());
        }
        let detail = format!("its rows have the root {found}, its commit says {expected}");
        Err(LakeError::Damaged { path, detail })
    }
}

/// Refuses a key under which rows don't hash to what the ledger says: of the smallest files
/// that are as they were.
fn refuse_key(directory: &DataDirectory, provenance: &Provenance, key: &RowKey) -> Result<()> {
    let there = provenance.files().iter().filter(|file| file.state != State::Gone);
    let mut hashed: Vec<_> = there.filter(|file| file.file.row_root.is_some()).collect();
    hashed.sort_by_key(|file| (file.file.rows, std::cmp::Reverse(file.index)));
    for file in hashed.into_iter().take(TRIED) {
        let path = directory.path().join(file.table.name()).join(&file.file.path);
        // What is wrong with the file itself, `verify` tells.
        if sha256_of(&path).ok().as_ref() != Some(&file.file.sha256) {
            continue;
        }
        let Ok(root) = root_of_file(file.table, &path, key) else { continue };
        if file.file.row_root.as_ref() == Some(&root) {
            return Ok(());
        }
        let detail = format!(
            "it isn't the key under which the rows were hashed: {} is byte for byte what was sealed, and its rows have another root under it than the ledger says",
            path.display()
        );
        return Err(LakeError::Damaged { path: directory.keys().join("row"), detail });
    }
    Ok(())
}

/// The root over a file's rows, hex.
fn root_of_file(table: Table, path: &Path, key: &RowKey) -> Result<String> {
    let options = ArrowReaderOptions::new().with_schema(table.schema());
    let builder = footer::open(path, options)?;
    let (_, batches) = Decoded::built(builder).map_err(LakeError::parquet("can't read", path))?;
    let mut leaves = Vec::new();
    for batch in batches {
        leaves.extend(hash_batch(table, &batch?, key)?);
    }
    Ok(hex::encode(root_of(leaves)))
}
