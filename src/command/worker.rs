//! `rollcall worker`

use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Result;
use rollcall_ingest::KafkaWorker;
use rollcall_lake::Lake;

use crate::cli::{Global, WorkerArgs};
use crate::config::Config;
use crate::server::Stopping;
use crate::{Outcome, lake, output, usage};

/// Reads topics and seals what they hold until it is stopped.
pub async fn run(args: WorkerArgs, global: &Global, config: &Config) -> Result<Outcome> {
    let Some(kafka) = config.kafka.settings(&config.sources()?)? else {
        return Err(usage(
            "a worker reads Kafka, and kafka.brokers isn't set; `rollcall example-config` shows the keys",
        ));
    };
    if kafka.topic.is_none() && kafka.topics.is_empty() {
        return Err(usage("a worker reads kafka.topic and kafka.topics, and neither is set"));
    }
    // Whoever asks it to end while it still opens its data is heard.
    let stopping = Stopping::new();
    let lake = Arc::new(Lake::open_worker(global.data(), &args.name).await?);
    let mut pipeline = lake::pipeline_settings(&lake, config)?;
    pipeline.seal_after = config.kafka_seal_after();
    let failed = stopping.on_failure();
    let worker = KafkaWorker::start(
        Arc::clone(&lake),
        pipeline,
        kafka,
        &args.name,
        args.accept_loss,
        failed,
    )
    .await?;
    output::note(&format!("worker {} reads Kafka", args.name));
    stopping.asked().await;
    if let Some(reason) = stopping.failure() {
        anyhow::bail!(reason);
    }
    output::note("sealing what was read");
    worker.stop().await;
    if let Some(reason) = stopping.failure() {
        anyhow::bail!(reason);
    }
    lake.close().await?;
    let read = worker.status().messages.load(Ordering::Relaxed);
    output::note(&format!("worker {} has read {read} messages", args.name));
    Ok(Outcome::Fine)
}
