//! What an organisation decides itself: its policies as code, by version, and the times that
//! it marks. Both are append-only; every version and every import is kept.

use std::sync::{Arc, LazyLock};

use ::arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::arrow::{field, time_type};

const TEXT: DataType = DataType::Utf8View;

static POLICIES: LazyLock<SchemaRef> = LazyLock::new(|| {
    let text = |id, name| field(id, name, TEXT, true);
    let fields: Vec<Field> = vec![
        field(1, "loaded", time_type(), false),
        field(2, "policy", TEXT, false),
        field(3, "version", DataType::Int32, false),
        text(4, "sha256"),
        field(5, "part", TEXT, false),
        field(6, "number", DataType::Int32, false),
        text(7, "name"),
        text(8, "text"),
        text(9, "owner"),
        text(10, "approved_by"),
        text(11, "control"),
        field(12, "effective", time_type(), true),
        text(13, "phase"),
        text(14, "cohorts"),
        field(15, "floor", DataType::Boolean, true),
        text(16, "requirement"),
        text(17, "otherwise"),
        text(18, "who"),
        text(19, "reason"),
        text(20, "ticket"),
        field(21, "expires", DataType::Date32, true),
        text(22, "source"),
        text(23, "vendor_id"),
        text(24, "measure"),
        field(25, "target_permille", DataType::Int32, true),
        field(26, "due", DataType::Date32, true),
    ];
    Arc::new(Schema::new(fields))
});

static ANNOTATIONS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let text = |id, name| field(id, name, TEXT, true);
    let fields: Vec<Field> = vec![
        field(1, "imported", time_type(), false),
        field(2, "import_sha256", TEXT, false),
        field(3, "kind", TEXT, false),
        field(4, "title", TEXT, false),
        field(5, "begins", time_type(), false),
        field(6, "ends", time_type(), true),
        text(7, "source"),
        text(8, "service"),
        text(9, "note"),
    ];
    Arc::new(Schema::new(fields))
});

/// `policies`: one row per part of a version of a policy. `part` is policy (once; `text` is the
/// file, `sha256` its hash), rule and critical (`text` is the condition), exception, vendor (a
/// policy of a vendor that enforces it) or milestone; `number` counts them from 1.
pub fn policies_schema() -> SchemaRef {
    Arc::clone(&POLICIES)
}

/// `annotations`: one row per marked time, per import. `kind` is release, freeze, drill, outage
/// or sandbox; `ends` is the first moment that no longer belongs to it; without it a moment is
/// marked. `source` and `service` say what it is about; null: everything.
pub fn annotations_schema() -> SchemaRef {
    Arc::clone(&ANNOTATIONS)
}
