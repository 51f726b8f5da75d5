//! `rollcall factors import`

use std::path::Path;

use anyhow::Result;

use crate::cli::Global;
use crate::{Outcome, lake, output};

/// Imports a factor snapshot.
pub async fn import(file: &Path, global: &Global) -> Result<Outcome> {
    let lake = lake::to_write(global).await?;
    let report = rollcall_ingest::import_factors(&lake, file).await?;
    output::line(&if report.already {
        format!("{} was imported before; nothing changed", report.file)
    } else {
        format!("{} factors of {} accounts imported from {}", report.rows, report.subjects, report.file)
    })?;
    Ok(Outcome::Fine)
}
