//! How many tables a statement reads once every CTE is copied to where it is
//! named. Counted on the text's tree: planning copies already, and thirty CTEs
//! that each name the one before twice would never end.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::common::{Result, plan_err};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{ObjectName, Query, Visit, Visitor};

/// Tables read, copies counted.
const MOST_TABLES: u64 = 500;

/// Refuses a statement that reads too many.
pub(super) fn bounded(statement: &Statement) -> Result<()> {
    let tables = match statement {
        Statement::Statement(statement) => {
            let mut count = Count { open: vec![0], ..Count::default() };
            let _ = statement.visit(&mut count);
            count.open.first().copied().unwrap_or_default()
        }
        Statement::Explain(explain) => return bounded(&explain.statement),
        _ => 0,
    };
    if tables > MOST_TABLES {
        return plan_err!(
            "it reads more than {MOST_TABLES} tables: a CTE counts wherever it is named"
        );
    }
    Ok(())
}

/// One walk over the tree, from the inside out.
#[derive(Default)]
struct Count {
    /// Names of the CTEs whose queries are still to be walked, by their address.
    names: HashMap<*const Query, String>,
    /// What each CTE stands for; anything else is one table. A name that is used
    /// again stands for the larger one: this may count too much, never too little.
    known: HashMap<String, u64>,
    /// Tables of the queries that are open, the innermost last.
    open: Vec<u64>,
}

impl Count {
    fn add(&mut self, tables: u64) {
        if let Some(sum) = self.open.last_mut() {
            *sum = sum.saturating_add(tables);
        }
    }
}

impl Visitor for Count {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.names.insert(&raw const *cte.query, cte.alias.name.value.to_lowercase());
        }
        self.open.push(0);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let tables = self.open.pop().unwrap_or_default();
        match self.names.remove(&(&raw const *query)) {
            Some(name) => {
                let known = self.known.entry(name).or_insert(1);
                *known = tables.max(*known);
            }
            None => self.add(tables),
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let name = relation.to_string().to_lowercase();
        let tables = self.known.get(name.trim_matches('"')).copied().unwrap_or(1);
        self.add(tables);
        ControlFlow::Continue(())
    }
}
