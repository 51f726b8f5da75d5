//! Records into the topic. A request is answered once the brokers have all of its
//! records, on as many replicas as the topic demands.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;
use rdkafka::client::ClientContext;
use rdkafka::error::KafkaError;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;
use tokio::sync::oneshot;

use super::{KafkaLogError, KafkaSettings, broker};
use crate::input::records::Records;
use crate::log::Batch;

/// Between the source's name and the collector's in a record's key.
pub(super) const BETWEEN: u8 = 0;

/// The records of one request that the brokers don't have yet.
#[derive(Debug)]
struct Request {
    left: AtomicUsize,
    failed: Mutex<Failed>,
    answer: Mutex<Option<oneshot::Sender<()>>>,
}

/// What the brokers didn't take of a request.
#[derive(Debug, Default)]
struct Failed {
    /// Why they didn't take the first of them.
    error: Option<KafkaError>,
    /// The places of the records.
    records: Vec<u32>,
}

/// A record on its way.
#[derive(Debug)]
struct Sent {
    request: Arc<Request>,
    /// Its place in the request.
    number: u32,
}

impl Request {
    fn new(count: u32) -> (Self, oneshot::Receiver<()>) {
        let (answer, wait) = oneshot::channel();
        let request = Self {
            left: AtomicUsize::new(usize::try_from(count).unwrap_or(usize::MAX)),
            failed: Mutex::default(),
            answer: Mutex::new(Some(answer)),
        };
        (request, wait)
    }

    fn fail(&self, error: KafkaError, records: Range<u32>) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.error.get_or_insert(error);
        failed.records.extend(records);
    }

    /// Some were never sent.
    fn unsent(&self, error: KafkaError, records: Range<u32>) {
        let count = records.len();
        self.fail(error, records);
        self.done(count);
    }

    /// What became of all of them.
    fn outcome(&self) -> Result<(), KafkaLogError> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let Failed { error, records: left } = std::mem::take(&mut *failed);
        match error {
            None => Ok(()),
            Some(error) if is_too_large(&error) => {
                Err(KafkaLogError::TooLarge { reason: error.to_string(), left })
            }
            Some(error) => Err(KafkaLogError::NotTaken { reason: error.to_string(), left }),
        }
    }

    /// Counts some as done; the last one answers.
    fn done(&self, count: usize) {
        if self.left.fetch_sub(count, Ordering::AcqRel) == count {
            let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(answer) = answer {
                // Whoever sent it may be gone.
                let _ = answer.send(());
            }
        }
    }
}

/// Hears what became of each record.
struct Acknowledgements;

impl ClientContext for Acknowledgements {}

impl ProducerContext for Acknowledgements {
    type DeliveryOpaque = Box<Sent>;

    fn delivery(&self, result: &DeliveryResult<'_>, sent: Box<Sent>) {
        if let Err((error, _)) = result {
            sent.request.fail(error.clone(), sent.number..sent.number.saturating_add(1));
        }
        sent.request.done(1);
    }
}

/// Writes records to the own topic.
pub struct KafkaProducer {
    producer: ThreadedProducer<Acknowledgements>,
    topic: String,
    in_flight: AtomicU64,
}

impl std::fmt::Debug for KafkaProducer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaProducer").field("topic", &self.topic).finish_non_exhaustive()
    }
}

impl KafkaProducer {
    /// Connects, and makes the topic where it is missing and `partitions` are set.
    ///
    /// # Errors
    /// If the settings can't be used, the brokers can't be reached, or there is no topic.
    pub async fn start(settings: &KafkaSettings) -> Result<Self, KafkaLogError> {
        let Some(topic) = settings.topic.clone() else {
            let reason = "the log is on Kafka and kafka.topic names none".to_owned();
            return Err(KafkaLogError::Worker(reason));
        };
        broker::provide_topic(settings).await?;
        let producer = settings
            .writing()
            .create_with_context(Acknowledgements)
            .map_err(KafkaLogError::call("[kafka] can't be used as it is set"))?;
        Ok(Self { producer, topic, in_flight: AtomicU64::new(0) })
    }

    /// Bytes that the brokers don't have yet.
    pub fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Stores the records of a batch; returns once the brokers have them all.
    ///
    /// # Errors
    /// If they didn't take one: then others of them are stored. Of those that it names some
    /// may be all the same, where it was the answer that didn't come.
    pub(crate) async fn store(self: &Arc<Self>, batch: &Batch) -> Result<(), KafkaLogError> {
        let bytes = batch.payload.len() as u64;
        self.in_flight.fetch_add(bytes, Ordering::Relaxed);
        let (request, wait) = Request::new(batch.count);
        let request = Arc::new(request);
        let key = [batch.source.as_bytes(), &[BETWEEN], batch.collector.as_bytes()].concat();
        let (this, sent) = (Arc::clone(self), Arc::clone(&request));
        let (payload, layout, count) = (batch.payload.clone(), batch.layout, batch.count);
        // A full queue is waited for.
        let queued = tokio::task::spawn_blocking(move || {
            this.queue(&key, layout.records(&payload), count, &sent)
        })
        .await;
        if queued.is_ok() {
            // It is dropped by nobody before the last of them is counted.
            let _ = wait.await;
        }
        self.in_flight.fetch_sub(bytes, Ordering::Relaxed);
        queued.map_err(|error| KafkaLogError::Worker(error.to_string()))?;
        request.outcome()
    }

    fn queue(&self, key: &[u8], records: Records<'_>, count: u32, request: &Arc<Request>) {
        let now = Utc::now().timestamp_millis();
        let began = Instant::now();
        let mut number = 0;
        for record in records {
            if number == count {
                break;
            }
            let sent = Box::new(Sent { request: Arc::clone(request), number });
            let mut message = BaseRecord::with_opaque_to(&self.topic, sent)
                .key(key)
                .payload(record)
                .timestamp(now);
            loop {
                match self.producer.send(message) {
                    Ok(()) => break,
                    Err((error, back)) if is_full(&error) && began.elapsed() < PATIENCE => {
                        message = back;
                        std::thread::sleep(Duration::from_millis(2));
                    }
                    Err((error, _)) => {
                        return request.unsent(error, number..count);
                    }
                }
            }
            number += 1;
        }
        if number < count {
            request.unsent(KafkaError::Canceled, number..count);
        }
    }

    /// Waits for what is on its way.
    ///
    /// # Errors
    /// If the brokers don't take it in time.
    pub(crate) async fn flush(self: &Arc<Self>) -> Result<(), KafkaLogError> {
        let this = Arc::clone(self);
        let flushed = tokio::task::spawn_blocking(move || this.producer.flush(PATIENCE)).await;
        flushed
            .map_err(|error| KafkaLogError::Worker(error.to_string()))?
            .map_err(KafkaLogError::call("the brokers don't answer"))
    }
}

/// Longest time for room in the queue.
const PATIENCE: Duration = Duration::from_secs(30);

fn is_full(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull)
}

fn is_too_large(error: &KafkaError) -> bool {
    let code = error.rdkafka_error_code();
    matches!(
        code,
        Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::InvalidMessageSize)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: RDKafkaErrorCode) -> KafkaError {
        KafkaError::MessageProduction(code)
    }

    #[test]
    fn a_request_says_which_of_its_records_the_brokers_do_not_have() {
        let (request, mut wait) = Request::new(6);
        request.done(1);
        request.fail(refused(RDKafkaErrorCode::MessageTimedOut), 1..2);
        request.done(1);
        request.done(2);
        assert!(wait.try_recv().is_err());
        request.unsent(KafkaError::Canceled, 4..6);
        wait.try_recv().expect("an answer");
        match request.outcome() {
            Err(KafkaLogError::NotTaken { left, .. }) => assert_eq!(left, [1, 4, 5]),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_record_that_is_too_large_is_told_from_others() {
        let (request, _wait) = Request::new(2);
        request.done(1);
        request.unsent(refused(RDKafkaErrorCode::MessageSizeTooLarge), 1..2);
        match request.outcome() {
            Err(KafkaLogError::TooLarge { left, .. }) => assert_eq!(left, [1]),
            other => panic!("{other:?}"),
        }
        let (request, _wait) = Request::new(1);
        request.done(1);
        assert!(request.outcome().is_ok());
    }
}
