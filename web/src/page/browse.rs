//! What pages have in common that list records, newest first: counts by value to filter
//! by, the filters that are on, and where a page begins.

use rollcall_query::Dimension;

use crate::address::{Address, Problem};
use crate::ask::{Row, Value};
use crate::error::WebError;
use crate::text;

/// A value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FacetValue {
    pub(super) name: String,
    pub(super) n: String,
    /// Where choosing it (or choosing it no more) leads; empty: nowhere.
    pub(super) href: String,
    pub(super) on: bool,
}

/// Values of one column, with their counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facet {
    pub(super) name: String,
    pub(super) values: Vec<FacetValue>,
    pub(super) more: usize,
}

impl Facet {
    /// The first `most` of some values; nothing where there is none.
    pub(super) fn of(name: String, mut values: Vec<FacetValue>, most: usize) -> Option<Self> {
        let more = values.len().saturating_sub(most);
        values.truncate(most);
        (!values.is_empty()).then_some(Self { name, values, more })
    }
}

/// Whether a facet's value is the filter that is on.
pub(super) fn is_on(address: &Address, facet: &str, value: &str) -> bool {
    match facet {
        "source" => address.only(Dimension::Source) == Some(value),
        _ => address.own(facet) == Some(value),
    }
}

/// The filter by source, if it is on: what it says, and the address without.
pub(super) fn source_chip(address: &Address, path: &str) -> Option<(String, String)> {
    address.only(Dimension::Source).map(|value| {
        let without = address.with_only(Dimension::Source, None);
        (format!("source: {}", text::visible(value)), format!("{path}{}", without.query()))
    })
}

/// Refuses dimensions but the source: these records don't have them, and saying nothing
/// about it would show rows that the filter should have left out. The hint says what there is.
pub(super) fn only_source(address: &Address, hint: &str) -> Result<(), WebError> {
    let others = address.only.iter().filter(|(dimension, _)| *dimension != Dimension::Source);
    let problems: Vec<_> = others
        .map(|(dimension, value)| Problem {
            name: dimension.as_str().to_owned(),
            value: text::visible(value),
            hint: hint.to_owned(),
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(WebError::Address(problems)) }
}

/// Where a page begins: time (µs since 1970 UTC) and position of the row before.
pub(super) type Before = (i64, i64, i64, i64);

/// Where the address says that the page begins.
pub(super) fn before(address: &Address) -> Result<Option<Before>, WebError> {
    let Some(text) = address.own("before") else { return Ok(None) };
    let numbers: Vec<i64> = text.split('.').map_while(|part| part.parse().ok()).collect();
    match numbers.as_slice() {
        [time, shard, seq, part] if text.split('.').count() == 4 => {
            Ok(Some((*time, *shard, *seq, *part)))
        }
        _ => {
            let (name, value) = ("before".to_owned(), text::visible(text));
            let hint = "the link \"Older\" makes it; leave it out".to_owned();
            Err(WebError::Address(vec![Problem { name, value, hint }]))
        }
    }
}

/// The same as parameters of a list's query, `time` by the name that it has there, and how
/// many rows are asked for: one more than are shown.
pub(super) fn page(
    before: Option<Before>,
    time: &'static str,
    rows: usize,
) -> [(&'static str, Value); 5] {
    let at = |pick: fn(Before) -> i64| Value::Int(before.map(pick));
    [
        (time, at(|before| before.0)),
        ("before_shard", at(|before| before.1)),
        ("before_seq", at(|before| before.2)),
        ("before_part", at(|before| before.3)),
        ("limit", Value::Int(i64::try_from(rows.saturating_add(1)).ok())),
    ]
}

/// How the address of the page behind a row says where it begins, of the row's column `time`.
pub(super) fn key(row: Row<'_>, time: &str) -> Option<String> {
    let time = row.time(time)?.timestamp_micros();
    let (shard, seq, part) = (row.int("shard")?, row.int("seq")?, row.int("part")?);
    Some(format!("{time}.{shard}.{seq}.{part}"))
}
