//! How events of rollcall's own get into the log: alerts, what people did about them,
//! changes of policies. They are records like any other, so in the same segments with
//! the same proofs.

use async_trait::async_trait;

/// Why an event of rollcall's own couldn't be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("can't write an event of rollcall's own into the log: {0}")]
pub struct AppendError(pub String);

/// Writes events of the source `rollcall`. Whoever sends records to an input can't.
#[async_trait]
pub trait Append: Send + Sync {
    /// Stores records in this order; returns once they are durable. Each is one JSON
    /// object on one line with a `rollcall_event`, an `id` and a `time`; `collector` is
    /// what the column of that name says.
    ///
    /// # Errors
    /// If the log has stopped, or doesn't take them.
    async fn append(&self, collector: &str, records: &[String]) -> Result<(), AppendError>;
}
