//! One file a command.

mod admin;
mod alert;
mod backup;
mod compact;
mod demo;
mod detect;
mod erase;
mod feedback;
mod generate;
mod ingest;
mod ledger;
mod metric;
mod policy;
mod prove;
mod quarantine;
mod reconcile;
mod restore;
mod retain;
mod serve;
mod source;
mod sql;
mod table;
mod token;
mod verify;
mod verify_proof;
mod worker;

use anyhow::Result;

use crate::Outcome;
use crate::cli::{Command, Global, TableCommand};
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
        Command::Annotations(TableCommand::Import { file }) => {
            table::annotations(&file, global, config).await
        }
        Command::Policy(command) => policy::run(command, global, config).await,
        Command::Source(command) => source::run(&command, config),
        Command::Generate(args) => generate::run(&args),
        Command::ExampleConfig => {
            output::line(config::example().trim_end())?;
            Ok(Outcome::Fine)
        }
        Command::Demo(args) => demo::run(args, &global.or_data(demo::DATA), config).await,
        Command::Serve(args) => serve::run(args, global, config).await,
        Command::Worker(args) => worker::run(args, global, config).await,
        Command::Sql(args) => sql::run(args, global, config).await,
        Command::Verify(args) => verify::run(args, global, config).await,
        Command::Prove(args) => prove::run(args, global).await,
        Command::VerifyProof(args) => verify_proof::run(&args),
        Command::Ledger(command) => ledger::run(command, global, config).await,
        Command::Compact(args) => compact::run(&args, global, config).await,
        Command::Retain(args) => retain::run(&args, global, config).await,
        Command::Erase(args) => erase::run(args, global, config).await,
        Command::Backup(args) => backup::run(&args, global, config).await,
        Command::Restore(args) => restore::run(args, global).await,
        Command::Reconcile(args) => reconcile::run(args, global, config).await,
        Command::Metric(command) => metric::run(command, global, config).await,
        Command::Detect(args) => detect::run(args, global, config).await,
        Command::Alert(command) => alert::run(command, global, config).await,
        Command::Quarantine(command) => quarantine::run(command, global, config).await,
        Command::Token(command) => token::run(command, global, config),
        Command::Feedback(command) => feedback::run(command, global, config),
        Command::Admin(command) => admin::run(command, global, config),
    }
}
