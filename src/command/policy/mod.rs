//! `rollcall policy`
//!
//! ```text
//! check    what is wrong with policies; their cases
//! load     a version, kept for ever
//! replay   what a policy would have done
//! words    the same in words
//! rows     the same as rows
//! ```

mod check;
mod load;
mod replay;
mod rows;
mod words;

use anyhow::Result;

use crate::Outcome;
use crate::cli::{Global, PolicyCommand};
use crate::config::Config;

/// Checks, loads or replays policies.
pub async fn run(command: PolicyCommand, global: &Global, config: &Config) -> Result<Outcome> {
    match command {
        PolicyCommand::Check(args) => check::run(&args, global, config).await,
        PolicyCommand::Load { files } => load::run(&files, global, config).await,
        PolicyCommand::Replay(args) => replay::run(args, global, config).await,
    }
}
