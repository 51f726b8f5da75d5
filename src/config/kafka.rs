//! `[kafka]`: the log on Kafka, and topics that others write to.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use rollcall_ingest::source::Sources;
use rollcall_ingest::{KafkaSettings, KafkaTopic};

use crate::usage;

/// Kafka: for more events than one process takes. Inputs write records to a topic, and
/// any number of `rollcall worker` processes seal them.
#[derive(Debug, confique::Config)]
pub struct Kafka {
    /// Brokers, as `host:port`, several with commas. Without them Kafka isn't used.
    #[config(env = "ROLLCALL_KAFKA_BROKERS")]
    pub brokers: Option<String>,
    /// The topic to which `rollcall serve` writes what its inputs take in, in place of the
    /// log in the data directory. Raw records lie in it as they came: give it a retention
    /// of some days, and let nobody else read it. Without it inputs keep their log.
    #[config(env = "ROLLCALL_KAFKA_TOPIC")]
    pub topic: Option<String>,
    /// Topics that others write to, which workers read as well, a table each, with the
    /// `source` of their records where these don't tell it themselves. For instance:
    /// [{ name = "insights-logs-signinlogs", source = "entra" }]
    #[config(default = [])]
    pub topics: Vec<Topic>,
    /// The consumer group of the workers. Where they have read to is kept in the lake;
    /// the group's offsets are written for monitoring only.
    #[config(default = "rollcall", env = "ROLLCALL_KAFKA_GROUP")]
    pub group: String,
    /// Partitions of `topic` where it doesn't exist yet; 0: it isn't made.
    #[config(default = 0, env = "ROLLCALL_KAFKA_PARTITIONS")]
    pub partitions: i32,
    /// Replicas of each partition where `topic` has to be made.
    #[config(default = 3, env = "ROLLCALL_KAFKA_REPLICAS")]
    pub replicas: i32,
    /// Longest time from a row's arrival at a worker to its file, in seconds.
    #[config(default = 30, env = "ROLLCALL_KAFKA_SEAL_SECONDS")]
    pub seal_seconds: u64,
    /// Further settings of librdkafka: `security.protocol`, `sasl.mechanisms`,
    /// `sasl.username`, `ssl.ca.location`, … For instance:
    /// { "security.protocol" = "SASL_SSL", "sasl.mechanisms" = "SCRAM-SHA-512", "sasl.username" = "rollcall" }
    #[config(default = {})]
    pub properties: BTreeMap<String, String>,
    /// The environment variable that holds `sasl.password`.
    pub password_env: Option<String>,
    /// The file that holds `sasl.password`, for its owner alone.
    pub password_file: Option<PathBuf>,
}

/// A topic that others write to.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    name: String,
    #[serde(default)]
    source: String,
}

impl Kafka {
    /// What the crates want to know; nothing where Kafka isn't used.
    pub fn settings(&self, sources: &Sources) -> Result<Option<KafkaSettings>> {
        let Some(brokers) = &self.brokers else { return Ok(None) };
        let mut properties = self.properties.clone();
        if properties.contains_key("sasl.password") {
            let reason = "kafka.properties holds sasl.password; name a variable or a file that \
                holds it with kafka.password_env or kafka.password_file";
            return Err(usage(reason));
        }
        if let Some(password) = self.password()? {
            properties.insert("sasl.password".to_owned(), password);
        }
        for topic in &self.topics {
            if !topic.source.is_empty()
                && let Err(reason) = sources.named_of_others(&topic.source)
            {
                return Err(usage(format!("kafka.topics: {}: {reason}", topic.name)));
            }
        }
        let topics = self.topics.iter();
        let topics = topics
            .map(|topic| KafkaTopic { name: topic.name.clone(), source: topic.source.clone() });
        Ok(Some(KafkaSettings {
            brokers: brokers.clone(),
            topic: self.topic.clone(),
            topics: topics.collect(),
            group: self.group.clone(),
            properties,
            partitions: self.partitions,
            replicas: self.replicas,
            timeout: Duration::from_secs(15),
        }))
    }

    fn password(&self) -> Result<Option<String>> {
        match (&self.password_env, &self.password_file) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => {
                Err(usage("kafka.password_env and kafka.password_file are both set; one is enough"))
            }
            (Some(name), None) => {
                let value = std::env::var(name).ok().filter(|value| !value.is_empty());
                let reason = || usage(format!("kafka.password_env: {name} isn't set"));
                value.map(Some).ok_or_else(reason)
            }
            (None, Some(path)) => {
                let text = fs::read_to_string(path)
                    .with_context(|| format!("kafka.password_file: {}", path.display()))?;
                Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use confique::Config;

    use super::*;

    #[test]
    fn a_topics_source_is_one_that_others_may_send() {
        let settings = |source: &str| {
            let mut kafka = Kafka::builder().load().expect("the usual");
            kafka.brokers = Some("127.0.0.1:9092".to_owned());
            kafka.topics = vec![Topic { name: "t".to_owned(), source: source.to_owned() }];
            kafka.settings(&Sources::default()).map(|settings| settings.is_some())
        };
        assert!(settings("okta").expect("taken"));
        let refused = format!("{:#}", settings("rollcall").expect_err("its own"));
        assert!(refused.contains("kafka.topics: t") && refused.contains("nobody's"), "{refused}");
    }
}
