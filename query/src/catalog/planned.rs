//! Plans of rollcall's own queries, kept as the optimiser left them. Optimising one takes
//! longer than running it where what it asks for is counted already, and a new event
//! changes none: the same plan is put on the tables of another snapshot.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::common::tree_node::{Transformed, TreeNodeRecursion};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::{TableProvider, provider_as_source};
use datafusion::logical_expr::{LogicalPlan, TableSource};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionContext;

use super::world::{Derived, World};

/// Plans that are kept.
const MOST: usize = 512;

#[derive(Debug, Default)]
struct Kept {
    plans: HashMap<String, (LogicalPlan, u64)>,
    clock: u64,
}

/// Optimised plans by what they answer.
#[derive(Debug, Default)]
pub(crate) struct Plans(Mutex<Kept>);

impl Plans {
    /// The plan that answers something, if it is kept; it stands on no tables.
    fn get(&self, what: &str) -> Option<LogicalPlan> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let now = kept.clock;
        let (plan, used) = kept.plans.get_mut(what)?;
        *used = now;
        Some(plan.clone())
    }

    /// Keeps a plan, without its tables: they hold a snapshot.
    fn keep(&self, what: &str, plan: &LogicalPlan) -> Result<()> {
        let bare =
            on_tables(plan.clone(), &|_, table| Some(Arc::new(EmptyTable::new(table.schema()))))?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = kept.clock;
        kept.plans.insert(what.to_owned(), (bare, now));
        if kept.plans.len() > MOST {
            let oldest = kept.plans.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(oldest) = oldest.map(|(what, _)| what.clone()) {
                kept.plans.remove(&oldest);
            }
        }
        Ok(())
    }
}

/// A table in the place of another one of the same columns.
type Instead<'a> = &'a dyn Fn(&str, &Arc<dyn TableSource>) -> Option<Arc<dyn TableProvider>>;

/// The plan with other tables.
fn on_tables(plan: LogicalPlan, instead: Instead<'_>) -> Result<LogicalPlan> {
    let changed = plan.transform_down_with_subqueries(|node| {
        let LogicalPlan::TableScan(mut scan) = node else { return Ok(Transformed::no(node)) };
        match instead(scan.table_name.table(), &scan.source) {
            Some(table) => {
                scan.source = provider_as_source(table);
                Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
            }
            None => Ok(Transformed::no(LogicalPlan::TableScan(scan))),
        }
    })?;
    Ok(changed.data)
}

/// The names of the tables that a plan reads.
fn read_by(plan: &LogicalPlan) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            names.insert(scan.table_name.table().to_owned());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(names)
}

impl World {
    /// A query ready to run. `what` names everything that its plan depends on beside the
    /// tables; without it the plan isn't kept. `plan` gives it where none is.
    pub(crate) async fn ready<F>(
        &self,
        context: &SessionContext,
        derived: Derived,
        what: Option<&str>,
        plan: impl FnOnce() -> F,
    ) -> Result<Arc<dyn ExecutionPlan>>
    where
        F: Future<Output = Result<LogicalPlan>>,
    {
        let plans = &self.inner.plans;
        let optimised = match what.and_then(|what| plans.get(what)) {
            Some(kept) => {
                let mut tables = HashMap::new();
                for name in read_by(&kept)? {
                    let table = self.named(context, &name, derived).await?;
                    // An empty one in its place would be taken for an answer.
                    let missing = || DataFusionError::Internal(format!("there is no {name}"));
                    tables.insert(name.clone(), table.ok_or_else(missing)?);
                }
                on_tables(kept, &|name, _| tables.get(name).cloned())?
            }
            None => {
                let optimised = context.state().optimize(&plan().await?)?;
                if let Some(what) = what {
                    plans.keep(what, &optimised)?;
                }
                optimised
            }
        };
        let state = context.state();
        state.query_planner().create_physical_plan(&optimised, &state).await
    }
}
