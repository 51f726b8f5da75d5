//! Events of rollcall's own into the log, beside everybody's.

use async_trait::async_trait;
use bytes::Bytes;
use rollcall_schemas::{Append, AppendError};

use crate::intake::Intake;
use crate::source::OWN;

#[async_trait]
impl Append for Intake {
    async fn append(&self, collector: &str, records: &[String]) -> Result<(), AppendError> {
        if records.is_empty() {
            return Ok(());
        }
        // JSON on one line each: that is how the log cuts them again.
        let lines = Bytes::from(records.join("\n"));
        let stored = self.accept(OWN, collector, lines).await;
        stored.map(drop).map_err(|error| AppendError(error.to_string()))
    }
}
