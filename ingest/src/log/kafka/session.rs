//! The partitions that a worker has now, and the pipeline that reads them. When others
//! get them, or have sealed what was read here, the session ends and another begins
//! where the lake says.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::{Offset, TopicPartitionList};
use rollcall_lake::{Lake, LakeError, ShardKind, Stream};
use tokio::runtime::Handle;

use super::broker::Identities;
use super::gather::{Gathered, Partition};
use super::{KafkaLogError, KafkaSettings};
use crate::intake::last_received;
use crate::tail::{Pipeline, PipelineSettings};

/// Longest time for the seal when partitions are given back.
const LAST_SEAL: Duration = Duration::from_secs(120);

/// What sessions begin from.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) lake: Arc<Lake>,
    pub(super) runtime: Handle,
    pub(super) pipeline: PipelineSettings,
    pub(super) kafka: KafkaSettings,
    /// Whether to go on behind records that are gone.
    pub(super) accept_loss: bool,
}

/// Some partitions, being read.
pub(super) struct Session {
    pub(super) pipeline: Pipeline,
    pub(super) gathered: Gathered,
    /// Why the pipeline stopped.
    failure: Arc<Mutex<Option<LakeError>>>,
    /// Up to where shards are sealed, for the group's offsets.
    sealed: Arc<Mutex<HashMap<i32, i64>>>,
}

/// A partition, and where to begin.
struct Place {
    topic: String,
    partition: i32,
    shard: i32,
    ends: (i64, i64),
    begin: i64,
}

impl Session {
    /// Begins to read partitions; sets where each begins. Blocks.
    pub(super) fn begin<C: ConsumerContext>(
        ground: &Ground,
        consumer: &BaseConsumer<C>,
        partitions: &mut TopicPartitionList,
    ) -> Result<Self, KafkaLogError> {
        ground.runtime.block_on(ground.lake.refresh())?;
        let places = places(ground, consumer, partitions)?;
        for place in &places {
            partitions
                .set_partition_offset(&place.topic, place.partition, Offset::Offset(place.begin))
                .map_err(KafkaLogError::call("a partition's position can't be set"))?;
        }
        let failure: Arc<Mutex<Option<LakeError>>> = Arc::default();
        let sealed: Arc<Mutex<HashMap<i32, i64>>> = Arc::default();
        let pipeline = {
            let (failure, sealed) = (Arc::clone(&failure), Arc::clone(&sealed));
            let _inside = ground.runtime.enter();
            Pipeline::start(
                Arc::clone(&ground.lake),
                HashSet::new(),
                ground.pipeline.clone(),
                move |shard, end| {
                    sealed.lock().unwrap_or_else(PoisonError::into_inner).insert(shard, end);
                },
                move |error| {
                    *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                },
            )?
        };
        let sources = &ground.pipeline.read.sources;
        for place in &places {
            pipeline.resume(&ground.lake, sources, place.shard, place.ends.0)?;
            pipeline.stands(place.shard, place.ends)?;
        }
        let of = |place: Place| {
            let topics = &ground.kafka.topics;
            let theirs = topics.iter().find(|topic| topic.name == place.topic);
            let fixed = theirs.map(|topic| Arc::from(&*topic.source));
            let received = last_received(&ground.lake, place.shard);
            tracing::info!(
                kafka.topic = %place.topic, kafka.partition = place.partition,
                log.shard = place.shard, log.from = place.begin, "a partition is read"
            );
            Partition::new(place.topic, place.partition, place.shard, fixed, received)
        };
        let gathered = Gathered::new(places.into_iter().map(of).collect());
        Ok(Self { pipeline, gathered, failure, sealed })
    }

    /// Why it can't go on, if it can't.
    pub(super) fn failure(&self) -> Option<LakeError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Offsets up to which partitions are sealed, since the last time.
    pub(super) fn sealed(&self) -> Option<TopicPartitionList> {
        let sealed =
            std::mem::take(&mut *self.sealed.lock().unwrap_or_else(PoisonError::into_inner));
        let mut list = TopicPartitionList::new();
        for partition in self.gathered.partitions() {
            if let Some(end) = sealed.get(&partition.shard) {
                // The list is ours: a partition comes once.
                let _ = list.add_partition_offset(
                    &partition.topic,
                    partition.partition,
                    Offset::Offset(*end),
                );
            }
        }
        (list.count() > 0).then_some(list)
    }

    /// Ends it: seals what was read, if it still may, and drops it otherwise. Blocks.
    pub(super) fn end(self, runtime: &Handle) -> Option<LakeError> {
        runtime.block_on(async {
            if tokio::time::timeout(LAST_SEAL, self.pipeline.seal()).await.is_err() {
                tracing::warn!("the last seal takes long; what it holds is read again by others");
            }
            self.pipeline.end().await;
        });
        self.failure()
    }

    /// Ends it without sealing anything more. Blocks.
    pub(super) fn abandon(self, runtime: &Handle) {
        runtime.block_on(self.pipeline.end());
    }
}

/// Where each partition stands, and where reading begins.
fn places<C: ConsumerContext>(
    ground: &Ground,
    consumer: &BaseConsumer<C>,
    partitions: &TopicPartitionList,
) -> Result<Vec<Place>, KafkaLogError> {
    let elements = partitions.elements();
    let mut topics: Vec<&str> = elements.iter().map(|element| element.topic()).collect();
    topics.sort_unstable();
    topics.dedup();
    if topics.is_empty() {
        return Ok(Vec::new());
    }
    let identities = Identities::ask(consumer.client(), &topics, &ground.kafka)?;
    let streams: Vec<Stream> = elements
        .iter()
        .map(|element| identities.stream(element.topic(), element.partition()))
        .collect();
    let shards = ground.runtime.block_on(ground.lake.assign(ShardKind::Kafka, &streams))?;
    let mut places = Vec::new();
    for (element, shard) in elements.iter().zip(shards) {
        let ends = ground.runtime.block_on(ground.lake.committed(shard.number))?;
        let (topic, partition) = (element.topic(), element.partition());
        let marks = consumer
            .fetch_watermarks(topic, partition, ground.kafka.timeout)
            .map_err(KafkaLogError::call("a partition can't be asked for its offsets"))?;
        let begin = begin(topic, partition, ends.0, marks, ground.accept_loss)?;
        places.push(Place { topic: topic.to_owned(), partition, shard: shard.number, ends, begin });
    }
    Ok(places)
}

/// Where to begin in a partition that is sealed up to one record and holds those from
/// `low` to before `high`.
fn begin(
    topic: &str,
    partition: i32,
    sealed: i64,
    (low, high): (i64, i64),
    accept_loss: bool,
) -> Result<i64, KafkaLogError> {
    if high < sealed {
        let topic = topic.to_owned();
        return Err(KafkaLogError::CutShort { topic, partition, end: high, sealed });
    }
    if low <= sealed {
        return Ok(sealed);
    }
    // What was gone before the first look was never promised to anybody.
    if sealed > 0 && !accept_loss {
        let topic = topic.to_owned();
        return Err(KafkaLogError::Lost { topic, partition, from: sealed, to: low });
    }
    tracing::warn!(kafka.topic = %topic, kafka.partition = partition, log.from = sealed, log.to = low,
        "records are gone before they were read; the gap is written into the lake");
    Ok(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_begins_where_the_lake_stands_and_never_jumps() {
        let at = |sealed, marks, accept| begin("t", 0, sealed, marks, accept);
        assert_eq!(at(0, (0, 0), false).expect("an empty one"), 0);
        assert_eq!(at(70, (5, 90), false).expect("in the middle"), 70);
        assert_eq!(at(90, (5, 90), false).expect("at the end"), 90);
        assert_eq!(at(0, (40, 90), false).expect("the first look"), 40);
        let lost = at(30, (40, 90), false).expect_err("a gap");
        assert!(lost.to_string().contains("records 30 to 39 are gone"), "{lost}");
        assert_eq!(at(30, (40, 90), true).expect("accepted"), 40);
        let cut = at(30, (0, 20), true).expect_err("given out again");
        assert!(cut.to_string().contains("ends at 20"), "{cut}");
    }
}
