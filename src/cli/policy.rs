//! What is asked of policies as code.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::{Format, moment};

/// Policies as code.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Read policies, say what is wrong or odd, and run their cases; needs no data directory
    Check(PolicyCheckArgs),
    /// Store a version of a policy; it is checked first, and a version never changes
    Load {
        /// Policies' files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Say what a policy would have done in a period, and to whom
    Replay(PolicyReplayArgs),
}

/// What to check.
#[derive(Debug, Args)]
pub struct PolicyCheckArgs {
    /// Policies' files, or folders whose .toml files are policies
    #[arg(required = true, value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
    /// Today, for what has expired (default: today, UTC)
    #[arg(long, value_name = "DATE")]
    pub today: Option<chrono::NaiveDate>,
}

/// What to replay.
#[derive(Debug, Args)]
pub struct PolicyReplayArgs {
    /// The policy's file; it needn't be loaded
    pub file: PathBuf,
    /// The first moment, as 2026-06-01 or 2026-06-01T10:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub from: DateTime<Utc>,
    /// The moment after the last
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub to: DateTime<Utc>,
    /// As if a pilot bound everyone
    #[arg(long)]
    pub everyone: bool,
    /// How the result is written; table is text for people
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}
