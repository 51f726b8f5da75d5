//! A version as rows of the table `policies`: one for the policy itself, one for each part.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Int32Builder, RecordBatch, StringViewBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::Date32Type;
use arrow::error::ArrowError;
use chrono::NaiveDate;
use rollcall_schemas::policy::policies_schema;

use super::format::Policy;

/// What a row says beside which version it is of.
#[derive(Debug, Default)]
struct Part<'p> {
    part: &'static str,
    number: usize,
    name: Option<&'p str>,
    text: Option<&'p str>,
    sha256: Option<String>,
    owner: Option<&'p str>,
    approved_by: Option<&'p str>,
    control: Option<String>,
    effective: Option<i64>,
    phase: Option<&'static str>,
    cohorts: Option<String>,
    floor: Option<bool>,
    requirement: Option<String>,
    otherwise: Option<&'static str>,
    who: Option<String>,
    reason: Option<&'p str>,
    ticket: Option<&'p str>,
    expires: Option<NaiveDate>,
    source: Option<&'p str>,
    vendor_id: Option<&'p str>,
    measure: Option<&'static str>,
    target_permille: Option<i32>,
    due: Option<NaiveDate>,
}

impl Policy {
    /// The version's rows, as of when it was loaded, µs since 1970 UTC.
    ///
    /// # Errors
    /// Only if the rows and the table's schema disagree.
    pub fn rows(&self, loaded: i64) -> Result<RecordBatch, ArrowError> {
        let mut parts = vec![self.whole()];
        for (number, rule) in (1..).zip(&self.rules) {
            parts.push(Part {
                part: "rule",
                number,
                name: rule.name.as_deref(),
                text: Some(&rule.when.text),
                requirement: Some(rule.require.to_string()),
                otherwise: Some(rule.otherwise.as_str()),
                ..Part::default()
            });
        }
        for (number, exception) in (1..).zip(&self.exceptions) {
            parts.push(Part {
                part: "exception",
                number,
                who: Some(exception.who.to_string()),
                reason: exception.reason.as_deref(),
                ticket: exception.ticket.as_deref(),
                expires: Some(exception.expires),
                ..Part::default()
            });
        }
        // The defaults are rollcall's, not the version's.
        for (number, critical) in (1..).zip(self.criticals.iter().skip(self.default_criticals)) {
            parts.push(Part {
                part: "critical",
                number,
                name: Some(&critical.name),
                text: Some(&critical.when.text),
                ..Part::default()
            });
        }
        for (number, named) in (1..).zip(&self.vendor) {
            parts.push(Part {
                part: "vendor",
                number,
                source: Some(&named.source),
                vendor_id: Some(&named.id),
                ..Part::default()
            });
        }
        for (number, milestone) in (1..).zip(&self.milestones) {
            parts.push(Part {
                part: "milestone",
                number,
                measure: Some(milestone.measure),
                target_permille: Some(milestone.target_permille),
                due: Some(milestone.due),
                ..Part::default()
            });
        }
        self.batch(loaded, &parts)
    }

    fn whole(&self) -> Part<'_> {
        let cohorts: Vec<String> =
            self.cohorts.iter().map(|(group, _)| group.to_string()).collect();
        let listed =
            |texts: Vec<String>, between: &str| (!texts.is_empty()).then(|| texts.join(between));
        Part {
            part: "policy",
            name: self.title.as_deref(),
            text: Some(&self.text),
            sha256: Some(self.sha256()),
            owner: Some(&self.owner),
            approved_by: self.approved_by.as_deref(),
            control: listed(self.control.clone(), ", "),
            effective: Some(self.effective.timestamp_micros()),
            phase: Some(self.phase.as_str()),
            cohorts: listed(cohorts, " "),
            floor: Some(self.floor),
            ..Part::default()
        }
    }

    fn batch(&self, loaded: i64, parts: &[Part<'_>]) -> Result<RecordBatch, ArrowError> {
        let schema = policies_schema();
        let columns = schema.fields().iter().map(|field| self.column(field.name(), loaded, parts));
        RecordBatch::try_new(Arc::clone(&schema), columns.collect())
    }

    fn column(&self, name: &str, loaded: i64, parts: &[Part<'_>]) -> ArrayRef {
        let each = parts.iter();
        match name {
            "loaded" => times(each.map(|_| Some(loaded))),
            "effective" => times(each.map(|part| part.effective)),
            "version" => numbers(each.map(|_| Some(self.version))),
            "number" => numbers(each.map(|part| i32::try_from(part.number).ok())),
            "target_permille" => numbers(each.map(|part| part.target_permille)),
            "expires" => dates(each.map(|part| part.expires)),
            "due" => dates(each.map(|part| part.due)),
            "floor" => {
                let mut floors = BooleanBuilder::new();
                each.for_each(|part| floors.append_option(part.floor));
                Arc::new(floors.finish())
            }
            _ => {
                let mut texts = StringViewBuilder::new();
                each.for_each(|part| texts.append_option(self.text_of(name, part)));
                Arc::new(texts.finish())
            }
        }
    }

    fn text_of<'p>(&'p self, name: &str, part: &'p Part<'_>) -> Option<&'p str> {
        match name {
            "policy" => Some(&self.id),
            "part" => Some(part.part),
            "sha256" => part.sha256.as_deref(),
            "name" => part.name,
            "text" => part.text,
            "owner" => part.owner,
            "approved_by" => part.approved_by,
            "control" => part.control.as_deref(),
            "phase" => part.phase,
            "cohorts" => part.cohorts.as_deref(),
            "requirement" => part.requirement.as_deref(),
            "otherwise" => part.otherwise,
            "who" => part.who.as_deref(),
            "reason" => part.reason,
            "ticket" => part.ticket,
            "source" => part.source,
            "vendor_id" => part.vendor_id,
            "measure" => part.measure,
            _ => None,
        }
    }
}

fn times(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    let mut times = TimestampMicrosecondBuilder::new();
    values.for_each(|value| times.append_option(value));
    Arc::new(times.finish().with_timezone("UTC"))
}

fn numbers(values: impl Iterator<Item = Option<i32>>) -> ArrayRef {
    let mut numbers = Int32Builder::new();
    values.for_each(|value| numbers.append_option(value));
    Arc::new(numbers.finish())
}

fn dates(values: impl Iterator<Item = Option<NaiveDate>>) -> ArrayRef {
    let mut dates = Date32Builder::new();
    values.for_each(|value| dates.append_option(value.map(Date32Type::from_naive_date)));
    Arc::new(dates.finish())
}
