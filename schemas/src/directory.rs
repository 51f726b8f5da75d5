//! State beside events: who a login belongs to, which factors an account has, which policies
//! stand at vendors; and what vendors had when they were asked again. All are append-only
//! snapshots; every import is kept.

use std::sync::{Arc, LazyLock};

use ::arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::arrow::{field, time_type};

const TEXT: DataType = DataType::Utf8View;

static PEOPLE: LazyLock<SchemaRef> = LazyLock::new(|| {
    let text = |id, name| field(id, name, TEXT, true);
    let fields: Vec<Field> = vec![
        field(1, "imported", time_type(), false),
        field(2, "id", TEXT, false),
        text(3, "name"),
        field(4, "kind", TEXT, false),
        field(5, "source", TEXT, false),
        field(6, "login", TEXT, false),
        field(7, "privileged", DataType::Boolean, false),
        text(8, "team"),
        text(9, "manager"),
        text(10, "role"),
        text(11, "cohort"),
        text(12, "time_zone"),
        field(13, "invited_on", DataType::Date32, true),
        field(14, "valid_from", DataType::Date32, true),
        field(15, "valid_to", DataType::Date32, true),
        field(16, "import_sha256", TEXT, false),
    ];
    Arc::new(Schema::new(fields))
});

static FACTORS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let fields: Vec<Field> = vec![
        field(1, "imported", time_type(), false),
        field(2, "as_of", DataType::Date32, false),
        field(3, "source", TEXT, false),
        field(4, "login", TEXT, false),
        field(5, "factor", TEXT, false),
        field(6, "enrolled_on", DataType::Date32, true),
        field(7, "status", TEXT, false),
        field(8, "import_sha256", TEXT, false),
    ];
    Arc::new(Schema::new(fields))
});

static SHARDS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let fields: Vec<Field> = vec![
        field(1, "shard", DataType::Int32, false),
        field(2, "state", TEXT, false),
        field(3, "kind", TEXT, false),
        field(4, "stands_for", TEXT, false),
        field(5, "name", TEXT, true),
        field(6, "time", time_type(), false),
        field(7, "records", DataType::Int64, true),
        field(8, "detail", TEXT, true),
    ];
    Arc::new(Schema::new(fields))
});

static RECONCILIATIONS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let count = |id, name| field(id, name, DataType::Int64, true);
    let fields: Vec<Field> = vec![
        field(1, "reconciled", time_type(), false),
        field(2, "collector", TEXT, false),
        field(3, "source", TEXT, false),
        field(4, "period_from", time_type(), false),
        field(5, "period_to", time_type(), false),
        field(6, "state", TEXT, false),
        field(7, "reason", TEXT, true),
        count(8, "vendor"),
        count(9, "stored"),
        count(10, "missing"),
        count(11, "fetched"),
        count(12, "extra"),
        field(13, "missing_ids", TEXT, true),
        field(14, "extra_ids", TEXT, true),
    ];
    Arc::new(Schema::new(fields))
});

static VENDOR_POLICIES: LazyLock<SchemaRef> = LazyLock::new(|| {
    let text = |id, name| field(id, name, TEXT, true);
    let fields: Vec<Field> = vec![
        field(1, "taken", time_type(), false),
        field(2, "as_of", DataType::Date32, false),
        field(3, "source", TEXT, false),
        field(4, "account", TEXT, false),
        field(5, "kind", TEXT, false),
        text(6, "policy_id"),
        text(7, "parent_id"),
        text(8, "name"),
        field(9, "state", TEXT, false),
        text(10, "raw"),
        text(11, "sha256"),
        text(12, "reason"),
    ];
    Arc::new(Schema::new(fields))
});

/// `people`: one row per person and login, per import. A login of source `*`
/// counts at every source.
pub fn people_schema() -> SchemaRef {
    Arc::clone(&PEOPLE)
}

/// `factors`: one row per account and factor, per daily snapshot; `none` where
/// an account was looked at and has no factor.
pub fn factors_schema() -> SchemaRef {
    Arc::clone(&FACTORS)
}

/// `reconciliations`: one row per log of a vendor and closed period that was asked for
/// again. `state` is reconciled or not_reconciled, and then `reason` says why. `vendor` are
/// the ids that the vendor has, `stored` those of them that were stored already, `missing`
/// the others, `fetched` what was then taken in of them, `extra` those that are stored and
/// the vendor doesn't have. The lists hold the first hundred, a line each.
pub fn reconciliations_schema() -> SchemaRef {
    Arc::clone(&RECONCILIATIONS)
}

/// `vendor_policies`: one row per policy or rule that stood at a vendor, per daily snapshot of
/// an account. `state` is enabled, report_only, disabled or unknown; a kind of policies that
/// was asked for and has none is one row with `none`, one that the vendor doesn't give is one
/// with `unavailable` and the `reason`; both have no `policy_id`. `raw` is the policy's JSON after redaction
/// with its keys in order, `sha256` that text's.
pub fn vendor_policies_schema() -> SchemaRef {
    Arc::clone(&VENDOR_POLICIES)
}

/// `shards`: what each shard number stands for (`state` assigned) and which
/// imports are complete (`state` finished, with their counts in `detail`).
pub fn shards_schema() -> SchemaRef {
    Arc::clone(&SHARDS)
}
