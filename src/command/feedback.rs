//! `rollcall feedback`

use anyhow::{Context, Result};
use chrono::{Days, Utc};
use rollcall_ingest::feedback::{Link, Links};
use rollcall_lake::{Access, DataDirectory};

use crate::cli::{FeedbackCommand, Global, LinkArgs};
use crate::config::Config;
use crate::{Outcome, output, server, usage};

/// Makes links that ask people.
pub fn run(command: FeedbackCommand, global: &Global, config: &Config) -> Result<Outcome> {
    let FeedbackCommand::Link(args) = command;
    let LinkArgs { flow, team, days, count } = args;
    let directory = DataDirectory::open(global.data(), Access::Read)?;
    let links = Links::new(&directory.identifier_key()?);
    let base = server::address::of_last_server(global.data(), config)?;
    let expires =
        Utc::now().checked_add_days(Days::new(days.into())).context("--days is too many")?;
    for _ in 0..count {
        let link = Link::new(expires.timestamp(), flow.clone(), team.clone());
        let text = links.sign(&link).map_err(|error| usage(error.to_string()))?;
        output::line(base.join(&rollcall_web::feedback_path(&text))?.as_str())?;
    }
    output::note(&format!(
        "good until {}; send each to one person: a later answer by it replaces the one before",
        expires.format("%Y-%m-%d %H:%M UTC")
    ));
    Ok(Outcome::Fine)
}
