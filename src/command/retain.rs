//! `rollcall retain`

use anyhow::{Result, bail};
use rollcall_lake::{Access, DataDirectory, RetainRule};

use crate::cli::{Global, RetainArgs};
use crate::config::Config;
use crate::control::{Answer, Work, perform};
use crate::output::counted;
use crate::{Outcome, output, usage};

/// Removes files whose time is over.
pub async fn run(args: &RetainArgs, global: &Global, config: &Config) -> Result<Outcome> {
    DataDirectory::open(global.data(), Access::Read)?;
    let rule = RetainRule {
        days: args.days.or(config.retention.days),
        superseded_days: args.superseded_days.or(config.retention.superseded_days),
    };
    if rule == RetainRule::default() {
        output::line(
            "everything is kept: name --days, or set retention.days in the configuration",
        )?;
        return Ok(Outcome::Fine);
    }
    if rule.days == Some(0) && !args.dry_run && !args.yes {
        return Err(usage(
            "0 days would remove every event that is sealed: look with --dry-run, then say --yes",
        ));
    }
    let work = Work::Retain { rule, dry_run: args.dry_run };
    let Answer::Retained(done) = perform(work, global, config).await? else {
        bail!("an unexpected answer")
    };
    if done.is_empty() {
        output::line("nothing is that old")?;
    }
    let verb = if args.dry_run { "would be removed" } else { "removed" };
    for one in done {
        output::line(&format!(
            "{}: {verb}: {} ({} of them superseded), {}, {}",
            one.table,
            counted(one.files as u64, "file", "files"),
            one.superseded,
            counted(one.rows, "row", "rows"),
            counted(one.bytes, "byte", "bytes")
        ))?;
    }
    Ok(Outcome::Fine)
}
