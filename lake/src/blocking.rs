//! Work that blocks, away from the threads of the runtime.

use crate::error::{LakeError, Result};

/// Does the work on a thread that may block.
///
/// # Errors
/// The work's; [`LakeError::Worker`] if it panics.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| LakeError::Worker(error.to_string()))?
}
