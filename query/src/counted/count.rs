//! An aggregate that stands right on the days of a view, and what it gives for one.

use std::fmt::Write;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{DataType, Field, SchemaRef};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::physical_expr::utils::{conjunction, split_conjunction};
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::{ExecutionPlan, Partitioning, PhysicalExpr, collect};

use super::bounds::{Bounds, Comparison};
use crate::days::ByDay;
use crate::days::build::compact;
use crate::days::key::DayNumber;
use crate::days::scan::DayScan;

/// Conditions on the rows, one for one of [`Count::conditions`]: whether it must still be
/// asked.
pub(super) type Asked = Vec<bool>;

/// A condition on the rows.
#[derive(Debug)]
struct Condition {
    /// The step that it belongs to.
    step: usize,
    expression: Arc<dyn PhysicalExpr>,
    comparison: Comparison,
}

/// An aggregate over days.
#[derive(Debug)]
pub(super) struct Count {
    node: Arc<dyn ExecutionPlan>,
    /// Filters and projections between it and the days, the days' next neighbour first.
    steps: Vec<Arc<dyn ExecutionPlan>>,
    conditions: Vec<Condition>,
    scan: DayScan,
}

impl Count {
    /// The aggregate that a node is, if its states can be kept by day.
    pub(super) fn of(node: &Arc<dyn ExecutionPlan>) -> Option<Self> {
        let aggregate = node.downcast_ref::<AggregateExec>()?;
        if !adds_up(aggregate) {
            return None;
        }
        let mut steps = Vec::new();
        let mut below = aggregate.input();
        let scan = loop {
            if let Some(scan) = below.downcast_ref::<DayScan>() {
                break scan.clone();
            }
            if is_step(below) {
                steps.push(Arc::clone(below));
            } else if !only_moves_rows(below) {
                return None;
            }
            below = below.children().first().copied()?;
        };
        steps.reverse();
        let conditions = conditions(&steps);
        Some(Self { node: Arc::clone(node), steps, conditions, scan })
    }

    /// The aggregate's node in the plan.
    pub(super) const fn node(&self) -> &Arc<dyn ExecutionPlan> {
        &self.node
    }

    /// The view whose days it counts.
    pub(super) const fn view(&self) -> ByDay {
        self.scan.view
    }

    /// The days, ascending.
    pub(super) fn days(&self) -> &[DayNumber] {
        &self.scan.days
    }

    /// The columns of a state.
    pub(super) fn schema(&self) -> SchemaRef {
        self.node.schema()
    }

    /// Which conditions must be asked of each day's rows: those that may not hold for all.
    pub(super) fn asked(&self, days: &[&Bounds]) -> Vec<Asked> {
        let mut asked = vec![Asked::with_capacity(self.conditions.len()); days.len()];
        for condition in &self.conditions {
            for (asked, holds) in asked.iter_mut().zip(condition.comparison.holds(days)) {
                asked.push(!holds);
            }
        }
        asked
    }

    /// Every condition, for what tells one period from another.
    pub(super) fn all_asked(&self) -> Asked {
        vec![true; self.conditions.len()]
    }

    /// What is counted, in full: of days whose rows are the same, the same text gives the
    /// same state.
    pub(super) fn text(&self, asked: &Asked) -> String {
        let mut text = format!("{} {:?}", self.scan.view.name(), self.scan.projection);
        // Writing to a string can't fail.
        for (number, step) in self.steps.iter().enumerate() {
            if let Some(filter) = step.downcast_ref::<FilterExec>() {
                for condition in self.of_step(number, asked) {
                    let _ = write!(text, "\nwhere {condition}");
                }
                let _ = write!(text, "\ntake {:?}", filter.projection());
            }
            if let Some(projection) = step.downcast_ref::<ProjectionExec>() {
                for column in projection.expr() {
                    let _ = write!(text, "\nwith {} as {}", column.expr, column.alias);
                }
            }
        }
        if let Some(aggregate) = self.node.downcast_ref::<AggregateExec>() {
            for (group, name) in aggregate.group_expr().expr() {
                let _ = write!(text, "\nby {group} as {name}");
            }
            for (function, filter) in aggregate.aggr_expr().iter().zip(aggregate.filter_expr()) {
                let (name, distinct) = (function.fun().name(), function.is_distinct());
                let _ = write!(text, "\n{name} {distinct} {}", function.ignore_nulls());
                for of in function.expressions() {
                    let _ = write!(text, " of {of}");
                }
                if let Some(filter) = filter {
                    let _ = write!(text, " where {filter}");
                }
            }
        }
        text
    }

    fn of_step<'a>(
        &'a self,
        step: usize,
        asked: &'a Asked,
    ) -> impl Iterator<Item = &'a Arc<dyn PhysicalExpr>> {
        let conditions = self.conditions.iter().zip(asked);
        conditions
            .filter(move |(condition, asked)| condition.step == step && **asked)
            .map(|(condition, _)| &condition.expression)
    }

    /// The state of one day's rows.
    pub(super) async fn run(
        &self,
        rows: &RecordBatch,
        asked: &Asked,
        task: &Arc<TaskContext>,
    ) -> Result<RecordBatch> {
        let columns = self.scan.projection.clone();
        let whole = Arc::clone(&self.scan.whole);
        let mut plan: Arc<dyn ExecutionPlan> =
            MemorySourceConfig::try_new_exec(&[vec![rows.clone()]], whole, columns)?;
        for (number, step) in self.steps.iter().enumerate() {
            plan = match step.downcast_ref::<FilterExec>() {
                Some(filter) => {
                    let predicate = conjunction(self.of_step(number, asked).cloned());
                    let narrowed =
                        FilterExecBuilder::from(filter).with_input(plan).with_predicate(predicate);
                    Arc::new(narrowed.build()?)
                }
                None => on_other_input(step, plan)?,
            };
        }
        self.one(collect(on_other_input(&self.node, plan)?, Arc::clone(task)).await?)
    }

    /// States of several days as one.
    pub(super) async fn merge(
        &self,
        states: Vec<RecordBatch>,
        task: &Arc<TaskContext>,
    ) -> Result<Vec<RecordBatch>> {
        let Some(aggregate) = self.node.downcast_ref::<AggregateExec>() else { return Ok(states) };
        if aggregate.group_expr().is_true_no_grouping() {
            return Ok(states);
        }
        let schema = self.schema();
        let input = MemorySourceConfig::try_new_exec(&[states], Arc::clone(&schema), None)?;
        let functions = aggregate.aggr_expr().to_vec();
        let filters = vec![None; functions.len()];
        let merged = AggregateExec::try_new(
            AggregateMode::PartialReduce,
            aggregate.group_expr().as_final(),
            functions,
            filters,
            input,
            aggregate.input_schema(),
        )?;
        Ok(vec![self.one(collect(Arc::new(merged), Arc::clone(task)).await?)?])
    }

    /// One batch with the state's columns, and without what they were made along with.
    fn one(&self, batches: Vec<RecordBatch>) -> Result<RecordBatch> {
        let schema = self.schema();
        let batches = batches.into_iter().map(|batch| fits(batch, &schema));
        let all = concat_batches(&schema, &batches.collect::<Result<Vec<_>>>()?)?;
        let columns: Vec<ArrayRef> = all.columns().iter().map(compact).collect();
        Ok(RecordBatch::try_new(schema, columns)?)
    }
}

/// A batch with the names of a schema.
///
/// # Errors
/// If its columns are of other types.
pub(super) fn fits(batch: RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    RecordBatch::try_new(Arc::clone(schema), batch.columns().to_vec())
        .map_err(DataFusionError::from)
}

fn on_other_input(
    node: &Arc<dyn ExecutionPlan>,
    input: Arc<dyn ExecutionPlan>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
    Arc::clone(node).replace_children(vec![input], options)
}

/// Whether an aggregate is the first of two steps, and its states give the same in any
/// order and grouping of days.
fn adds_up(aggregate: &AggregateExec) -> bool {
    let in_any_order = aggregate.aggr_expr().iter().all(|function| {
        function.order_sensitivity() == AggregateOrderSensitivity::Insensitive
            && function.order_bys().is_empty()
    });
    *aggregate.mode() == AggregateMode::Partial
        && aggregate.limit_options().is_none()
        && aggregate.group_expr().is_single()
        && matches!(
            aggregate.properties().partitioning,
            Partitioning::RoundRobinBatch(_) | Partitioning::UnknownPartitioning(_)
        )
        && in_any_order
        && !aggregate.schema().fields().iter().any(|field| is_inexact(field))
}

/// Whether sums of such numbers depend on their order.
fn is_inexact(field: &Field) -> bool {
    match field.data_type() {
        DataType::Float16 | DataType::Float32 | DataType::Float64 => true,
        DataType::List(inner) | DataType::LargeList(inner) => is_inexact(inner),
        DataType::Struct(fields) => fields.iter().any(|field| is_inexact(field)),
        _ => false,
    }
}

fn is_step(node: &Arc<dyn ExecutionPlan>) -> bool {
    node.fetch().is_none() && (node.is::<FilterExec>() || node.is::<ProjectionExec>())
}

/// Whether a node hands on the rows that it gets, in other batches.
fn only_moves_rows(node: &Arc<dyn ExecutionPlan>) -> bool {
    node.fetch().is_none() && (node.is::<RepartitionExec>() || node.is::<CooperativeExec>())
}

fn conditions(steps: &[Arc<dyn ExecutionPlan>]) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (step, node) in steps.iter().enumerate() {
        let Some(filter) = node.downcast_ref::<FilterExec>() else { continue };
        // Bounds are of the view's columns: behind a projection a name may be another's.
        let on_days = steps.iter().take(step).all(|before| before.is::<FilterExec>());
        let schema = filter.input().schema();
        for expression in split_conjunction(filter.predicate()) {
            let comparison =
                if on_days { Comparison::new(expression, &schema) } else { Comparison::untold() };
            conditions.push(Condition { step, expression: Arc::clone(expression), comparison });
        }
    }
    conditions
}
