//! Brokers, topics, and what librdkafka is told.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::ClientConfig;

/// A topic that others write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaTopic {
    /// Its name.
    pub name: String,
    /// The source of its records; empty where each record tells it.
    pub source: String,
}

/// Where the log is, and how to get there.
#[derive(Clone)]
pub struct KafkaSettings {
    /// `host:port`, several with commas.
    pub brokers: String,
    /// The topic that this installation's inputs write to; none where they don't.
    pub topic: Option<String>,
    /// Topics that others write to.
    pub topics: Vec<KafkaTopic>,
    /// The consumer group of the workers.
    pub group: String,
    /// Further settings of librdkafka, passwords among them: never printed.
    pub properties: BTreeMap<String, String>,
    /// Partitions of the own topic where it has to be made; 0: it isn't made.
    pub partitions: i32,
    /// Replicas of each partition, where the topic has to be made.
    pub replicas: i32,
    /// Longest time for a question to the brokers.
    pub timeout: Duration,
}

impl std::fmt::Debug for KafkaSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaSettings")
            .field("brokers", &self.brokers)
            .field("topic", &self.topic)
            .field("topics", &self.topics)
            .field("group", &self.group)
            .field("properties", &self.properties.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl KafkaSettings {
    /// Every topic that a worker reads.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.topic.as_deref().into_iter().chain(self.topics.iter().map(|t| &*t.name)).collect()
    }

    fn client(&self, name: &str) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.brokers).set("client.id", format!("rollcall-{name}"));
        config
    }

    fn with_properties(&self, mut config: ClientConfig, fixed: &[(&str, &str)]) -> ClientConfig {
        for (key, value) in &self.properties {
            config.set(key, value);
        }
        // What is promised rests on these.
        for (key, value) in fixed {
            config.set(*key, *value);
        }
        config
    }

    /// What asks the brokers about topics.
    pub(crate) fn asking(&self) -> ClientConfig {
        self.with_properties(self.client("admin"), &[])
    }

    /// What writes records.
    pub(crate) fn writing(&self) -> ClientConfig {
        let mut config = self.client("inputs");
        config
            .set("linger.ms", "5")
            .set("compression.type", "lz4")
            .set("delivery.timeout.ms", "30000")
            .set("queue.buffering.max.messages", "1000000");
        self.with_properties(config, &[("acks", "all"), ("enable.idempotence", "true")])
    }

    /// What reads them.
    pub(crate) fn reading(&self, worker: &str) -> ClientConfig {
        let mut config = self.client(worker);
        config
            .set("session.timeout.ms", "10000")
            .set("heartbeat.interval.ms", "2000")
            .set("queued.max.messages.kbytes", "65536")
            .set("fetch.wait.max.ms", "100");
        let fixed = [
            ("group.id", &*self.group),
            ("enable.auto.commit", "false"),
            ("enable.auto.offset.store", "false"),
            // Where reading begins is in the lake; an offset that isn't there is an error.
            ("auto.offset.reset", "error"),
            ("isolation.level", "read_committed"),
            ("check.crcs", "true"),
            // All partitions are given back before any is given out.
            ("partition.assignment.strategy", "roundrobin"),
        ];
        self.with_properties(config, &fixed)
    }
}
