//! `rollcall quarantine`

use anyhow::Result;
use rollcall_lake::{Access, DataDirectory};

use super::sql;
use crate::cli::{Global, QuarantineCommand, SqlArgs};
use crate::config::Config;
use crate::control::{Answer, Work, perform};
use crate::{Outcome, output};

/// Lists what is in quarantine, or reads it again.
pub async fn run(command: QuarantineCommand, global: &Global, config: &Config) -> Result<Outcome> {
    match command {
        QuarantineCommand::List { limit, format } => {
            let query = include_str!("quarantine.sql").replace(":limit", &limit.max(0).to_string());
            sql::run(SqlArgs { query: Some(query), format }, global, config).await
        }
        QuarantineCommand::Replay { source, read_as } => {
            config.check_sources(source.iter().chain(&read_as))?;
            // There is nothing to read again where there is no data.
            DataDirectory::open(global.data(), Access::Read)?;
            let work = Work::Replay { source, read_as };
            let Answer::Replay(report) = perform(work, global, config).await? else {
                anyhow::bail!("an unexpected answer")
            };
            output::line(&format!(
                "{} records were read again; {} of them gave {} rows, {} are duplicates, {} joined, {} not authentication; {} stay in quarantine",
                report.tried,
                report.rows_from,
                report.rows,
                report.duplicate,
                report.joined,
                report.not_authentication,
                report.quarantined
            ))?;
            Ok(Outcome::Fine)
        }
    }
}
