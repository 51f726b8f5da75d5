//! How far what is sealed lies behind the topics of Kafka: asked now and then, shown on the
//! page Data health.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rollcall_ingest::{KafkaSettings, PartitionLag, kafka_lag};
use rollcall_lake::Lake;
use rollcall_web::{Measure, Reading};

use super::Stopping;

/// Time between two questions to the brokers.
const EVERY: Duration = Duration::from_secs(15);

#[derive(Debug, Default)]
struct Found {
    lags: Vec<PartitionLag>,
    problem: Option<String>,
}

/// What was found last.
#[derive(Debug, Clone, Default)]
pub struct Behind(Arc<Mutex<Found>>);

impl Behind {
    /// Asks until the process ends, where Kafka is used.
    pub fn watch(kafka: Option<&KafkaSettings>, lake: &Arc<Lake>, stopping: &Stopping) -> Self {
        let behind = Self::default();
        let Some(settings) = kafka.cloned() else { return behind };
        let (found, lake, stopping) = (behind.clone(), Arc::clone(lake), stopping.clone());
        tokio::spawn(async move {
            let mut clock = tokio::time::interval(EVERY);
            clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            while !stopping.is_stopping() {
                clock.tick().await;
                let lags = kafka_lag(&lake, &settings).await;
                let mut found = found.0.lock().unwrap_or_else(PoisonError::into_inner);
                match lags {
                    Ok(lags) => *found = Found { lags, problem: None },
                    Err(error) => found.problem = Some(error.to_string()),
                }
            }
        });
        behind
    }

    /// A line for each topic, and one for what went wrong.
    pub fn readings(&self) -> Vec<Reading> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut readings = of_topics(&found.lags);
        readings.extend(found.problem.as_ref().map(|problem| Reading {
            name: "Kafka",
            about: "",
            value: Measure::Text("not answering".to_owned()),
            trouble: Some(format!("How far workers are can't be told: {problem}")),
        }));
        readings
    }
}

fn of_topics(lags: &[PartitionLag]) -> Vec<Reading> {
    let mut topics: Vec<(&str, u64, usize)> = Vec::new();
    for lag in lags {
        match topics.iter_mut().find(|(topic, ..)| *topic == lag.topic) {
            Some((_, behind, partitions)) => {
                *behind = behind.saturating_add(lag.behind());
                *partitions += 1;
            }
            None => topics.push((&lag.topic, lag.behind(), 1)),
        }
    }
    let told = |(topic, behind, partitions): (&str, u64, usize)| Reading {
        name: "Kafka topic",
        about: "records that the brokers have and workers haven't sealed, as of the last 15 seconds; \
                they are sealed within seal_seconds where a worker runs",
        value: Measure::Text(format!(
            "{topic}: {behind} not sealed, in {partitions} partition{}",
            if partitions == 1 { "" } else { "s" }
        )),
        trouble: None,
    };
    topics.into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_of_a_topic_are_added_up() {
        let lag = |topic: &str, partition, end, sealed| PartitionLag {
            topic: topic.to_owned(),
            partition,
            end,
            sealed,
        };
        let lags = [lag("a", 0, 10, 4), lag("a", 1, 7, 7), lag("b", 0, 3, 0)];
        let told: Vec<_> = of_topics(&lags).into_iter().map(|reading| reading.value).collect();
        let text = |text: &str| Measure::Text(text.to_owned());
        assert_eq!(
            told,
            [text("a: 6 not sealed, in 2 partitions"), text("b: 3 not sealed, in 1 partition")]
        );
    }
}
