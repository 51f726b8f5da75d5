//! `rollcall erase`

use anyhow::{Result, bail};
use rollcall_lake::{Access, DataDirectory};

use crate::cli::{EraseArgs, Global};
use crate::config::Config;
use crate::control::{Answer, Work, perform};
use crate::output::counted;
use crate::{Outcome, output};

/// Erases a person.
pub async fn run(args: EraseArgs, global: &Global, config: &Config) -> Result<Outcome> {
    DataDirectory::open(global.data(), Access::Read)?;
    let EraseArgs { person, also, dry_run, many } = args;
    let work = Work::Erase { person, also, dry_run, many };
    let Answer::Erased(done) = perform(work, global, config).await? else {
        bail!("an unexpected answer")
    };
    for text in &done.texts {
        output::note(&format!("searched for {}", output::visible(text)));
    }
    let verb = if dry_run { "would be erased" } else { "erased" };
    output::line(&format!(
        "{verb}: {} in {}; {}; {} of the dashboard",
        counted(done.erased.rows, "row", "rows"),
        counted(done.erased.files as u64, "file", "files"),
        counted(done.erased.superseded as u64, "superseded file", "superseded files"),
        counted(done.accounts as u64, "account or token", "accounts and tokens")
    ))?;
    if let Some(refusal) = &done.refusal {
        output::note(&format!("without --dry-run this would be refused: {refusal}"));
    }
    if done.erased.open > 0 {
        output::note(&format!(
            "{} with their name in a column that stays in every proof (collector, operation, service and the like) and can't be erased",
            counted(done.erased.open, "row stays", "rows stay")
        ));
    }
    if !dry_run {
        output::note(
            "backups, exports and the systems that the events came from may still hold them",
        );
    }
    let found = done.erased.rows > 0 || done.erased.superseded > 0 || done.accounts > 0;
    if !found {
        output::note(
            "nothing names them: look whether the text is written as the sources write it",
        );
    }
    Ok(if done.erased.open > 0 { Outcome::Found } else { Outcome::Fine })
}
