//! Ends a query whose time is over where it would not notice by itself: a join
//! that makes much of little works for long without giving anything back. Every
//! join and unnest, and what goes into it, is asked for the time per batch.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::unnest::UnnestExec;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;

/// Puts the deadline into a plan.
#[derive(Debug)]
pub(super) struct Deadlines {
    pub(super) at: Instant,
}

impl PhysicalOptimizerRule for Deadlines {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let multiplies = node.children().len() > 1 || node.is::<UnnestExec>();
            if !multiplies {
                return Ok(Transformed::no(node));
            }
            let children = node.children().into_iter().map(|child| self.around(child)).collect();
            let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
            Ok(Transformed::yes(self.around(&node.replace_children(children, options)?)))
        })
        .data()
    }

    fn name(&self) -> &'static str {
        "Deadlines"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

impl Deadlines {
    fn around(&self, input: &Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
        let properties = Arc::clone(input.properties());
        Arc::new(DeadlineExec { input: Arc::clone(input), at: self.at, properties })
    }
}

/// Passes rows on until the deadline.
#[derive(Debug, Clone)]
struct DeadlineExec {
    input: Arc<dyn ExecutionPlan>,
    at: Instant,
    properties: Arc<PlanProperties>,
}

impl DisplayAs for DeadlineExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeadlineExec")
    }
}

impl ExecutionPlan for DeadlineExec {
    fn name(&self) -> &'static str {
        "DeadlineExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children.into_iter().next().unwrap_or_else(|| Arc::clone(&self.input));
        let properties = Arc::clone(input.properties());
        Ok(Arc::new(Self { input, at: self.at, properties }))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let at = self.at;
        let rows = make_cooperative(self.input.execute(partition, context)?);
        let rows = rows.map(move |batch| {
            if Instant::now() < at {
                return batch;
            }
            Err(DataFusionError::ResourcesExhausted("the query's time is over".to_owned()))
        });
        let schema = self.input.schema();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}
