//! The runtime, with threads enough for work that blocks.
//!
//! Where the system gives a process no further thread, tokio lets such work wait until
//! one of its threads is free: for ever, where that one waits for this work, as the Delta
//! kernel does when it reads a table. So there are some from the start, which stay; where
//! they can't be had, the process says so at once.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::runtime::{Builder, Runtime};

/// More than wait for each other at a time.
const BLOCKING: usize = 16;
/// How long one stays that has nothing to do: years.
const KEPT: Duration = Duration::from_hours(10 * 365 * 24);
/// Longest time in which they start; it takes them a millisecond.
const PATIENCE: Duration = Duration::from_secs(10);

/// Starts the runtime.
///
/// # Errors
/// If the system doesn't give it its threads.
pub fn runtime() -> Result<Runtime> {
    let built = Builder::new_multi_thread().enable_all().thread_keep_alive(KEPT).build();
    let runtime = built.context("the threads of the runtime can't be started")?;
    let started = start(&runtime, PATIENCE);
    if started < BLOCKING {
        // It would wait for threads that never come.
        std::mem::forget(runtime);
        bail!(
            "the system gives this process only {started} of the {BLOCKING} threads that it needs for files: raise its limit of processes (ulimit -u, TasksMax) or of memory (ulimit -v, MemoryMax)"
        );
    }
    Ok(runtime)
}

/// Has so many pieces of work running at once; how many there came to be.
fn start(runtime: &Runtime, patience: Duration) -> usize {
    let (here, arrived) = mpsc::channel();
    let gate = Arc::new(Mutex::new(()));
    let closed = gate.lock();
    for _ in 0..BLOCKING {
        let (here, gate) = (here.clone(), Arc::clone(&gate));
        runtime.spawn_blocking(move || {
            // Nobody counts any more only where it took too long.
            let _ = here.send(());
            drop(gate.lock());
        });
    }
    let count = (0..BLOCKING).take_while(|_| arrived.recv_timeout(patience).is_ok()).count();
    drop(closed);
    count
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BLOCKING, PATIENCE, runtime, start};

    #[test]
    fn work_that_blocks_has_its_threads() {
        let runtime = runtime().expect("a runtime");
        assert_eq!(start(&runtime, PATIENCE), BLOCKING);
    }

    #[test]
    fn threads_that_do_not_come_are_counted() {
        let few = tokio::runtime::Builder::new_multi_thread().max_blocking_threads(3).build();
        let few = few.expect("a runtime");
        assert_eq!(start(&few, Duration::from_millis(200)), 3);
    }
}
