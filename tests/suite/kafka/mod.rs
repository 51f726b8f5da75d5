//! A real Apache Kafka, workers that share its topics, and inputs that write to it.
//!
//! ```text
//! broker    Kafka in KRaft mode, on free ports of loopback
//! work      a worker that may be killed
//! storm     brokers restarted and workers killed while events come in
//! groups    partitions that go to another worker
//! offsets   records that retention removed, topics that were made again
//! inputs    HTTP into Kafka, with TLS and SCRAM; topics of others
//! delivered  webhooks and answers into Kafka
//! ```

#[path = "../../support/kafka/broker.rs"]
pub mod broker;
mod delivered;
mod groups;
mod inputs;
mod offsets;
mod storm;
pub mod work;
