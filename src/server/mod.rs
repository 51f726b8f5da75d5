//! Inputs, pipeline and dashboard in one process.
//!
//! ```text
//! address    where to listen, and whether that is safe
//! listening  connections: how many, how long, how they end
//! snapshots  everybody's factors, once a day
//! reconciling  yesterday, asked for again
//! inputs     what takes records in beside HTTP, until the process ends
//! feedback   people's answers, from their page into the log
//! detecting  what comes in is looked at; alerts are written and sent
//! behind     how far what is sealed lies behind topics of Kafka
//! geoip      databases of places, taken anew when they change
//! evidence   heartbeats of the ledger, and what is stored read again
//! tokens     collectors' tokens, from state.db
//! status     what the process tells of itself; readings: of its machine
//! workers    what workers of Kafka sealed
//! stopping   signals, failures, and an orderly end
//! ```

pub mod address;
mod behind;
mod detecting;
mod evidence;
mod feedback;
mod geoip;
mod inputs;
mod listening;
mod readings;
mod reconciling;
mod snapshots;
mod status;
mod stopping;
mod tokens;
mod workers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result};
use rollcall_ingest::feedback::Feedback;
use rollcall_ingest::pull::Account;
use rollcall_ingest::scim::Scim;
use rollcall_ingest::{
    Collectors, HttpLimits, Inputs, Intake, KafkaProducer, LogSettings, StartReport,
};
use rollcall_lake::Lake;
use rollcall_query::Catalog;
use rollcall_web::{StateDb, WebSettings, WebState};
use tokio::net::TcpListener;
use url::Url;

use crate::cli::Global;
use crate::config::Config;
use crate::control::{self, Detecting, Worker};
use crate::{lake, output};

use evidence::Evidence;
pub use stopping::Stopping;

/// How long a first sign-in link is good.
const FIRST_LINK: Duration = Duration::from_secs(24 * 3600);

/// A server that has started.
pub struct Server {
    /// The log and its pipeline.
    pub intake: Arc<Intake>,
    /// Accounts and tokens.
    pub db: StateDb,
    /// Does work that writes.
    pub worker: Worker,
    scim: Arc<Scim>,
    /// The address that people use.
    pub base_url: Url,
    lake: Arc<Lake>,
    stopping: Stopping,
    serving: tokio::task::JoinHandle<()>,
    inputs: Inputs,
    /// Looks at what is new once the server runs.
    detecting: Arc<Detecting>,
}

/// Opens the data, starts the log, and serves.
pub async fn start(global: &Global, config: &Config, listen: Option<SocketAddr>) -> Result<Server> {
    let listen = listen.unwrap_or(config.server.listen);
    address::check(listen, config)?;
    let accounts: Arc<[Account]> = rollcall_ingest::pull::open(&config.pull)?.into();
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("can't listen on {listen}; --listen takes another address"))?;
    let base_url = address::base_url(listener.local_addr()?, config)?;
    // What is sent before the log is open waits with the system.
    let ready = config.inputs()?;
    let lake = lake::to_write(global, config).await?;
    let db = StateDb::open(&lake.directory().state())?;
    let stopping = Stopping::new();
    let settings = lake::pipeline_settings(&lake, config)?;
    let read = settings.read.clone();
    let kafka = config.kafka.settings(&read.sources)?;
    let producer = match kafka.as_ref().filter(|kafka| kafka.topic.is_some()) {
        Some(kafka) => Some(Arc::new(KafkaProducer::start(kafka).await?)),
        None => None,
    };
    let (intake, found) = Intake::start(
        Arc::clone(&lake),
        settings,
        LogSettings::default(),
        producer,
        stopping.on_failure(),
    )
    .await?;
    tell(&found, &intake);
    if kafka.is_some() {
        workers::watch(Arc::clone(&lake), Arc::clone(&intake), &stopping);
    }
    let scim = Arc::new(Scim::open(Arc::clone(&lake), base_url.as_str(), stopping.on_failure())?);
    let catalog = Catalog::new(Arc::clone(&lake), lake::query_settings(config)?)?;
    let outward = detecting::outward(&lake, catalog.clone(), config).await?;
    let detecting = Detecting::new(catalog.clone(), config.detect(&lake)?).telling(outward);
    let detecting = Arc::new(detecting);
    let worker = Worker::beside(
        Arc::clone(&lake),
        Arc::clone(&intake),
        Arc::clone(&scim),
        Arc::clone(&accounts),
        read,
        stopping.on_failure(),
    )
    .with_detectors(Arc::clone(&detecting));
    tokio::spawn(Arc::clone(&scim).run(worker.turn()));
    geoip::keep(&catalog, config, &stopping).await?;
    control::listen(&lake.directory().socket(), worker.clone(), catalog.clone())?;
    let evidence = Evidence::keep(Arc::clone(&lake), config.ledger(), worker.turn(), &stopping);
    prepare(catalog.clone());
    let collectors = Arc::new(Collectors::default());
    let key = lake.directory().identifier_key()?;
    let feedback = Arc::new(Feedback::new(Arc::clone(&intake), Arc::clone(&collectors), &key));
    let status = status::Status::new(
        Arc::clone(&lake),
        Arc::clone(&intake),
        stopping.clone(),
        Arc::clone(&collectors),
        catalog.clone(),
        behind::Behind::watch(kafka.as_ref(), &lake, &stopping),
    );
    let settings = web_settings(&base_url, config)?;
    let state = WebState::new(catalog, db.clone(), Arc::new(status), settings)
        .with_evidence(Arc::new(evidence))
        .with_feedback(Arc::new(feedback::Answers(Arc::clone(&feedback))));
    let requests = rollcall_ingest::router(
        Arc::clone(&intake),
        Arc::new(tokens::Tokens(db.clone())),
        limits(config),
        Arc::clone(&collectors),
        feedback,
        Arc::clone(&scim),
    );
    let router = requests.merge(rollcall_web::router(state));
    address::remember(lake.directory().path(), &base_url)?;
    listening::raise_open_files();
    let serving =
        tokio::spawn(listening::serve(listener, router, connections(config), stopping.clone()));
    let inputs = inputs::start(ready, &accounts, config, &intake, &collectors, &stopping);
    snapshots::keep(Arc::clone(&lake), Arc::clone(&accounts), Arc::clone(&collectors));
    reconciling::keep(Arc::clone(&lake), worker.clone(), accounts, collectors);
    Ok(Server { intake, db, worker, scim, base_url, lake, stopping, serving, inputs, detecting })
}

/// Computes what the first pages need, beside everything else.
fn prepare(catalog: Catalog) {
    tokio::spawn(async move {
        if let Err(error) = catalog.warm_up().await {
            tracing::warn!(%error, "what the first pages need can't be prepared");
        }
    });
}

/// Says what a start found that whoever started it should know.
fn tell(found: &StartReport, intake: &Intake) {
    if found.replayed > 0 {
        output::note(&format!(
            "{} acknowledged records were not sealed yet; they are read again",
            found.replayed
        ));
    }
    if let Some((file, offset)) = &found.torn {
        output::note(&format!(
            "{} had a torn end at byte {offset}, which has been cut off: after a kill or a power cut these are records that were being written and weren't acknowledged; if nothing of that kind happened, somebody cut the file, and acknowledged records may be missing: find out who",
            file.display()
        ));
    }
    if intake.pipeline().status().clock_behind.load(Ordering::Relaxed) > 0 {
        output::note(
            "the clock is behind the newest sealed time of receipt: the rule against future times is off until it has caught up",
        );
    }
}

impl Server {
    /// Says where it is, and how to sign in where nobody can yet.
    pub fn introduce(&self) -> Result<()> {
        output::note(&format!("serving on {}", self.base_url));
        let link = self.db.first_run_link(FIRST_LINK);
        let link = link.with_context(|| self.lake.directory().state().display().to_string())?;
        match link {
            Some(secret) => output::note(&format!("sign in with {}", self.link(&secret)?)),
            None => output::note("`rollcall admin link` prints a link that signs in"),
        }
        Ok(())
    }

    /// The address of a sign-in link.
    pub fn link(&self, secret: &str) -> Result<Url> {
        Ok(self.base_url.join(&rollcall_web::sign_in_path(secret))?)
    }

    /// Whether the process is about to end.
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_stopping()
    }

    /// Serves until a signal comes or something fails; then seals and ends.
    pub async fn run(self) -> Result<()> {
        let (lake, intake) = (Arc::clone(&self.lake), Arc::clone(&self.intake));
        let detecting = detecting::keep(lake, self.detecting, intake, self.stopping.clone());
        self.stopping.asked().await;
        if let Some(reason) = self.stopping.failure() {
            anyhow::bail!(reason);
        }
        output::note("sealing what is in memory");
        // Clients that keep their connection open mustn't hold the end.
        let _ = tokio::time::timeout(Duration::from_secs(5), self.serving).await;
        self.inputs.ended().await;
        // What they raise last goes into the log before it ends.
        let _ = tokio::time::timeout(Duration::from_secs(30), detecting).await;
        let stopped = self.intake.stop().await;
        if let Some(reason) = self.stopping.failure() {
            anyhow::bail!(reason);
        }
        stopped?;
        // What is left is committed by the next start; it is durable.
        let turn = self.worker.turn();
        let _turn = turn.lock().await;
        self.scim.commit().await?;
        if let Err(error) = self.db.flush_uses() {
            tracing::warn!(%error, "when tokens were last used can't be written down");
        }
        // Heartbeats, or a compaction, may be at work on it.
        self.lake.close().await?;
        Ok(())
    }
}

fn web_settings(base_url: &Url, config: &Config) -> Result<WebSettings> {
    let mut settings = WebSettings::new(base_url.clone());
    settings.time_zone = config.time_zone()?;
    settings.notice = config.org.notice.as_deref().map(Arc::from);
    Ok(settings)
}

const fn connections(config: &Config) -> listening::Connections {
    listening::Connections {
        most: config.server.connections,
        head_timeout: Duration::from_secs(config.server.head_seconds),
    }
}

const fn limits(config: &Config) -> HttpLimits {
    HttpLimits {
        body_bytes: config.ingest.body_mib << 20,
        expanded_bytes: config.ingest.expanded_mib << 20,
        backlog_bytes: config.ingest.backlog_mib << 20,
        concurrent: config.ingest.concurrent,
        held_bytes: config.ingest.held_mib << 20,
        body_timeout: Duration::from_secs(config.ingest.body_seconds),
    }
}
