//! Tail: files that others write, followed as they grow.
//!
//! ```text
//! settings   one [[tail.files]] of the settings, checked
//! print      what bytes a file holds at a place, in short
//! mark       how far each file is read; kept with the data
//! found      where a file has gone that isn't under its name any more
//! followed   one file: what is new in it
//! taken      lines that are stored together
//! told       what was told already, and goes on
//! follower   all files of a [[tail.files]]: which there are, in which order
//! ```
//!
//! A file is known by device, inode and its first bytes, and by the bytes before the place
//! up to which it is read: a name says nothing, and neither does an inode by itself. What
//! was read goes into the log together with the places up to which all files are read then:
//! after a crash both are there or neither is.

mod followed;
mod follower;
mod found;
mod mark;
mod print;
mod settings;
mod taken;
#[cfg(test)]
mod tests;
mod told;

use std::time::{Duration, Instant};

pub use settings::{Beginning, FileSettings, Tail, open};

use super::health::{CollectorKind, CollectorState};
use super::inputs::Running;
use follower::Follower;

/// Time between two looks at files that didn't grow.
const EVERY: Duration = Duration::from_millis(250);

/// Follows files until inputs end.
pub async fn run(tail: Tail, with: Running) {
    let collector = tail.rules.collector.clone();
    let meter = with.meter(CollectorKind::Tail, &collector);
    let mark = with.sink.mark(&collector);
    let pattern = tail.rules.pattern.clone();
    let mut follower = Follower::new(tail.rules, mark.as_deref());
    let (mut has_met, mut has_missed) = (false, false);
    let ended = loop {
        let looked = tokio::task::spawn_blocking(move || {
            let step = follower.step(Instant::now());
            (follower, step)
        });
        let step = match looked.await {
            Ok((same, step)) => {
                follower = same;
                step
            }
            Err(error) => break Err(format!("a thread stopped unexpectedly: {error}")),
        };
        for note in step.notes {
            tracing::warn!(collector.name = %collector, "{note}");
            meter.note(note);
        }
        let meets = !has_met && follower.has_files();
        has_met |= meets;
        if !has_met && !has_missed && step.failure.is_none() {
            has_missed = true;
            meter.note(format!("{pattern:?}: there is no such file yet; it is read once it comes"));
        }
        if let Some(failure) = step.failure {
            meter.failed(failure);
        } else if meets {
            meter.is(CollectorState::Running);
        } else if step.has_changed {
            meter.is(if has_met { CollectorState::Running } else { CollectorState::Starting });
        }
        let has_more = step.batch.is_some();
        if let Some(batch) = step.batch
            && let Err(error) = with.store(&batch, &meter).await
        {
            break Err(format!("what was read can't be stored: {error}"));
        }
        if with.is_stopping() {
            break Ok(());
        }
        if !has_more {
            tokio::select! {
                () = with.stopped() => break Ok(()),
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    };
    match ended {
        Ok(()) => meter.is(CollectorState::Stopped),
        Err(error) => {
            tracing::error!(collector.name = %collector, error = %error, "files are followed no more");
            meter.failed(error);
        }
    }
}
