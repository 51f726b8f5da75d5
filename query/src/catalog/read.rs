//! What a query read of a snapshot, and whether another snapshot gives it the
//! same: an answer holds for as long as it does.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::common::Result;
use datafusion::logical_expr::Expr;
use rollcall_lake::Table;

use super::world::World;
use crate::days::ByDay;
use crate::days::table::DayTable;

/// Something that a query read, with the filters that say which part of it.
#[derive(Debug, Clone)]
pub(crate) enum Read {
    /// A view that is kept by day.
    Days(ByDay, Vec<Expr>),
    /// A table, with or without replaced rows.
    Table(Table, bool, Vec<Expr>),
    /// What the commits say of all files.
    Commits,
}

/// Everything that a query read, and a number for the state it was in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Vec<(Read, u64)>>>);

impl Trace {
    /// Notes what is being read.
    pub(crate) fn note(&self, read: Read, state: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((read, state));
    }

    /// What was read.
    pub(super) fn reads(&self) -> Vec<(Read, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One number for what something hashes to.
pub(crate) fn number(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

impl World {
    /// Whether everything that was read is in the same state in this snapshot.
    pub(super) async fn is_as_it_was(&self, reads: &[(Read, u64)]) -> bool {
        for (read, state) in reads {
            // What can't be told has to be read again, and then fails loudly.
            if !self.state(read).await.is_ok_and(|now| now == *state) {
                return false;
            }
        }
        true
    }

    async fn state(&self, read: &Read) -> Result<u64> {
        let session = self.inner.engine.planning();
        match read {
            Read::Days(view, filters) => {
                DayTable::new(self.clone(), *view, true).await?.state(session, filters).await
            }
            Read::Table(table, current, filters) => {
                self.table(*table, *current)?.state(session, filters)
            }
            Read::Commits => Ok(self.commits()),
        }
    }

    /// The state of what the commits say.
    pub(super) fn commits(&self) -> u64 {
        let snapshot = self.shared.snapshot();
        let segments = snapshot.tables.values().flat_map(|table| table.segments.iter());
        number(segments.map(|segment| segment.name.as_str()).collect::<Vec<_>>())
    }
}
