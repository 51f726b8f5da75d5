//! `rollcall.toml` and `ROLLCALL_…` variables. The documentation of every key is
//! here, and the example file is made from it.
//!
//! ```text
//! sources   mapping files
//! inputs    syslog, and files that are followed
//! geoip     databases that know where addresses are
//! detect    what is looked for; alerts: where they go
//! ```

mod alerts;
mod detect;
mod geoip;
mod inputs;
mod kafka;
mod sources;

mod pull;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use chrono_tz::Tz;
use confique::Config as _;
use confique::meta::FieldKind;
use rollcall_ingest::pull::PullSettings;
use rollcall_ingest::source::Sources;
use rollcall_lake::anchor::AnchorSettings;
use rollcall_lake::{Lake, LedgerSettings};
use rollcall_query::detect::DetectSettings;

use crate::usage;
use alerts::Alerts;
use geoip::GeoIp;
pub use inputs::Ready;
use inputs::{Syslog, TailFiles};
use kafka::Kafka;
pub use sources::SourceFiles;

/// What stands on every page of the demo.
const INVENTED: &str =
    "This is the demo: the company, its people and all that happens are invented.";

/// The configuration.
#[derive(Debug, confique::Config)]
pub struct Config {
    /// The organisation.
    #[config(nested)]
    pub org: Org,
    /// The server.
    #[config(nested)]
    pub server: Server,
    /// What may come in, and how it is read.
    #[config(nested)]
    pub ingest: Ingest,
    /// Sources beside those that are built in.
    #[config(nested)]
    pub sources: SourceFiles,
    /// Messages by syslog.
    #[config(nested)]
    pub syslog: Syslog,
    /// Files that others write.
    #[config(nested)]
    pub tail: TailFiles,
    /// When rows become a file.
    #[config(nested)]
    pub seal: Seal,
    /// The log on Kafka, and topics that others write to.
    #[config(nested)]
    pub kafka: Kafka,
    /// The ledger, and who vouches for it.
    #[config(nested)]
    pub ledger: Ledger,
    /// How long `rollcall retain` keeps files.
    #[config(nested)]
    pub retention: Retention,
    /// Limits of SQL that a person typed.
    #[config(nested)]
    pub sql: Sql,
    /// Where addresses are, by databases of your own in MaxMind's format (docs/geoip.md). What
    /// they say is shown where a source says nothing, and never stored; without them nothing
    /// is guessed. A file that changes is taken within seconds. A relative path is relative to
    /// this file's folder.
    #[config(nested)]
    pub geoip: GeoIp,
    /// Where alerts go beside the dashboard.
    #[config(nested)]
    pub alerts: Alerts,
    /// What detectors look for (docs/detectors.md): `history_days` that they learn from, 90;
    /// `late_hours` that an event may lie behind newer ones, 24; `exits`, addresses of VPNs and
    /// proxies; `off`, detectors that don't run; and a table [detect.NAME] a detector with its
    /// parameters. For instance:
    /// { exits = ["203.0.113.0/24"], off = ["rare_hour"], push_bombing = { prompts = 4 } }
    #[config(default = {})]
    pub detect: detect::Table,
    /// Vendors whose logs are asked for, a table [[pull]] each: `name`; `kind` (okta, github,
    /// entra, duo, auth0; for factors only gitlab, keycloak, google_workspace); `url` where the
    /// vendor's customers have their own; `organisation` (github: the organisation or enterprise,
    /// entra: the tenant, keycloak: the realm); `what` (the logs); `client_id` (entra, auth0,
    /// keycloak, duo's integration key, google_workspace's administrator); `token_env` or
    /// `token_file` (where the token or secret is, never the secret itself); `start_days`,
    /// `every_seconds`, `factors`, `policies`. docs/pull.md has them all. For instance:
    /// [{ name = "okta", kind = "okta", url = "https://corp.okta.com", token_env = "OKTA_TOKEN" }]
    #[config(default = [])]
    pub pull: Vec<PullSettings>,
}

/// The organisation.
#[derive(Debug, confique::Config)]
pub struct Org {
    /// Time zone in which days and quarters are cut (an IANA name).
    #[config(default = "UTC", env = "ROLLCALL_TIME_ZONE")]
    pub time_zone: String,
    /// A sentence that stands on every page, for instance where it is a trial.
    #[config(env = "ROLLCALL_NOTICE")]
    pub notice: Option<String>,
}

/// The server.
#[derive(Debug, confique::Config)]
pub struct Server {
    /// Address and port. Anything but loopback needs `behind_proxy`.
    #[config(default = "127.0.0.1:7070", env = "ROLLCALL_LISTEN")]
    pub listen: SocketAddr,
    /// Address under which people reach the dashboard. Sign-in links begin with
    /// it, and with https cookies are marked as secure. Default: localhost and
    /// the port of `listen`.
    #[config(env = "ROLLCALL_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Whether a proxy that speaks TLS stands in front. Only then may `listen`
    /// be an address that others can reach.
    #[config(default = false, env = "ROLLCALL_BEHIND_PROXY")]
    pub behind_proxy: bool,
    /// Connections that may be open at once; more wait to be taken.
    #[config(default = 10_000, env = "ROLLCALL_CONNECTIONS")]
    pub connections: usize,
    /// Seconds in which a request's head must arrive. A connection on which
    /// nothing was asked for as long is closed.
    #[config(default = 30, env = "ROLLCALL_HEAD_SECONDS")]
    pub head_seconds: u64,
}

/// What may come in, and how it is read.
#[derive(Debug, confique::Config)]
pub struct Ingest {
    /// Time zone of records whose times name none (an IANA name).
    #[config(default = "UTC", env = "ROLLCALL_RECORD_TIME_ZONE")]
    pub time_zone: String,
    /// Largest request body as sent, in MiB.
    #[config(default = 64, env = "ROLLCALL_BODY_MIB")]
    pub body_mib: usize,
    /// Largest request body after expansion, in MiB.
    #[config(default = 256, env = "ROLLCALL_EXPANDED_MIB")]
    pub expanded_mib: u64,
    /// MiB that may wait to be read before clients are told to come back later.
    #[config(default = 256, env = "ROLLCALL_BACKLOG_MIB")]
    pub backlog_mib: u64,
    /// Request bodies that may be held at once.
    #[config(default = 256, env = "ROLLCALL_CONCURRENT")]
    pub concurrent: usize,
    /// MiB of request bodies that may be held at once, all together.
    #[config(default = 1024, env = "ROLLCALL_HELD_MIB")]
    pub held_mib: u64,
    /// Seconds in which a request body must arrive.
    #[config(default = 30, env = "ROLLCALL_BODY_SECONDS")]
    pub body_seconds: u64,
}

/// When rows become a file.
#[derive(Debug, confique::Config)]
pub struct Seal {
    /// Rows that make a file.
    #[config(default = 1_000_000, env = "ROLLCALL_SEAL_ROWS")]
    pub rows: usize,
    /// MiB of records that make a file.
    #[config(default = 512, env = "ROLLCALL_SEAL_MIB")]
    pub mib: usize,
    /// Longest time from a row's arrival to its file, in seconds.
    #[config(default = 600, env = "ROLLCALL_SEAL_SECONDS")]
    pub seconds: u64,
}

/// The ledger, and who vouches for it.
#[derive(Debug, confique::Config)]
pub struct Ledger {
    /// Where the last size and root that were signed are kept: a path, best on another
    /// disk or host, or `s3://bucket/key` (credentials in ROLLCALL_SIGN_ONCE_AWS_… or
    /// AWS_… variables). There it also tells a ledger that was put back together with
    /// everything beside it. Default: beside the ledger.
    #[config(env = "ROLLCALL_SIGN_ONCE")]
    pub sign_once: Option<String>,
    /// Those outside who hold checkpoints, a table each. Kinds: `witness` (url, key),
    /// `git` (url, branch, user, token_env or token_file, ssh_key, known_hosts), `hook` (url,
    /// token_env or token_file), `object` (url: s3://bucket/prefix or file:///folder,
    /// env_prefix), `time_stamp` (url, ca). Each has a `name` and may have
    /// `every_minutes`; docs/anchors.md has them all. For instance:
    /// [{ name = "repository", kind = "git", url = "https://git.example/audit.git", token_env = "AUDIT_TOKEN" }]
    #[config(default = [])]
    pub anchors: Vec<AnchorSettings>,
}

/// How long `rollcall retain` keeps files.
#[derive(Debug, confique::Config)]
pub struct Retention {
    /// Days after the receipt of a file's last row. Default: for ever.
    #[config(env = "ROLLCALL_RETENTION_DAYS")]
    pub days: Option<u32>,
    /// The same for files whose rows a compaction wrote into another. Default: as
    /// long as the others.
    #[config(env = "ROLLCALL_RETENTION_SUPERSEDED_DAYS")]
    pub superseded_days: Option<u32>,
}

/// Limits of SQL that a person typed.
#[derive(Debug, confique::Config)]
pub struct Sql {
    /// Rows of a result on the command line and in the console.
    #[config(default = 1_000_000, env = "ROLLCALL_SQL_ROWS")]
    pub rows: usize,
    /// MiB of a result.
    #[config(default = 512, env = "ROLLCALL_SQL_MIB")]
    pub mib: usize,
    /// MiB of memory for one query.
    #[config(default = 2048, env = "ROLLCALL_SQL_MEMORY_MIB")]
    pub memory_mib: usize,
    /// Seconds for one query.
    #[config(default = 120, env = "ROLLCALL_SQL_SECONDS")]
    pub seconds: u64,
}

impl Config {
    /// Reads the file, if there is one, and the environment.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let default = Path::new("rollcall.toml");
        let file = path.unwrap_or(default);
        if path.is_some() && !file.is_file() {
            return Err(usage(format!("there is no configuration file {}", file.display())));
        }
        if let Ok(text) = std::fs::read_to_string(file) {
            check_keys(&text, file)?;
        }
        let loaded = Self::builder().env().file(file).load();
        let mut config = loaded.map_err(|error| {
            let (file, why) = (file.display(), anyhow::Error::from(error));
            usage(format!(
                "the configuration ({file} and ROLLCALL_… variables) can't be read: {why:#}"
            ))
        })?;
        config.sources.beside(file);
        config.geoip.beside(file);
        config.time_zone()?;
        config.record_time_zone()?;
        config.alerts.least()?;
        detect::settings(&config.detect, std::path::PathBuf::new(), Vec::new())?;
        Ok(config)
    }

    /// Without what brings in real records, and without those outside who hold the real
    /// ledger's checkpoints: an invented company has nothing to do with either.
    pub fn of_an_invented_company(mut self) -> Self {
        self.syslog.listeners.clear();
        self.tail.files.clear();
        self.pull.clear();
        self.kafka.brokers = None;
        self.kafka.topic = None;
        self.kafka.topics.clear();
        self.alerts.webhook.url = None;
        self.alerts.webhook.secret_env = None;
        self.alerts.webhook.secret_file = None;
        self.alerts.topic = None;
        self.ledger.sign_once = None;
        self.ledger.anchors.clear();
        self.org.notice = Some(INVENTED.to_owned());
        self
    }

    /// The zone in which days are cut.
    pub fn time_zone(&self) -> Result<Tz> {
        zone("org.time_zone", &self.org.time_zone)
    }

    /// The zone of records whose times name none.
    pub fn record_time_zone(&self) -> Result<Tz> {
        zone("ingest.time_zone", &self.ingest.time_zone)
    }

    /// Every source that can be read.
    pub fn sources(&self) -> Result<Sources> {
        self.sources.load()
    }

    /// Inputs beside HTTP and vendors' logs, with their addresses listened on.
    pub fn inputs(&self) -> Result<Ready> {
        Ready::open(&self.syslog, &self.tail, &self.sources()?)
    }

    /// Checks names of sources that someone typed.
    pub fn check_sources<'n>(&self, names: impl IntoIterator<Item = &'n String>) -> Result<()> {
        let mut names = names.into_iter().peekable();
        if names.peek().is_none() {
            return Ok(());
        }
        let sources = self.sources()?;
        names.try_for_each(|name| sources.named(name).map(drop).map_err(usage))
    }

    /// What detectors look for, and where they keep what they know.
    pub fn detect(&self, lake: &Lake) -> Result<DetectSettings> {
        let directory = lake.directory();
        let file = directory.derived().join("detect").join("state");
        detect::settings(&self.detect, file, directory.identifier_key()?.to_vec())
    }

    /// Who vouches for the ledger.
    pub fn ledger(&self) -> LedgerSettings {
        LedgerSettings {
            sign_once: self.ledger.sign_once.clone(),
            anchors: self.ledger.anchors.clone(),
        }
    }

    /// The longest time from a row's arrival to its file.
    pub const fn seal_after(&self) -> Duration {
        Duration::from_secs(self.seal.seconds)
    }

    /// The same at a worker of Kafka.
    pub const fn kafka_seal_after(&self) -> Duration {
        Duration::from_secs(self.kafka.seal_seconds)
    }
}

/// A key with a slip of the pen would be a setting that isn't set.
fn check_keys(text: &str, file: &Path) -> Result<()> {
    let wrong = |what: String| usage(format!("{}: {what}", file.display()));
    let table: toml::Table = text.parse().map_err(|error| wrong(format!("{error}")))?;
    for (section, value) in &table {
        let known = Config::META.fields.iter().find(|field| field.name == section);
        if section == "pull" {
            pull::check_keys(value).map_err(wrong)?;
            continue;
        }
        // Its keys are those of the table of detectors, and looked at there.
        if section == "detect" {
            continue;
        }
        let Some(FieldKind::Nested { meta }) = known.map(|field| field.kind) else {
            let all: Vec<&str> = Config::META.fields.iter().map(|field| field.name).collect();
            return Err(wrong(format!("there is no [{section}]; there are {}", all.join(", "))));
        };
        for key in value.as_table().into_iter().flat_map(toml::Table::keys) {
            if !meta.fields.iter().any(|field| field.name == key) {
                let all: Vec<&str> = meta.fields.iter().map(|field| field.name).collect();
                return Err(wrong(format!(
                    "there is no {section}.{key}; [{section}] has {}",
                    all.join(", ")
                )));
            }
        }
    }
    Ok(())
}

fn zone(key: &str, name: &str) -> Result<Tz> {
    name.parse().map_err(|_| {
        usage(format!(
            "{key} in the configuration is {name:?}; it takes a name such as Europe/Berlin or UTC"
        ))
    })
}

/// The example file.
pub fn example() -> String {
    confique::toml::template::<Config>(confique::toml::FormatOptions::default())
}
