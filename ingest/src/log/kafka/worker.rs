//! Reads the topics in a group with others, seals what was read, and goes on. One
//! thread asks librdkafka; what the group changes is told in the middle of asking.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::Utc;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr};
use rdkafka::{Message as _, TopicPartitionList};
use rollcall_lake::{Lake, LakeError};
use tokio::runtime::Handle;

use super::session::{Ground, Session};
use super::{KafkaLogError, KafkaSettings, broker};
use crate::tail::PipelineSettings;

/// Longest wait for a message before it is looked at what else is to be done.
const PATIENCE: Duration = Duration::from_millis(100);
/// Messages and bytes that are handed to the pipeline together.
const TOGETHER: usize = 8_192;
const TOGETHER_BYTES: usize = 4 << 20;
/// Bytes that may wait in the pipeline before nothing more is read.
const BACKLOG: u64 = 32 << 20;
/// Time between looks at what others sealed.
const LOOK: Duration = Duration::from_secs(5);

/// What a worker is doing.
#[derive(Debug, Default)]
pub struct WorkerStatus {
    /// Messages read since the start.
    pub messages: AtomicU64,
    /// Partitions that it has now.
    pub partitions: AtomicU64,
    /// Times that what was read was dropped, since another worker had sealed it.
    pub superseded: AtomicU64,
}

/// A worker, running.
pub struct KafkaWorker {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for KafkaWorker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaWorker").field("status", &self.shared.status).finish_non_exhaustive()
    }
}

struct Shared {
    ground: Ground,
    session: Mutex<Option<Session>>,
    /// What went wrong in a call back.
    failure: Mutex<Option<KafkaLogError>>,
    stopping: AtomicBool,
    status: WorkerStatus,
}

impl Shared {
    fn session(&self) -> MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, error: KafkaLogError) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(error);
    }

    /// Hands out what went wrong in a call back, if something did.
    fn check(&self) -> Result<(), KafkaLogError> {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take().map_or(Ok(()), Err)
    }

    /// Begins to read partitions, and lets the consumer deliver them.
    fn begin(
        &self,
        consumer: &BaseConsumer<Context>,
        mut partitions: TopicPartitionList,
    ) -> Result<(), KafkaLogError> {
        let session = Session::begin(&self.ground, consumer, &mut partitions)?;
        self.status.partitions.store(partitions.count() as u64, Ordering::Relaxed);
        *self.session() = Some(session);
        consumer.assign(&partitions).map_err(KafkaLogError::call("partitions can't be taken"))
    }

    /// Gives partitions back.
    fn end(&self) {
        self.status.partitions.store(0, Ordering::Relaxed);
        let session = self.session().take();
        let failed = session.and_then(|session| session.end(&self.ground.runtime));
        self.take_failure(failed);
    }

    /// Whether a pipeline's end is one that a new session mends.
    fn take_failure(&self, failed: Option<LakeError>) {
        match failed {
            None => {}
            Some(error @ LakeError::Superseded { .. }) => {
                tracing::warn!(error = %error, "what was read is dropped");
                self.status.superseded.fetch_add(1, Ordering::Relaxed);
            }
            Some(error) => self.fail(error.into()),
        }
    }
}

struct Context(Arc<Shared>);

impl ClientContext for Context {
    fn error(&self, error: KafkaError, reason: &str) {
        // librdkafka goes on by itself.
        tracing::warn!(error = %error, reason, "the brokers can't be reached as they should");
    }
}

impl ConsumerContext for Context {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        what: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        let done = match what {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => {
                self.0.begin(consumer, partitions.clone())
            }
            _ => {
                self.0.end();
                consumer.unassign().map_err(KafkaLogError::call("partitions can't be given back"))
            }
        };
        if let Err(error) = done {
            // The group must not wait for an answer.
            let _ = consumer.unassign();
            self.0.fail(error);
        }
    }
}

impl KafkaWorker {
    /// Joins the group and reads. `failed` is told, once, why it had to stop.
    ///
    /// # Errors
    /// If the settings can't be used, a topic is missing, or the brokers can't be reached.
    pub async fn start(
        lake: Arc<Lake>,
        pipeline: PipelineSettings,
        kafka: KafkaSettings,
        name: &str,
        accept_loss: bool,
        failed: impl FnOnce(String) + Send + 'static,
    ) -> Result<Self, KafkaLogError> {
        broker::provide_topic(&kafka).await?;
        let config = kafka.reading(name);
        let runtime = Handle::current();
        let ground = Ground { lake, runtime, pipeline, kafka, accept_loss };
        let shared = Arc::new(Shared {
            ground,
            session: Mutex::default(),
            failure: Mutex::default(),
            stopping: AtomicBool::new(false),
            status: WorkerStatus::default(),
        });
        let consumer: BaseConsumer<Context> = config
            .create_with_context(Context(Arc::clone(&shared)))
            .map_err(KafkaLogError::call("[kafka] can't be used as it is set"))?;
        let working = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("kafka".to_owned())
            .spawn(move || {
                if let Err(error) = work(&working, &consumer) {
                    // What wasn't sealed is read again by whoever comes next.
                    if let Some(session) = working.session().take() {
                        session.abandon(&working.ground.runtime);
                    }
                    failed(error.to_string());
                }
            })
            .map_err(|error| KafkaLogError::Worker(error.to_string()))?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// What it is doing.
    pub fn status(&self) -> &WorkerStatus {
        &self.shared.status
    }

    /// Seals what was read, gives the partitions back, and ends.
    pub async fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Release);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A thread that panicked has ended as well.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

fn work(shared: &Shared, consumer: &BaseConsumer<Context>) -> Result<(), KafkaLogError> {
    let kafka = &shared.ground.kafka;
    for topic in kafka.names() {
        if broker::partitions(consumer.client(), topic, kafka)?.is_none() {
            let detail = "there is no such topic; make it, or take it out of [kafka]".to_owned();
            return Err(KafkaLogError::Topic { topic: topic.to_owned(), detail });
        }
    }
    consumer.subscribe(&kafka.names()).map_err(KafkaLogError::call("the group can't be joined"))?;
    let mut looked = Instant::now();
    loop {
        gather(shared, consumer)?;
        shared.check()?;
        hand_on(shared, consumer)?;
        if looked.elapsed() >= LOOK {
            look(shared)?;
            looked = Instant::now();
        }
        if shared.stopping.load(Ordering::Acquire) {
            shared.end();
            consumer.unsubscribe();
            return shared.check();
        }
    }
}

/// Takes what has come, up to a batch.
fn gather(shared: &Shared, consumer: &BaseConsumer<Context>) -> Result<(), KafkaLogError> {
    let (mut count, mut bytes) = (0, 0);
    let mut patience = PATIENCE;
    let now = Utc::now().timestamp_micros();
    while count < TOGETHER && bytes < TOGETHER_BYTES {
        let Some(message) = consumer.poll(patience) else { break };
        patience = Duration::ZERO;
        match message {
            Ok(message) => {
                if let Some(session) = &mut *shared.session() {
                    bytes += session.gathered.add(&message, now);
                    count += 1;
                } else {
                    tracing::debug!(kafka.offset = message.offset(), "of a partition that is gone");
                }
            }
            Err(error) => judge(shared, consumer, error)?,
        }
    }
    shared.status.messages.fetch_add(count as u64, Ordering::Relaxed);
    Ok(())
}

/// Whether an error is one that librdkafka gets over.
fn judge(
    shared: &Shared,
    consumer: &BaseConsumer<Context>,
    error: KafkaError,
) -> Result<(), KafkaLogError> {
    if let Some((code, reason)) = consumer.client().fatal_error() {
        return Err(KafkaLogError::Worker(format!("Kafka: {code}: {reason}")));
    }
    match error.rdkafka_error_code() {
        // What was read from isn't there any more: a new session says what is lost.
        Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) => {
            again(shared, consumer)
        }
        Some(
            RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::GroupAuthorizationFailed
            | RDKafkaErrorCode::UnknownTopicOrPartition
            | RDKafkaErrorCode::SaslAuthenticationFailed
            | RDKafkaErrorCode::Authentication,
        ) => Err(KafkaLogError::Call { action: "the topics can't be read", source: error }),
        _ => {
            tracing::warn!(error = %error, "reading goes on once the brokers answer");
            Ok(())
        }
    }
}

/// Hands what was gathered to the pipeline; waits while that has enough.
fn hand_on(shared: &Shared, consumer: &BaseConsumer<Context>) -> Result<(), KafkaLogError> {
    let mut guard = shared.session();
    let Some(session) = &mut *guard else { return Ok(()) };
    let mut stopped = false;
    for messages in session.gathered.take() {
        stopped |= session.pipeline.messages(messages).is_err();
    }
    if let Some(sealed) = session.sealed()
        && let Err(error) = consumer.commit(&sealed, CommitMode::Async)
    {
        tracing::debug!(error = %error, "the group's offsets, for monitoring, can't be written");
    }
    let backlog = &session.pipeline.status().backlog_bytes;
    let mut failed = session.failure();
    while failed.is_none() && !stopped && backlog.load(Ordering::Relaxed) > BACKLOG {
        std::thread::sleep(Duration::from_millis(1));
        failed = session.failure();
    }
    if stopped && failed.is_none() {
        // Its reason is told before its end of the channel goes.
        failed = session.failure();
    }
    drop(guard);
    if failed.is_none() && !stopped {
        return Ok(());
    }
    shared.take_failure(failed);
    again(shared, consumer)
}

/// Begins anew with the same partitions, where the lake stands.
fn again(shared: &Shared, consumer: &BaseConsumer<Context>) -> Result<(), KafkaLogError> {
    shared.check()?;
    if let Some(session) = shared.session().take() {
        session.abandon(&shared.ground.runtime);
    }
    let partitions = consumer
        .assignment()
        .map_err(KafkaLogError::call("the group doesn't say which partitions are ours"))?;
    shared.begin(consumer, partitions)
}

/// Learns what others sealed: an event that came to them is a duplicate here.
fn look(shared: &Shared) -> Result<(), KafkaLogError> {
    let came = shared.ground.runtime.block_on(shared.ground.lake.take_in())?;
    if let Some(session) = &*shared.session()
        && !came.is_empty()
    {
        // One that has stopped is found in a moment.
        let _ = session.pipeline.take_in(came);
    }
    Ok(())
}
