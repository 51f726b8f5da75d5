//! The time, and waiting for it. Tests have a clock of their own, that nobody waits for.

use std::fmt::Debug;
use std::time::Duration;

use chrono::Utc;
use futures::future::BoxFuture;

/// A clock.
pub(super) trait Clock: Debug + Send + Sync {
    /// The time, µs since 1970 UTC.
    fn now(&self) -> i64;
    /// Waits.
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()>;
}

/// The machine's.
#[derive(Debug, Clone, Copy)]
pub(super) struct System;

impl Clock for System {
    fn now(&self) -> i64 {
        Utc::now().timestamp_micros()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// A duration in µs.
pub(super) fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// µs as a duration; nothing where they are negative.
pub(super) fn duration(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}
