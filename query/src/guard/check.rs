//! What a typed plan may contain.

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SQLOptions;

/// Refuses everything that isn't reading: definitions, changes, statements (SET,
/// transactions, PREPARE) and recursion, at any depth.
pub(super) fn only_reads(plan: &LogicalPlan) -> Result<()> {
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(plan)?;
    plan.apply_with_subqueries(|node| match node {
        LogicalPlan::Ddl(_) | LogicalPlan::Dml(_) | LogicalPlan::Copy(_) => {
            plan_err!("DML not supported: nested")
        }
        LogicalPlan::RecursiveQuery(_) => plan_err!("Recursive CTEs are not enabled"),
        // EXPLAIN keeps its plan as an input in some forms and as a field in
        // others: look into it either way.
        LogicalPlan::Explain(explain) => {
            only_reads(&explain.plan)?;
            Ok(TreeNodeRecursion::Continue)
        }
        LogicalPlan::Analyze(analyze) => {
            only_reads(&analyze.input)?;
            Ok(TreeNodeRecursion::Continue)
        }
        _ => Ok(TreeNodeRecursion::Continue),
    })?;
    Ok(())
}
