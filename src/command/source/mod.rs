//! `rollcall source`
//!
//! ```text
//! doc    docs/sources.md
//! list   every source there is
//! test   a sample read by a mapping or a source
//! ```

mod doc;
mod list;
mod test;

use anyhow::Result;

use crate::Outcome;
use crate::cli::SourceCommand;
use crate::config::Config;

/// Lists sources, describes them, or tries one with a sample.
pub fn run(command: &SourceCommand, config: &Config) -> Result<Outcome> {
    match command {
        SourceCommand::List => list::run(config),
        SourceCommand::Doc => doc::run(),
        SourceCommand::Test(args) => test::run(args, config),
    }
}
