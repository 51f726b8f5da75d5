//! `rollcall serve`

use anyhow::Result;

use crate::cli::{Global, ServeArgs};
use crate::config::Config;
use crate::{Outcome, server};

/// Serves until it is stopped.
pub async fn run(args: ServeArgs, global: &Global, config: &Config) -> Result<Outcome> {
    let server = server::start(global, config, args.listen).await?;
    server.introduce()?;
    server.run().await?;
    Ok(Outcome::Fine)
}
