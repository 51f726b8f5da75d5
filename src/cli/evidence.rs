//! What is asked of the ledger, and of what it vouches for.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What to merge.
#[derive(Debug, Args)]
pub struct CompactArgs {
    /// Files whose last row was received before this day, UTC (default: today)
    #[arg(long, value_name = "DATE")]
    pub before: Option<chrono::NaiveDate>,
}

/// What to remove.
#[derive(Debug, Args)]
pub struct RetainArgs {
    /// Days that files are kept after the receipt of their last row (default: from the configuration, for ever)
    #[arg(long, value_name = "DAYS")]
    pub days: Option<u32>,
    /// The same for files whose rows a compaction wrote into another
    #[arg(long, value_name = "DAYS")]
    pub superseded_days: Option<u32>,
    /// Only say what would be removed
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Confirm that 0 days remove everything that is sealed
    #[arg(long)]
    pub yes: bool,
}

/// Whom to erase.
#[derive(Debug, Args)]
pub struct EraseArgs {
    /// Their id or a login, as the directory of people has it, or a login that it doesn't know
    #[arg(value_name = "PERSON")]
    pub person: String,
    /// A further text that identifies them: an old login, a name, an id; may be repeated
    #[arg(long, value_name = "TEXT")]
    pub also: Vec<String>,
    /// Only say what would be erased
    #[arg(long, conflicts_with = "many")]
    pub dry_run: bool,
    /// Erase them also where over a quarter of all rows name them
    #[arg(long)]
    pub many: bool,
}

/// Where to back up to.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// A directory, best on another disk; of an earlier backup in it only what is new is copied. It holds the keys: guard it like the data. What comes in meanwhile, anchors' receipts and the configuration aren't in it
    #[arg(value_name = "DIR")]
    pub to: PathBuf,
}

/// What to restore.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The backup; erasures that were made after it must be repeated
    #[arg(value_name = "BACKUP")]
    pub from: PathBuf,
    /// The newest checkpoint that is known from before, of an anchor or a report: it says what was lost
    #[arg(long, value_name = "FILE")]
    pub newest_checkpoint: Option<PathBuf>,
}

/// The ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Size, root and keys, as the checkpoint has them; `verify` checks them
    Show,
    /// Make a new key for the log; the old one vouches for it
    ChangeKey,
}

/// What to verify against.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// An older checkpoint, of a report say: it must be the beginning of today's ledger
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
    /// A key of the log that you have from elsewhere, or a file with some (default: the keys beside the ledger)
    #[arg(long, value_name = "KEY")]
    pub key: Vec<String>,
    /// Longest time since the newest entry, for instance 30m, 12h or 7d
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub max_age: Option<std::time::Duration>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Which event to prove.
#[derive(Debug, Args)]
pub struct ProveArgs {
    /// The event, as shard-seq-part: pages and the columns of `events` show it
    #[arg(value_name = "EVENT")]
    pub event: rollcall_schemas::Position,
    /// Leave the record itself out; its hash stands in
    #[arg(long)]
    pub without_raw: bool,
    /// Write the proof into a file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Which proof to verify.
#[derive(Debug, Args)]
pub struct VerifyProofArgs {
    /// The proof, or - for standard input
    pub file: PathBuf,
    /// The log's key, or a file that holds it (ledger/keys/log.pub)
    #[arg(long, value_name = "KEY", required = true)]
    pub key: Vec<String>,
    /// Print what it proves as JSON
    #[arg(long)]
    pub json: bool,
}

/// A length of time: a number and s, m, h or d.
fn duration(text: &str) -> Result<std::time::Duration, String> {
    let how = || "a length of time is a number and s, m, h or d, for instance 30m".to_owned();
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let seconds = match text.get(number.len()..).unwrap_or_default() {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return Err(how()),
    };
    let number: u64 = number.parse().map_err(|_| how())?;
    number.checked_mul(seconds).map(std::time::Duration::from_secs).ok_or_else(how)
}
