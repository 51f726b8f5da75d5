//! Where inputs that run by themselves put what they take in, and how they wait for it.
//! HTTP isn't among them: its clients are told to come back.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;

use super::health::{CollectorState, Meter};
use super::listed::Listed;
use crate::intake::Intake;
use crate::log::kafka::KafkaLogError;
use crate::log::{Layout, LogError};
use crate::tail::CUT_OFF;

/// Wait before looking again whether the reader of the log has caught up.
const BUSY: Duration = Duration::from_millis(50);
/// First and longest wait before what couldn't be stored is tried again.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Bytes of records that are stored together.
pub(crate) const BATCH: usize = 1 << 20;
/// Bytes from which a record is stored by itself: where a broker finds it too large, no
/// other is touched.
const ALONE: usize = 256 << 10;

/// Records on their way into the log, of one collector.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Their source; empty where each record tells it.
    pub source: String,
    /// What stands in the column `collector`.
    pub collector: String,
    /// The records.
    pub payload: Bytes,
    /// How they lie in it.
    pub layout: Layout,
    /// Records in it; 0 where they are counted when they are stored.
    pub count: u32,
    /// How far the collector has come with them, where it follows something.
    pub mark: Option<String>,
}

impl Batch {
    /// Records as their own bytes tell them: lines, or JSON.
    pub fn told(source: &str, collector: &str, payload: Bytes) -> Self {
        let (source, collector) = (source.to_owned(), collector.to_owned());
        Self { source, collector, payload, layout: Layout::Told, count: 0, mark: None }
    }

    /// Records that were cut already.
    pub fn listed(source: &str, collector: &str, records: Listed) -> Self {
        let count = records.count();
        let payload = records.into_bytes();
        Self { layout: Layout::Listed, count, ..Self::told(source, collector, payload) }
    }

    /// The same, with how far the collector has come.
    #[must_use]
    pub fn marked(self, mark: String) -> Self {
        Self { mark: Some(mark), ..self }
    }
}

/// Why records weren't stored.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotStored {
    /// Nothing is taken any more; the process ends.
    #[error("{0}")]
    Ended(String),
    /// They may be taken later.
    #[error("{0}; it is tried again")]
    Later(String),
    /// One of them is larger than what is taken.
    #[error("{0}")]
    TooLarge(String),
}

/// Takes records in.
pub trait Sink: Send + Sync {
    /// Stores records durably, and their mark with them. Returns how many they are.
    fn accept<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<u32, NotStored>>;

    /// The mark that was stored last for a collector.
    fn mark(&self, collector: &str) -> Option<String>;

    /// Whether it has more than it should to read already.
    fn is_busy(&self) -> bool;
}

/// The log, for as long as it isn't too far ahead of its reader.
#[derive(Debug, Clone)]
pub struct IntoLog {
    /// The log.
    pub intake: Arc<Intake>,
    /// Most bytes that may wait to be read.
    pub backlog_bytes: u64,
}

impl Sink for IntoLog {
    fn accept<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<u32, NotStored>> {
        Box::pin(async move {
            let stored = self.intake.accept_batch(batch).await;
            stored.map(|stored| stored.count).map_err(|error| match &error {
                LogError::Kafka(kafka) => match &**kafka {
                    KafkaLogError::TooLarge(_) => NotStored::TooLarge(error.to_string()),
                    _ => NotStored::Later(error.to_string()),
                },
                _ => NotStored::Ended(error.to_string()),
            })
        })
    }

    fn mark(&self, collector: &str) -> Option<String> {
        self.intake.mark(collector)
    }

    fn is_busy(&self) -> bool {
        self.intake.backlog_bytes() > self.backlog_bytes
    }
}

/// Stores a batch, as soon as it can be.
///
/// # Errors
/// If it never can be.
pub(crate) async fn store(sink: &dyn Sink, batch: &Batch, meter: &Meter) -> Result<(), NotStored> {
    let mut wait = FIRST_WAIT;
    let mut has_waited = false;
    loop {
        while sink.is_busy() {
            meter.is(CollectorState::Waiting);
            has_waited = true;
            tokio::time::sleep(BUSY).await;
        }
        match sink.accept(batch).await {
            Ok(count) => {
                meter.stored(u64::from(count), batch.payload.len() as u64);
                if has_waited {
                    meter.is(CollectorState::Running);
                }
                return Ok(());
            }
            Err(error @ NotStored::Later(_)) => {
                tracing::warn!(collector.name = %batch.collector, error = %error,
                    wait_ms = wait.as_millis(), "records can't be stored for now");
                meter.failed(error.to_string());
                has_waited = true;
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            Err(error) => return Err(error),
        }
    }
}

/// What was cut out of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A record.
    Whole(&'a [u8]),
    /// The beginning of one that was too long, or whose end never came.
    CutOff(&'a [u8]),
}

impl<'a> Piece<'a> {
    /// Its bytes.
    pub(crate) const fn bytes(self) -> &'a [u8] {
        match self {
            Self::Whole(bytes) | Self::CutOff(bytes) => bytes,
        }
    }
}

/// Pieces into batches, in order. What was cut off stands in batches of its own, under
/// a source that nobody has: it goes into quarantine, with what is there of it.
#[derive(Debug)]
pub(crate) struct Gatherer {
    source: String,
    collector: String,
    waiting: Listed,
    done: Vec<Batch>,
    bytes: usize,
}

impl Gatherer {
    /// Of one collector. The source may be empty.
    pub(crate) fn new(source: &str, collector: &str) -> Self {
        let (source, collector) = (source.to_owned(), collector.to_owned());
        Self { source, collector, waiting: Listed::default(), done: Vec::new(), bytes: 0 }
    }

    /// Adds a piece; an empty one is nobody's.
    pub(crate) fn push(&mut self, piece: Piece<'_>) {
        let bytes = piece.bytes();
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        self.bytes += bytes.len();
        let is_alone = matches!(piece, Piece::CutOff(_)) || bytes.len() >= ALONE;
        if is_alone || self.waiting.len() >= BATCH {
            self.close();
        }
        self.waiting.push(bytes);
        if is_alone {
            let source = if matches!(piece, Piece::CutOff(_)) { CUT_OFF } else { &self.source };
            let records = std::mem::take(&mut self.waiting);
            self.done.push(Batch::listed(source, &self.collector, records));
        }
    }

    /// Bytes that were gathered since the last time.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// What was gathered since the last time.
    pub(crate) fn take(&mut self) -> Vec<Batch> {
        self.close();
        self.bytes = 0;
        std::mem::take(&mut self.done)
    }

    fn close(&mut self) {
        if !self.waiting.is_empty() {
            let records = std::mem::take(&mut self.waiting);
            self.done.push(Batch::listed(&self.source, &self.collector, records));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records;

    #[test]
    fn pieces_stay_in_order_and_what_was_cut_off_is_apart() {
        let mut gatherer = Gatherer::new("sshd", "lan");
        let long = vec![b'x'; ALONE];
        for piece in [
            Piece::Whole(b"one"),
            Piece::Whole(b" \t"),
            Piece::Whole(b"two\nlines"),
            Piece::CutOff(b"cut"),
            Piece::Whole(&long),
            Piece::Whole(b"three"),
        ] {
            gatherer.push(piece);
        }
        assert_eq!(gatherer.bytes(), 3 + 9 + 3 + ALONE + 5);
        let batches = gatherer.take();
        let told: Vec<(&str, Vec<&[u8]>)> = batches
            .iter()
            .map(|batch| (&*batch.source, records::listed(&batch.payload).collect()))
            .collect();
        assert_eq!(
            told,
            [
                ("sshd", vec![&b"one"[..], b"two\nlines"]),
                (CUT_OFF, vec![&b"cut"[..]]),
                ("sshd", vec![&long[..]]),
                ("sshd", vec![&b"three"[..]]),
            ]
        );
        assert!(gatherer.take().is_empty() && gatherer.bytes() == 0);
    }
}
