//! The Arrow schema of each table. Text is `Utf8View` and bytes `BinaryView` in
//! memory (a sort moves 16-byte views, not strings); in the file both are plain
//! `BYTE_ARRAY`. Every field carries its numeric id for Parquet.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use ::arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};

use crate::column::{self, Column, Kind};

/// The key under which the Parquet writer looks for a field id.
pub const FIELD_ID: &str = "PARQUET:field_id";

/// Microseconds UTC, the one type of time in every table.
pub fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// A field with its numeric id.
pub fn field(id: u16, name: &str, data_type: DataType, nullable: bool) -> Field {
    Field::new(name, data_type, nullable)
        .with_metadata(HashMap::from([(FIELD_ID.to_owned(), id.to_string())]))
}

/// Fields of one element of `factors`.
pub fn factor_fields() -> Fields {
    Fields::from(vec![
        field(66, "type", DataType::Utf8View, true),
        field(67, "outcome", DataType::Utf8View, true),
        field(68, "started", time_type(), true),
        field(69, "ended", time_type(), true),
    ])
}

/// Fields of one element of `policies`.
pub fn policy_fields() -> Fields {
    Fields::from(vec![
        field(71, "id", DataType::Utf8View, true),
        field(72, "name", DataType::Utf8View, true),
        field(73, "mode", DataType::Utf8View, true),
        field(74, "result", DataType::Utf8View, true),
    ])
}

/// The element field of `factors`.
pub fn factor_element() -> Field {
    field(65, "element", DataType::Struct(factor_fields()), true)
}

/// The element field of `policies`.
pub fn policy_element() -> Field {
    field(70, "element", DataType::Struct(policy_fields()), true)
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text | Kind::Word => DataType::Utf8View,
        Kind::Bool => DataType::Boolean,
        Kind::I16 => DataType::Int16,
        Kind::I32 => DataType::Int32,
        Kind::I64 => DataType::Int64,
        Kind::Time => time_type(),
        Kind::Bytes => DataType::BinaryView,
        Kind::Factors => DataType::List(Arc::new(factor_element())),
        Kind::Policies => DataType::List(Arc::new(policy_element())),
    }
}

fn schema<'a>(columns: impl Iterator<Item = &'a Column>) -> SchemaRef {
    let fields: Vec<Field> =
        columns.map(|c| field(c.id, c.name, data_type(c.kind), c.nullable)).collect();
    Arc::new(Schema::new(fields))
}

static EVENTS: LazyLock<SchemaRef> = LazyLock::new(|| schema(column::events()));
static SET_ASIDE: LazyLock<SchemaRef> = LazyLock::new(|| schema(column::SET_ASIDE.iter()));

/// Schema of `events`.
pub fn events_schema() -> SchemaRef {
    Arc::clone(&EVENTS)
}

/// Schema of `set_aside`.
pub fn set_aside_schema() -> SchemaRef {
    Arc::clone(&SET_ASIDE)
}

/// The field id of a list element's member, for batches whose nested metadata a
/// reader dropped.
pub fn element_field_id(name: &str) -> Option<u16> {
    ELEMENTS.iter().find(|(_, known)| *known == name).map(|(id, _)| *id)
}

/// The name of a list element's member, by its field id.
pub fn element_name(id: u16) -> Option<&'static str> {
    ELEMENTS.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}

/// The members of list elements.
const ELEMENTS: [(u16, &str); 8] = [
    (66, "type"),
    (67, "outcome"),
    (68, "started"),
    (69, "ended"),
    (71, "id"),
    (72, "name"),
    (73, "mode"),
    (74, "result"),
];
