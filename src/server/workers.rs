//! What workers sealed is shown, and becomes entries of the ledger.

use std::sync::Arc;
use std::time::Duration;

use rollcall_ingest::Intake;
use rollcall_lake::Lake;

use super::Stopping;

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// Looks after what workers commit, until the process ends.
pub fn watch(lake: Arc<Lake>, intake: Arc<Intake>, stopping: &Stopping) {
    let (fail, stopping) = (stopping.on_failure(), stopping.clone());
    tokio::spawn(async move {
        let mut clock = tokio::time::interval(EVERY);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            clock.tick().await;
            if stopping.is_stopping() {
                return;
            }
            match lake.take_in().await {
                Ok(came) if came.is_empty() => {}
                Ok(came) => {
                    // A pipeline that has stopped has said why.
                    let _ = intake.pipeline().take_in(came);
                }
                Err(error) => return fail(error.to_string()),
            }
        }
    });
}
