//! `rollcall people import`, `rollcall factors import` and `rollcall annotations import`

use std::path::Path;

use anyhow::{Context, Result};

use crate::cli::Global;
use crate::config::Config;
use crate::control::{Answer, Work, perform};
use crate::{Outcome, output};

/// Imports a directory file.
pub async fn people(file: &Path, global: &Global, config: &Config) -> Result<Outcome> {
    import(Work::People(absolute(file)?), "people", "logins", global, config).await
}

/// Imports a factor snapshot.
pub async fn factors(file: &Path, global: &Global, config: &Config) -> Result<Outcome> {
    import(Work::Factors(absolute(file)?), "accounts", "factors", global, config).await
}

/// Imports marked times.
pub async fn annotations(file: &Path, global: &Global, config: &Config) -> Result<Outcome> {
    import(Work::Annotations(absolute(file)?), "marked times", "rows", global, config).await
}

fn absolute(file: &Path) -> Result<std::path::PathBuf> {
    file.canonicalize().with_context(|| format!("can't open {}", file.display()))
}

async fn import(
    work: Work,
    subjects: &str,
    rows: &str,
    global: &Global,
    config: &Config,
) -> Result<Outcome> {
    let Answer::Table(report) = perform(work, global, config).await? else {
        anyhow::bail!("an unexpected answer")
    };
    output::line(&if report.already {
        format!("{} is the latest import already; nothing changed", report.file)
    } else {
        format!(
            "{} {subjects} with {} {rows} imported from {}",
            report.subjects, report.rows, report.file
        )
    })?;
    Ok(Outcome::Fine)
}
