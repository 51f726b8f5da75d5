//! What is new is looked at, in whichever process; alerts are written down before what
//! detectors know is saved, so that a crash in between raises none twice and loses none.

use std::sync::Arc;

use anyhow::{Result, bail};
use rollcall_query::Catalog;
use rollcall_query::detect::{Alert, DetectSettings, Detection};
use rollcall_schemas::Append;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Mutex, oneshot};

/// What one look came to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Detected {
    /// Events that were looked at.
    pub events: u64,
    /// Events that came too late for it.
    pub too_late: u64,
    /// Alerts and updates: severity, key, subject and what was found.
    pub alerts: Vec<Told>,
}

/// An alert as the command line tells it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Told {
    /// The severity's word.
    pub severity: String,
    /// The alert's key.
    pub key: String,
    /// Which update it is.
    pub update: u32,
    /// What it is about.
    pub subject: String,
    /// What was found.
    pub observation: String,
}

/// Whether a text names somebody who is erased.
pub type IsMeant = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What is told to whoever sends alerts on, in this order.
pub enum Outward {
    /// These were raised, and are written down.
    Raised(Vec<Alert>),
    /// What isn't sent yet and is meant is dropped.
    Forget(IsMeant, oneshot::Sender<Result<()>>),
}

/// Detectors over a catalog.
pub struct Detecting {
    catalog: Catalog,
    settings: DetectSettings,
    /// None before the first look, and after one that failed.
    detection: Mutex<Option<Detection>>,
    /// Is told what is raised, once it is written down.
    listener: Option<UnboundedSender<Outward>>,
}

impl Detecting {
    /// Nothing is looked at yet.
    pub fn new(catalog: Catalog, settings: DetectSettings) -> Self {
        Self { catalog, settings, detection: Mutex::new(None), listener: None }
    }

    /// The same with somebody who is told what is raised.
    #[must_use]
    pub fn telling(self, listener: UnboundedSender<Outward>) -> Self {
        Self { listener: Some(listener), ..self }
    }

    /// Looks at what is new and writes down what is raised; with `again` at the last days anew.
    pub async fn look(&self, log: &dyn Append, again: bool) -> Result<Detected> {
        let session = self.catalog.session();
        let mut held = self.detection.lock().await;
        // Erasure removes the file, since names are in it: then nothing that was known is.
        let is_there = self.settings.file.exists();
        let was_erased = held.as_ref().is_some_and(|known| known.was_saved() && !is_there);
        let detection = match held.take().filter(|_| !again && !was_erased) {
            Some(detection) => detection,
            None => Detection::open(self.settings.clone(), &session, again || was_erased).await?,
        };
        let (detection, looked) = detection.look(&session).await?;
        let mut records = Vec::new();
        for alert in &looked.alerts {
            records.push(alert.record()?);
        }
        log.append("detect", &records).await?;
        *held = Some(detection);
        let alerts = looked.alerts.iter().map(told).collect();
        let detected = Detected { events: looked.events, too_late: looked.too_late, alerts };
        if let Some(listener) = self.listener.as_ref().filter(|_| !looked.alerts.is_empty()) {
            // Nobody listens any more only if the process ends.
            let _ = listener.send(Outward::Raised(looked.alerts));
        }
        Ok(detected)
    }

    /// Forgets what detectors know, in memory and on disk: names are in it. The next look
    /// learns it again. Alerts about whoever is meant aren't sent on any more.
    pub async fn forget(&self, is_meant: IsMeant) -> Result<()> {
        let mut held = self.detection.lock().await;
        *held = None;
        if let Some(folder) = self.settings.file.parent() {
            super::erasing::forget(folder)?;
            rollcall_lake::create_private_directory(folder)?;
        }
        if let Some(listener) = &self.listener {
            let (done, heard) = oneshot::channel();
            // It is gone only if the process ends: then a second erasure goes on.
            let _ = listener.send(Outward::Forget(is_meant, done));
            let Ok(forgotten) = heard.await else { bail!("forgetting was broken off") };
            forgotten?;
        }
        Ok(())
    }

    /// Saves what detectors know.
    pub async fn save(&self) -> Result<()> {
        let mut held = self.detection.lock().await;
        let Some(mut detection) = held.take() else { return Ok(()) };
        let saved = tokio::task::spawn_blocking(move || {
            let saved = detection.save();
            (detection, saved)
        });
        let Ok((detection, saved)) = saved.await else { bail!("saving was broken off") };
        *held = Some(detection);
        Ok(saved?)
    }
}

fn told(alert: &Alert) -> Told {
    Told {
        severity: alert.severity.to_string(),
        key: alert.key.clone(),
        update: alert.update,
        subject: alert.subject.clone(),
        observation: alert.observation.clone(),
    }
}
