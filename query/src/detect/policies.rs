//! Policies that ask for less, by daily snapshots of what stands at vendors: a change that
//! no event tells of.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch, StringViewArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use datafusion::scalar::ScalarValue;

use super::alert::{About, Severity};
use super::id::mix;
use super::incident::{Out, Report, Words};
use super::row::Row;
use crate::catalog::Session;
use crate::catalog::world::Derived;
use crate::error::Result;

/// A policy that asks for less than in the snapshot before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Weakened {
    /// When the newer snapshot was taken, µs since 1970 UTC.
    pub(crate) taken: i64,
    source: String,
    account: String,
    kind: String,
    policy: String,
    name: String,
    /// `removed`, or the state that it is in now.
    now: String,
}

/// Those of snapshots that were taken after a time, µs since 1970 UTC.
///
/// # Errors
/// If the snapshots can't be asked.
pub(crate) async fn weakened(session: &Session, since: i64) -> Result<Vec<Weakened>> {
    let sql = include_str!("../../detect/weakened_policies.sql");
    let since = ScalarValue::TimestampMicrosecond(Some(since), Some(Arc::from("UTC")));
    let values = vec![("since".to_owned(), since)];
    let rows = session.run("detect/weakened_policies", sql, values, Derived::Kept).await?;
    Ok(rows.iter().flat_map(read).collect())
}

fn read(batch: &RecordBatch) -> Vec<Weakened> {
    let texts = |name: &str| -> Option<StringViewArray> {
        let column = cast(batch.column_by_name(name)?, &DataType::Utf8View).ok()?;
        column.as_string_view_opt().cloned()
    };
    let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
    let taken = batch.column_by_name("taken_after").and_then(|column| cast(column, &micros).ok());
    let Some(taken) = taken.as_ref().and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>())
    else {
        return Vec::new();
    };
    let names = ["source", "account", "kind", "policy_id", "name", "change", "state_after"];
    let columns = names.map(texts);
    let one = |row: usize| {
        let [source, account, kind, policy, name, change, state] =
            columns.each_ref().map(|column| {
                let said = column.as_ref().filter(|column| column.is_valid(row));
                said.map_or_else(String::new, |column| column.value(row).to_owned())
            });
        let now = if change == "removed" { change } else { state };
        Weakened { taken: taken.value(row), source, account, kind, policy, name, now }
    };
    (0..batch.num_rows()).map(one).collect()
}

impl Weakened {
    /// Tells it; what an event told of the same policy is the same incident.
    pub(crate) fn report(&self, out: &mut Out<'_>) {
        let (source, policy) = (out.ids.of(&self.source), out.ids.of(&self.policy));
        let row = Row { time: self.taken, ..Row::default() };
        let report = Report {
            form: "weakened_policy",
            about: About::Policy,
            subject: mix(source, policy),
            row: &row,
            severity: Severity::High,
            count: 1,
        };
        let name = if self.name.is_empty() { &self.policy } else { &self.name };
        out.report(&report, |_| Words {
            observation: format!(
                "{} ({}, {}) of {} was enabled in the snapshot before, and is {} now.",
                name, self.kind, self.policy, self.account, self.now
            ),
            baseline:
                "A policy that is removed, switched off or only reports asks for less than before."
                    .to_owned(),
            evidence: Vec::new(),
            first: self.taken,
            subject: Some(format!("{}: {name}", self.source)),
            key: Some(key(&self.source, &self.policy, self.taken)),
        });
    }
}

/// What stands in an alert's key in place of an event: source, policy and day.
fn key(source: &str, policy: &str, taken: i64) -> String {
    let text = super::alert::text_of(taken);
    let day = text.split('T').next().unwrap_or_default();
    let plain = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
    };
    format!("{}-{}-{day}", plain(source), plain(policy))
}
