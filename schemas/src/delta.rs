//! A table's schema in the JSON form of the Delta protocol ("Schema
//! Serialization Format"), with the same field ids as in Parquet.

use ::arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit};
use serde_json::{Value, json};

use crate::arrow::FIELD_ID;

/// Why a schema has no Delta form.
#[derive(Debug, thiserror::Error)]
#[error("column {column} has type {data_type}, which the Delta schema of rollcall doesn't use")]
pub struct UnsupportedType {
    column: String,
    data_type: DataType,
}

/// The Delta schema of an Arrow schema.
///
/// # Errors
/// If a column has a type outside those that rollcall's tables use.
pub fn schema_json(schema: &Schema) -> Result<Value, UnsupportedType> {
    struct_json(schema.fields())
}

fn struct_json(fields: &Fields) -> Result<Value, UnsupportedType> {
    let fields = fields
        .iter()
        .map(|field| {
            let mut metadata = serde_json::Map::new();
            if let Some(id) = field.metadata().get(FIELD_ID).and_then(|id| id.parse::<i64>().ok()) {
                metadata.insert("rollcall.fieldId".to_owned(), json!(id));
            }
            Ok(json!({
                "name": field.name(), "type": type_json(field)?,
                "nullable": field.is_nullable(), "metadata": metadata,
            }))
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(json!({"type": "struct", "fields": fields}))
}

fn type_json(field: &Field) -> Result<Value, UnsupportedType> {
    Ok(match field.data_type() {
        DataType::Utf8View | DataType::Utf8 => json!("string"),
        DataType::BinaryView | DataType::Binary => json!("binary"),
        DataType::Boolean => json!("boolean"),
        DataType::Int16 => json!("short"),
        DataType::Int32 => json!("integer"),
        DataType::Int64 => json!("long"),
        DataType::Date32 => json!("date"),
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if &**zone == "UTC" => {
            json!("timestamp")
        }
        DataType::Struct(fields) => struct_json(fields)?,
        DataType::List(element) => json!({
            "type": "array", "elementType": type_json(element)?,
            "containsNull": element.is_nullable(),
        }),
        other => {
            return Err(UnsupportedType { column: field.name().clone(), data_type: other.clone() });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_keeps_its_name_type_and_field_id() {
        let json = schema_json(&crate::arrow::events_schema()).expect("a schema");
        let fields = json["fields"].as_array().expect("fields");
        let time = fields.iter().find(|f| f["name"] == "time").expect("time");
        assert_eq!(time["type"], "timestamp");
        assert_eq!(time["metadata"]["rollcall.fieldId"], 10);
        let factors = fields.iter().find(|f| f["name"] == "factors").expect("factors");
        assert_eq!(factors["type"]["elementType"]["fields"][0]["name"], "type");
    }
}
