//! `rollcall ingest`

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::{Result, bail};
use rollcall_ingest::{ImportReport, Importer, Pipeline};

use crate::cli::{Global, IngestArgs};
use crate::config::Config;
use crate::progress::Progress;
use crate::{Outcome, lake, output};

/// Imports files and prints what became of their records.
pub async fn run(args: IngestArgs, global: &Global, config: &Config) -> Result<Outcome> {
    let lake = lake::to_write(global).await?;
    let failure = Arc::new(std::sync::Mutex::new(None));
    let told = Arc::clone(&failure);
    let pipeline = Pipeline::start(
        Arc::clone(&lake),
        HashSet::new(),
        lake::pipeline_settings(&lake, config)?,
        |_, _| {},
        move |reason| {
            if let Ok(mut failure) = told.lock() {
                *failure = Some(reason);
            }
        },
    )?;
    let read = lake::read_settings(&lake, config)?;
    let importer = Importer::new(lake, pipeline, read);
    let progress = Progress::begin("reading");
    let source = args.source.unwrap_or_default();
    let imported = importer
        .import(&args.files, &source, &|now| {
            progress.tell(format!(
                "{} records, file {} of {}: {}",
                now.records,
                now.files_done + 1,
                now.files,
                now.file
            ));
        })
        .await;
    progress.end();
    if let Some(reason) = failure.lock().ok().and_then(|mut failure| failure.take()) {
        bail!(reason);
    }
    print(&imported?)
}

/// One line of sums, before it what is to be said of single files.
pub fn print(report: &ImportReport) -> Result<Outcome> {
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
