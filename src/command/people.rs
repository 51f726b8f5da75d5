//! `rollcall people import`

use std::path::Path;

use anyhow::Result;

use crate::cli::Global;
use crate::{Outcome, lake, output};

/// Imports a directory file.
pub async fn import(file: &Path, global: &Global) -> Result<Outcome> {
    let lake = lake::to_write(global).await?;
    let report = rollcall_ingest::import_people(&lake, file).await?;
    output::line(&if report.already {
        format!("{} was imported before; nothing changed", report.file)
    } else {
        format!("{} people with {} logins imported from {}", report.subjects, report.rows, report.file)
    })?;
    Ok(Outcome::Fine)
}
