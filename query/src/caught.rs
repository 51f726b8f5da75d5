//! Libraries panic over some damaged files, and over bugs of their own: a query then
//! fails, and the process goes on.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use datafusion::common::{DataFusionError, Result};
use futures::FutureExt;

/// What panicked in a query.
#[derive(Debug, thiserror::Error)]
#[error(
    "a library panicked: {0}; where `rollcall verify` finds a damaged file, bring it back from a backup; where it finds nothing, this is a bug: please report it with the query"
)]
struct Panicked(String);

/// Does the work; a panic in it is an error. What panicked must not be asked again.
pub(crate) async fn caught<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| Err(told(&*panic)))
}

fn told(panic: &(dyn Any + Send)) -> DataFusionError {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
    DataFusionError::External(Box::new(Panicked(said.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::caught;

    #[tokio::test]
    async fn a_panic_is_an_error_with_its_words() {
        let words = "offset + len out of bounds";
        let failed = caught(async { panic!("{words}") as datafusion::common::Result<()> }).await;
        let said = failed.expect_err("told").to_string();
        assert!(said.contains("a library panicked: offset + len out of bounds"), "{said}");
        assert_eq!(caught(async { Ok(7) }).await.expect("done"), 7);
    }
}
