//! `rollcall restore`

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use rollcall_lake::restore;

use crate::cli::{Global, RestoreArgs};
use crate::output::counted;
use crate::progress::Progress;
use crate::{Outcome, output};

/// Makes a data directory of a backup.
pub async fn run(args: RestoreArgs, global: &Global) -> Result<Outcome> {
    let newest = args.newest_checkpoint.as_deref().map(|path| {
        fs::read(path).with_context(|| format!("can't read the checkpoint {}", path.display()))
    });
    let (newest, to) = (newest.transpose()?, global.data().to_owned());
    let is_named = newest.is_some();
    let progress = Progress::begin("copying the backup");
    let restored = tokio::task::spawn_blocking({
        let to = to.clone();
        let from = args.from.clone();
        move || restore(&from, &to, newest.as_deref())
    })
    .await?;
    progress.end();
    let about = |path: &PathBuf| format!("by the checkpoint {}", path.display());
    let restored = match &args.newest_checkpoint {
        Some(path) => restored.with_context(|| about(path))?,
        None => restored?,
    };
    output::line(&format!(
        "restored {} into {}; the ledger goes on as {}",
        counted(restored.backup.entries, "entry", "entries"),
        to.display(),
        restored.origin
    ))?;
    match restored.lost {
        0 if is_named => {
            output::note("by the checkpoint that was named, nothing came after the backup")
        }
        0 => output::note(
            "what came after the backup is lost; name the newest checkpoint that is known (--newest-checkpoint), so that the ledger says how much",
        ),
        lost => output::note(&format!(
            "{} after the backup and lost; the ledger says so",
            counted(lost, "entry was written", "entries were written")
        )),
    }
    output::note(
        "repeat erasures that were made after the backup: it holds again whom they erased",
    );
    output::note("run `rollcall verify` before it is used");
    Ok(Outcome::Fine)
}
