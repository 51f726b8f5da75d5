//! Clients; which partition is which stream.

use std::collections::BTreeMap;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::{Client, ClientContext, DefaultClientContext};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;
use rollcall_lake::Stream;

use super::topic_id::topic_ids;
use super::{KafkaLogError, KafkaSettings};

/// What partitions of topics stand for.
#[derive(Debug, Clone)]
pub(crate) struct Identities {
    cluster: String,
    topics: BTreeMap<String, String>,
}

impl Identities {
    /// Asks the brokers.
    pub(crate) fn ask<C: ClientContext>(
        client: &Client<C>,
        topics: &[&str],
        settings: &KafkaSettings,
    ) -> Result<Self, KafkaLogError> {
        let cluster = client.fetch_cluster_id(settings.timeout);
        let ids = match topic_ids(client, topics, settings.timeout) {
            Ok(ids) => ids,
            Err(detail) => {
                tracing::warn!(error = %detail,
                    "the brokers tell no topic ids: a topic that is deleted and made again under its name would be taken for the old one");
                vec![None; topics.len()]
            }
        };
        let named = topics.iter().zip(ids).map(|(topic, id)| {
            let id = id.map_or_else(|| format!("name:{topic}"), |id| id.to_string());
            ((*topic).to_owned(), id)
        });
        Ok(Self {
            cluster: cluster.unwrap_or_else(|| "unnamed".to_owned()),
            topics: named.collect(),
        })
    }

    /// The stream of a partition.
    pub(crate) fn stream(&self, topic: &str, partition: i32) -> Stream {
        let id = self.topics.get(topic).map_or(topic, String::as_str);
        let stands_for = format!("{}/{id}/{partition}", self.cluster);
        Stream::new(stands_for, format!("{topic}-{partition}"))
    }
}

/// Partitions of a topic; `None` where there is no such topic.
pub(crate) fn partitions<C: ClientContext>(
    client: &Client<C>,
    topic: &str,
    settings: &KafkaSettings,
) -> Result<Option<usize>, KafkaLogError> {
    let metadata = client
        .fetch_metadata(Some(topic), settings.timeout)
        .map_err(KafkaLogError::call("the brokers can't be asked for topics"))?;
    let Some(found) = metadata.topics().iter().find(|found| found.name() == topic) else {
        return Ok(None);
    };
    match found.error().map(RDKafkaErrorCode::from) {
        None => Ok(Some(found.partitions().len())),
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => {
            Ok(None)
        }
        Some(code) => {
            Err(KafkaLogError::Topic { topic: topic.to_owned(), detail: code.to_string() })
        }
    }
}

/// Makes sure that the own topic is there.
pub(crate) async fn provide_topic(settings: &KafkaSettings) -> Result<(), KafkaLogError> {
    let Some(topic) = settings.topic.clone() else { return Ok(()) };
    let admin: AdminClient<DefaultClientContext> = settings
        .asking()
        .create()
        .map_err(KafkaLogError::call("[kafka] can't be used as it is set"))?;
    let asked = settings.clone();
    let name = topic.clone();
    // Asking blocks.
    let (admin, found) = tokio::task::spawn_blocking(move || {
        let found = partitions(admin.inner(), &name, &asked);
        (admin, found)
    })
    .await
    .map_err(|error| KafkaLogError::Worker(error.to_string()))?;
    if found?.is_some() {
        return Ok(());
    }
    if settings.partitions == 0 {
        let detail = format!(
            "there is no such topic; make it (kafka-topics.sh --create --topic {topic} --partitions 12 --replication-factor 3 --config min.insync.replicas=2), or set kafka.partitions to have it made"
        );
        return Err(KafkaLogError::Topic { topic, detail });
    }
    let new =
        NewTopic::new(&topic, settings.partitions, TopicReplication::Fixed(settings.replicas));
    let options = AdminOptions::new().operation_timeout(Some(settings.timeout));
    let made = admin
        .create_topics([&new], &options)
        .await
        .map_err(KafkaLogError::call("the topic can't be made"))?;
    match made.into_iter().next() {
        Some(Err((_, code))) if code != RDKafkaErrorCode::TopicAlreadyExists => {
            let source = KafkaError::AdminOp(code);
            Err(KafkaLogError::Call { action: "the topic can't be made", source })
        }
        _ => Ok(()),
    }
}
