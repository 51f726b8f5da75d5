//! What all sessions on one snapshot have in common, found out once.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use datafusion::common::Result;
use rollcall_lake::{Snapshot, Table};

use super::read::number;
use super::tail;
use super::world::World;
use crate::days::hours::{Hours, hour_of};
use crate::days::key::DayKeys;
use crate::policy::Timeline;

/// A snapshot and what was found out about it.
#[derive(Debug)]
pub(crate) struct Shared {
    snapshot: Arc<Snapshot>,
    current: OnceLock<Arc<Vec<RecordBatch>>>,
    tail_hours: OnceLock<Vec<TailBatch>>,
    day_keys: OnceLock<Arc<DayKeys>>,
    timeline: tokio::sync::OnceCell<Arc<Timeline>>,
}

/// An unsealed batch: which rows it holds, and in which hours they happened.
#[derive(Debug)]
pub(crate) struct TailBatch {
    /// Position of its first row and number of rows: rows never change, so this
    /// stands for the batch.
    pub(crate) identity: (i32, i64, i32, usize),
    /// Rows by hour.
    pub(crate) hours: Hours,
}

impl Shared {
    /// Nothing is found out yet.
    pub(crate) fn new(snapshot: Arc<Snapshot>) -> Self {
        Self {
            snapshot,
            current: OnceLock::new(),
            tail_hours: OnceLock::new(),
            day_keys: OnceLock::new(),
            timeline: tokio::sync::OnceCell::new(),
        }
    }

    /// The snapshot.
    pub(crate) const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Unsealed events, less the replaced ones.
    pub(crate) fn current_tail(&self) -> Arc<Vec<RecordBatch>> {
        let tail = || {
            let replaced = self.snapshot.replaced.in_tail();
            Arc::new(tail::current(&self.snapshot.tail.events, replaced))
        };
        Arc::clone(self.current.get_or_init(tail))
    }

    /// Every unsealed row of a table.
    pub(crate) fn whole_tail(&self, table: Table) -> Arc<Vec<RecordBatch>> {
        Arc::new(match table {
            Table::Events => tail::all(&self.snapshot.tail.events),
            Table::SetAside => tail::all(&self.snapshot.tail.set_aside),
            Table::Shards
            | Table::People
            | Table::Factors
            | Table::Reconciliations
            | Table::VendorPolicies
            | Table::Policies
            | Table::Annotations => Vec::new(),
        })
    }

    /// One number for the unsealed rows of a table.
    pub(crate) fn tail_state(&self, table: Table, current: bool) -> u64 {
        match table {
            Table::Events => {
                let batches: Vec<_> = self.tail_hours().iter().map(|b| b.identity).collect();
                number((batches, if current { self.snapshot.replaced.in_tail().len() } else { 0 }))
            }
            Table::SetAside => {
                let batches = self.snapshot.tail.set_aside.iter();
                number(batches.filter_map(|batch| identity(batch)).collect::<Vec<_>>())
            }
            Table::Shards
            | Table::People
            | Table::Factors
            | Table::Reconciliations
            | Table::VendorPolicies
            | Table::Policies
            | Table::Annotations => 0,
        }
    }

    /// What the days of this snapshot depend on, if it is known already.
    pub(crate) fn day_keys(&self) -> Option<Arc<DayKeys>> {
        self.day_keys.get().cloned()
    }

    /// Keeps what the days of this snapshot depend on.
    pub(crate) fn keep_day_keys(&self, keys: Arc<DayKeys>) {
        let _already_there = self.day_keys.set(keys);
    }

    /// Which versions of policies are in force when; `world` is this snapshot's.
    pub(crate) async fn timeline(&self, world: &World) -> Result<Arc<Timeline>> {
        let read = || async { Timeline::read(world).await.map(Arc::new) };
        self.timeline.get_or_try_init(read).await.cloned()
    }

    /// The hours of the unsealed events.
    pub(crate) fn tail_hours(&self) -> &[TailBatch] {
        self.tail_hours.get_or_init(|| {
            self.snapshot.tail.events.iter().filter_map(|batch| tail_batch(batch)).collect()
        })
    }
}

/// Position of a batch's first row, and its rows.
fn identity(batch: &RecordBatch) -> Option<(i32, i64, i32, usize)> {
    let shard = batch.column(0).as_primitive::<Int32Type>().values().first()?;
    let seq = batch.column(1).as_primitive::<Int64Type>().values().first()?;
    let part = batch.column(2).as_primitive::<Int32Type>().values().first()?;
    Some((*shard, *seq, *part, batch.num_rows()))
}

fn tail_batch(batch: &RecordBatch) -> Option<TailBatch> {
    let times = batch.column_by_name("time")?.as_primitive::<TimestampMicrosecondType>();
    let mut hours = BTreeMap::new();
    for time in times.values() {
        *hours.entry(hour_of(*time)).or_insert(0_u32) += 1;
    }
    Some(TailBatch { identity: identity(batch)?, hours: Hours::new(hours) })
}
