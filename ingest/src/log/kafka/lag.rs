//! How far behind its topics what is sealed is, for people: what the brokers have
//! against what the lake has.

use rdkafka::admin::AdminClient;
use rdkafka::client::DefaultClientContext;
use rollcall_lake::{Lake, ShardKind};

use super::broker::{Identities, partitions};
use super::{KafkaLogError, KafkaSettings};

/// A partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionLag {
    /// Its topic.
    pub topic: String,
    /// Its number.
    pub partition: i32,
    /// One past the last record that the brokers have.
    pub end: i64,
    /// One past the last record that is sealed, of those that the brokers still have.
    pub sealed: i64,
}

impl PartitionLag {
    /// Records that the brokers have and no sealed file. Marks of transactions and
    /// records that compaction took count among them.
    pub fn behind(&self) -> u64 {
        self.end.saturating_sub(self.sealed).max(0).unsigned_abs()
    }
}

/// Asks the brokers where each partition of each topic ends.
///
/// # Errors
/// If they or the lake can't be asked.
pub async fn kafka_lag(
    lake: &Lake,
    settings: &KafkaSettings,
) -> Result<Vec<PartitionLag>, KafkaLogError> {
    let asked = settings.clone();
    let ends = tokio::task::spawn_blocking(move || ends(&asked)).await;
    let ends = ends.map_err(|error| KafkaLogError::Worker(error.to_string()))??;
    let shards = lake.shards()?;
    let mut lags = Vec::with_capacity(ends.len());
    for End { topic, partition, stands_for, marks: (first, end) } in ends {
        let is_its = |shard: &&rollcall_lake::Shard| {
            shard.kind == ShardKind::Kafka && shard.stands_for == stands_for
        };
        let sealed = match shards.iter().find(is_its) {
            Some(shard) => lake.committed(shard.number).await?.0,
            None => 0,
        };
        lags.push(PartitionLag { topic, partition, end, sealed: sealed.max(first) });
    }
    Ok(lags)
}

/// A partition, and its first record and the one past its last.
struct End {
    topic: String,
    partition: i32,
    stands_for: String,
    marks: (i64, i64),
}

/// Blocks.
fn ends(settings: &KafkaSettings) -> Result<Vec<End>, KafkaLogError> {
    let admin: AdminClient<DefaultClientContext> = settings
        .asking()
        .create()
        .map_err(KafkaLogError::call("[kafka] can't be used as it is set"))?;
    let (client, names) = (admin.inner(), settings.names());
    let identities = Identities::ask(client, &names, settings)?;
    let mut ends = Vec::new();
    for topic in names {
        let count = partitions(client, topic, settings)?.unwrap_or_default();
        for partition in 0..i32::try_from(count).unwrap_or(i32::MAX) {
            let marks = client
                .fetch_watermarks(topic, partition, settings.timeout)
                .map_err(KafkaLogError::call("a partition can't be asked for its offsets"))?;
            let stands_for = identities.stream(topic, partition).stands_for;
            ends.push(End { topic: topic.to_owned(), partition, stands_for, marks });
        }
    }
    Ok(ends)
}

#[cfg(test)]
mod tests {
    use super::PartitionLag;

    #[test]
    fn what_the_brokers_have_beyond_what_is_sealed_is_behind() {
        let behind = |end, sealed| {
            PartitionLag { topic: "t".to_owned(), partition: 0, end, sealed }.behind()
        };
        assert_eq!(behind(90, 70), 20);
        assert_eq!(behind(90, 90), 0);
        // The brokers lost some: nothing waits.
        assert_eq!(behind(20, 90), 0);
    }
}
