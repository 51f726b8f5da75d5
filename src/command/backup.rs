//! `rollcall backup`

use anyhow::{Context, Result, bail};
use rollcall_lake::{Access, DataDirectory};

use crate::cli::{BackupArgs, Global};
use crate::config::Config;
use crate::control::{Answer, Work, perform};
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
        "backed up {} entries of {}: {} files of rows, {} bytes; {} files were new",
        done.entries, done.origin, done.files, done.bytes, done.copied
    ))?;
    Ok(Outcome::Fine)
}
