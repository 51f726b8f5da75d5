//! A topic of Kafka for alerts.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::Destination;
use crate::log::Batch;
use crate::log::kafka::{KafkaLogError, KafkaProducer, KafkaSettings};
use crate::source::OWN;

/// The topic.
#[derive(Debug)]
pub struct Topic {
    producer: Arc<KafkaProducer>,
}

impl Topic {
    /// By the brokers of these settings; the topic is made where it is missing and
    /// `partitions` are set.
    ///
    /// # Errors
    /// If the brokers can't be reached, or there is no such topic.
    pub async fn open(settings: &KafkaSettings, topic: &str) -> Result<Self, KafkaLogError> {
        let settings = KafkaSettings { topic: Some(topic.to_owned()), ..settings.clone() };
        Ok(Self { producer: Arc::new(KafkaProducer::start(&settings).await?) })
    }
}

#[async_trait]
impl Destination for Topic {
    fn name(&self) -> &'static str {
        "topic"
    }

    async fn send(&self, record: &str) -> Result<(), String> {
        let mut batch = Batch::told(OWN, "detect", Bytes::from(record.to_owned()));
        batch.count = 1;
        self.producer.store(&batch).await.map_err(|error| error.to_string())
    }
}
