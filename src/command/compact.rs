//! `rollcall compact`

use anyhow::{Result, bail};
use chrono::{NaiveTime, Utc};
use rollcall_lake::{Access, DataDirectory};

use crate::cli::{CompactArgs, Global};
use crate::config::Config;
use crate::control::{Answer, Work, perform};
use crate::{Outcome, output};

/// Merges small files of closed days.
pub async fn run(args: &CompactArgs, global: &Global, config: &Config) -> Result<Outcome> {
    DataDirectory::open(global.data(), Access::Read)?;
    let today = Utc::now().date_naive();
    // A day that hasn't ended still gets files: it is merged only if asked for.
    let before = args.before.unwrap_or(today).and_time(NaiveTime::MIN).and_utc();
    let Answer::Compacted(done) = perform(Work::Compact(before), global, config).await? else {
        bail!("an unexpected answer")
    };
    if done.is_empty() {
        output::line("nothing to merge")?;
    }
    for one in done {
        output::line(&format!(
            "{}: {} files of {} bytes are now {}: {} rows, {} bytes",
            one.table, one.files, one.bytes_before, one.file, one.rows, one.bytes
        ))?;
    }
    Ok(Outcome::Fine)
}
