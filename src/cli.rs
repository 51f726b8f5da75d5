//! The command line: what can be asked, in which words.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// The data directory
    #[arg(
        long,
        global = true,
        env = "ROLLCALL_DATA",
        default_value = "rollcall-data",
        value_name = "DIR"
    )]
    pub data: PathBuf,
    /// The configuration file (default: rollcall.toml, if there is one)
    #[arg(long, global = true, env = "ROLLCALL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show rollcall at work: realistic traffic through the real pipeline, then serve it
    Demo(DemoArgs),
    /// Take events in, seal them, and serve the dashboard
    Serve(ServeArgs),
    /// Import log files: files, folders or - ; .gz and .zst by content
    Ingest(IngestArgs),
    /// Ask SQL; without a query, at a prompt with history
    Sql(SqlArgs),
    /// The metrics: list them, show their definitions, run them
    #[command(subcommand)]
    Metric(MetricCommand),
    /// Records that couldn't be read
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// The directory of people
    #[command(subcommand)]
    People(TableCommand),
    /// Factor snapshots
    #[command(subcommand)]
    Factors(TableCommand),
    /// The sources that can be read
    #[command(subcommand)]
    Source(SourceCommand),
    /// Collectors' tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Accounts of the dashboard
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Write realistic traffic in vendors' formats
    Generate(GenerateArgs),
    /// Print the example configuration, every key documented
    ExampleConfig,
}

/// How to run the demo.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to serve
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// The seed of the generated company
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// The moment until which there is history (default: now)
    #[arg(long, value_name = "TIME")]
    pub until: Option<DateTime<Utc>>,
    /// End once the history is stored and sealed, without serving it
    #[arg(long)]
    pub no_serve: bool,
}

/// How to serve.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to serve (default: from the configuration, 127.0.0.1:7070)
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
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
    /// A table for people
    Table,
    /// Comma-separated values
    Csv,
    /// One JSON array
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
pub struct SqlArgs {
    /// The query; without one, a prompt
    pub query: Option<String>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// Metrics.
#[derive(Debug, Subcommand)]
pub enum MetricCommand {
    /// Every metric with its question
    List,
    /// One metric's definition and SQL
    Show {
        /// Its name, for instance adoption/used
        name: String,
    },
    /// Compute one
    Run(MetricArgs),
}

/// Which metric, over what.
#[derive(Debug, Args)]
pub struct MetricArgs {
    /// Its name, for instance adoption/used
    pub name: String,
    /// First day
    #[arg(long, value_name = "DATE")]
    pub from: Option<chrono::NaiveDate>,
    /// Day after the last
    #[arg(long, value_name = "DATE")]
    pub to: Option<chrono::NaiveDate>,
    /// Width of a bucket: day, week, month or total
    #[arg(long, default_value = "total")]
    pub grain: String,
    /// Dimension to split by, for instance team, factor or source
    #[arg(long, value_name = "DIMENSION")]
    pub by: Option<String>,
    /// Only rows with this value, as dimension=value; may be repeated
    #[arg(long, value_name = "DIMENSION=VALUE")]
    pub only: Vec<String>,
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
        #[arg(long, value_name = "SOURCE", conflicts_with = "read_as")]
        source: Option<String>,
        /// Only records that no source recognises, as records of this one
        #[arg(long = "as", value_name = "SOURCE")]
        read_as: Option<String>,
    },
}

/// Directory and factor snapshots.
#[derive(Debug, Subcommand)]
pub enum TableCommand {
    /// Import a CSV file; every import is kept
    Import {
        /// The file
        file: PathBuf,
    },
}

/// Sources.
#[derive(Debug, Subcommand)]
pub enum SourceCommand {
    /// Name, what it is, and the vendor's documentation
    List,
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
        /// Days until it expires (default: never)
        #[arg(long, value_name = "DAYS")]
        days: Option<u32>,
    },
    /// Tokens with their last use
    List,
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
        /// The account; made if it doesn't exist
        #[arg(default_value = "admin")]
        account: String,
    },
    /// Accounts with their last sign-in
    List,
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
    /// The seed; the same seed and --until give the same bytes
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// The moment until which there is traffic (default: now)
    #[arg(long, value_name = "TIME")]
    pub until: Option<DateTime<Utc>>,
    /// Only the last days (default: from the start of the last but one closed quarter)
    #[arg(long, value_name = "DAYS")]
    pub days: Option<usize>,
}
