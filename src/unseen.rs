//! What a reader of the files doesn't see, said to the person who asks.

use rollcall_ingest::unsealed;
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
    if lake.directory().is_held() {
        return;
    }
    match unsealed(lake).await {
        Ok(0) => {}
        Ok(records) => output::note(&format!(
            "{records} acknowledged records are in the log and not sealed: they are missing here until `rollcall serve` reads them."
        )),
        Err(error) => output::note(&format!(
            "Whether records are in the log that aren't sealed can't be told: {error}"
        )),
    }
}
