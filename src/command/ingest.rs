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
    config.check_sources(&args.source)?;
    // Standard input is kept in a file for as long as the work takes.
    let mut spooled = Vec::new();
    let paths =
        args.files.into_iter().map(|path| absolute(path, &mut spooled)).collect::<Result<_>>()?;
    let work = Work::Import { paths, source: args.source.unwrap_or_default() };
    let answer = perform(work, global, config).await;
    drop(spooled);
    match answer? {
        Answer::Import(report) => print(&report),
        other => anyhow::bail!("an unexpected answer: {other:?}"),
    }
}

/// The work may be done by a process that runs elsewhere, where standard input
/// can't go.
fn absolute(path: PathBuf, spooled: &mut Vec<tempfile::TempDir>) -> Result<PathBuf> {
    if path.as_os_str() == "-" {
        let folder = spool()?;
        let path = folder.path().join(STANDARD_INPUT);
        spooled.push(folder);
        return Ok(path);
    }
    path.canonicalize().with_context(|| format!("can't open {}", path.display()))
}

/// The name under which standard input is read: it stands as its rows' collector.
const STANDARD_INPUT: &str = "standard-input";

/// A folder private to this user, removed when it is dropped.
fn spool() -> Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new().prefix("rollcall-").tempdir()?;
    let mut file = std::fs::File::create(folder.path().join(STANDARD_INPUT))?;
    std::io::copy(&mut std::io::stdin().lock(), &mut file)?;
    Ok(folder)
}

/// One line of sums, before it what is to be said of single files.
fn print(report: &ImportReport) -> Result<Outcome> {
    let mut outcome = Outcome::Fine;
    let mut already = 0;
    for file in &report.files {
        if let Some(when) = file.already {
            already += 1;
            output::note(&format!(
                "{}: imported before, on {}, with {} records{}; nothing changed",
                file.name,
                when.format("%Y-%m-%d %H:%M:%S UTC"),
                file.sums.records,
                match file.sums.quarantined {
                    0 => String::new(),
                    some => format!(
                        ", of which {some} were quarantined (`rollcall quarantine replay` reads those again, with --source and --as under another source)"
                    ),
                }
            ));
        }
        if let Some(before) = file.before {
            output::note(&format!(
                "{}: it has grown since it was imported with {before} records; the sum counts all of it, the {} behind them are new",
                file.name,
                file.sums.records - before
            ));
        }
        if let Some(damage) = &file.damage {
            output::note(&format!("{}: {damage}; what could be read is stored", file.name));
            outcome = Outcome::Found;
        }
    }
    if report.files.is_empty() {
        output::note("there is no file in it");
        return Ok(Outcome::Found);
    }
    if already == report.files.len() {
        output::line("nothing new")?;
        return Ok(outcome);
    }
    output::line(&report.sums.line())?;
    if report.sums.redactions > 0 {
        output::note(&format!("{} secrets were cut out", report.sums.redactions));
    }
    if report.sums.unchecked > 0 {
        output::note(&format!(
            "{} rows are older than the 30 days over which duplicates are told; they are stored unchecked",
            report.sums.unchecked
        ));
    }
    if report.sums.quarantined > 0 {
        outcome = Outcome::Found;
        output::note("see what is in quarantine, and why, with `rollcall quarantine list`");
    }
    Ok(outcome)
}
