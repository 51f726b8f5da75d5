//! Alerts on their way out: to a webhook, and to a topic of Kafka. What isn't taken is kept,
//! in order, and tried again, also after a restart.
//!
//! ```text
//! queue     what isn't taken yet, in a file
//! webhook   a signed POST
//! topic     a topic of Kafka
//! ```

mod queue;
mod topic;
mod webhook;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;

pub use queue::{Queue, QueueError};
pub use topic::Topic;
pub use webhook::{Webhook, WebhookError, signature};

/// The time after the first refusal, and the longest between two tries.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(600);

/// Somewhere that alerts go.
#[async_trait]
pub trait Destination: Send + Sync {
    /// Its name, for words.
    fn name(&self) -> &'static str;

    /// Sends one record; returns once it is taken.
    ///
    /// # Errors
    /// Why it isn't, in words.
    async fn send(&self, record: &str) -> Result<(), String>;
}

/// Drops the records that are meant of all queues of a folder, where no server has them open.
/// Returns how many those were. Blocks.
///
/// # Errors
/// If a file can't be read or written.
pub fn forget(folder: &Path, is_meant: impl Fn(&str) -> bool) -> Result<usize, QueueError> {
    let mut dropped = 0;
    for path in queue::files(folder)? {
        dropped += Queue::open(&path)?.forget(&is_meant)?;
    }
    Ok(dropped)
}

/// Sends what comes into a queue, one after the other, for as long as the process runs.
pub async fn run(queue: Arc<Queue>, to: Arc<dyn Destination>) {
    run_at(&queue, to.as_ref(), FIRST).await;
}

async fn run_at(queue: &Queue, to: &dyn Destination, first: Duration) {
    let mut wait = first;
    loop {
        let Some(record) = queue.first(Utc::now()) else {
            queue.filled().await;
            continue;
        };
        match to.send(&record).await {
            Ok(()) => {
                wait = first;
                if let Err(error) = queue.taken(&record) {
                    tracing::warn!(destination = to.name(), %error, "an alert may be sent twice");
                }
            }
            Err(reason) => {
                tracing::warn!(
                    destination = to.name(),
                    reason,
                    retry.seconds = wait.as_secs(),
                    "an alert isn't taken; it is sent again"
                );
                tokio::time::sleep(wait).await;
                wait = longer(wait);
            }
        }
    }
}

fn longer(wait: Duration) -> Duration {
    (wait * 2).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::sync::Notify;

    use super::*;

    /// Refuses so often before it takes anything.
    struct Shy {
        refusals: Mutex<u32>,
        taken: Mutex<Vec<String>>,
        took: Notify,
    }

    #[async_trait]
    impl Destination for Shy {
        fn name(&self) -> &'static str {
            "shy"
        }

        async fn send(&self, record: &str) -> Result<(), String> {
            let mut refusals = self.refusals.lock().expect("a lock");
            if *refusals > 0 {
                *refusals -= 1;
                return Err("not now".to_owned());
            }
            self.taken.lock().expect("a lock").push(record.to_owned());
            self.took.notify_one();
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_is_refused_is_sent_again_in_order() {
        let scratch = tempfile::tempdir().expect("a folder");
        let queue = Arc::new(Queue::open(&scratch.path().join("unsent")).expect("a queue"));
        let (refusals, taken) = (Mutex::new(3), Mutex::default());
        let shy = Arc::new(Shy { refusals, taken, took: Notify::new() });
        let running = {
            let (queue, shy) = (Arc::clone(&queue), Arc::clone(&shy));
            tokio::spawn(async move {
                run_at(&queue, shy.as_ref(), Duration::from_millis(1)).await;
            })
        };
        queue.put(&["a".to_owned(), "b".to_owned()], Utc::now()).expect("kept");
        while shy.taken.lock().expect("a lock").len() < 2 {
            shy.took.notified().await;
        }
        assert_eq!(*shy.taken.lock().expect("a lock"), ["a", "b"]);
        assert_eq!(*shy.refusals.lock().expect("a lock"), 0);
        running.abort();
    }

    #[test]
    fn waits_double_up_to_ten_minutes() {
        let waits = std::iter::successors(Some(FIRST), |wait| Some(longer(*wait)));
        let waits: Vec<u64> = waits.take(12).map(|wait| wait.as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
    }
}
