//! Libraries that decode files panic over some damaged ones: a query then fails, and the
//! process goes on.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use datafusion::common::{DataFusionError, Result};
use futures::FutureExt;
use parquet::errors::ParquetError;

/// Does the work; what panics in it is an error over a damaged file. What panicked must
/// not be asked again.
pub(crate) async fn caught<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| Err(given_up(&*panic)))
}

fn given_up(panic: &(dyn Any + Send)) -> DataFusionError {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
    let said = format!("a library gave up on what it read: {said}");
    DataFusionError::ParquetError(Box::new(ParquetError::General(said)))
}

#[cfg(test)]
mod tests {
    use super::caught;

    #[tokio::test]
    async fn a_panic_is_an_error_with_its_words() {
        let words = "offset + len out of bounds";
        let failed = caught(async { panic!("{words}") as datafusion::common::Result<()> }).await;
        let said = failed.expect_err("told").to_string();
        assert!(said.contains("gave up on what it read: offset + len out of bounds"), "{said}");
        assert_eq!(caught(async { Ok(7) }).await.expect("done"), 7);
    }
}
