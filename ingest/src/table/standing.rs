//! The directory as it stands: the latest file, which is the whole of it, and the changes
//! of single people since.

use std::collections::HashMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use rollcall_lake::{Lake, Table, read_rows};
use rollcall_schemas::directory::people_schema;

use super::person::{CHANGE, Person, of_row};
use crate::error::Result;

/// What the directory says now, and since when.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// By id, in the order of the id.
    pub(crate) people: Vec<Person>,
    /// When the latest import or change was made, in µs; `i64::MIN` where there is none.
    pub(crate) latest: i64,
}

impl Standing {
    /// Reads it. Blocks.
    ///
    /// # Errors
    /// If a file can't be read.
    pub(crate) fn read(lake: &Lake) -> Result<Self> {
        let schema = people_schema();
        let columns: Vec<&str> =
            schema.fields().iter().map(|field| field.name().as_str()).collect();
        let mut batches = Vec::new();
        for segment in lake.snapshot().table(Table::People).segments.iter() {
            batches.extend(read_rows(segment, &columns, None)?);
        }
        Ok(Self::of(&batches))
    }

    /// The same of rows.
    pub(super) fn of(batches: &[RecordBatch]) -> Self {
        let rows = || batches.iter().flat_map(rows);
        let whole = rows().filter(|row| !row.is_change).map(|row| row.imported).max();
        let whole = whole.unwrap_or(i64::MIN);
        let mut told: HashMap<&str, i64> = HashMap::new();
        for row in rows() {
            let latest = told.entry(row.id).or_insert(row.imported);
            *latest = row.imported.max(*latest);
        }
        let mut people: HashMap<&str, Person> = HashMap::new();
        let stands =
            |row: &Row<'_>| row.imported >= whole && told.get(row.id) == Some(&row.imported);
        for row in rows().filter(stands) {
            let Some(person) = of_row(row.batch, row.number) else { continue };
            match people.get_mut(row.id) {
                Some(known) => known.logins.extend(person.logins),
                None => {
                    people.insert(row.id, person);
                }
            }
        }
        let mut people: Vec<Person> = people.into_values().collect();
        people.sort_by(|a, b| a.id.cmp(&b.id));
        Self { people, latest: told.into_values().max().unwrap_or(i64::MIN) }
    }
}

struct Row<'a> {
    batch: &'a RecordBatch,
    number: usize,
    id: &'a str,
    imported: i64,
    is_change: bool,
}

fn rows(batch: &RecordBatch) -> impl Iterator<Item = Row<'_>> {
    let text = |name| batch.column_by_name(name).and_then(|column| column.as_string_view_opt());
    let imported = batch.column_by_name("imported");
    let imported = imported.and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>());
    let columns = text("id").zip(text("import_sha256")).zip(imported);
    columns.into_iter().flat_map(move |((ids, files), imported)| {
        (0..batch.num_rows()).map(move |number| Row {
            batch,
            number,
            id: ids.value(number),
            imported: imported.value(number),
            is_change: files.value(number).starts_with(CHANGE),
        })
    })
}
