//! A day's policies of a vendor's account.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, Date32Builder, RecordBatch, StringViewBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{Date32Type, TimestampMicrosecondType};
use chrono::{Datelike, NaiveDate, Utc};
use rollcall_lake::{Lake, Table, read_rows};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::TableReport;
use super::pulled::EPOCH;
use crate::error::Result;
use crate::input::pull::{Account, Policy, Taken, vendor_policies};
use crate::redact::redact;

/// Whether an account has a snapshot of a day.
///
/// # Errors
/// If the table can't be read.
pub fn has_policies(lake: &Lake, account: &Account, day: NaiveDate) -> Result<bool> {
    Ok(Known::read(lake, account)?.days.contains(&(day.num_days_from_ce() - EPOCH)))
}

/// Asks an account for its vendor's policies and stores them as a day's snapshot.
///
/// # Errors
/// If it can't be asked to the end: then nothing is stored.
pub async fn pull_policies(lake: &Lake, account: &Account, day: NaiveDate) -> Result<TableReport> {
    let taken = vendor_policies(account).await?;
    for (kind, reason) in taken.iter().filter_map(|of| Some((of.kind, of.found.as_ref().err()?))) {
        tracing::warn!(collector.name = %account.name, policies.kind = kind, reason,
            "the vendor doesn't give these policies");
    }
    // Snapshots are in order, also where the clock was set back.
    let after = Known::read(lake, account)?.newest;
    let now = Utc::now().timestamp_micros().max(after.saturating_add(1));
    let subjects = taken.iter().filter_map(|of| of.found.as_ref().ok()).map(Vec::len).sum();
    let batch = batch(account, day, &taken, now)?;
    let rows = batch.num_rows();
    lake.append(Table::VendorPolicies, batch).await?;
    Ok(TableReport { file: account.name.clone(), rows, subjects, already: false })
}

/// The snapshots of an account.
#[derive(Debug)]
struct Known {
    /// Their days, since 1970.
    days: BTreeSet<i32>,
    /// When the newest was taken, µs.
    newest: i64,
}

impl Known {
    fn read(lake: &Lake, account: &Account) -> Result<Self> {
        let mut known = Self { days: BTreeSet::new(), newest: i64::MIN };
        let columns = ["taken", "as_of", "source", "account"];
        for segment in lake.snapshot().table(Table::VendorPolicies).segments.iter() {
            // One snapshot makes one file: any row tells of it.
            for batch in read_rows(segment, &columns, Some(&[0]))? {
                known.take(&batch, account);
            }
        }
        Ok(known)
    }

    fn take(&mut self, batch: &RecordBatch, account: &Account) {
        let column = |name| batch.column_by_name(name);
        let (Some(taken), Some(day), Some(source), Some(name)) =
            (column("taken"), column("as_of"), column("source"), column("account"))
        else {
            return;
        };
        let (source, name) = (source.as_string_view(), name.as_string_view());
        for row in 0..batch.num_rows() {
            if source.value(row) == account.source() && name.value(row) == account.name {
                self.days.insert(day.as_primitive::<Date32Type>().value(row));
                let taken = taken.as_primitive::<TimestampMicrosecondType>().value(row);
                self.newest = self.newest.max(taken);
            }
        }
    }
}

#[derive(Default)]
struct Rows {
    taken: TimestampMicrosecondBuilder,
    as_of: Date32Builder,
    texts: [StringViewBuilder; 10],
}

impl Rows {
    fn push(&mut self, taken: i64, day: i32, texts: [Option<&str>; 10]) {
        self.taken.append_value(taken);
        self.as_of.append_value(day);
        for (builder, text) in self.texts.iter_mut().zip(texts) {
            builder.append_option(text);
        }
    }
}

fn batch(account: &Account, day: NaiveDate, taken: &[Taken], now: i64) -> Result<RecordBatch> {
    let day = day.num_days_from_ce() - EPOCH;
    let (source, name) = (Some(account.source()), Some(account.name.as_str()));
    let mut rows = Rows::default();
    for Taken { kind, found } in taken {
        let mut none = |state: &str, reason: Option<&str>| {
            let kind = Some(*kind);
            let state = Some(state);
            rows.push(now, day, [source, name, kind, None, None, None, state, None, None, reason]);
        };
        let found = match found {
            Ok(found) if found.is_empty() => {
                none("none", None);
                continue;
            }
            Ok(found) => found,
            Err(reason) => {
                none("unavailable", Some(reason));
                continue;
            }
        };
        let mut listed = BTreeSet::new();
        for Policy { id, parent, name: called, effect, json } in found {
            // A list that changes while its pages are read may tell one twice.
            if !listed.insert(id) {
                continue;
            }
            let raw = said(json);
            let sha256 = hex::encode(Sha256::digest(&raw));
            rows.push(
                now,
                day,
                [
                    source,
                    name,
                    Some(*kind),
                    Some(id),
                    parent.as_deref(),
                    called.as_deref(),
                    Some(effect.as_str()),
                    Some(&raw),
                    Some(&sha256),
                    None,
                ],
            );
        }
    }
    let mut columns: Vec<ArrayRef> =
        vec![Arc::new(rows.taken.finish().with_timezone("UTC")), Arc::new(rows.as_of.finish())];
    columns.extend(rows.texts.iter_mut().map(|texts| Arc::new(texts.finish()) as ArrayRef));
    Ok(RecordBatch::try_new(rollcall_schemas::directory::vendor_policies_schema(), columns)?)
}

/// A policy's JSON without secrets, its keys in order: the same policy is the same text.
fn said(json: &Value) -> String {
    let text = in_order(json).to_string();
    let (redacted, _) = redact(text.as_bytes());
    String::from_utf8_lossy(&redacted).into_owned()
}

fn in_order(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            let members = members.into_iter();
            Value::Object(members.map(|(key, value)| (key.clone(), in_order(value))).collect())
        }
        Value::Array(list) => list.iter().map(in_order).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_policy_is_the_same_text_without_secrets() {
        let of = |text: &str| said(&serde_json::from_str(text).expect("JSON"));
        let one = of(r#"{"b": {"y": 1, "x": [{"d": 1, "c": null}]}, "a": "é"}"#);
        assert_eq!(one, r#"{"a":"é","b":{"x":[{"c":null,"d":1}],"y":1}}"#);
        assert_eq!(of(r#"{"a":"é","b":{"x":[{"c":null,"d":1}],"y":1}}"#), one);
        let with_secret = of(r#"{"webhook": {"client_secret": "t0ps3cret"}}"#);
        assert!(!with_secret.contains("t0ps3cret"), "{with_secret}");
    }
}
