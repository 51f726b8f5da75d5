//! Rows of many files in the order of their times. Files are opened in the order of their
//! first event; in memory are the rows of those that overlap, about 350 bytes each.

use std::collections::BTreeSet;
use std::sync::Arc;

use rollcall_lake::{LakeError, Replaced, Segment, read_rows};

use super::reader::{COLUMNS, Reader};
use super::row::{At, Row};

/// Rows that are handed on at once.
const CHUNK: usize = 65_536;

/// Files to be walked through.
pub(crate) struct Walk<'w> {
    pub(crate) reader: &'w mut Reader,
    pub(crate) replaced: &'w Replaced,
    /// Whether a row is wanted: given the file, the row, and what its commit replays.
    pub(crate) wants: &'w dyn Fn(At, &BTreeSet<At>) -> bool,
}

/// Rows of one file that weren't handed on, in order.
struct Run {
    rows: Vec<Row>,
    next: usize,
}

impl Walk<'_> {
    /// Hands on the wanted rows of the files, and of `more` rows that lie in none (sorted
    /// here), in the order of their times.
    ///
    /// # Errors
    /// If a file can't be read.
    pub(crate) fn through(
        &mut self,
        files: &[Arc<Segment>],
        more: Vec<Row>,
        hand_on: &mut dyn FnMut(&mut Reader, &[Row]),
    ) -> Result<(), LakeError> {
        let mut files: Vec<&Arc<Segment>> = files.iter().collect();
        files.sort_by_key(|file| (file.tags.time_min, file.name.clone()));
        let mut runs = vec![Run::new(more)];
        for file in files {
            // Nothing in this file, or in one behind it, is older.
            if let Some(first) = file.tags.time_min {
                self.hand_on(&mut runs, first, hand_on);
            }
            runs.push(Run::new(self.open(file)?));
        }
        self.hand_on(&mut runs, i64::MAX, hand_on);
        Ok(())
    }

    fn open(&mut self, file: &Segment) -> Result<Vec<Row>, LakeError> {
        let replays: BTreeSet<At> =
            file.tags.replays.iter().map(|(s, q, p)| At(*s, *q, *p)).collect();
        let replaced = self.replaced;
        let gone = replaced.in_segment(&file.name).map(|rows| rows.as_slice());
        let mut gone = gone.unwrap_or_default().iter().peekable();
        let mut rows = Vec::new();
        let mut before = 0_usize;
        for batch in read_rows(file, COLUMNS, None)? {
            let mut wanted = |number: usize, at: At| {
                let number = u32::try_from(before + number).unwrap_or(u32::MAX);
                while gone.peek().is_some_and(|gone| **gone < number) {
                    gone.next();
                }
                gone.peek() != Some(&&number) && (self.wants)(at, &replays)
            };
            self.reader.read(&batch, &mut wanted, &mut rows);
            before += batch.num_rows();
        }
        Ok(rows)
    }

    /// Hands on what lies before a time, in chunks.
    fn hand_on(
        &mut self,
        runs: &mut Vec<Run>,
        before: i64,
        hand_on: &mut dyn FnMut(&mut Reader, &[Row]),
    ) {
        loop {
            let until = runs.iter().filter_map(|run| run.end_of_chunk()).min();
            let until = until.map_or(before, |until| until.min(before));
            let mut chunk: Vec<Row> = Vec::new();
            for run in runs.iter_mut() {
                chunk.extend_from_slice(run.take_before(until));
            }
            runs.retain(|run| run.next < run.rows.len());
            chunk.sort_unstable_by_key(|row| (row.time, row.at));
            hand_on(self.reader, &chunk);
            if until == before {
                return;
            }
        }
    }
}

impl Run {
    fn new(mut rows: Vec<Row>) -> Self {
        rows.sort_unstable_by_key(|row| (row.time, row.at));
        Self { rows, next: 0 }
    }

    /// A time before which at most a chunk of it lies, and something; none if all of it fits.
    fn end_of_chunk(&self) -> Option<i64> {
        let last = self.rows.get(self.next + CHUNK)?.time;
        let first = self.rows.get(self.next)?.time;
        // Many at one instant are handed on together.
        Some(last.max(first.saturating_add(1)))
    }

    fn take_before(&mut self, time: i64) -> &[Row] {
        let rest = self.rows.get(self.next..).unwrap_or_default();
        let count = match time {
            i64::MAX => rest.len(),
            time => rest.partition_point(|row| row.time < time),
        };
        let from = self.next;
        self.next += count;
        self.rows.get(from..self.next).unwrap_or_default()
    }
}
