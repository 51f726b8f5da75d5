//! A day's factors: one line an account and factor; `none` for an account that
//! was looked at and has none.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Builder, RecordBatch, StringViewBuilder, TimestampMicrosecondBuilder,
};
use rollcall_schemas::Factor;

use super::aws;
use super::rows::Rows;
use crate::error::Result;

const NEEDED: &[&str] = &["as_of", "source", "login", "factor"];
const OPTIONAL: &[&str] = &["enrolled_on", "status"];
const STATUSES: &[&str] = &["active", "pending", "disabled"];

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row<'a> {
    /// The day, since 1970.
    pub(super) as_of: i32,
    pub(super) source: &'a str,
    pub(super) login: String,
    pub(super) factor: &'static str,
    pub(super) enrolled_on: Option<i32>,
    pub(super) status: &'static str,
}

/// Rows of the table `factors`; and how many accounts were looked at. The file is ours, or
/// AWS' credential report.
pub(super) fn batch(file: &Rows, now: i64) -> Result<(RecordBatch, usize)> {
    let rows = if aws::is_report(file) { aws::rows(file)? } else { rows(file)? };
    let accounts: BTreeSet<_> = rows.iter().map(|row| (row.source, &row.login)).collect();
    let accounts = accounts.len();
    Ok((table(&rows, now, &file.sha256)?, accounts))
}

fn rows(file: &Rows) -> Result<Vec<Row<'_>>> {
    file.expect(NEEDED, OPTIONAL)?;
    let mut factors: Vec<&'static str> = Factor::ALL.iter().map(|f| f.as_str()).collect();
    factors.push("none");
    let mut rows = Vec::new();
    for line in file.lines() {
        let as_of = line.date("as_of")?;
        let as_of = as_of.ok_or_else(|| {
            line.wrong("as_of is empty; it is the day of the snapshot".to_owned())
        })?;
        let (source, login) = (line.needed("source")?, line.needed("login")?.to_lowercase());
        line.needed("factor")?;
        rows.push(Row {
            as_of,
            source,
            login,
            factor: line.word("factor", &factors, "unknown")?,
            enrolled_on: line.date("enrolled_on")?,
            status: line.word("status", STATUSES, "active")?,
        });
    }
    Ok(rows)
}

/// The rows as the table has them.
pub(super) fn table(rows: &[Row<'_>], now: i64, import_sha256: &str) -> Result<RecordBatch> {
    let mut imported = TimestampMicrosecondBuilder::new();
    let [mut as_of, mut enrolled_on] = std::array::from_fn(|_| Date32Builder::new());
    let [mut source, mut login, mut factor, mut status, mut sha256] =
        std::array::from_fn(|_| StringViewBuilder::new());
    for row in rows {
        imported.append_value(now);
        as_of.append_value(row.as_of);
        source.append_value(row.source);
        login.append_value(&row.login);
        factor.append_value(row.factor);
        enrolled_on.append_option(row.enrolled_on);
        status.append_value(row.status);
        sha256.append_value(import_sha256);
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
    Ok(RecordBatch::try_new(rollcall_schemas::directory::factors_schema(), columns)?)
}
