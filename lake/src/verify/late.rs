//! Events that came long after their time: a collector that caught up, or somebody who
//! adds to the past. Imports are left out: they are of the past by their nature.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, TimestampMicrosecondType};
use rollcall_ledger::Fact;

use super::history::Read;

/// An event is late from here on, µs after its time.
const LATE: i64 = 24 * HOUR;
const HOUR: i64 = 3600 * 1_000_000;

/// The late events of one file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Late {
    /// The file.
    pub file: String,
    /// How many.
    pub events: u64,
    /// Hours between time and receipt of the latest.
    pub hours: i64,
}

/// The shards that are no imports.
pub(super) fn log_shards(entries: &[Read]) -> HashSet<i32> {
    let named = entries.iter().filter_map(|(_, _, entry)| match &entry.fact {
        Fact::Shard(shard) => Some(&shard.shards),
        _ => None,
    });
    named.flatten().filter(|shard| shard.kind != "import").map(|shard| shard.shard).collect()
}

/// Collects them, by several threads.
pub(super) struct LateEvents<'a> {
    log_shards: &'a HashSet<i32>,
    /// By file: how many, and the most µs.
    found: Mutex<BTreeMap<String, (u64, i64)>>,
}

impl<'a> LateEvents<'a> {
    pub(super) fn of(log_shards: &'a HashSet<i32>) -> Self {
        Self { log_shards, found: Mutex::default() }
    }

    /// Looks at the rows of a file.
    pub(super) fn look(&self, batch: &RecordBatch, path: &Path) {
        let column = |name| batch.column_by_name(name);
        let (Some(shards), Some(times), Some(received)) =
            (column("shard"), column("time"), column("received"))
        else {
            return;
        };
        let shards = shards.as_primitive::<Int32Type>().values();
        let times = times.as_primitive::<TimestampMicrosecondType>().values();
        let received = received.as_primitive::<TimestampMicrosecondType>().values();
        let lags = shards
            .iter()
            .zip(times.iter().zip(received))
            .filter(|(shard, _)| self.log_shards.contains(shard))
            .map(|(_, (time, received))| received.saturating_sub(*time))
            .filter(|lag| *lag > LATE);
        let (count, most) = lags.fold((0, 0), |(count, most), lag| (count + 1, lag.max(most)));
        if count > 0 {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            let of_file = found.entry(path.display().to_string()).or_default();
            *of_file = (of_file.0 + count, of_file.1.max(most));
        }
    }

    pub(super) fn into_list(self) -> Vec<Late> {
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let late = |(file, (events, most))| Late { file, events, hours: most / HOUR };
        found.into_iter().map(late).collect()
    }
}
