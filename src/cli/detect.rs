//! What is asked of detectors, and done about what they raised.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use rollcall_query::detect;

use super::{Format, moment};

/// What to look for.
#[derive(Debug, Args)]
pub struct DetectArgs {
    /// Tell what would have been raised over stored history, and write nothing
    #[arg(long)]
    pub backtest: bool,
    /// First moment of a backtest (default: 28 days before --to)
    #[arg(long, value_name = "TIME", value_parser = moment, requires = "backtest")]
    pub from: Option<DateTime<Utc>>,
    /// Its end (default: the newest event)
    #[arg(long, value_name = "TIME", value_parser = moment, requires = "backtest")]
    pub to: Option<DateTime<Utc>>,
    /// Forget what detectors know, and look at the last days anew; alerts that are there stay one
    #[arg(long, conflicts_with = "backtest")]
    pub again: bool,
    /// List each alert of a backtest, not only how many there are a week
    #[arg(long, requires = "backtest")]
    pub list: bool,
    /// Print docs/detectors.md: every detector with its parameters
    #[arg(long, conflicts_with_all = ["backtest", "again"])]
    pub doc: bool,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// Alerts.
#[derive(Debug, Subcommand)]
pub enum AlertCommand {
    /// Alerts that are open, the most severe first
    List {
        /// Those that are closed or suppressed too
        #[arg(long)]
        all: bool,
        /// How the result is written
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// What was found, what it was compared with, the events that prove it, what was done
    Show {
        /// Its key, as `alert list` shows it
        key: String,
    },
    /// Somebody looks at it
    Ack(About),
    /// Give it to somebody
    Assign {
        /// To whom
        #[command(flatten)]
        about: About,
        /// Their name
        assignee: String,
    },
    /// Write something down
    Note {
        /// About what
        #[command(flatten)]
        about: About,
        /// The note
        text: String,
    },
    /// It is over
    Close {
        /// About what
        #[command(flatten)]
        about: About,
        /// What it was
        #[arg(long = "as", value_enum)]
        verdict: Verdict,
    },
    /// Its detector is to say nothing of its subject for some time
    Suppress {
        /// About what
        #[command(flatten)]
        about: About,
        /// Until when, as 2026-11-25 or 2026-11-25T10:00:00Z
        #[arg(long, value_name = "TIME", value_parser = moment)]
        until: DateTime<Utc>,
    },
}

/// About which alert, who, and why.
#[derive(Debug, Args)]
pub struct About {
    /// The alert's key, as `alert list` shows it
    pub key: String,
    /// Who does it (default: the user of the system)
    #[arg(long, value_name = "NAME", env = "USER")]
    pub by: Option<String>,
    /// Why
    #[arg(long = "why", value_name = "TEXT")]
    pub why: Option<String>,
}

/// What an alert was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Verdict {
    /// What it looked like
    True,
    /// Not what it looked like
    False,
    /// What it looked like, and meant to be: a drill, a test
    Benign,
}

impl From<Verdict> for detect::Verdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::True => Self::True,
            Verdict::False => Self::False,
            Verdict::Benign => Self::Benign,
        }
    }
}
