//! Records into the topic. A request is answered once the brokers have all of its
//! records, on as many replicas as the topic demands.

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
use crate::log::{Entry, Layout};

/// Between the source's name and the collector's in a record's key.
pub(super) const BETWEEN: u8 = 0;

/// The records of one request that the brokers don't have yet.
#[derive(Debug)]
struct Request {
    left: AtomicUsize,
    failed: Mutex<Option<KafkaError>>,
    answer: Mutex<Option<oneshot::Sender<()>>>,
}

impl Request {
    fn fail(&self, error: KafkaError) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get_or_insert(error);
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
    type DeliveryOpaque = Arc<Request>;

    fn delivery(&self, result: &DeliveryResult<'_>, request: Arc<Request>) {
        if let Err((error, _)) = result {
            request.fail(error.clone());
        }
        request.done(1);
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

    /// Stores the records of an entry; returns once the brokers have them all.
    ///
    /// # Errors
    /// If they didn't take one: then others of them may be stored, and sending all again
    /// may store those twice where they have no id.
    pub(crate) async fn store(self: &Arc<Self>, entry: &Entry) -> Result<(), KafkaLogError> {
        let bytes = entry.payload.len() as u64;
        self.in_flight.fetch_add(bytes, Ordering::Relaxed);
        let (answer, wait) = oneshot::channel();
        let request = Arc::new(Request {
            left: AtomicUsize::new(usize::try_from(entry.count).unwrap_or(usize::MAX)),
            failed: Mutex::default(),
            answer: Mutex::new(Some(answer)),
        });
        let key = [entry.source.as_bytes(), &[BETWEEN], entry.collector.as_bytes()].concat();
        let (this, sent) = (Arc::clone(self), Arc::clone(&request));
        let (payload, layout) = (entry.payload.clone(), entry.layout);
        // A full queue is waited for.
        let queued =
            tokio::task::spawn_blocking(move || this.queue(&key, &payload, layout, &sent)).await;
        if queued.is_ok() {
            // It is dropped by nobody before the last of them is counted.
            let _ = wait.await;
        }
        self.in_flight.fetch_sub(bytes, Ordering::Relaxed);
        queued.map_err(|error| KafkaLogError::Worker(error.to_string()))?;
        let failed = request.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
        match failed {
            None => Ok(()),
            Some(error) if is_too_large(&error) => Err(KafkaLogError::TooLarge(error.to_string())),
            Some(error) => Err(KafkaLogError::NotTaken(error.to_string())),
        }
    }

    fn queue(&self, key: &[u8], payload: &[u8], layout: Layout, request: &Arc<Request>) {
        let now = Utc::now().timestamp_millis();
        let began = Instant::now();
        let mut left = request.left.load(Ordering::Acquire);
        for record in layout.records(payload) {
            if left == 0 {
                break;
            }
            let mut message = BaseRecord::with_opaque_to(&self.topic, Arc::clone(request))
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
                        request.fail(error);
                        request.done(left);
                        return;
                    }
                }
            }
            left -= 1;
        }
        if left > 0 {
            request.fail(KafkaError::Canceled);
            request.done(left);
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
