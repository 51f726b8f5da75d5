//! `rollcall erase`

use anyhow::{Result, bail};
use rollcall_lake::{Access, DataDirectory};

use crate::cli::{EraseArgs, Global};
use crate::config::Config;
use crate::control::{Answer, Work, perform};
use crate::{Outcome, output};

/// Erases a person.
pub async fn run(args: EraseArgs, global: &Global, config: &Config) -> Result<Outcome> {
    DataDirectory::open(global.data(), Access::Read)?;
    let work = Work::Erase { person: args.person, also: args.also, dry_run: args.dry_run };
    let Answer::Erased(done) = perform(work, global, config).await? else {
        bail!("an unexpected answer")
    };
    for text in &done.texts {
        output::note(&format!("searched for {}", output::visible(text)));
    }
    let verb = if args.dry_run { "would be erased" } else { "erased" };
    output::line(&format!(
        "{verb}: {} rows in {} files; {} superseded files; {} accounts and tokens of the dashboard",
        done.erased.rows, done.erased.files, done.erased.superseded, done.accounts
    ))?;
    if !args.dry_run {
        output::note(
            "backups, exports and the systems that the events came from may still hold them",
        );
    }
    Ok(Outcome::Fine)
}
