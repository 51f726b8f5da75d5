//! rollcall's own queries by name: `query/pages/<name>.sql`, values bound.

#[cfg(test)]
mod tests;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::DataType;
use datafusion::scalar::ScalarValue;

use crate::catalog::Session;
use crate::catalog::world::Derived;
use crate::error::{QueryError, Result};
use crate::metric::minute;

/// One embedded query.
#[derive(Debug)]
pub struct Page {
    /// Its name.
    pub name: &'static str,
    /// Its SQL, with its header.
    pub sql: &'static str,
}

macro_rules! page {
    ($name:literal) => {
        Page { name: $name, sql: include_str!(concat!("../../pages/", $name, ".sql")) }
    };
}

static PAGES: &[Page] = &[
    page!("overview_totals"),
    page!("events_list"),
    page!("events_facets"),
    page!("event_one"),
    page!("sources_health"),
    page!("quarantine_list"),
    page!("missing_factors"),
    page!("policy_changes"),
    page!("unmatched_accounts"),
    page!("weakest_ways"),
    page!("dormant_factors"),
    page!("privileged_sign_ins"),
    page!("blocked_by_policy"),
    page!("break_glass_uses"),
    page!("collectors_health"),
    page!("rejects_by_reason"),
    page!("reconciliations_list"),
    page!("streams_health"),
    page!("quarantine_page"),
    page!("quarantine_facets"),
];

/// Every embedded query.
pub fn pages() -> &'static [Page] {
    PAGES
}

/// A parameter as a page's header names it: `-- parameters: from_us time,
/// source text?`. A `?` marks one that may be left out or null.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parameter<'a> {
    name: &'a str,
    kind: &'a str,
    optional: bool,
}

fn parameters(sql: &str) -> Vec<Parameter<'_>> {
    let Some(line) = sql.lines().find_map(|line| line.strip_prefix("-- parameters:")) else {
        return Vec::new();
    };
    line.split(',')
        .filter_map(|parameter| parameter.trim().split_once(' '))
        .map(|(name, kind)| Parameter {
            name,
            kind: kind.trim_end_matches('?'),
            optional: kind.ends_with('?'),
        })
        .collect()
}

fn data_type(kind: &str) -> DataType {
    match kind {
        "time" => rollcall_schemas::arrow::time_type(),
        "bigint" => DataType::Int64,
        "int" => DataType::Int32,
        "date" => DataType::Date32,
        _ => DataType::Utf8View,
    }
}

/// A given value as the page wants it. Times come as microseconds.
fn convert(value: &ScalarValue, kind: &str) -> Option<ScalarValue> {
    let wanted = data_type(kind);
    if value.is_null() {
        return ScalarValue::try_from(&wanted).ok();
    }
    if kind == "time"
        && let Ok(ScalarValue::Int64(Some(us))) = value.cast_to(&DataType::Int64)
    {
        return Some(ScalarValue::TimestampMicrosecond(Some(us), Some("UTC".into())));
    }
    value.cast_to(&wanted).ok()
}

pub(crate) async fn run(
    session: &Session,
    name: &str,
    given: &[(&str, ScalarValue)],
) -> Result<Vec<RecordBatch>> {
    let Some(page) = PAGES.iter().find(|page| page.name == name) else {
        let names: Vec<_> = PAGES.iter().map(|page| page.name).collect();
        let hint = format!("; there are {}", names.join(", "));
        return Err(QueryError::Unknown { kind: "page", name: name.to_owned(), hint });
    };
    let mut bound = bind(page, given)?;
    let asked = format!("{} {bound:?} {:?}", page.name, minute(page.sql, session.as_of()));
    let as_of = ScalarValue::TimestampMicrosecond(
        Some(session.as_of().timestamp_micros()),
        Some("UTC".into()),
    );
    bound.push(("as_of".to_owned(), as_of));
    let ask =
        async |session: Session| session.run(page.name, page.sql, bound, Derived::Counted).await;
    let rows = session.world().inner.pages.answer(session, asked, ask).await?;
    Ok(rows.as_ref().clone())
}

fn bind(page: &Page, given: &[(&str, ScalarValue)]) -> Result<Vec<(String, ScalarValue)>> {
    let wrong = |name: &str, problem: &str| QueryError::Parameter {
        name: name.to_owned(),
        of: page.name.to_owned(),
        problem: problem.to_owned(),
    };
    let wanted = parameters(page.sql);
    if let Some((name, _)) = given.iter().find(|(name, _)| !wanted.iter().any(|w| w.name == *name))
    {
        return Err(wrong(name, "doesn't exist"));
    }
    wanted
        .iter()
        .map(|parameter| {
            let value = given
                .iter()
                .find(|(name, _)| *name == parameter.name)
                .map_or(&ScalarValue::Null, |(_, value)| value);
            if value.is_null() && !parameter.optional {
                return Err(wrong(parameter.name, "is missing"));
            }
            let value = convert(value, parameter.kind)
                .ok_or_else(|| wrong(parameter.name, &format!("is not a {}", parameter.kind)))?;
            Ok((parameter.name.to_owned(), value))
        })
        .collect()
}
