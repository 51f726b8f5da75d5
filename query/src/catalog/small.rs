//! People, factors and shards: a file an import, a few hundred rows each. They
//! are read once and kept; opening fifty files costs more than their rows.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use datafusion::common::{DataFusionError, Result};
use rollcall_lake::{Segment, Table, read_rows};

/// Rows of small files, by table and file.
#[derive(Default)]
pub(super) struct Small(Mutex<HashMap<(Table, String), Vec<RecordBatch>>>);

impl std::fmt::Debug for Small {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_tuple("Small").field(&files).finish()
    }
}

impl Small {
    /// All rows of a table. Files that are gone from it are forgotten.
    pub(super) fn rows(
        &self,
        table: Table,
        segments: &[Arc<Segment>],
    ) -> Result<Arc<Vec<RecordBatch>>> {
        let schema = table.schema();
        let columns: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here: HashSet<&str> = segments.iter().map(|segment| segment.name.as_str()).collect();
        kept.retain(|(of, name), _| *of != table || here.contains(name.as_str()));
        let mut rows = Vec::new();
        for segment in segments {
            let at = (table, segment.name.clone());
            if !kept.contains_key(&at) {
                let read = read_rows(segment, &columns, None)
                    .map_err(|e| DataFusionError::External(Box::new(e)))?;
                // The reader drops the fields' ids: the table's schema has them.
                let read = read
                    .into_iter()
                    .map(|batch| {
                        RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec())
                    })
                    .collect::<Result<Vec<_>, _>>()?;
                kept.insert(at.clone(), read);
            }
            rows.extend(kept.get(&at).into_iter().flatten().cloned());
        }
        Ok(Arc::new(rows))
    }
}
