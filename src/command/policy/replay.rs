//! `rollcall policy replay`

use std::sync::Arc;

use anyhow::Result;
use rollcall_query::Catalog;
use rollcall_query::policy::ReplayRequest;

use super::{check, rows, words};
use crate::cli::{Format, Global, PolicyReplayArgs};
use crate::config::Config;
use crate::progress::Progress;
use crate::{Outcome, lake, output, unseen, usage};

/// Replays a policy over what is stored.
pub async fn run(args: PolicyReplayArgs, global: &Global, config: &Config) -> Result<Outcome> {
    if args.from >= args.to {
        return Err(usage(format!("--from {} must lie before --to {}", args.from, args.to)));
    }
    let lake = lake::to_read(global).await?;
    let around = check::surroundings(global, config).await?;
    let (policy, checked) = check::read(&args.file, &around)?;
    let Some(policy) = policy.filter(|_| checked.can_be_loaded()) else {
        check::tell(&args.file, &checked)?;
        output::note("it wasn't replayed: put right what is wrong first");
        return Ok(Outcome::Found);
    };
    let catalog = Catalog::new(Arc::clone(&lake), lake::query_settings(config)?)?;
    let request = ReplayRequest { policy, from: args.from, to: args.to, everyone: args.everyone };
    let progress = Progress::begin("replaying");
    let tell = {
        let progress = progress.clone();
        move |text: String| progress.tell(text)
    };
    let replayed = catalog.session().replay(&request, &tell).await;
    progress.end();
    let replay = replayed?;
    match args.format {
        Format::Table => words::print(&replay)?,
        Format::Json => output::line(&serde_json::to_string_pretty(&replay)?)?,
        format => {
            let batch = rows::of(&replay)?;
            output::write(&batch.schema(), &[batch], format)?;
        }
    }
    if replay.accesses == 0 {
        output::note("there is no access in this period: look at --from and --to");
    }
    unseen::tell(&lake).await;
    Ok(Outcome::Fine)
}
