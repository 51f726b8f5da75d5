//! `rollcall backup`

use anyhow::{Context, Result, bail};
use rollcall_lake::{Access, DataDirectory};

use crate::cli::{BackupArgs, Global};
use crate::config::Config;
use crate::control::{Answer, Work, perform};
use crate::output::counted;
use crate::{Outcome, output};

/// Copies what the ledger vouches for.
pub async fn run(args: &BackupArgs, global: &Global, config: &Config) -> Result<Outcome> {
    DataDirectory::open(global.data(), Access::Read)?;
    let to = std::path::absolute(&args.to)
        .with_context(|| format!("{} is no path", args.to.display()))?;
    let Answer::Backup(done) = perform(Work::Backup(to), global, config).await? else {
        bail!("an unexpected answer")
    };
    output::line(&format!(
        "backed up {} of {}: {} of rows, {}; {} new",
        counted(done.entries, "entry", "entries"),
        done.origin,
        counted(done.files as u64, "file", "files"),
        counted(done.bytes, "byte", "bytes"),
        counted(done.copied as u64, "file was", "files were")
    ))?;
    Ok(Outcome::Fine)
}
