//! Conditions: SQL that is true or false of one access. They go through the guard of typed
//! SQL: its functions, and nothing but columns and values beside them.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{
    Column, DFSchema, DataFusionError, Result as EngineResult, ScalarValue, SchemaError,
};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, ExprSchemable, Volatility};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::prelude::SessionContext;

use super::column::{self, CRITICAL};
use super::document::Keys;
use super::fault::{Faults, Place, meant};
use crate::guard;

/// Longest condition that is taken, in bytes.
const LONGEST: usize = 8 * 1024;

static LANGUAGE: LazyLock<SessionContext> = LazyLock::new(guard::language);
static SEEN: LazyLock<EngineResult<DFSchema>> = LazyLock::new(column::seen_by_conditions);

/// A condition, checked and ready.
#[derive(Debug, Clone)]
pub struct Expression {
    /// As it was written.
    pub(super) text: String,
    /// Where it stands.
    pub(super) place: Place,
    plan: Expr,
    ready: Arc<dyn PhysicalExpr>,
}

impl Expression {
    /// Reads a table's `when`.
    pub(super) fn read(
        keys: &Keys<'_, '_>,
        with_critical: bool,
        faults: &mut Faults<'_>,
    ) -> Option<Self> {
        let what = "write for which accesses, as \"platform = 'idp'\"";
        let text = keys.needed("when", what, faults)?;
        let place = keys.place_of("when", faults);
        match Self::parse(text, &place, with_critical) {
            Ok(expression) => Some(expression),
            Err(what) => {
                keys.wrong("when", what, faults);
                None
            }
        }
    }

    /// Reads a condition.
    pub(super) fn parse(text: &str, place: &Place, with_critical: bool) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("it has {} bytes; at most {LONGEST} are taken", text.len()));
        }
        let seen = SEEN.as_ref().map_err(ToString::to_string)?;
        let plan = LANGUAGE.parse_sql_expr(text, seen).map_err(|error| in_words(&error))?;
        only_conditions(&plan, with_critical)?;
        let gives = plan.get_type(seen).map_err(|error| in_words(&error))?;
        if gives != DataType::Boolean {
            return Err(format!(
                "it gives {gives}; a condition is true or false, as \"environment = 'production'\""
            ));
        }
        let ready = LANGUAGE.create_physical_expr(plan.clone(), seen);
        let ready = ready.map_err(|error| in_words(&error))?;
        Ok(Self { text: text.trim().to_owned(), place: place.clone(), plan, ready })
    }

    /// Of which rows it is true; where it can't be told, it isn't. The batch has the columns
    /// that conditions see.
    pub(super) fn holds(&self, batch: &RecordBatch) -> EngineResult<BooleanArray> {
        let value = self.ready.evaluate(batch)?.into_array(batch.num_rows())?;
        let told = value.as_boolean_opt().ok_or_else(|| {
            DataFusionError::Internal("a condition gave something else than truth".to_owned())
        })?;
        Ok(told.iter().map(|truth| Some(truth.unwrap_or_default())).collect())
    }

    /// Whether it holds wherever another one does: all that it asks, the other asks too.
    pub(super) fn covers(&self, other: &Self) -> bool {
        if matches!(&self.plan, Expr::Literal(ScalarValue::Boolean(Some(true)), _)) {
            return true;
        }
        let theirs = split_conjunction(&other.plan);
        split_conjunction(&self.plan).iter().all(|own| theirs.contains(own))
    }

    /// Whether it never holds.
    pub(super) fn is_never(&self) -> bool {
        let no = |value: &Expr| match value {
            Expr::Literal(value, _) => {
                value.is_null() || matches!(value, ScalarValue::Boolean(Some(false)))
            }
            _ => false,
        };
        split_conjunction(&self.plan).into_iter().any(no)
    }
}

/// Refuses what is more than columns, values and functions that always give the same.
fn only_conditions(plan: &Expr, with_critical: bool) -> Result<(), String> {
    let mut refused = None;
    let walked = plan.apply(|node| {
        refused = match node {
            Expr::Column(column) => column_may_be(column, with_critical),
            Expr::ScalarFunction(call) => {
                let name = call.func.name();
                (call.func.signature().volatility != Volatility::Immutable).then(|| {
                    format!("{name} doesn't give the same each time; a condition has to, so that history can be judged by it")
                })
            }
            Expr::Literal(..)
            | Expr::BinaryExpr(_)
            | Expr::Like(_)
            | Expr::SimilarTo(_)
            | Expr::Not(_)
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsTrue(_)
            | Expr::IsFalse(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotTrue(_)
            | Expr::IsNotFalse(_)
            | Expr::IsNotUnknown(_)
            | Expr::Negative(_)
            | Expr::Between(_)
            | Expr::Case(_)
            | Expr::Cast(_)
            | Expr::TryCast(_)
            | Expr::InList(_) => None,
            other => Some(format!(
                "{} isn't allowed: a condition is made of columns, values and functions; no subqueries, aggregates, windows, aliases or parameters",
                other.variant_name()
            )),
        };
        Ok(if refused.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    walked.map_err(|error: DataFusionError| in_words(&error))?;
    refused.map_or(Ok(()), Err)
}

fn column_may_be(column: &Column, with_critical: bool) -> Option<String> {
    if column.name.starts_with("(hidden)") {
        return Some(unknown(&column.flat_name()));
    }
    (column.name == CRITICAL && !with_critical)
        .then(|| "what is critical can't depend on `critical`".to_owned())
}

fn unknown(name: &str) -> String {
    let names: Vec<String> = column::names().collect();
    format!("there is no column {name}{}", meant(name, names.iter().map(String::as_str)))
}

/// The engine's error in the reader's words.
fn in_words(error: &DataFusionError) -> String {
    match error.find_root() {
        DataFusionError::SchemaError(error, _) => match &**error {
            SchemaError::FieldNotFound { field, .. } => unknown(&field.flat_name()),
            other => other.to_string(),
        },
        _ => {
            let said = guard::in_words(error).to_string();
            said.replace("the SQL", "the condition")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Expression, String> {
        Expression::parse(text, &Place::default(), true)
    }

    #[test]
    fn a_condition_names_the_access_the_person_and_the_account() {
        for good in [
            "critical AND environment = 'production'",
            "person.team = 'platform' OR account.privileged",
            "platform IN ('idp', 'vpn') AND NOT coalesce(device_managed, false)",
            "operation LIKE 'protected_branch.%' AND account.kind <> 'service'",
            "CASE WHEN asn > 64500 THEN is_proxy ELSE true END",
            "date_part('hour', time) BETWEEN 8 AND 18",
            "regexp_like(lower(service), '^aws')",
        ] {
            assert!(read(good).is_ok(), "{good}: {:?}", read(good).err());
        }
    }

    #[test]
    fn what_isnt_there_is_named_with_what_was_meant() {
        for (wrong, said) in [
            ("enviroment = 'production'", "did you mean environment?"),
            ("person.tem = 'platform'", "did you mean person.team?"),
            ("account.privilged", "did you mean account.privileged?"),
            ("usr.name = 'x'", "there is no column"),
            ("startswith(operation, 'x')", "did you mean starts_with?"),
            ("environment = ", "can't be read"),
            ("environment", "true or false"),
            ("count(*) > 3", "no subqueries, aggregates"),
        ] {
            let refused = read(wrong).expect_err(wrong);
            assert!(refused.contains(said), "{wrong}: {refused}");
        }
    }

    #[test]
    fn a_condition_reads_nothing_but_the_access_and_always_gives_the_same() {
        for wrong in [
            "EXISTS (SELECT 1)",
            "user_name IN (SELECT 'x')",
            "user_name = (SELECT 'x')",
            "environment = 'x' AS y",
            "user_name = $1",
            "time > now()",
            "row_number() OVER () = 1",
            "(hidden) who = 'x'",
            "\"(hidden) who\" = 'x'",
            "place(ip).country = 'DE'",
            "true; DROP TABLE events",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(Expression::parse("critical", &Place::default(), false).is_err());
    }

    #[test]
    fn one_condition_covers_another_where_it_asks_no_more() {
        let of = |text| read(text).expect("a condition");
        let covers = |one, other| of(one).covers(&of(other));
        assert!(covers("critical", "critical AND environment = 'production'"));
        assert!(covers("true", "critical"));
        assert!(covers("platform = 'idp' AND critical", "critical AND platform = 'idp'"));
        assert!(!covers("critical AND environment = 'production'", "critical"));
        assert!(of("critical AND false").is_never());
        assert!(!of("critical").is_never());
    }
}
