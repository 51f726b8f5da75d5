//! Directory and factor snapshots from CSV. Every import is kept; the same file
//! again changes nothing.
//!
//! ```text
//! rows      a CSV file with named columns, checked
//! people    the directory
//! factors   a day's factors
//! ```

mod factors;
mod people;
mod rows;

use std::path::Path;

use arrow::array::AsArray;
use chrono::Utc;
use rollcall_lake::{Lake, Table, read_rows};

use crate::error::Result;
use rows::Csv;

/// What an import of a table did.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct TableReport {
    /// The file.
    pub file: String,
    /// Rows written; 0 where the file had been imported before.
    pub rows: usize,
    /// People or accounts in it.
    pub subjects: usize,
    /// Whether the same file had been imported before.
    pub already: bool,
}

/// Imports a directory file.
///
/// # Errors
/// If the file can't be read, a column is missing or a value is wrong; then
/// nothing is stored.
pub async fn import_people(lake: &Lake, path: &Path) -> Result<TableReport> {
    import(lake, Table::People, path, people::batch).await
}

/// Imports a factor snapshot.
///
/// # Errors
/// As [`import_people`].
pub async fn import_factors(lake: &Lake, path: &Path) -> Result<TableReport> {
    import(lake, Table::Factors, path, factors::batch).await
}

type Build = fn(&Csv, i64) -> Result<(arrow::array::RecordBatch, usize)>;

async fn import(lake: &Lake, table: Table, path: &Path, build: Build) -> Result<TableReport> {
    let csv = Csv::read(path)?;
    let (batch, subjects) = build(&csv, Utc::now().timestamp_micros())?;
    let already = is_stored(lake, table, &csv.sha256)?;
    let rows = if already { 0 } else { batch.num_rows() };
    if rows > 0 {
        lake.append(table, batch).await?;
    }
    Ok(TableReport { file: path.display().to_string(), rows, subjects, already })
}

fn is_stored(lake: &Lake, table: Table, sha256: &str) -> Result<bool> {
    for segment in lake.snapshot().table(table).segments.iter() {
        let first = read_rows(segment, &["import_sha256"], Some(&[0]))?;
        let same = first.iter().any(|batch| {
            batch
                .column_by_name("import_sha256")
                .is_some_and(|column| column.as_string_view().iter().flatten().any(|s| s == sha256))
        });
        if same {
            return Ok(true);
        }
    }
    Ok(false)
}
