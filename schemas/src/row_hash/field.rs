//! The canonical bytes of a row's columns.

use ::arrow::array::{
    Array, AsArray, BinaryViewArray, BooleanArray, ListArray, StringViewArray, StructArray,
};
use ::arrow::datatypes::{DataType, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType};

use super::RowHashError;
use crate::arrow::FIELD_ID;

enum Values<'a> {
    Text(&'a StringViewArray),
    Bytes(&'a BinaryViewArray),
    Bool(&'a BooleanArray),
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    Time(&'a [i64]),
    List(&'a ListArray, Vec<Field<'a>>),
}

/// A column, or a part of a list's elements.
pub(super) struct Field<'a> {
    pub(super) id: u16,
    array: &'a dyn Array,
    has_nulls: bool,
    values: Values<'a>,
}

/// A column by its type.
pub(super) fn field_of<'a>(
    id: u16,
    name: &str,
    array: &'a dyn Array,
) -> Result<Field<'a>, RowHashError> {
    let values = match array.data_type() {
        DataType::Utf8View => Values::Text(array.as_string_view()),
        DataType::BinaryView => Values::Bytes(array.as_binary_view()),
        DataType::Boolean => Values::Bool(array.as_boolean()),
        DataType::Int16 => Values::I16(array.as_primitive::<Int16Type>().values()),
        DataType::Int32 => Values::I32(array.as_primitive::<Int32Type>().values()),
        DataType::Int64 => Values::I64(array.as_primitive::<Int64Type>().values()),
        DataType::Timestamp(_, _) => {
            Values::Time(array.as_primitive::<TimestampMicrosecondType>().values())
        }
        DataType::List(_) => {
            let list: &ListArray = array.as_list();
            let Some(elements) = list.values().as_any().downcast_ref::<StructArray>() else {
                return Err(unknown(name, array));
            };
            Values::List(list, struct_fields(elements)?)
        }
        _ => return Err(unknown(name, array)),
    };
    Ok(Field { id, array, has_nulls: array.null_count() > 0, values })
}

fn unknown(name: &str, array: &dyn Array) -> RowHashError {
    RowHashError::UnknownType { column: name.to_owned(), data_type: array.data_type().clone() }
}

fn struct_fields(elements: &StructArray) -> Result<Vec<Field<'_>>, RowHashError> {
    let mut fields = elements
        .fields()
        .iter()
        .zip(elements.columns())
        .map(|(field, array)| {
            let id = crate::arrow::element_field_id(field.name());
            let id = field.metadata().get(FIELD_ID).and_then(|id| id.parse().ok()).or(id);
            match id {
                Some(id) => field_of(id, field.name(), array.as_ref()),
                None => Err(unknown(field.name(), array.as_ref())),
            }
        })
        .collect::<Result<Vec<_>, _>>()?;
    fields.sort_by_key(|f| f.id);
    Ok(fields)
}

/// Appends a row's values, nulls left out.
pub(super) fn encode_fields(fields: &[Field<'_>], row: usize, out: &mut Vec<u8>) {
    for field in fields {
        if !field.has_nulls || field.array.is_valid(row) {
            encode(field, row, out);
        }
    }
}

/// Type bytes of the format.
const TEXT: u8 = 1;
const BOOL: u8 = 2;
const I16: u8 = 3;
const I32: u8 = 4;
const I64: u8 = 5;
const TIME: u8 = 6;
const LIST: u8 = 7;
const BYTES: u8 = 8;

fn encode(field: &Field<'_>, row: usize, out: &mut Vec<u8>) {
    match &field.values {
        Values::Text(values) => put(out, field.id, TEXT, values.value(row).as_bytes()),
        Values::Bytes(values) => put(out, field.id, BYTES, values.value(row)),
        Values::Bool(values) => put(out, field.id, BOOL, &[u8::from(values.value(row))]),
        Values::I16(values) => {
            put(out, field.id, I16, &values.get(row).copied().unwrap_or_default().to_be_bytes());
        }
        Values::I32(values) => {
            put(out, field.id, I32, &values.get(row).copied().unwrap_or_default().to_be_bytes());
        }
        Values::I64(values) => {
            put(out, field.id, I64, &values.get(row).copied().unwrap_or_default().to_be_bytes());
        }
        Values::Time(values) => {
            put(out, field.id, TIME, &values.get(row).copied().unwrap_or_default().to_be_bytes());
        }
        Values::List(list, fields) => {
            let offsets = list.value_offsets();
            let start = offsets.get(row).copied().unwrap_or_default();
            let end = offsets.get(row + 1).copied().unwrap_or_default();
            put_length_after(out, field.id, LIST, |out| {
                for element in start..end {
                    let at = out.len();
                    out.extend_from_slice(&[0; 4]);
                    encode_fields(fields, usize::try_from(element).unwrap_or_default(), out);
                    set_length(out, at);
                }
            });
        }
    }
}

fn put(out: &mut Vec<u8>, id: u16, kind: u8, bytes: &[u8]) {
    let id = id.to_be_bytes();
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    out.extend_from_slice(&[id[0], id[1], kind, length[0], length[1], length[2], length[3]]);
    out.extend_from_slice(bytes);
}

fn put_length_after(out: &mut Vec<u8>, id: u16, kind: u8, fill: impl FnOnce(&mut Vec<u8>)) {
    let id = id.to_be_bytes();
    out.extend_from_slice(&[id[0], id[1], kind]);
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    fill(out);
    set_length(out, at);
}

/// Writes at `at` how many bytes follow the four length bytes there.
fn set_length(out: &mut [u8], at: usize) {
    let length = u32::try_from(out.len() - at - 4).unwrap_or(u32::MAX);
    if let Some(target) = out.get_mut(at..at + 4) {
        target.copy_from_slice(&length.to_be_bytes());
    }
}
