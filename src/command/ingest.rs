//! `rollcall ingest`

use std::path::PathBuf;

use anyhow::{Context, Result};
use rollcall_ingest::ImportReport;

use crate::cli::{Global, IngestArgs};
use crate::config::Config;
use crate::control::{Answer, Work, perform};
use crate::{Outcome, output};

/// Imports files and prints what became of their records.
pub async fn run(args: IngestArgs, global: &Global, config: &Config) -> Result<Outcome> {
    let paths = args.files.into_iter().map(absolute).collect::<Result<_>>()?;
    let work = Work::Import { paths, source: args.source.unwrap_or_default() };
    match perform(work, global, config).await? {
        Answer::Import(report) => print(&report),
        other => anyhow::bail!("an unexpected answer: {other:?}"),
    }
}

/// The work may be done by a process that runs elsewhere. Standard input can't
/// go there and is kept in a file for as long as this process runs.
fn absolute(path: PathBuf) -> Result<PathBuf> {
    if path.as_os_str() == "-" {
        return spool();
    }
    path.canonicalize().with_context(|| format!("can't open {}", path.display()))
}

fn spool() -> Result<PathBuf> {
    let mut file = tempfile::Builder::new().prefix("standard-input-").tempfile()?;
    std::io::copy(&mut std::io::stdin().lock(), &mut file)?;
    let (_, path) = file.keep()?;
    Ok(path)
}

/// One line of sums, before it what is to be said of single files.
fn print(report: &ImportReport) -> Result<Outcome> {
    let mut outcome = Outcome::Fine;
    let mut already = 0;
    for file in &report.files {
        if let Some(when) = file.already {
            already += 1;
            output::note(&format!(
                "{}: imported before, on {}, with {} records; nothing changed",
                file.name,
                when.format("%Y-%m-%d %H:%M:%S UTC"),
                file.sums.records
            ));
        }
        if let Some(damage) = &file.damage {
            output::note(&format!("{}: {damage}; what could be read is stored", file.name));
            outcome = Outcome::Found;
        }
    }
    if already == report.files.len() {
        output::line("nothing new")?;
        return Ok(outcome);
    }
    output::line(&report.sums.line())?;
    if report.sums.redactions > 0 {
        output::note(&format!("{} secrets were cut out", report.sums.redactions));
    }
    if report.sums.quarantined > 0 {
        output::note("see what is in quarantine, and why, with `rollcall quarantine list`");
    }
    Ok(outcome)
}
