//! The sealed files: their bytes, their rows, and the positions that these have.
//! Row groups are decoded and hashed on all cores.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type};
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use rollcall_ledger::RootBuilder;
use rollcall_schemas::row_hash::RowKey;

use super::Progress;
use super::finding::{Finding, FindingKind};
use super::history::Sealed;
use super::late::{Late, LateEvents};
use super::merges::Merges;
use super::positions::Positions;
use crate::encode::{Leaf, hash_batch};
use crate::error::{LakeError, Result};
use crate::footer::{self, Decoded};
use crate::notary::{irregular, sha256_of};
use crate::provenance::State;
use crate::table::Table;

/// Rows that are decoded and hashed together.
const BATCH: usize = 8_192;

/// A unit of work: a file's bytes, or one of its row groups.
#[derive(Debug, Clone, Copy)]
enum Task {
    Bytes(usize),
    Rows(usize, usize),
}

/// What is gathered of a file until all of it has come.
#[derive(Debug, Default)]
struct Gathered {
    left: usize,
    leaves: Vec<Leaf>,
    sha256: Option<String>,
    failure: Option<String>,
}

/// One verification of files, by several threads.
struct Check<'a> {
    data: &'a Path,
    sealed: &'a [Sealed],
    key: Option<&'a RowKey>,
    gathered: Vec<Mutex<Gathered>>,
    positions: Mutex<Positions>,
    merges: Merges<'a>,
    late: LateEvents<'a>,
    findings: Mutex<Vec<Finding>>,
    /// Whether what was sealed is known as a whole: what should be gone is.
    is_whole: bool,
    /// Findings on files whose bytes are those that were sealed and whose rows aren't: the
    /// key may be another.
    unlike: Mutex<Vec<Finding>>,
    /// Files whose rows hash to what was sealed.
    alike: AtomicUsize,
    rows: AtomicU64,
    rows_total: u64,
    tell: &'a (dyn Fn(Progress) + Sync),
}

/// What was read.
pub(super) struct Read {
    pub(super) files: usize,
    pub(super) rows: u64,
    pub(super) late: Vec<Late>,
    pub(super) positions: Positions,
}

/// What is to be checked.
pub(super) struct What<'a> {
    /// Every file that was ever sealed.
    pub(super) sealed: &'a [Sealed],
    /// The first that is looked at.
    pub(super) from: usize,
    /// Whether every entry could be read.
    pub(super) is_whole: bool,
    /// The shards that are no imports.
    pub(super) log_shards: &'a HashSet<i32>,
}

/// Checks every file that should be there; without a key, only its bytes.
pub(super) fn check(
    data: &Path,
    &What { sealed, from, is_whole, log_shards }: &What<'_>,
    key: Option<&RowKey>,
    findings: &mut Vec<Finding>,
    tell: &(dyn Fn(Progress) + Sync),
) -> Read {
    let check = Check {
        data,
        sealed,
        key,
        gathered: sealed.iter().map(|_| Mutex::default()).collect(),
        positions: Mutex::new(Positions::new(sealed)),
        // Without the key no row is hashed, and without all entries no inputs are known.
        merges: Merges::new(if key.is_some() && is_whole { sealed } else { &[] }, findings),
        late: LateEvents::of(log_shards),
        findings: Mutex::default(),
        is_whole,
        unlike: Mutex::default(),
        alike: AtomicUsize::new(0),
        rows: AtomicU64::new(0),
        rows_total: sealed
            .iter()
            .skip(from)
            .filter(|file| file.state != State::Gone && file.file.row_root.is_some())
            .map(|file| file.file.rows)
            .sum(),
        tell,
    };
    let (files, tasks) = check.tasks(from);
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check.work(*task);
                }
            });
        }
    });
    let mut found = check.findings.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut unlike = check.unlike.into_inner().unwrap_or_else(PoisonError::into_inner);
    let is_other_key = !unlike.is_empty() && check.alike.into_inner() == 0;
    if is_other_key {
        findings.push(other_key(data, unlike.len()));
    } else {
        found.append(&mut unlike);
    }
    found.sort_by(|a, b| (&a.what, a.kind).cmp(&(&b.what, b.kind)));
    findings.append(&mut found);
    Read {
        files,
        rows: check.rows.into_inner(),
        late: check.late.into_list(),
        positions: check.positions.into_inner().unwrap_or_else(PoisonError::into_inner),
    }
}

impl Check<'_> {
    fn path(&self, file: &Sealed) -> PathBuf {
        self.data.join(file.table.name()).join(&file.file.path)
    }

    fn found(&self, kind: FindingKind, path: &Path, detail: impl std::fmt::Display) {
        let finding = Finding::new(kind, path.display(), detail);
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).push(finding);
    }

    /// What there is to do, and in how many files.
    fn tasks(&self, from: usize) -> (usize, Vec<Task>) {
        let mut tasks = Vec::new();
        let mut files = 0;
        for (number, file) in self.sealed.iter().enumerate().skip(from) {
            if file.state == State::Gone {
                continue;
            }
            let path = self.path(file);
            if let Some(kind) = irregular(&path) {
                let index = file.index;
                let detail = format!(
                    "{kind} lies in the place of the file that entry {index} of the ledger names; it wasn't read"
                );
                self.found(FindingKind::AlteredFile, &path, detail);
                self.leave_out(file);
                continue;
            }
            if !path.exists() {
                let detail = format!("entry {} of the ledger names it, and it is gone", file.index);
                // What entries that can't be read may have removed, nobody misses.
                if self.is_whole {
                    self.found(FindingKind::MissingFile, &path, detail);
                }
                continue;
            }
            files += 1;
            tasks.push(Task::Bytes(number));
            let is_hashed = file.file.row_root.is_some() && self.key.is_some();
            let groups = if is_hashed { row_groups(&path) } else { Ok(0) };
            let Some(gathered) = self.gathered.get(number) else { continue };
            let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
            gathered.left = 1;
            match groups {
                Ok(groups) => {
                    tasks.extend((0..groups).map(|group| Task::Rows(number, group)));
                    gathered.left += groups;
                }
                Err(error) => gathered.failure = Some(error.to_string()),
            }
        }
        (files, tasks)
    }

    /// Of a file that isn't read nobody knows which records are in it.
    fn leave_out(&self, file: &Sealed) {
        if file.state == State::Live {
            let mut positions = self.positions.lock().unwrap_or_else(PoisonError::into_inner);
            positions.add_unread(file);
        }
    }

    fn work(&self, task: Task) {
        let (Task::Bytes(number) | Task::Rows(number, _)) = task;
        let (Some(file), Some(gathered)) = (self.sealed.get(number), self.gathered.get(number))
        else {
            return;
        };
        let path = self.path(file);
        let work = || match task {
            Task::Bytes(_) => sha256_of(&path).map(|sha256| (Some(sha256), Vec::new())),
            Task::Rows(_, group) => self.rows(&path, file, group).map(|leaves| (None, leaves)),
        };
        // A damaged file must not end the verification of the others.
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
            .unwrap_or_else(|_| Err(LakeError::Worker(format!("reading {}", path.display()))));
        let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
        match done {
            Ok((sha256, mut leaves)) => {
                gathered.sha256 = sha256.or(gathered.sha256.take());
                gathered.leaves.append(&mut leaves);
            }
            Err(error) => gathered.failure = Some(error.to_string()),
        }
        gathered.left = gathered.left.saturating_sub(1);
        if gathered.left == 0 {
            let whole = std::mem::take(&mut *gathered);
            drop(gathered);
            self.judge(&path, number, file, whole);
        }
    }

    fn rows(&self, path: &Path, file: &Sealed, group: usize) -> Result<Vec<Leaf>> {
        let (mut leaves, mut targets) = (Vec::new(), Vec::new());
        let Some(key) = self.key else { return Ok(leaves) };
        for batch in row_group(path, file.table, group)? {
            let batch = batch?;
            leaves.extend(hash_batch(file.table, &batch, key)?);
            if file.table == Table::Events && file.state == State::Live {
                self.late.look(&batch, path);
            }
            if file.table == Table::SetAside && file.state == State::Live {
                point(&batch, &mut targets);
            }
        }
        let mut positions = self.positions.lock().unwrap_or_else(PoisonError::into_inner);
        positions.point_to(targets);
        drop(positions);
        let rows = leaves.len() as u64;
        let done = self.rows.fetch_add(rows, Ordering::Relaxed) + rows;
        (self.tell)(Progress { rows: done, of: self.rows_total });
        Ok(leaves)
    }

    /// That a file is one that another entry names, where it is: files were swapped.
    fn other_of(&self, whole: &Gathered, root: Option<&String>, file: &Sealed) -> Option<String> {
        let is_it = |other: &&Sealed| {
            let other_file = &other.file;
            let same_bytes = whole.sha256.as_ref() == Some(&other_file.sha256);
            let same_rows = root.is_some() && other_file.row_root.as_ref() == root;
            other.index != file.index && (same_bytes || same_rows) && other_file.rows > 0
        };
        let other = self.sealed.iter().find(is_it)?;
        Some(format!(
            "it holds what entry {} of the ledger says of {}, and entry {} says other things of this one: the two were swapped, or one was copied over the other",
            other.index, other.file.path, file.index
        ))
    }

    /// Compares a file with its entry, and notes its rows' positions.
    fn judge(&self, path: &Path, number: usize, file: &Sealed, mut whole: Gathered) {
        whole.leaves.sort_unstable_by_key(|leaf| leaf.0);
        let mut root = RootBuilder::default();
        for (_, hash) in &whole.leaves {
            root.push_hash(*hash);
        }
        let root = hex::encode(root.root());
        let index = file.index;
        let same_bytes = whole.sha256.as_ref() == Some(&file.file.sha256);
        let expected = file.file.row_root.as_ref().filter(|_| self.key.is_some());
        let same_rows = expected.is_none_or(|expected| *expected == root);
        if whole.failure.is_some() || (same_rows && !same_bytes) {
            let detail = self
                .other_of(&whole, None, file)
                .unwrap_or_else(|| altered(file, &whole, same_bytes, self.key.is_some()));
            self.found(FindingKind::AlteredFile, path, detail);
        } else if !same_rows {
            let (rows, expected) = (whole.leaves.len(), file.file.rows);
            let expected_root = file.file.row_root.as_deref().unwrap_or_default();
            let detail = self.other_of(&whole, Some(&root), file).unwrap_or_else(|| format!(
                "its {rows} rows have the root {root}, entry {index} of the ledger says {expected} rows with {expected_root}"
            ));
            if same_bytes {
                let finding = Finding::new(FindingKind::AlteredRow, path.display(), detail);
                self.unlike.lock().unwrap_or_else(PoisonError::into_inner).push(finding);
            } else {
                self.found(FindingKind::AlteredRow, path, detail);
            }
        } else if expected.is_some() {
            self.alike.fetch_add(1, Ordering::Relaxed);
        }
        let twice = whole.leaves.windows(2).find(|pair| matches!(pair, [a, b] if a.0 == b.0));
        if let Some([((shard, seq, part), _), ..]) = twice {
            let detail = format!("it has row {shard}-{seq}-{part} twice");
            self.found(FindingKind::Positions, path, detail);
        }
        if same_rows && whole.failure.is_none() {
            let wrong = self.merges.take(number, &whole.leaves);
            if let Some((output, detail)) = wrong {
                self.found(FindingKind::AlteredRow, &self.path(output), detail);
            }
        }
        if file.state == State::Live {
            let mut positions = self.positions.lock().unwrap_or_else(PoisonError::into_inner);
            positions.add(file.table, whole.leaves.iter().map(|leaf| leaf.0));
            if whole.failure.is_some() {
                positions.add_unread(file);
            }
        }
    }
}

/// That the key isn't the one under which rows were hashed.
fn other_key(data: &Path, files: usize) -> Finding {
    let path = data.join("ledger/keys/row");
    let are = match files {
        1 => "the one file that could tell is byte for byte what was sealed".to_owned(),
        more => format!("{more} files are byte for byte what was sealed"),
    };
    let detail = format!(
        "it isn't the key under which the rows were hashed: {are}, and under this key no file's rows have the root that the ledger says; bring the key back from a backup"
    );
    Finding::new(FindingKind::WrongKey, path.display(), detail)
}

/// What is wrong with a file whose bytes aren't those of its entry, or that can't be read.
fn altered(file: &Sealed, whole: &Gathered, same_bytes: bool, has_key: bool) -> String {
    let (index, expected) = (file.index, &file.file.sha256);
    // Of a damaged file readers say little that helps; of one that is as it was, why they fail.
    let what = match (&whole.failure, &whole.sha256) {
        (Some(failure), None) => return failure.clone(),
        (Some(failure), Some(_)) if same_bytes => return failure.clone(),
        (Some(_), Some(_)) => "it can't be decoded any more",
        (None, _) if file.file.row_root.is_some() && !has_key => {
            "whether its rows are those that were sealed can't be told without the key"
        }
        (None, _) if file.file.row_root.is_some() => {
            "its rows are those that were sealed: their order or the file's form was changed"
        }
        (None, _) => "its content was changed",
    };
    let found = whole.sha256.as_deref().unwrap_or_default();
    format!("its SHA-256 is {found}, entry {index} of the ledger says {expected}; {what}")
}

fn row_groups(path: &Path) -> Result<usize> {
    Ok(footer::open(path, ArrowReaderOptions::new())?.metadata().num_row_groups())
}

fn row_group(
    path: &Path,
    table: Table,
    group: usize,
) -> Result<impl Iterator<Item = Result<RecordBatch, arrow::error::ArrowError>>> {
    let options = ArrowReaderOptions::new().with_schema(table.schema());
    let builder = footer::open(path, options)?.with_row_groups(vec![group]);
    let built = Decoded::built(builder.with_batch_size(BATCH));
    built.map(|(_, reader)| reader).map_err(LakeError::parquet("can't read", path))
}

/// The rows that a batch's verdicts point to.
fn point(batch: &RecordBatch, found: &mut Vec<(i32, i64)>) {
    let column = |name| batch.column_by_name(name);
    let (Some(shards), Some(seqs)) = (column("of_shard"), column("of_seq")) else { return };
    let (shards, seqs) = (shards.as_primitive::<Int32Type>(), seqs.as_primitive::<Int64Type>());
    let rows = (0..batch.num_rows()).filter(|row| shards.is_valid(*row) && seqs.is_valid(*row));
    found.extend(rows.map(|row| (shards.value(row), seqs.value(row))));
}
