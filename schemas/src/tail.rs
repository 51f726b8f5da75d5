//! Rows that are visible to every query but not sealed yet.

use std::sync::Arc;

use ::arrow::array::RecordBatch;

/// An immutable picture of the unsealed rows, cheap to clone. Queries read it in
/// union with the sealed files of the same snapshot.
#[derive(Debug, Clone, Default)]
pub struct Tail {
    /// Batches of [`crate::arrow::events_schema`], in order of arrival.
    pub events: Arc<Vec<Arc<RecordBatch>>>,
    /// Batches of [`crate::arrow::set_aside_schema`], in order of arrival.
    pub set_aside: Arc<Vec<Arc<RecordBatch>>>,
}

impl Tail {
    /// Unsealed event rows.
    pub fn event_rows(&self) -> usize {
        self.events.iter().map(|batch| batch.num_rows()).sum()
    }

    /// Unsealed verdicts.
    pub fn set_aside_rows(&self) -> usize {
        self.set_aside.iter().map(|batch| batch.num_rows()).sum()
    }
}
