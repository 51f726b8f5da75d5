//! A memory pool for one query that remembers whether it was exhausted, so that
//! the error can be told apart from others.

use std::sync::atomic::{AtomicBool, Ordering};

use datafusion::common::Result;
use datafusion::execution::memory_pool::{
    GreedyMemoryPool, MemoryLimit, MemoryPool, MemoryReservation,
};

/// The pool.
#[derive(Debug)]
pub(super) struct Pool {
    inner: GreedyMemoryPool,
    exhausted: AtomicBool,
}

impl Pool {
    /// A pool of so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        Self { inner: GreedyMemoryPool::new(bytes), exhausted: AtomicBool::new(false) }
    }

    /// Whether something was refused.
    pub(super) fn exhausted(&self) -> bool {
        self.exhausted.load(Ordering::Relaxed)
    }
}

impl std::fmt::Display for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(f)
    }
}

impl MemoryPool for Pool {
    fn name(&self) -> &str {
        "typed query"
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.inner.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.inner.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        self.inner.try_grow(reservation, additional).inspect_err(|_| {
            self.exhausted.store(true, Ordering::Relaxed);
        })
    }

    fn reserved(&self) -> usize {
        self.inner.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.inner.memory_limit()
    }
}
