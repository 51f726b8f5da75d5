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

/// The brokers' last answer; or why there is none, and then what they said before is no
/// news any more.
#[derive(Debug, Default)]
enum Found {
    /// They weren't asked.
    #[default]
    Nothing,
    Lags(Vec<PartitionLag>),
    Problem(String),
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
                found.set(kafka_lag(&lake, &settings).await.map_err(|error| error.to_string()));
            }
        });
        behind
    }

    fn set(&self, answer: Result<Vec<PartitionLag>, String>) {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *found = answer.map_or_else(Found::Problem, Found::Lags);
    }

    /// A line for each topic, or one for what went wrong.
    pub fn readings(&self) -> Vec<Reading> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Found::Nothing => Vec::new(),
            Found::Lags(lags) => of_topics(lags),
            Found::Problem(problem) => vec![Reading {
                name: "Kafka",
                about: "",
                value: Measure::Text("not answering".to_owned()),
                trouble: Some(format!("How far workers are can't be told: {problem}")),
            }],
        }
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
        about: "records that the brokers have and workers haven't sealed, as of the last half minute; \
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

    fn lag(topic: &str, partition: i32, end: i64, sealed: i64) -> PartitionLag {
        PartitionLag { topic: topic.to_owned(), partition, end, sealed }
    }

    #[test]
    fn what_brokers_said_before_isnt_shown_once_they_dont_answer() {
        let behind = Behind::default();
        assert!(behind.readings().is_empty());
        behind.set(Ok(vec![lag("a", 0, 10, 4)]));
        let values = || -> Vec<Measure> {
            behind.readings().into_iter().map(|reading| reading.value).collect()
        };
        assert_eq!(values(), [Measure::Text("a: 6 not sealed, in 1 partition".to_owned())]);
        behind.set(Err("connection refused".to_owned()));
        assert_eq!(values(), [Measure::Text("not answering".to_owned())]);
        let trouble = behind.readings().pop().and_then(|reading| reading.trouble);
        assert!(trouble.expect("told").contains("connection refused"));
        behind.set(Ok(Vec::new()));
        assert!(behind.readings().is_empty());
    }

    #[test]
    fn partitions_of_a_topic_are_added_up() {
        let lags = [lag("a", 0, 10, 4), lag("a", 1, 7, 7), lag("b", 0, 3, 0)];
        let told: Vec<_> = of_topics(&lags).into_iter().map(|reading| reading.value).collect();
        let text = |text: &str| Measure::Text(text.to_owned());
        assert_eq!(
            told,
            [text("a: 6 not sealed, in 2 partitions"), text("b: 3 not sealed, in 1 partition")]
        );
    }
}
