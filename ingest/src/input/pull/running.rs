//! Collectors until the process ends: how often they read, how they wait, what they tell.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::collector::{Collector, Reader};
use super::error::{PullError, PullResult};
use super::limits::{Backoff, random};
use crate::input::health::{CollectorState, Meter};
use crate::input::sink::Sink;

/// Reads a log until `stop` comes; a page that is under way then is stored whole or
/// dropped whole.
pub async fn run(
    reader: Arc<Reader>,
    sink: Arc<dyn Sink>,
    meter: Arc<Meter>,
    stop: impl Future<Output = ()> + Send,
) {
    let kept = sink.mark(&reader.collector);
    let mut collector = Collector::start(reader, kept.as_deref());
    let mut backoff = Backoff::default();
    let mut stop = std::pin::pin!(stop);
    loop {
        let turn = async {
            let wait = one_turn(&mut collector, &*sink, &meter, &mut backoff).await?;
            collector.reader.client.clock().sleep(wait).await;
            PullResult::Ok(())
        };
        tokio::select! {
            biased;
            () = &mut stop => break,
            // The log has ended, and with it the process.
            ended = turn => if ended.is_err() { break },
        }
    }
    meter.is(CollectorState::Stopped);
}

/// One reading. Returns how long to wait before the next.
async fn one_turn(
    collector: &mut Collector,
    sink: &dyn Sink,
    meter: &Meter,
    backoff: &mut Backoff,
) -> PullResult<Duration> {
    let name = collector.reader.collector.clone();
    let read = collector.read(sink, meter).await;
    meter.reached(collector.reached());
    match read {
        Ok(reading) => {
            backoff.reset();
            meter.is(CollectorState::Running);
            tracing::debug!(collector.name = %name, pull.pages = reading.pages,
                pull.events = reading.events, "a log was read");
            Ok(collector.reader.every)
        }
        Err(error @ PullError::Sink(_)) => {
            tracing::warn!(collector.name = %name, error = %error, "a collector has ended");
            meter.failed(error.to_string());
            Err(error)
        }
        Err(error) => {
            let wait = backoff.after(&error, random());
            tracing::warn!(collector.name = %name, error = %error, wait_s = wait.as_secs(),
                pull.failures = backoff.failures(), "a log can't be read for now");
            meter.failed(error.to_string());
            meter.waits(wait);
            Ok(wait)
        }
    }
}
