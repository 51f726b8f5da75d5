//! `rollcall source`
//!
//! ```text
//! list   every source there is
//! test   a sample read by a mapping or a source
//! ```

mod list;
mod test;

use anyhow::Result;

use crate::Outcome;
use crate::cli::SourceCommand;
use crate::config::Config;

/// Lists sources, or tries one with a sample.
pub fn run(command: &SourceCommand, config: &Config) -> Result<Outcome> {
    match command {
        SourceCommand::List => list::run(config),
        SourceCommand::Test(args) => test::run(args, config),
    }
}
