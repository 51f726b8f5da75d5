//! The command line: what can be asked, in which words.
//!
//! ```text
//! detect     what is asked of detectors, and done about alerts
//! evidence   what is asked of the ledger, and of what it vouches for
//! feedback   what is asked of people
//! policy     what is asked of policies as code
//! source     what is asked of the sources
//! ```

mod detect;
mod evidence;
mod feedback;
mod policy;
mod source;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use rollcall_query::{Dimension, Grain, functions, metrics};

pub use detect::{About, AlertCommand, DetectArgs};
pub use evidence::{
    BackupArgs, CompactArgs, EraseArgs, LedgerCommand, ProveArgs, RestoreArgs, RetainArgs,
    VerifyArgs, VerifyProofArgs,
};
pub use feedback::{FeedbackCommand, LinkArgs};
pub use policy::{PolicyCheckArgs, PolicyCommand, PolicyReplayArgs};
pub use source::{SourceCommand, TestArgs, TestFormat};

/// The audit trail of authentication: immutable, provable, measured.
#[derive(Debug, Parser)]
#[command(name = "rollcall", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What is the same for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 fine, 1 found something wrong, 2 wrong usage, 3 failed.\n\
    Data goes to stdout, everything else to stderr.";

/// What is the same for every command.
#[derive(Debug, Args)]
pub struct Global {
    /// The data directory (default: rollcall-data; the demo's: rollcall-demo)
    #[arg(long, global = true, env = "ROLLCALL_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// The configuration file (default: rollcall.toml, if there is one)
    #[arg(long, global = true, env = "ROLLCALL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Global {
    /// The data directory.
    pub fn data(&self) -> &Path {
        self.data.as_deref().unwrap_or_else(|| Path::new("rollcall-data"))
    }

    /// The same with the directory that is meant where none is named.
    pub fn or_data(&self, default: &str) -> Self {
        let data = self.data.clone().unwrap_or_else(|| default.into());
        Self { data: Some(data), config: self.config.clone() }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show rollcall at work: realistic traffic through the real pipeline, then serve it
    Demo(DemoArgs),
    /// Take events in, seal them, and serve the dashboard
    Serve(ServeArgs),
    /// Seal what Kafka holds, beside a server and other workers
    Worker(WorkerArgs),
    /// Import log files: files, folders or - ; .gz and .zst by content
    Ingest(IngestArgs),
    /// Ask SQL; without a query, at a prompt with history
    Sql(SqlArgs),
    /// Read everything again and compare it with the ledger
    Verify(VerifyArgs),
    /// Print the proof of one event, which needs nothing but the log's key to be verified
    Prove(ProveArgs),
    /// Verify the proof of an event
    VerifyProof(VerifyProofArgs),
    /// The ledger: its size, its root, its keys
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Merge the small files of closed days; the originals stay until `retain`
    Compact(CompactArgs),
    /// Remove files whose time is over; by default everything is kept for ever
    Retain(RetainArgs),
    /// Erase a person from every file; that events happened can still be proved
    Erase(EraseArgs),
    /// Copy everything that the ledger vouches for into a directory, beside a running server too
    Backup(BackupArgs),
    /// Make a data directory of a backup; its ledger goes on under a new origin
    Restore(RestoreArgs),
    /// Ask vendors again for a closed day, and compare what they have with what is stored
    Reconcile(ReconcileArgs),
    /// The metrics: list them, show their definitions, run them
    #[command(subcommand)]
    Metric(MetricCommand),
    /// Look for what is odd in events that are new, or in stored history
    Detect(DetectArgs),
    /// What detectors raised, and what is done about it
    #[command(subcommand)]
    Alert(AlertCommand),
    /// Records that couldn't be read
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// The directory of people
    #[command(subcommand)]
    People(TableCommand),
    /// Factor snapshots
    #[command(subcommand)]
    Factors(TableCommand),
    /// Marked times: releases, freezes, drills, outages, sandboxes
    #[command(subcommand)]
    Annotations(TableCommand),
    /// Policies as code: check them, load them, replay them over history
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// The sources that can be read
    #[command(subcommand)]
    Source(SourceCommand),
    /// Collectors' tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Links that ask people how signing in was
    #[command(subcommand)]
    Feedback(FeedbackCommand),
    /// Accounts of the dashboard
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Write realistic traffic in vendors' formats: logs to ingest, and a directory and factors to import
    Generate(GenerateArgs),
    /// Print the example configuration, every key documented
    ExampleConfig,
}

/// How to run the demo.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to serve
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub listen: Option<SocketAddr>,
    /// Of which company, and how much of it.
    #[command(flatten)]
    pub history: HistoryArgs,
    /// End once the history is stored and sealed, without serving it
    #[arg(long)]
    pub no_serve: bool,
}

/// The history of a generated company.
#[derive(Debug, Clone, Copy, Args)]
pub struct HistoryArgs {
    /// The seed of the generated company; the same seed and --until give the same bytes
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// The moment until which there is history, as 2026-11-25 or 2026-11-25T10:00:00Z (default: now)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<DateTime<Utc>>,
    /// Only the last days of it (default: from the start of the last but one closed quarter)
    #[arg(long, value_name = "DAYS")]
    pub days: Option<usize>,
}

/// What to reconcile.
#[derive(Debug, Args)]
pub struct ReconcileArgs {
    /// The day, UTC (default: yesterday)
    #[arg(long, value_name = "DATE")]
    pub day: Option<chrono::NaiveDate>,
    /// Only this [[pull]] of the configuration; may be repeated
    #[arg(long = "name", value_name = "NAME")]
    pub names: Vec<String>,
    /// Only compare; by default what is missing is taken in
    #[arg(long)]
    pub no_fetch: bool,
    /// Instead: check the CloudTrail digest files under this folder, and compare what they name
    /// with the files that were imported
    #[arg(long, value_name = "DIR", requires = "keys", conflicts_with_all = ["day", "names", "no_fetch"])]
    pub cloudtrail: Option<PathBuf>,
    /// AWS' public keys: what `aws cloudtrail list-public-keys` prints
    #[arg(long, value_name = "FILE", requires = "cloudtrail")]
    pub keys: Option<PathBuf>,
}

/// How to serve.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to serve (default: from the configuration, 127.0.0.1:7070)
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub listen: Option<SocketAddr>,
}

/// How to work.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// Its name, in the data directory and among the group's members; one of a name works
    #[arg(long, value_name = "NAME", default_value = "worker")]
    pub name: String,
    /// Go on behind records that a topic's retention removed before they were read; the
    /// gap is written into the lake
    #[arg(long)]
    pub accept_loss: bool,
}

/// What to import.
#[derive(Debug, Args)]
pub struct IngestArgs {
    /// Files, folders, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The source of the records (default: told by content); see `rollcall source list`
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for people; control characters are shown, as \x1b
    Table,
    /// Comma-separated values; text that a spreadsheet would run as a formula gets a ' in front
    Csv,
    /// One JSON array; this and what follows give text exactly
    Json,
    /// One JSON object a line
    Ndjson,
    /// Parquet
    Parquet,
    /// Arrow IPC stream
    Arrow,
}

/// What to ask.
#[derive(Debug, Args)]
#[command(after_help = functions_help())]
pub struct SqlArgs {
    /// The query; without one, a prompt
    pub query: Option<String>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// The functions that SQL has beside the usual ones, a line each.
pub fn functions_help() -> String {
    let width = functions().iter().map(|help| help.call.len()).max().unwrap_or_default();
    let lines: Vec<String> =
        functions().iter().map(|help| format!("  {:width$}  {}", help.call, help.doc)).collect();
    format!("Functions beside the usual ones:\n{}", lines.join("\n"))
}

/// How definitions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DefinitionFormat {
    /// For people
    Text,
    /// JSON
    Json,
}

/// Metrics.
#[derive(Debug, Subcommand)]
pub enum MetricCommand {
    /// Every metric with its question
    List {
        /// How it is written
        #[arg(long, value_enum, default_value_t = DefinitionFormat::Text)]
        format: DefinitionFormat,
    },
    /// One metric's definition and SQL
    Show {
        /// Its name, for instance adoption/used
        #[arg(value_parser = names(), hide_possible_values = true)]
        name: String,
        /// How it is written
        #[arg(long, value_enum, default_value_t = DefinitionFormat::Text)]
        format: DefinitionFormat,
    },
    /// Compute one
    Run(MetricArgs),
}

/// Which metric, over what.
#[derive(Debug, Args)]
pub struct MetricArgs {
    /// Its name, for instance adoption/used
    #[arg(value_parser = names(), hide_possible_values = true)]
    pub name: String,
    /// First day
    #[arg(long, value_name = "DATE")]
    pub from: Option<chrono::NaiveDate>,
    /// Day after the last
    #[arg(long, value_name = "DATE")]
    pub to: Option<chrono::NaiveDate>,
    /// Width of a bucket
    #[arg(long, default_value = "total", value_parser = grain())]
    pub grain: Grain,
    /// Dimension to split by
    #[arg(long, value_name = "DIMENSION", value_parser = dimension())]
    pub by: Option<Dimension>,
    /// Only rows with this value, as dimension=value; may be repeated
    #[arg(long, value_name = "DIMENSION=VALUE", value_parser = only)]
    pub only: Vec<(Dimension, String)>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// Quarantine.
#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// What is in quarantine, and why
    List {
        /// Most rows
        #[arg(long, default_value_t = 100)]
        limit: i64,
        /// How the result is written
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Read them again, after a fix
    Replay {
        /// Only records of this source
        #[arg(long, value_name = "SOURCE")]
        source: Option<String>,
        /// As records of this one: those that no source recognises, or those of --source,
        /// where that was the wrong one
        #[arg(long = "as", value_name = "SOURCE")]
        read_as: Option<String>,
    },
}

/// Directory and factor snapshots, and marked times.
#[derive(Debug, Subcommand)]
pub enum TableCommand {
    /// Import a file, CSV or JSON; every import is kept
    Import {
        /// The file
        file: PathBuf,
    },
}

/// Tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token; it is shown once
    Create {
        /// A name for it: who uses it
        name: String,
        /// Sources that it may send; may be repeated (default: all)
        #[arg(long = "source", value_name = "SOURCE")]
        sources: Vec<String>,
        /// For an identity provider that provisions people by SCIM; it sends no events
        #[arg(long, conflicts_with = "sources")]
        scim: bool,
        /// Days until it expires (default: never)
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
        days: Option<u32>,
    },
    /// Tokens with their last use
    List,
    /// Make a second token for a collector; the first ends some days later
    Rotate {
        /// The collector's name, or its token's id
        token: String,
        /// Days until the first one ends
        #[arg(long, value_name = "DAYS", default_value_t = 7)]
        days: u32,
    },
    /// End a token
    Revoke {
        /// Its id, as `token list` shows it
        id: String,
    },
}

/// Accounts.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Print a link that signs in once, within 15 minutes
    Link {
        /// The account
        #[arg(default_value = "admin")]
        account: String,
        /// Make the account first, as an administrator (the first one needs no word)
        #[arg(long)]
        new: bool,
    },
    /// Accounts with their last sign-in
    List,
    /// Let a disabled account sign in again
    Enable {
        /// The account
        account: String,
    },
    /// Disable an account and end its sessions
    Disable {
        /// The account
        account: String,
    },
}

/// What to generate.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// Where the files go
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Of which company, and how much of it.
    #[command(flatten)]
    pub history: HistoryArgs,
    /// With incidents of every kind that detectors know, and what only looks like them
    /// (look_alikes.json)
    #[arg(long)]
    pub rehearsal: bool,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(metrics().iter().map(|metric| metric.name))
}

fn grain() -> impl TypedValueParser<Value = Grain> {
    PossibleValuesParser::new(Grain::ALL.map(Grain::as_str))
        .try_map(|word| Grain::from_word(&word).ok_or(NOT_A_WORD))
}

fn dimension() -> impl TypedValueParser<Value = Dimension> {
    PossibleValuesParser::new(Dimension::ALL.map(Dimension::as_str))
        .try_map(|word| Dimension::from_word(&word).ok_or(NOT_A_WORD))
}

/// Never seen: the parser takes only words of the list.
const NOT_A_WORD: &str = "not a word of the list";

fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let date =
        text.parse::<chrono::NaiveDate>().map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
    let time = || DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    date.or_else(|_| time())
        .map_err(|_| "it should be a day, 2026-11-25, or a time, 2026-11-25T10:00:00Z".to_owned())
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let numeric = text.replacen("localhost:", "127.0.0.1:", 1);
    numeric.parse().map_err(|_| "it should be an address and a port, 127.0.0.1:7070".to_owned())
}

fn only(pair: &str) -> Result<(Dimension, String), String> {
    let (name, value) = pair.split_once('=').ok_or("it should be DIMENSION=VALUE")?;
    let dimension = Dimension::from_word(name).ok_or_else(|| {
        let all = Dimension::ALL.map(Dimension::as_str).join(", ");
        format!("there is no dimension {name:?}; there are {all}")
    })?;
    Ok((dimension, value.to_owned()))
}
