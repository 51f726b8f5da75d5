//! Detectors at work: what came in is looked at as it becomes visible, and what is raised is
//! written into the log and sent on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::Utc;
use rollcall_ingest::Intake;
use rollcall_ingest::notify::{self, Destination, Queue, Topic};
use rollcall_lake::{Lake, Snapshot};
use rollcall_query::Catalog;
use rollcall_query::detect::{Alert, Severity};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::Stopping;
use crate::config::Config;
use crate::control::{Detecting, Outward};

/// How often is looked whether anything is new.
const EVERY: Duration = Duration::from_secs(1);
/// How often what detectors know is saved, where they saw anything.
const SAVED: Duration = Duration::from_secs(300);
/// The time after a look that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// Starts what sends alerts on, to wherever is set; what is raised into the channel goes
/// there, but for what is suppressed.
pub async fn outward(
    lake: &Lake,
    catalog: Catalog,
    config: &Config,
) -> Result<UnboundedSender<Outward>> {
    let mut destinations: Vec<(&str, Arc<dyn Destination>)> = Vec::new();
    if let Some(webhook) = config.alerts.webhook()? {
        destinations.push(("webhook", Arc::new(webhook)));
    }
    if let Some(topic) = &config.alerts.topic {
        let kafka = config.kafka.settings(&config.sources()?)?;
        let reason = "alerts.topic names a topic and [kafka] no brokers";
        let kafka = kafka.ok_or_else(|| crate::usage(reason))?;
        destinations.push(("topic", Arc::new(Topic::open(&kafka, topic).await?)));
    }
    let folder = lake.directory().unsent();
    rollcall_lake::create_private_directory(&folder)?;
    let mut queues = Vec::new();
    for (name, destination) in destinations {
        let queue = Arc::new(Queue::open(&folder.join(name))?);
        tokio::spawn(notify::run(Arc::clone(&queue), destination));
        queues.push(queue);
    }
    let least = config.alerts.least()?;
    let (sender, mut inbox) = unbounded_channel();
    tokio::spawn(async move {
        while let Some(outward) = inbox.recv().await {
            let alerts: Vec<Alert> = match outward {
                Outward::Raised(alerts) => alerts,
                Outward::Forget(is_meant, done) => {
                    let forgotten = queues
                        .iter()
                        .try_for_each(|queue| queue.forget(is_meant.as_ref()).map(|_| ()));
                    // Whoever asked may have gone.
                    let _ = done.send(forgotten.map_err(Into::into));
                    continue;
                }
            };
            for alert in &alerts {
                tracing::warn!(alert.key = alert.key, alert.update = alert.update,
                    alert.severity = %alert.severity, "an alert was raised");
            }
            if queues.is_empty() {
                continue;
            }
            match wanted(&catalog, &alerts, least).await {
                Ok(records) => queues.iter().for_each(|queue| put(queue, &records)),
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "alerts aren't sent on");
                }
            }
        }
    });
    Ok(sender)
}

/// The records of those that somebody wants to hear of.
async fn wanted(catalog: &Catalog, alerts: &[Alert], least: Severity) -> Result<Vec<String>> {
    let suppressed = catalog.session().suppressed_subjects().await?;
    let is_wanted = |alert: &&Alert| {
        let subject = (alert.detector.to_owned(), alert.subject.clone());
        alert.severity >= least && !suppressed.contains(&subject)
    };
    let records = alerts.iter().filter(is_wanted).map(Alert::record);
    Ok(records.collect::<Result<_, _>>()?)
}

fn put(queue: &Queue, records: &[String]) {
    if let Err(error) = queue.put(records, Utc::now()) {
        tracing::warn!(%error, "alerts that aren't sent yet would be lost by a restart");
    }
}

/// Looks at what is new until the process ends.
pub fn keep(
    lake: Arc<Lake>,
    detecting: Arc<Detecting>,
    intake: Arc<Intake>,
    stopping: Stopping,
) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut looked_at: Option<Arc<Snapshot>> = None;
        let mut saved = Instant::now();
        while !stopping.is_stopping() {
            let snapshot = lake.snapshot();
            let is_new = looked_at.as_ref().is_none_or(|before| !Arc::ptr_eq(before, &snapshot));
            let mut wait = EVERY;
            if is_new {
                match detecting.look(intake.as_ref(), false).await {
                    Ok(detected) => {
                        looked_at = Some(snapshot);
                        tracing::debug!(
                            events.looked_at = detected.events,
                            events.too_late = detected.too_late,
                            "detectors looked at what is new"
                        );
                    }
                    Err(error) => {
                        tracing::error!(error = format!("{error:#}"), "detectors failed");
                        wait = AFTER_FAILURE;
                    }
                }
                if saved.elapsed() >= SAVED {
                    save(&detecting).await;
                    saved = Instant::now();
                }
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stopping.asked() => {}
            }
        }
        save(&detecting).await;
    })
}

async fn save(detecting: &Detecting) {
    if let Err(error) = detecting.save().await {
        tracing::warn!(error = format!("{error:#}"), "what detectors know can't be saved");
    }
}
