//! The log on Kafka: a topic of raw records that inputs write to and workers read,
//! and topics that others write to.
//!
//! ```text
//! settings  brokers, topics, and what librdkafka is told
//! broker    clients; which partition is which stream
//! topic_id  a topic's own id: one that was made again is another
//! producer  records into the topic; answers once the brokers have them
//! gather    messages into records of shards
//! session   the partitions that a worker has now, and their pipeline
//! lag       how far behind its topics what is sealed is
//! worker    one that reads, seals and goes on
//! ```
//!
//! Where a partition was read to is kept in the lake alone, moved on by the commit that
//! holds its rows. Two workers that read the same records can't both commit: the
//! positions that they began from don't fit any more for the second, which drops what
//! it read. The group's offsets in Kafka are written for monitoring and never read.

mod broker;
mod gather;
mod lag;
mod producer;
mod session;
mod settings;
mod topic_id;
mod worker;

pub use lag::{PartitionLag, kafka_lag};
pub use producer::KafkaProducer;
pub use settings::{KafkaSettings, KafkaTopic};
pub use worker::{KafkaWorker, WorkerStatus};

/// Why Kafka can't be written to or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KafkaLogError {
    /// A call failed.
    #[error("{action}: {source}; check [kafka] brokers and properties")]
    Call {
        /// What was tried.
        action: &'static str,
        /// What librdkafka said.
        source: rdkafka::error::KafkaError,
    },
    /// The brokers say something of a topic that nothing can be done with.
    #[error("topic {topic}: {detail}")]
    Topic {
        /// The topic.
        topic: String,
        /// What, and what to do.
        detail: String,
    },
    /// Records that weren't read yet are gone.
    #[error(
        "topic {topic}, partition {partition}: records {from} to {} are gone before they were read: the topic's retention removed them; `rollcall worker --accept-loss` goes on behind them and writes the gap into the lake; give the topic a longer retention",
        to - 1
    )]
    Lost {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The first that is gone.
        from: i64,
        /// One past the last that is gone.
        to: i64,
    },
    /// Records that are sealed are gone, and their numbers would be given out again.
    #[error(
        "topic {topic}, partition {partition} ends at {end}, and its records are sealed up to {sealed}: the brokers have lost some, and new ones would get their numbers; make the topic anew (under a new topic id it is a new stream), and look for what its producers didn't get acknowledged"
    )]
    CutShort {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// Where the partition ends.
        end: i64,
        /// Up to where it is sealed.
        sealed: i64,
    },
    /// The brokers didn't take a request's records.
    #[error("the brokers didn't take it: {reason}")]
    NotTaken {
        /// What librdkafka said.
        reason: String,
        /// The places in the request of those records that they didn't say to have.
        left: Vec<u32>,
    },
    /// A record is larger than the brokers take.
    #[error(
        "a record is larger than the brokers take: {reason}; raise max.message.bytes of the topic, and message.max.bytes in [kafka] properties"
    )]
    TooLarge {
        /// What librdkafka said.
        reason: String,
        /// As above; not all of them need be too large.
        left: Vec<u32>,
    },
    /// The lake doesn't do its part.
    #[error(transparent)]
    Lake(#[from] rollcall_lake::LakeError),
    /// The pipeline doesn't.
    #[error(transparent)]
    Pipeline(#[from] crate::tail::PipelineError),
    /// Something else of this process.
    #[error("{0}")]
    Worker(String),
}

impl KafkaLogError {
    fn call(action: &'static str) -> impl FnOnce(rdkafka::error::KafkaError) -> Self {
        move |source| Self::Call { action, source }
    }
}
