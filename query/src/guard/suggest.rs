//! The engine's errors in the reader's words: which column, table or function
//! isn't there, and which one was probably meant.

use std::collections::BTreeSet;

use datafusion::arrow::error::ArrowError;
use datafusion::common::{DataFusionError, SchemaError};
use datafusion::prelude::SessionContext;

use super::memory::Pool;
use super::{allowed, root};
use crate::catalog::view::{TABLES, VIEWS};
use crate::error::{QueryError, gone};
use crate::settings::Limits;

/// An error from planning.
pub(super) fn explain(
    error: &DataFusionError,
    _context: &SessionContext,
    pool: &Pool,
    limits: &Limits,
) -> QueryError {
    match root(error) {
        DataFusionError::SQL(error, _) => QueryError::Syntax(error.to_string()),
        DataFusionError::SchemaError(error, _) => schema(error),
        DataFusionError::Plan(text) => plan(text),
        DataFusionError::NotImplemented(text) => plan(text),
        _ => failed(error, pool, limits),
    }
}

/// An error from reading a condition that stands alone.
pub(crate) fn in_words(error: &DataFusionError) -> QueryError {
    match root(error) {
        DataFusionError::SQL(error, _) => QueryError::Syntax(error.to_string()),
        DataFusionError::SchemaError(error, _) => schema(error),
        DataFusionError::Plan(text) | DataFusionError::NotImplemented(text) => plan(text),
        other => QueryError::Plan(first_line(&other.to_string())),
    }
}

/// An error while running.
pub(super) fn failed(error: &DataFusionError, pool: &Pool, limits: &Limits) -> QueryError {
    if pool.exhausted() {
        return QueryError::Memory { limit_bytes: limits.memory_bytes };
    }
    if let Some(said) = gone(error) {
        return QueryError::Gone(said);
    }
    let said = first_line(&root(error).to_string());
    match root(error) {
        DataFusionError::ParquetError(_) => QueryError::Damaged(said),
        DataFusionError::ArrowError(error, _) if matches!(**error, ArrowError::ParquetError(_)) => {
            QueryError::Damaged(said)
        }
        _ => QueryError::Run(said),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn schema(error: &SchemaError) -> QueryError {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let names: BTreeSet<&str> =
                valid_fields.iter().map(datafusion::common::Column::name).collect();
            unknown("column", field.name(), names)
        }
        other => QueryError::Plan(first_line(&other.to_string())),
    }
}

fn plan(text: &str) -> QueryError {
    for (mark, what) in [
        ("DDL not supported: ", "a definition"),
        ("DML not supported: ", "a change"),
        ("Statement not supported: ", "a statement"),
    ] {
        if let Some(kind) = text.strip_prefix(mark) {
            return QueryError::NotAllowed { what: format!("{kind} ({what})") };
        }
    }
    if text.contains("Recursive CTEs are not enabled") {
        return QueryError::NotAllowed { what: "WITH RECURSIVE".to_owned() };
    }
    if let Some(name) = quoted(text, "table '", "' not found") {
        let bare = name.rsplit('.').next().unwrap_or(name);
        return unknown("table", bare, tables());
    }
    if let Some(name) = quoted(text, "table function '", "' not found") {
        return QueryError::NotAllowed { what: format!("the table function {name}") };
    }
    if let Some(name) = quoted(text, "Invalid function '", "'") {
        return unknown("function", name, functions().iter().map(String::as_str).collect());
    }
    QueryError::Plan(first_line(text))
}

fn quoted<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(name, _)| name)
}

fn tables() -> BTreeSet<&'static str> {
    let tables = TABLES.iter().map(|(name, _, _)| *name);
    tables.chain(VIEWS.iter().map(|view| view.name)).chain(["segments", "replayed"]).collect()
}

fn functions() -> BTreeSet<String> {
    let scalar = allowed::scalar().into_iter().map(|f| f.name().to_owned());
    let aggregate = allowed::aggregate().into_iter().map(|f| f.name().to_owned());
    scalar
        .chain(aggregate)
        .chain(allowed::window().into_iter().map(|f| f.name().to_owned()))
        .collect()
}

fn unknown(kind: &'static str, name: &str, names: BTreeSet<&str>) -> QueryError {
    let hint = match nearest(name, &names) {
        Some(near) => format!("; did you mean {near}?"),
        None if kind == "table" => {
            format!("; there are {}", names.into_iter().collect::<Vec<_>>().join(", "))
        }
        None => String::new(),
    };
    QueryError::Unknown { kind, name: name.to_owned(), hint }
}

/// The name that takes the fewest changes, at most a third of its length, or
/// one that the given name is a part of.
pub(crate) fn nearest<'a>(name: &str, names: &BTreeSet<&'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let distance =
        |other: &str| datafusion::common::utils::datafusion_strsim::levenshtein(&name, other);
    let near = names.iter().map(|other| (distance(other), *other)).min();
    near.filter(|(changes, other)| *changes <= other.len().max(3) / 3)
        .map(|(_, other)| other)
        .or_else(|| {
            let part = |other: &&&str| {
                name.len() >= 3 && (other.contains(&name) || name.contains(**other))
            };
            names.iter().find(part).copied()
        })
}
