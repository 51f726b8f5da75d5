//! Rows without someone: hashed rows lose their personal columns and the record, and
//! keep the hashes of both; rows of other tables go.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryViewArray, BooleanArray, RecordBatch, StringViewArray,
};
use arrow::compute::{filter_record_batch, nullif};
use arrow::datatypes::DataType;
use rollcall_schemas::column::{self, Column, Group};
use rollcall_schemas::row_hash::{RowHasher, RowKey};

use super::Identifiers;
use crate::error::Result;
use crate::table::Table;

/// What stands in a column that must say something.
const ERASED: &str = "(erased)";

/// The columns of a table whose rows are hashed.
fn columns(table: Table) -> Vec<&'static Column> {
    match table {
        Table::Events => column::events().collect(),
        Table::SetAside => column::SET_ASIDE.iter().collect(),
        Table::Shards | Table::People | Table::Factors => Vec::new(),
    }
}

/// Whether the rows of a table are hashed.
pub(super) const fn is_hashed(table: Table) -> bool {
    matches!(table, Table::Events | Table::SetAside)
}

/// Columns whose text is looked at.
pub(super) fn searched(table: Table) -> Vec<&'static str> {
    let searched = columns(table).into_iter().filter(|column| is_erasable(column));
    searched.map(|column| column.name).collect()
}

/// Whether an erasure empties a column.
const fn is_erasable(column: &Column) -> bool {
    matches!(column.group, Group::Personal | Group::Raw)
}

/// Which rows name the person in a column that can be erased.
pub(super) fn concerned(batch: &RecordBatch, names: &[&str], who: &Identifiers) -> Vec<bool> {
    let mut concerned = vec![false; batch.num_rows()];
    for column in names.iter().filter_map(|name| batch.column_by_name(name)) {
        match column.data_type() {
            DataType::Utf8View => {
                mark(
                    &mut concerned,
                    column.as_string_view().iter().map(|v| v.map(str::as_bytes)),
                    who,
                );
            }
            DataType::BinaryView => mark(&mut concerned, column.as_binary_view().iter(), who),
            _ => {}
        }
    }
    concerned
}

fn mark<'a>(
    concerned: &mut [bool],
    values: impl Iterator<Item = Option<&'a [u8]>>,
    who: &Identifiers,
) {
    for (marked, value) in concerned.iter_mut().zip(values) {
        *marked = *marked || value.is_some_and(|value| who.occurs_in(value));
    }
}

/// A batch of a hashed table whose marked rows lost what names the person.
pub(super) fn without_person(
    table: Table,
    batch: &RecordBatch,
    concerned: &[bool],
    key: &RowKey,
) -> Result<RecordBatch> {
    let mask = BooleanArray::from(concerned.to_vec());
    let mut hasher = match table {
        Table::SetAside => RowHasher::set_aside(batch, key),
        _ => RowHasher::events(batch, key),
    }?;
    let hashes: Vec<_> = concerned
        .iter()
        .enumerate()
        .map(|(row, marked)| marked.then(|| hasher.hashes(row)).flatten())
        .collect();
    let filled = |old: &ArrayRef, pick: fn(&([u8; 32], [u8; 32])) -> &[u8; 32]| -> ArrayRef {
        let old = old.as_binary_view();
        let values = hashes.iter().enumerate().map(|(row, new)| match new {
            Some(new) => Some(pick(new).as_slice()),
            None => old.is_valid(row).then(|| old.value(row)),
        });
        Arc::new(values.collect::<BinaryViewArray>())
    };
    let known = columns(table);
    let schema = batch.schema();
    let erased = schema.fields().iter().zip(batch.columns()).map(|(field, array)| {
        Ok(match field.name().as_str() {
            "personal_hash" => filled(array, |hashes| &hashes.0),
            "raw_hash" => filled(array, |hashes| &hashes.1),
            name => {
                let column = known.iter().find(|column| column.name == name);
                if column.is_some_and(|column| is_erasable(column)) {
                    nullif(array, &mask)?
                } else {
                    Arc::clone(array)
                }
            }
        })
    });
    let erased = erased.collect::<Result<Vec<_>>>()?;
    Ok(RecordBatch::try_new(schema, erased)?)
}

/// A batch of another table without the rows about the person; where other rows name
/// them, that is taken out. With the number of rows that changed or went.
pub(super) fn without_mentions(
    table: Table,
    batch: &RecordBatch,
    who: &Identifiers,
) -> Result<(RecordBatch, usize)> {
    let own: &[&str] = match table {
        Table::People => &["id", "name", "login"],
        Table::Factors => &["login"],
        Table::Events | Table::SetAside | Table::Shards => &[],
    };
    let goes = concerned(batch, own, who);
    let schema = batch.schema();
    let mut changed = goes.clone();
    let mut columns = Vec::new();
    for (field, array) in schema.fields().iter().zip(batch.columns()) {
        if *field.data_type() != DataType::Utf8View
            || !array.as_string_view().iter().flatten().any(|text| who.occurs_in(text.as_bytes()))
        {
            columns.push(Arc::clone(array));
            continue;
        }
        let texts = array.as_string_view();
        let instead = (!field.is_nullable()).then_some(ERASED);
        let kept = texts.iter().zip(&mut changed).map(|(text, changed)| {
            let names_them = text.is_some_and(|text| who.occurs_in(text.as_bytes()));
            *changed = *changed || names_them;
            if names_them { instead } else { text }
        });
        columns.push(Arc::new(kept.collect::<StringViewArray>()) as ArrayRef);
    }
    let stays: BooleanArray = goes.iter().map(|goes| Some(!goes)).collect();
    let kept = filter_record_batch(&RecordBatch::try_new(schema, columns)?, &stays)?;
    Ok((kept, changed.iter().filter(|changed| **changed).count()))
}
