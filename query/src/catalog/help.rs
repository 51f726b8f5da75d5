//! The tables and columns with their meaning, for the console and the docs.

use datafusion::prelude::SessionContext;
use rollcall_schemas::column;
use serde::Serialize;

use super::view::{TABLES, VIEWS};
use super::world::{Derived, World};
use crate::error::{QueryError, Result};

/// A table or view.
#[derive(Debug, Clone, Serialize)]
pub struct TableHelp {
    /// Its name in SQL.
    pub name: String,
    /// What a row is.
    pub doc: String,
    /// Its columns.
    pub columns: Vec<ColumnHelp>,
}

/// A column.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnHelp {
    /// Its name.
    pub name: String,
    /// Its type, in Arrow's words.
    pub data_type: String,
    /// What it means; empty where the name says it.
    pub doc: String,
}

/// What the header of a view says: the comment lines before its SQL.
fn header(sql: &str) -> impl Iterator<Item = &str> {
    sql.lines().map_while(|line| line.strip_prefix("--")).map(str::trim)
}

/// What the tables are, in words.
const TABLE_DOCS: &[(&str, &str)] = &[
    ("events", "One row per event, without those that a revision replaced."),
    ("events_all", "Every event row ever sealed, replaced ones too."),
    ("set_aside", "One row per record that gave no event, with its verdict."),
    ("people_all", "The directory, one row per person and login, every import."),
    ("factors_all", "Factor snapshots, one row per account and factor, every import."),
    ("shards", "What each shard number stands for, and which imports are complete."),
    ("reconciliations", "What vendors had when they were asked again, against what is stored."),
    ("vendor_policies_all", "Vendors' policies, one row per policy or rule, every snapshot."),
    ("policies_all", "Versions of the organisation's policies, one row per part of each."),
    ("annotations_all", "Marked times, every import."),
    ("segments", "One row per sealed file."),
    ("ranges", "One row per sealed file and stream: which records it accounts for."),
    ("replayed", "Positions of quarantined records that were replayed."),
];

fn doc(name: &str) -> String {
    if let Some((_, doc)) = TABLE_DOCS.iter().find(|(table, _)| *table == name) {
        return (*doc).to_owned();
    }
    let view = VIEWS.iter().find(|view| view.name == name);
    view.map(|view| {
        let words: Vec<&str> =
            header(view.sql).take_while(|line| !line.starts_with("columns:")).collect();
        words.join(" ")
    })
    .unwrap_or_default()
}

/// Column docs: those of the view's header (`columns:` then `name  meaning`),
/// else those of the event's own column of that name.
fn column_doc(table: &str, name: &str) -> String {
    let view = VIEWS.iter().find(|view| view.name == table);
    let of_view = view.and_then(|view| {
        header(view.sql)
            .skip_while(|line| !line.starts_with("columns:"))
            .filter_map(|line| line.split_once("  "))
            .find(|(column, _)| column.split(", ").any(|c| c == name))
            .map(|(_, doc)| doc.trim().to_owned())
    });
    let of_table = || {
        let mut columns: Box<dyn Iterator<Item = &column::Column>> = match table {
            "set_aside" | "quarantine" => Box::new(column::SET_ASIDE.iter()),
            _ => Box::new(column::events()),
        };
        columns.find(|column| column.name == name).map(|column| column.doc.to_owned())
    };
    of_view.or_else(of_table).unwrap_or_default()
}

pub(super) async fn tables(world: &World, context: &SessionContext) -> Result<Vec<TableHelp>> {
    let mut names: Vec<&str> = TABLES.iter().map(|(name, _, _)| *name).collect();
    names.extend(["segments", "ranges", "replayed"]);
    names.extend(VIEWS.iter().map(|view| view.name));
    let mut tables = Vec::new();
    for name in names {
        let sql = format!("SELECT * FROM {name}");
        let failed = QueryError::own(name);
        let schema = async {
            world.register_views(context, &sql, Derived::Kept).await?;
            Ok(context.table_provider(name).await?.schema())
        };
        let schema = schema.await.map_err(failed)?;
        let columns = schema.fields().iter().map(|field| ColumnHelp {
            name: field.name().clone(),
            data_type: field.data_type().to_string(),
            doc: column_doc(name, field.name()),
        });
        tables.push(TableHelp {
            name: name.to_owned(),
            doc: doc(name),
            columns: columns.collect(),
        });
    }
    Ok(tables)
}
