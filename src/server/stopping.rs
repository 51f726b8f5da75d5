//! Signals, failures, and an orderly end.

use std::sync::{Arc, Mutex};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Knows when the process should end, and why.
#[derive(Debug, Clone)]
pub struct Stopping {
    asked: watch::Receiver<bool>,
    ask: Arc<watch::Sender<bool>>,
    failure: Arc<Mutex<Option<String>>>,
}

impl Stopping {
    /// Listens for SIGINT and SIGTERM. A second one ends the process at once:
    /// what is acknowledged is in the log.
    pub fn new() -> Self {
        let (ask, asked) = watch::channel(false);
        let ask = Arc::new(ask);
        for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
            let ask = Arc::clone(&ask);
            match signal(kind) {
                Ok(mut signals) => {
                    tokio::spawn(async move {
                        signals.recv().await;
                        let _ = ask.send(true);
                        signals.recv().await;
                        std::process::exit(3);
                    });
                }
                Err(error) => tracing::warn!(error = %error, "can't listen for signals"),
            }
        }
        Self { asked, ask, failure: Arc::default() }
    }

    /// To be called when something fails that the process can't go on without.
    pub fn on_failure(&self) -> impl Fn(String) + Clone + Send + Sync + 'static {
        let (failure, ask) = (Arc::clone(&self.failure), Arc::clone(&self.ask));
        move |reason| {
            tracing::error!(error = %reason, "the process has to stop");
            if let Ok(mut failure) = failure.lock() {
                failure.get_or_insert(reason);
            }
            // Nobody waits only if the process ends already.
            let _ = ask.send(true);
        }
    }

    /// Returns when the process should end.
    pub async fn asked(&self) {
        let mut asked = self.asked.clone();
        // The sender lives as long as this.
        let _ = asked.wait_for(|asked| *asked).await;
    }

    /// Whether the process should end.
    pub fn is_stopping(&self) -> bool {
        *self.asked.borrow()
    }

    /// What failed, if something did.
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().ok().and_then(|failure| failure.clone())
    }
}
