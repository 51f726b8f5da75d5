//! Rows without someone: hashed rows lose their personal columns and the record, and
//! keep the hashes of both; rows of other tables go.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryViewArray, BooleanArray, RecordBatch, StringViewArray,
};
use arrow::compute::{filter_record_batch, nullif};
use arrow::datatypes::Schema;
use rollcall_schemas::column::{self, Column, Group};
use rollcall_schemas::row_hash::{RowHasher, RowKey};

use super::Identifiers;
use crate::error::Result;
use crate::read::read_rows;
use crate::segment::Segment;
use crate::table::Table;

/// What stands in a column that must say something.
const ERASED: &str = "(erased)";

/// The columns of a table whose rows are hashed.
fn columns(table: Table) -> Vec<&'static Column> {
    match table {
        Table::Events => column::events().collect(),
        Table::SetAside => column::SET_ASIDE.iter().collect(),
        Table::Shards
        | Table::People
        | Table::Factors
        | Table::Reconciliations
        | Table::VendorPolicies
        | Table::Policies
        | Table::Annotations => Vec::new(),
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

/// Rows of a hashed table that name the person in a column that can't be erased.
pub(super) fn named_openly(segment: &Segment, who: &Identifiers) -> Result<u64> {
    let open = columns(segment.table).into_iter().filter(|column| column.group == Group::Open);
    let names: Vec<&str> = open.map(|column| column.name).collect();
    if names.is_empty() {
        return Ok(0);
    }
    let batches = read_rows(segment, &names, None)?;
    let named = batches.iter().map(|batch| concerned(batch, &names, who));
    Ok(named.map(|rows| rows.iter().filter(|named| **named).count() as u64).sum())
}

/// Which rows name the person in a column that can be erased.
pub(super) fn concerned(batch: &RecordBatch, names: &[&str], who: &Identifiers) -> Vec<bool> {
    let mut concerned = vec![false; batch.num_rows()];
    for column in names.iter().filter_map(|name| batch.column_by_name(name)) {
        if let Some(texts) = column.as_string_view_opt() {
            let named = |text: &str| who.is(text) || who.occurs_in(text.as_bytes());
            mark(&mut concerned, texts.iter().map(|text| text.is_some_and(named)));
        } else if let Some(records) = column.as_binary_view_opt() {
            let named = |bytes: &[u8]| who.occurs_in(bytes);
            mark(&mut concerned, records.iter().map(|bytes| bytes.is_some_and(named)));
        }
    }
    concerned
}

fn mark(concerned: &mut [bool], named: impl Iterator<Item = bool>) {
    for (marked, named) in concerned.iter_mut().zip(named) {
        *marked |= named;
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
    let known = columns(table);
    let schema = batch.schema();
    let erased = schema.fields().iter().zip(batch.columns()).map(|(field, array)| {
        Ok(match field.name().as_str() {
            "personal_hash" => filled(array, hashes.iter().map(|new| new.map(|new| new.0))),
            "raw_hash" => filled(array, hashes.iter().map(|new| new.map(|new| new.1))),
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

/// A column of hashes with the new ones where there are some.
fn filled(old: &ArrayRef, new: impl Iterator<Item = Option<[u8; 32]>>) -> ArrayRef {
    let old = old.as_binary_view();
    let values = new.enumerate().map(|(row, new)| match new {
        Some(new) => Some(new.to_vec()),
        None => old.is_valid(row).then(|| old.value(row).to_vec()),
    });
    Arc::new(values.collect::<BinaryViewArray>())
}

/// A policy's hash goes with its text: whoever supposes a text could prove it by the hash.
fn forget_hash(schema: &Schema, text: &str, columns: &mut [ArrayRef]) -> Result<()> {
    let (raw, hash) = (schema.index_of(text)?, schema.index_of("sha256")?);
    let Some(raw) = columns.get(raw) else { return Ok(()) };
    let goes: BooleanArray = (0..raw.len()).map(|row| Some(raw.is_null(row))).collect();
    if let Some(hash) = columns.get_mut(hash) {
        let left = nullif(&*hash, &goes)?;
        *hash = left;
    }
    Ok(())
}

/// A batch of another table without the rows about the person; where other rows name
/// them, that is taken out. With the number of rows that changed or went.
pub(super) fn without_mentions(
    table: Table,
    batch: &RecordBatch,
    who: &Identifiers,
) -> Result<(RecordBatch, usize)> {
    let own: &[&str] = match table {
        Table::People => &["id", "login"],
        Table::Factors => &["login"],
        Table::Events
        | Table::SetAside
        | Table::Shards
        | Table::Reconciliations
        | Table::VendorPolicies
        | Table::Policies
        | Table::Annotations => &[],
    };
    let mut goes = vec![false; batch.num_rows()];
    for column in own.iter().filter_map(|name| batch.column_by_name(name)) {
        // As a whole: a short login is part of other people's.
        let texts = column.as_string_view();
        mark(&mut goes, texts.iter().map(|text| text.is_some_and(|text| who.is(text))));
    }
    let schema = batch.schema();
    let mut changed = goes.clone();
    let mut columns = Vec::new();
    let named = |text: &str| who.is(text) || who.occurs_in(text.as_bytes());
    for (field, array) in schema.fields().iter().zip(batch.columns()) {
        let texts = array.as_string_view_opt();
        let Some(texts) = texts.filter(|texts| texts.iter().flatten().any(named)) else {
            columns.push(Arc::clone(array));
            continue;
        };
        let instead = (!field.is_nullable()).then_some(ERASED);
        let kept = texts.iter().zip(&mut changed).map(|(text, changed)| {
            let is_named = text.is_some_and(named);
            *changed |= is_named;
            if is_named { instead } else { text }
        });
        columns.push(Arc::new(kept.collect::<StringViewArray>()) as ArrayRef);
    }
    let hashed = match table {
        Table::VendorPolicies => Some("raw"),
        Table::Policies => Some("text"),
        _ => None,
    };
    if let Some(text) = hashed {
        forget_hash(&schema, text, &mut columns)?;
    }
    let stays: BooleanArray = goes.iter().map(|goes| Some(!goes)).collect();
    let kept = filter_record_batch(&RecordBatch::try_new(schema, columns)?, &stays)?;
    Ok((kept, changed.iter().filter(|changed| **changed).count()))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn a_policys_hash_goes_with_its_text() {
        let schema = rollcall_schemas::directory::vendor_policies_schema();
        let raw = ["{\"users\":[\"ada@corp.example\"]}", "{\"users\":[\"ben@corp.example\"]}"];
        let columns = schema.fields().iter().map(|field| -> ArrayRef {
            match field.name().as_str() {
                "taken" => {
                    let times = TimestampMicrosecondArray::from(vec![1, 1]);
                    Arc::new(times.with_timezone("UTC"))
                }
                "as_of" => Arc::new(Date32Array::from(vec![1, 1])),
                "raw" => Arc::new(StringViewArray::from(raw.to_vec())),
                "sha256" => Arc::new(StringViewArray::from(vec!["a1", "b2"])),
                _ => Arc::new(StringViewArray::from(vec!["x", "x"])),
            }
        });
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns.collect()).expect("rows");
        let ada = Identifiers::new(["ada@corp.example".to_owned()]).expect("someone");
        let (left, changed) =
            without_mentions(Table::VendorPolicies, &batch, &ada).expect("erased");
        assert_eq!((left.num_rows(), changed), (2, 1));
        let of = |name: &str| -> Vec<Option<String>> {
            let texts = left.column_by_name(name).expect("a column").as_string_view();
            texts.iter().map(|text| text.map(str::to_owned)).collect()
        };
        assert_eq!(of("raw"), [None, Some(raw[1].to_owned())]);
        assert_eq!(of("sha256"), [None, Some("b2".to_owned())]);
        assert_eq!(of("kind"), [Some("x".to_owned()), Some("x".to_owned())]);
    }
}
