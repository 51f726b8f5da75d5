//! Refuses a plan whose size explodes: a CTE is a copy wherever it is named, and
//! the planner puts the expressions of nested queries into each other. Thirty
//! lines can stand for a billion nodes, and planning can't be interrupted.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result, plan_err};
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan};

/// Nodes of a plan, copies counted.
const MOST_NODES: usize = 10_000;
/// Parts of one expression, with everything put in that it names.
const MOST_PARTS: u64 = 20_000;

/// Refuses a plan that is too large.
pub(super) fn bounded(plan: &LogicalPlan) -> Result<()> {
    let mut nodes = 0_usize;
    plan.apply_with_subqueries(|_| {
        nodes += 1;
        Ok(if nodes > MOST_NODES { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    if nodes > MOST_NODES {
        return plan_err!(
            "it stands for more than {MOST_NODES} steps: a CTE counts wherever it is named"
        );
    }
    parts(plan).map(|_| ())
}

/// Of each column that a plan gives, how many parts its expression has.
fn parts(plan: &LogicalPlan) -> Result<Vec<u64>> {
    let inputs: Vec<(&LogicalPlan, Vec<u64>)> =
        plan.inputs().into_iter().map(|input| Ok((input, parts(input)?))).collect::<Result<_>>()?;
    let columns = plan.schema().fields().len();
    let first = || inputs.first().map_or_else(Vec::new, |(_, parts)| parts.clone());
    let mut given = match plan {
        LogicalPlan::Projection(projection) => projection
            .expr
            .iter()
            .map(|expr| parts_of(expr, &inputs))
            .collect::<Result<Vec<u64>>>()?,
        LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Distinct(_)
        | LogicalPlan::Window(_) => first(),
        LogicalPlan::Join(join) => match join.join_type {
            JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => {
                inputs.iter().flat_map(|(_, parts)| parts.iter().copied()).collect()
            }
            _ => first(),
        },
        LogicalPlan::Union(_) => (0..columns)
            .map(|column| {
                let parts = inputs.iter().filter_map(|(_, parts)| parts.get(column).copied());
                parts.max().unwrap_or(1)
            })
            .collect(),
        // An aggregate is computed before anything stands on it.
        _ => Vec::new(),
    };
    for expr in plan.expressions() {
        parts_of(&expr, &inputs)?;
    }
    given.resize(columns, 1);
    Ok(given)
}

fn parts_of(expr: &Expr, inputs: &[(&LogicalPlan, Vec<u64>)]) -> Result<u64> {
    let mut sum = 0_u64;
    expr.apply(|part| {
        let here = match part {
            Expr::Column(column) => inputs
                .iter()
                .filter_map(|(input, parts)| {
                    let schema: &DFSchema = input.schema();
                    parts.get(schema.maybe_index_of_column(column)?).copied()
                })
                .max()
                .unwrap_or(1),
            _ => 1,
        };
        sum = sum.saturating_add(here);
        Ok(TreeNodeRecursion::Continue)
    })?;
    if sum > MOST_PARTS {
        return plan_err!(
            "an expression stands for more than {MOST_PARTS} parts once nested queries are put in"
        );
    }
    Ok(sum)
}
