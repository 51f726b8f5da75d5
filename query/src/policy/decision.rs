//! Rows of the view `policy_decisions`.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Int32Builder, Int64Builder, RecordBatch, StringViewBuilder,
    TimestampMicrosecondBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::Result;

use super::access::Access;
use super::column::time_type;
use super::format::{Phase, Policy};
use super::judge::{Answer, Judgement};

/// Texts that are taken over from the access, as the view calls them.
const TAKEN: [&str; 17] = [
    "kind",
    "source",
    "login",
    "who",
    "person",
    "name",
    "account_kind",
    "team",
    "role",
    "cohort",
    "platform",
    "service",
    "environment",
    "pipeline",
    "operation",
    "factor",
    "country",
];

/// Texts of the decision.
const DECIDED: [&str; 11] = [
    "outcome",
    "policy",
    "phase",
    "rule_name",
    "requirement",
    "result",
    "without_exception",
    "exception",
    "before",
    "critical_rule",
    "vendor_mode",
];

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let field = |name: &str, kind: DataType| Field::new(name, kind, true);
    let mut fields = vec![
        field("time", time_type()),
        field("shard", DataType::Int32),
        field("seq", DataType::Int64),
        field("part", DataType::Int32),
    ];
    fields.extend(TAKEN.iter().map(|name| field(name, DataType::Utf8View)));
    fields.push(field("device_managed", DataType::Boolean));
    fields.extend(DECIDED.iter().map(|name| field(name, DataType::Utf8View)));
    fields.extend([
        field("vendor_result", DataType::Utf8View),
        field("version", DataType::Int32),
        field("rule", DataType::Int32),
        field("bound", DataType::Boolean),
        field("lapsed", DataType::Boolean),
        field("verified_at", time_type()),
        field("critical", DataType::Boolean),
        field("policy_named", DataType::Boolean),
    ]);
    Arc::new(Schema::new(fields))
});

/// The view's columns.
pub(crate) fn schema() -> SchemaRef {
    Arc::clone(&SCHEMA)
}

/// What is known of a decision beside the access.
pub(super) struct Decision<'p> {
    pub(super) policy: &'p Policy,
    pub(super) judgement: Judgement,
    /// What the version before says.
    pub(super) before: Option<Answer>,
    /// The condition by which it is critical, by its place.
    pub(super) critical: Option<usize>,
}

/// Gathers rows.
#[derive(Default)]
pub(super) struct Rows {
    time: TimestampMicrosecondBuilder,
    shard: Int32Builder,
    seq: Int64Builder,
    part: Int32Builder,
    taken: [StringViewBuilder; 17],
    device_managed: BooleanBuilder,
    decided: [StringViewBuilder; 11],
    vendor_result: StringViewBuilder,
    version: Int32Builder,
    rule: Int32Builder,
    bound: BooleanBuilder,
    lapsed: BooleanBuilder,
    verified_at: TimestampMicrosecondBuilder,
    critical: BooleanBuilder,
    policy_named: BooleanBuilder,
}

impl Rows {
    pub(super) fn push(&mut self, access: &Access<'_>, decision: &Decision<'_>) {
        let Decision { policy, judgement, before, critical } = decision;
        let small = |name| access.of.whole(name, access.row).and_then(|n| i32::try_from(n).ok());
        self.time.append_value(access.time);
        self.shard.append_option(small("shard"));
        self.seq.append_option(access.of.whole("seq", access.row));
        self.part.append_option(small("part"));
        for (builder, name) in self.taken.iter_mut().zip(TAKEN) {
            builder.append_option(access.text(name));
        }
        self.device_managed.append_option(access.device_managed);
        let rule = judgement.rule.and_then(|rule| policy.rules.get(rule));
        let requirement = rule.map(|rule| rule.require.to_string());
        let exception = judgement.exception.and_then(|place| policy.exceptions.get(place));
        let exception = exception.map(|exception| exception.who.to_string());
        let by = critical.and_then(|place| policy.criticals.get(place));
        let decided = [
            access.outcome,
            Some(policy.id.as_str()),
            Some(policy.phase.as_str()),
            rule.and_then(|rule| rule.name.as_deref()),
            requirement.as_deref(),
            Some(judgement.answer.as_str()),
            Some(judgement.without_exception.as_str()),
            exception.as_deref(),
            before.map(Answer::as_str),
            by.map(|by| by.name.as_str()),
            access.text("policy_mode"),
        ];
        for (builder, text) in self.decided.iter_mut().zip(decided) {
            builder.append_option(text);
        }
        self.vendor_result.append_option(access.text("policy_result"));
        self.version.append_value(policy.version);
        let number = judgement.rule.and_then(|rule| i32::try_from(rule + 1).ok());
        self.rule.append_option(number);
        self.bound.append_value(binds(policy, access));
        self.lapsed.append_value(judgement.lapsed);
        self.verified_at.append_option(judgement.verified_at);
        self.critical.append_value(critical.is_some());
        let named = policy.is_named_by(access.source, access.text("policy_id"));
        self.policy_named.append_value(named);
    }

    pub(super) fn finish(mut self) -> Result<RecordBatch> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.time.finish().with_timezone("UTC")),
            Arc::new(self.shard.finish()),
            Arc::new(self.seq.finish()),
            Arc::new(self.part.finish()),
        ];
        columns.extend(self.taken.iter_mut().map(|texts| Arc::new(texts.finish()) as ArrayRef));
        columns.push(Arc::new(self.device_managed.finish()));
        columns.extend(self.decided.iter_mut().map(|texts| Arc::new(texts.finish()) as ArrayRef));
        columns.extend([
            Arc::new(self.vendor_result.finish()) as ArrayRef,
            Arc::new(self.version.finish()),
            Arc::new(self.rule.finish()),
            Arc::new(self.bound.finish()),
            Arc::new(self.lapsed.finish()),
            Arc::new(self.verified_at.finish().with_timezone("UTC")),
            Arc::new(self.critical.finish()),
            Arc::new(self.policy_named.finish()),
        ]);
        Ok(RecordBatch::try_new(schema(), columns)?)
    }
}

/// Whether a version binds whoever accesses.
pub(super) fn binds(policy: &Policy, access: &Access<'_>) -> bool {
    match policy.phase {
        Phase::ReportOnly => false,
        Phase::Pilot => policy.cohorts.iter().any(|(group, _)| group.holds(access)),
        Phase::Enforced => true,
    }
}
