//! Where inputs that run by themselves put what they take in, and how they wait for it.
//! HTTP isn't among them: its clients are told to come back.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;

use super::health::{CollectorState, Meter};
use super::listed::Listed;
use crate::intake::Intake;
use crate::log::kafka::KafkaLogError;
use crate::log::{Batch, LogError};
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
pub(super) const ALONE: usize = 256 << 10;

impl Batch {
    /// Its records at some places, which weren't stored.
    pub(super) fn rest(&self, places: &[u32]) -> Box<Rest> {
        let places: HashSet<u32> = places.iter().copied().collect();
        let (mut left, mut stored) = (Listed::default(), 0);
        for (place, record) in (0..).zip(self.layout.records(&self.payload)) {
            match places.contains(&place) {
                true => left.push(record),
                false => stored += 1,
            }
        }
        let left = Self::listed(&self.source, &self.collector, left);
        Box::new(Rest { stored, left: Self { mark: self.mark.clone(), ..left } })
    }
}

/// What became of a batch that wasn't stored as a whole.
#[derive(Debug, Clone)]
pub struct Rest {
    /// Records that are stored.
    pub stored: u32,
    /// Those that aren't, with the batch's mark.
    pub left: Batch,
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
    /// Some of them are stored, and the rest may be taken later.
    #[error("{0}; it is tried again")]
    Partly(String, Box<Rest>),
    /// One of them is larger than what is taken. Others may be stored.
    #[error("{0}")]
    TooLarge(String, Box<Rest>),
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
                    KafkaLogError::TooLarge { left, .. } => {
                        NotStored::TooLarge(error.to_string(), batch.rest(left))
                    }
                    KafkaLogError::NotTaken { left, .. } => {
                        NotStored::Partly(error.to_string(), batch.rest(left))
                    }
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

/// Stores a batch, as soon as it can be. Records that are too large for a broker are dropped,
/// and that is counted and told; those beside them are stored singly, and the mark behind
/// them.
///
/// # Errors
/// If nothing is stored any more.
pub(crate) async fn store(sink: &dyn Sink, batch: &Batch, meter: &Meter) -> Result<(), NotStored> {
    let (reason, rest) = match store_whole(sink, batch, meter).await {
        Err(NotStored::TooLarge(reason, rest)) => (reason, rest),
        other => return other,
    };
    let Batch { source, collector, payload, layout, count, mark } = rest.left;
    if count == 1 {
        drop_one(&collector, &reason, meter);
    } else {
        for record in layout.records(&payload) {
            let mut one = Listed::default();
            one.push(record);
            let one = Batch::listed(&source, &collector, one);
            match store_whole(sink, &one, meter).await {
                Ok(()) => {}
                Err(NotStored::TooLarge(reason, _)) => drop_one(&collector, &reason, meter),
                Err(error) => return Err(error),
            }
        }
    }
    let Some(mark) = mark else { return Ok(()) };
    let empty = Batch::told(&source, &collector, Bytes::new()).marked(mark);
    store_whole(sink, &empty, meter).await
}

fn drop_one(collector: &str, reason: &str, meter: &Meter) {
    tracing::error!(collector.name = %collector, error = %reason,
        "a record is too large for the brokers and is dropped");
    meter.dropped(1);
    meter.note(format!("a record was dropped: {reason}"));
}

/// Stores a batch, as soon as it can be. What is stored of it isn't sent again.
async fn store_whole(sink: &dyn Sink, batch: &Batch, meter: &Meter) -> Result<(), NotStored> {
    let mut wait = FIRST_WAIT;
    let mut has_waited = false;
    let mut batch = Cow::Borrowed(batch);
    let stored_of = |batch: &Batch, rest: &Rest| {
        let bytes = batch.payload.len().saturating_sub(rest.left.payload.len());
        meter.stored(u64::from(rest.stored), bytes as u64);
    };
    loop {
        while sink.is_busy() {
            meter.is(CollectorState::Waiting);
            has_waited = true;
            tokio::time::sleep(BUSY).await;
        }
        let accepted = sink.accept(&batch).await;
        match accepted {
            Ok(count) => {
                meter.stored(u64::from(count), batch.payload.len() as u64);
                if has_waited {
                    meter.is(CollectorState::Running);
                }
                return Ok(());
            }
            Err(error @ (NotStored::Later(_) | NotStored::Partly(..))) => {
                tracing::warn!(collector.name = %batch.collector, error = %error,
                    wait_ms = wait.as_millis(), "records can't be stored for now");
                meter.failed(error.to_string());
                if let NotStored::Partly(_, rest) = error {
                    stored_of(&batch, &rest);
                    batch = Cow::Owned(rest.left);
                }
                has_waited = true;
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            Err(error) => {
                if let NotStored::TooLarge(_, rest) = &error {
                    stored_of(&batch, rest);
                }
                return Err(error);
            }
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
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use super::*;
    use crate::input::health::{CollectorHealth, CollectorKind, Collectors};
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

    /// Takes records, but not those at some places, each time others; and none over ten
    /// bytes.
    #[derive(Debug, Default)]
    struct Brokers {
        away: Mutex<VecDeque<Vec<u32>>>,
        stored: Mutex<Vec<String>>,
        marks: Mutex<Vec<String>>,
    }

    impl Brokers {
        fn take(&self, batch: &Batch) -> Result<u32, NotStored> {
            let away = self.away.lock().expect("unpoisoned").pop_front().unwrap_or_default();
            let mut stored = self.stored.lock().expect("unpoisoned");
            let mut count = 0;
            for (place, record) in (0..).zip(batch.layout.records(&batch.payload)) {
                if record.len() > 10 {
                    // Those behind it are never sent.
                    let left: Vec<u32> = (place..place + 100).collect();
                    return Err(NotStored::TooLarge("too large".to_owned(), batch.rest(&left)));
                }
                if !away.contains(&place) {
                    stored.push(String::from_utf8(record.to_vec()).expect("text"));
                    count += 1;
                }
            }
            if !away.is_empty() {
                return Err(NotStored::Partly("away".to_owned(), batch.rest(&away)));
            }
            self.marks.lock().expect("unpoisoned").extend(batch.mark.clone());
            Ok(count)
        }
    }

    impl Sink for Brokers {
        fn accept<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<u32, NotStored>> {
            Box::pin(async move { self.take(batch) })
        }

        fn mark(&self, _: &str) -> Option<String> {
            None
        }

        fn is_busy(&self) -> bool {
            false
        }
    }

    async fn stored(brokers: &Brokers, batch: &Batch) -> (Vec<String>, CollectorHealth) {
        let meter = Collectors::default().meter(CollectorKind::Tail, "files");
        store(brokers, batch, &meter).await.expect("stored");
        assert_eq!(*brokers.marks.lock().expect("unpoisoned"), ["behind"]);
        let stored = brokers.stored.lock().expect("unpoisoned").clone();
        (stored, meter.health())
    }

    #[tokio::test]
    async fn what_is_stored_is_not_sent_again() {
        let records: &[&[u8]] = &[b"a", b"b", b"c", b"d"];
        let mut listed = Listed::default();
        records.iter().for_each(|record| listed.push(record));
        let as_list = Batch::listed("sshd", "files", listed);
        let as_lines = Batch::told("sshd", "files", Bytes::from_static(b"a\nb\nc\nd\n"));
        for batch in [as_list, as_lines] {
            let away = Mutex::new(VecDeque::from([vec![0, 2, 3], vec![1]]));
            let brokers = Brokers { away, ..Brokers::default() };
            let (stored, health) = stored(&brokers, &batch.marked("behind".to_owned())).await;
            assert_eq!(stored, ["b", "a", "d", "c"]);
            assert_eq!((health.records, health.dropped), (4, 0));
        }
    }

    #[tokio::test]
    async fn a_record_that_is_too_large_takes_no_other_along() {
        let lines = Bytes::from_static(b"one\ntwo\nlonger than that\nthree\nand that too\nfour\n");
        let batch = Batch::told("", "files", lines).marked("behind".to_owned());
        let (stored, health) = stored(&Brokers::default(), &batch).await;
        assert_eq!(stored, ["one", "two", "three", "four"]);
        assert_eq!((health.records, health.dropped), (4, 2));
        assert!(health.last_error.is_some_and(|error| error.text.contains("too large")));
    }
}
