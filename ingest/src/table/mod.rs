//! Directory, factor and policy snapshots, from files and from vendors; marked times; policies
//! as code. Every import is kept and the newest stands; the file that stands already changes
//! nothing.
//!
//! ```text
//! rows      a file of rows with named columns, checked: CSV; json: JSON
//! people    a file of the directory
//! person    a person, and the rows that there are of one
//! standing  the directory as it stands
//! factors   a day's factors
//! aws       the same from AWS' credential report
//! pulled    a day's factors, as vendors tell them
//! policies  a day's policies, as vendors tell them
//! annotations  marked times
//! versions  policies as code, by version
//! ```

mod annotations;
mod aws;
mod factors;
mod json;
mod people;
pub(crate) mod person;
mod policies;
mod pulled;
mod rows;
pub(crate) mod standing;
mod versions;

use std::collections::HashMap;
use std::path::Path;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, TimestampMicrosecondType};
use chrono::Utc;
use rollcall_lake::{Lake, Table, read_rows};

use crate::error::Result;
use crate::scim;
pub use policies::{has_policies, pull_policies};
pub(crate) use pulled::EPOCH;
pub use pulled::{has_factors, pull_factors};
use rows::Rows;
pub use versions::{PolicyChange, PolicyVersion, StoredVersion, store_version, tell_of_load};

/// What an import of a table did.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct TableReport {
    /// The file.
    pub file: String,
    /// Rows written; 0 where the same file stands already.
    pub rows: usize,
    /// People or accounts in it.
    pub subjects: usize,
    /// Whether the same file stands already.
    pub already: bool,
}

/// Imports a directory file. Whom it doesn't have is gone; people that SCIM provisions
/// stay, and what SCIM says of someone in the file goes before what the file says.
///
/// # Errors
/// If the file can't be read, has no rows, a column is missing or a value is
/// wrong; then nothing is stored.
pub async fn import_people(lake: &Lake, path: &Path) -> Result<TableReport> {
    let build = |file: &Rows, now: i64| {
        let provisioned = scim::provisioned(lake.directory())?;
        let people = scim::with_provisioned(people::people(file)?, &provisioned);
        Ok((person::table(&people, now, &file.sha256)?, people.len()))
    };
    import(lake, Table::People, path, build).await
}

/// Imports a factor snapshot.
///
/// # Errors
/// As [`import_people`].
pub async fn import_factors(lake: &Lake, path: &Path) -> Result<TableReport> {
    import(lake, Table::Factors, path, factors::batch).await
}

/// Imports marked times. A file holds all of them: the newest import stands.
///
/// # Errors
/// As [`import_people`].
pub async fn import_annotations(lake: &Lake, path: &Path) -> Result<TableReport> {
    import(lake, Table::Annotations, path, annotations::batch).await
}

async fn import(
    lake: &Lake,
    table: Table,
    path: &Path,
    build: impl Fn(&Rows, i64) -> Result<(RecordBatch, usize)>,
) -> Result<TableReport> {
    let file = Rows::read(path)?;
    let latest = latest(lake, table)?;
    // The newest import stands, also where the clock was set back.
    let after = latest.values().map(|(imported, _)| *imported).max().unwrap_or(i64::MIN);
    let now = Utc::now().timestamp_micros().max(after.saturating_add(1));
    let (batch, subjects) = build(&file, now)?;
    let stands = |of: &Subject| latest.get(of).is_some_and(|(_, sha256)| *sha256 == file.sha256);
    let already = of_each_row(table, &batch).iter().all(|(of, ..)| stands(of));
    let rows = if already { 0 } else { batch.num_rows() };
    if rows > 0 {
        lake.append(table, batch).await?;
    }
    Ok(TableReport { file: path.display().to_string(), rows, subjects, already })
}

/// What an import replaces: the whole directory; a source's factors of a day.
type Subject = Option<(String, i32)>;

/// The latest import of each subject: when it was, and its file's SHA-256.
fn latest(lake: &Lake, table: Table) -> Result<HashMap<Subject, (i64, String)>> {
    let columns = ["imported", "import_sha256", "source", "as_of"];
    let mut latest: HashMap<Subject, (i64, String)> = HashMap::new();
    for segment in lake.snapshot().table(table).segments.iter() {
        // One import makes one file, and any row tells all of it; only factors have several days.
        let rows = (table != Table::Factors).then_some(&[0][..]);
        for batch in read_rows(segment, &columns, rows)? {
            for (of, imported, sha256) in of_each_row(table, &batch) {
                match latest.get_mut(&of) {
                    Some(known) if known.0 >= imported => {}
                    Some(known) => *known = (imported, sha256.to_owned()),
                    None => {
                        latest.insert(of, (imported, sha256.to_owned()));
                    }
                }
            }
        }
    }
    Ok(latest)
}

fn of_each_row(table: Table, batch: &RecordBatch) -> Vec<(Subject, i64, &str)> {
    let column = |name| batch.column_by_name(name);
    let (Some(imported), Some(sha256)) = (column("imported"), column("import_sha256")) else {
        return Vec::new();
    };
    let imported = imported.as_primitive::<TimestampMicrosecondType>();
    let sha256 = sha256.as_string_view();
    let source = column("source").map(|column| column.as_string_view());
    let as_of = column("as_of").and_then(|column| column.as_primitive_opt::<Date32Type>());
    let subject = |row: usize| match (table, source, as_of) {
        (Table::Factors, Some(source), Some(as_of)) => {
            Some((source.value(row).to_owned(), as_of.value(row)))
        }
        _ => None,
    };
    (0..batch.num_rows())
        .map(|row| (subject(row), imported.value(row), sha256.value(row)))
        .collect()
}

#[cfg(test)]
mod tests;
