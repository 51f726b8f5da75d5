//! One file a command.

mod admin;
mod demo;
mod generate;
mod ingest;
mod metric;
mod quarantine;
mod serve;
mod source;
mod sql;
mod table;
mod token;

use anyhow::Result;

use crate::Outcome;
use crate::cli::{Command, Global, SourceCommand, TableCommand};
use crate::config::{self, Config};
use crate::output;

/// Does what was asked.
pub async fn run(command: Command, global: &Global, config: &Config) -> Result<Outcome> {
    match command {
        Command::Ingest(args) => ingest::run(args, global, config).await,
        Command::People(TableCommand::Import { file }) => {
            table::people(&file, global, config).await
        }
        Command::Factors(TableCommand::Import { file }) => {
            table::factors(&file, global, config).await
        }
        Command::Source(SourceCommand::List) => source::list(),
        Command::Generate(args) => generate::run(&args),
        Command::ExampleConfig => {
            output::line(config::example().trim_end())?;
            Ok(Outcome::Fine)
        }
        Command::Demo(args) => demo::run(args, &global.or_data(demo::DATA), config).await,
        Command::Serve(args) => serve::run(args, global, config).await,
        Command::Sql(args) => sql::run(args, global, config).await,
        Command::Metric(command) => metric::run(command, global, config).await,
        Command::Quarantine(command) => quarantine::run(command, global, config).await,
        Command::Token(command) => token::run(command, global),
        Command::Admin(command) => admin::run(command, global, config),
    }
}
