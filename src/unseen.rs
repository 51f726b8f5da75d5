//! What a reader of the files doesn't see, said to the person who asks.

use rollcall_ingest::{IngestError, unsealed};
use rollcall_lake::{DataDirectory, Lake};
use tokio::net::UnixStream;

use crate::output;

/// What a reader beside a writer says.
pub const ONLY_SEALED: &str = "Another process writes to this directory and wasn't asked: \
    this reads what is sealed; what isn't yet is missing.";

/// Whether another process writes to the directory, so that rows may be missing
/// in what is sealed.
async fn is_written(directory: &DataDirectory) -> bool {
    UnixStream::connect(directory.socket()).await.is_ok() || directory.is_held()
}

/// Says what is missing in what is sealed, if anything may be.
pub async fn tell(lake: &Lake) {
    if is_written(lake.directory()).await {
        output::note(ONLY_SEALED);
    } else {
        tell_unsealed(lake).await;
    }
}

/// Says how many records only the log holds, where no process is there to seal them.
pub async fn tell_unsealed(lake: &Lake) {
    match in_log(lake).await {
        Ok(records) => tell_in_log(records),
        Err(error) => output::note(&format!(
            "Whether records are in the log that aren't sealed can't be told: {error}"
        )),
    }
}

/// Records that only the log holds; none where a process is there to seal them.
///
/// # Errors
/// If the log is damaged, or a file can't be read.
pub async fn in_log(lake: &Lake) -> Result<u64, IngestError> {
    if lake.directory().is_held() {
        return Ok(0);
    }
    unsealed(lake).await
}

/// Says that records are in the log, where some are.
pub fn tell_in_log(records: u64) {
    let records = match records {
        0 => return,
        1 => "1 acknowledged record is in the log and not sealed: it is".to_owned(),
        more => format!("{more} acknowledged records are in the log and not sealed: they are"),
    };
    output::note(&format!("{records} missing here until `rollcall serve` reads the log."));
}
