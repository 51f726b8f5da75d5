//! One file a command.

mod factors;
mod generate;
mod ingest;
mod people;
mod source;

use anyhow::Result;

use crate::Outcome;
use crate::cli::{Command, Global, SourceCommand, TableCommand};
use crate::config::{self, Config};
use crate::output;

/// Does what was asked.
pub async fn run(command: Command, global: &Global, config: &Config) -> Result<Outcome> {
    match command {
        Command::Ingest(args) => ingest::run(args, global, config).await,
        Command::People(TableCommand::Import { file }) => people::import(&file, global).await,
        Command::Factors(TableCommand::Import { file }) => factors::import(&file, global).await,
        Command::Source(SourceCommand::List) => source::list(),
        Command::Generate(args) => generate::run(&args),
        Command::ExampleConfig => {
            output::line(config::example().trim_end())?;
            Ok(Outcome::Fine)
        }
        _ => anyhow::bail!("not yet"),
    }
}
