//! Inputs that run by themselves until the process ends: what they are given, and their
//! orderly end.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::health::{CollectorKind, Collectors, Meter};
use super::sink::{self, NotStored, Sink};
use crate::log::Batch;

/// How long what was taken in may take to be stored once the process ends.
const LAST: Duration = Duration::from_secs(10);

/// What an input works with.
#[derive(Clone)]
pub struct Running {
    /// Where records go.
    pub sink: Arc<dyn Sink>,
    collectors: Arc<Collectors>,
    stop: watch::Receiver<bool>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("stop", &self.is_stopping()).finish_non_exhaustive()
    }
}

impl Running {
    /// The meter of a collector.
    pub fn meter(&self, kind: CollectorKind, name: &str) -> Arc<Meter> {
        self.collectors.meter(kind, name)
    }

    /// Returns when inputs should end.
    pub async fn stopped(&self) {
        let mut stop = self.stop.clone();
        // Whoever would say so is gone: that is an end as well.
        let _ = stop.wait_for(|stop| *stop).await;
    }

    /// Whether inputs should end.
    pub fn is_stopping(&self) -> bool {
        *self.stop.borrow() || self.stop.has_changed().is_err()
    }

    /// Stores a batch as soon as it can be; once inputs should end, within seconds.
    /// Records that are too large for a broker are dropped, and that is told.
    ///
    /// # Errors
    /// If nothing is stored any more: then the input should end.
    pub(crate) async fn store(&self, batch: &Batch, meter: &Meter) -> Result<(), NotStored> {
        let late = async {
            self.stopped().await;
            tokio::time::sleep(LAST).await;
        };
        tokio::select! {
            biased;
            stored = sink::store(&*self.sink, batch, meter) => stored,
            () = late => Err(NotStored::Ended("the process ends".to_owned())),
        }
    }
}

/// Inputs at work.
#[derive(Debug)]
pub struct Inputs {
    with: Running,
    tasks: JoinSet<()>,
}

impl Inputs {
    /// None yet. They end once `asked` comes.
    pub fn new(
        sink: Arc<dyn Sink>,
        collectors: Arc<Collectors>,
        asked: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let (told, stop) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            asked.await;
            // All may have ended already.
            let _ = told.send(true);
        });
        Self { with: Running { sink, collectors, stop }, tasks }
    }

    /// Starts one.
    pub fn add<F>(&mut self, input: impl FnOnce(Running) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(input(self.with.clone()));
    }

    /// Returns once all of them have ended: then nothing comes from them any more.
    pub async fn ended(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}
