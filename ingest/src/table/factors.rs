//! A day's factors: one line an account and factor; `none` for an account that
//! was looked at and has none.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Builder, RecordBatch, StringViewBuilder, TimestampMicrosecondBuilder,
};
use rollcall_schemas::Factor;

use super::rows::Csv;
use crate::error::Result;

const NEEDED: &[&str] = &["as_of", "source", "login", "factor"];
const OPTIONAL: &[&str] = &["enrolled_on", "status"];
const STATUSES: &[&str] = &["active", "pending", "disabled"];

/// Rows of the table `factors`; and how many accounts were looked at.
pub(super) fn batch(csv: &Csv, now: i64) -> Result<(RecordBatch, usize)> {
    csv.expect(NEEDED, OPTIONAL)?;
    let mut factors: Vec<&'static str> = Factor::ALL.iter().map(|f| f.as_str()).collect();
    factors.push("none");
    let mut imported = TimestampMicrosecondBuilder::new();
    let mut as_of = Date32Builder::new();
    let [mut source, mut login, mut factor, mut status, mut sha256] =
        std::array::from_fn(|_| StringViewBuilder::new());
    let mut enrolled_on = Date32Builder::new();
    let mut accounts = BTreeSet::new();
    for line in csv.lines() {
        let day = line.date("as_of")?;
        let day = day.ok_or_else(|| {
            line.wrong("as_of is empty; it is the day of the snapshot".to_owned())
        })?;
        let account = (line.needed("source")?, line.needed("login")?.to_lowercase());
        line.needed("factor")?;
        imported.append_value(now);
        as_of.append_value(day);
        source.append_value(account.0);
        login.append_value(&account.1);
        factor.append_value(line.word("factor", &factors, "unknown")?);
        enrolled_on.append_option(line.date("enrolled_on")?);
        status.append_value(line.word("status", STATUSES, "active")?);
        sha256.append_value(&csv.sha256);
        accounts.insert(account);
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(imported.finish().with_timezone("UTC")),
        Arc::new(as_of.finish()),
        Arc::new(source.finish()),
        Arc::new(login.finish()),
        Arc::new(factor.finish()),
        Arc::new(enrolled_on.finish()),
        Arc::new(status.finish()),
        Arc::new(sha256.finish()),
    ];
    let batch = RecordBatch::try_new(rollcall_schemas::directory::factors_schema(), columns)?;
    Ok((batch, accounts.len()))
}
