//! What the ledger says became of every file that was ever sealed.

use std::collections::HashMap;
use std::path::Path;

use rollcall_ledger::{Checkpoint, Directory, Entry, Fact, File, IndexRange, Note};

use crate::error::Result;
use crate::notary::subject;
use crate::table::Table;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The table has it.
    Live,
    /// Another file holds its rows; it stays until retention.
    Superseded,
    /// An entry says that it was removed, or replaced by an erasure.
    Gone,
}

/// A file that an entry names.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// The table that it belongs to.
    pub(crate) table: Table,
    /// What the ledger says of it.
    pub(crate) file: File,
    /// The entry that states its rows; after an erasure, the one of the file that was
    /// there before.
    pub(crate) index: u64,
    /// The entry that names it.
    pub(crate) named_by: u64,
    /// What became of it.
    pub(crate) state: State,
    /// Where a compaction made it: the files whose rows it holds, by their numbers.
    pub(crate) merged: Vec<usize>,
}

/// Every file, in the order of the entries.
#[derive(Debug, Clone, Default)]
pub(crate) struct Provenance {
    files: Vec<Origin>,
    by_name: HashMap<(Table, String), usize>,
}

impl Provenance {
    /// Reads it from the signed part of a ledger; empty where there is none.
    ///
    /// # Errors
    /// If the ledger can't be read.
    pub(crate) fn read(ledger: &Path) -> Result<Self> {
        Self::said_by(&Directory::new(ledger)).map_err(|error| error.in_ledger(ledger))
    }

    fn said_by(log: &Directory) -> Result<Self> {
        let mut provenance = Self::default();
        let Some(bytes) = log.checkpoint()? else { return Ok(provenance) };
        let size = Checkpoint::parse(Note::parse(&bytes)?.text())?.size;
        for entry in log.entries(size).from(0) {
            let (index, bytes) = entry?;
            provenance.take(index, &Entry::parse(&bytes)?);
        }
        Ok(provenance)
    }

    /// Every file, in the order of the entries.
    pub(crate) fn files(&self) -> &[Origin] {
        &self.files
    }

    /// The file of a name.
    pub(crate) fn of(&self, table: Table, name: &str) -> Option<&Origin> {
        self.files.get(*self.by_name.get(&(table, name.to_owned()))?)
    }

    /// Takes in what the next entry says.
    pub(crate) fn take(&mut self, index: u64, entry: &Entry) {
        let Some((table, _)) = subject(entry) else { return };
        let mut merged = Vec::new();
        match &entry.fact {
            Fact::Compaction(compaction) => {
                merged = self.retire(table, &compaction.inputs, State::Superseded);
            }
            Fact::Retention(retention) => {
                self.retire(table, &retention.removed, State::Gone);
            }
            Fact::Erasure(erasure) => {
                for replaced in &erasure.replaced {
                    let number = self.by_name.get(&(table, replaced.old.clone()));
                    let Some(old) = number.and_then(|n| self.files.get_mut(*n)) else { continue };
                    old.state = State::Gone;
                    let file = File {
                        path: replaced.path.clone(),
                        bytes: replaced.bytes,
                        sha256: replaced.sha256.clone(),
                        ..old.file.clone()
                    };
                    let index_of_rows = old.index;
                    self.add(Origin {
                        table,
                        file,
                        index: index_of_rows,
                        named_by: index,
                        state: State::Live,
                        merged: Vec::new(),
                    });
                }
            }
            _ => {}
        }
        if let Some(file) = entry.added() {
            let file = file.clone();
            self.add(Origin { table, file, index, named_by: index, state: State::Live, merged });
        }
    }

    fn add(&mut self, file: Origin) {
        self.by_name.insert((file.table, file.file.path.clone()), self.files.len());
        self.files.push(file);
    }

    /// Files whose rows lie elsewhere now, or nowhere; their numbers.
    fn retire(&mut self, table: Table, ranges: &[IndexRange], state: State) -> Vec<usize> {
        let concerned = |file: &Origin| {
            file.table == table
                && file.state != State::Gone
                && (file.state == State::Live || state == State::Gone)
                && ranges.iter().any(|range| range.from <= file.index && file.index < range.to)
        };
        let mut retired = Vec::new();
        for (number, file) in self.files.iter_mut().enumerate() {
            if concerned(file) {
                file.state = state;
                retired.push(number);
            }
        }
        retired
    }

    /// Ranges of ledger indexes that hold the entries of some files and of no other
    /// file of the table that is there; ascending.
    pub(crate) fn ranges(&self, table: Table, is_meant: impl Fn(&str) -> bool) -> Vec<(u64, u64)> {
        let mut there: Vec<(u64, bool)> = self
            .files
            .iter()
            .filter(|file| file.table == table && file.state != State::Gone)
            .map(|file| (file.index, is_meant(&file.file.path)))
            .collect();
        there.sort_unstable();
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        let mut is_open = false;
        for (index, is_meant) in there {
            match ranges.last_mut().filter(|_| is_open && is_meant) {
                Some(range) => range.1 = index + 1,
                None if is_meant => ranges.push((index, index + 1)),
                None => {}
            }
            is_open = is_meant;
        }
        ranges
    }
}
