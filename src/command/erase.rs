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
        "{verb}: {} rows in {} files; {} superseded files; {} accounts and tokens of the dashboard",
        done.erased.rows, done.erased.files, done.erased.superseded, done.accounts
    ))?;
    if done.erased.open > 0 {
        output::note(&format!(
            "{} rows name them in a column that stays in every proof (collector, operation, service and the like) and can't be erased",
            done.erased.open
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
