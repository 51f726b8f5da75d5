//! Reads the days of a view when it is run, not when it is planned: between the two,
//! what was counted of the days may take its place ([`crate::counted`]).

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, Statistics};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{
    Boundedness, EmissionType, ReplaceChildrenOptions,
};
use datafusion::physical_plan::memory::MemoryStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PhysicalExpr, PlanProperties,
    StatisticsArgs,
};
use futures::TryStreamExt;

use super::key::DayNumber;
use super::{ByDay, Day};
use crate::catalog::world::World;

/// Some days of a view.
#[derive(Clone)]
pub(crate) struct DayScan {
    world: World,
    /// The view.
    pub(crate) view: ByDay,
    /// The days, ascending.
    pub(crate) days: Arc<[DayNumber]>,
    /// Which columns of the view.
    pub(crate) projection: Option<Vec<usize>>,
    /// All columns of the view.
    pub(crate) whole: SchemaRef,
    rows_at_most: usize,
    /// Read once for all partitions.
    rows: Arc<tokio::sync::OnceCell<Vec<Arc<Day>>>>,
    properties: Arc<PlanProperties>,
}

impl DayScan {
    /// Some days (ascending) of a view with these columns.
    pub(crate) fn new(
        world: World,
        view: ByDay,
        days: Vec<DayNumber>,
        rows_at_most: usize,
        whole: SchemaRef,
        projection: Option<&Vec<usize>>,
    ) -> Result<Self> {
        let schema = match projection {
            Some(columns) => Arc::new(whole.project(columns)?),
            None => Arc::clone(&whole),
        };
        // Never one alone: what is counted is then counted in two steps, and the first
        // is what can be kept.
        let partitions = world.inner.settings.threads().max(2);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Ok(Self {
            world,
            view,
            days: days.into(),
            projection: projection.cloned(),
            whole,
            rows_at_most,
            rows: Arc::default(),
            properties: Arc::new(properties),
        })
    }

    /// The batches of one partition. Days are dealt out in turn: neighbours differ little
    /// in size.
    async fn batches(self, partition: usize) -> Result<SendableRecordBatchStream> {
        let read = || self.world.inner.days.rows(&self.world, self.view, &self.days);
        let days = self.rows.get_or_try_init(read).await?;
        let partitions = self.properties.partitioning.partition_count().max(1);
        let own = days.iter().enumerate().filter(|(at, _)| at % partitions == partition);
        let batches: Vec<RecordBatch> =
            own.map(|(_, day)| day.rows.clone()).filter(|rows| rows.num_rows() > 0).collect();
        let (schema, projection) = (self.schema(), self.projection.clone());
        Ok(Box::pin(MemoryStream::try_new(batches, schema, projection)?))
    }
}

impl fmt::Debug for DayScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DayScan").field("view", &self.view).finish_non_exhaustive()
    }
}

impl DisplayAs for DayScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DayScan: view={}, days={}", self.view.name(), self.days.len())
    }
}

impl ExecutionPlan for DayScan {
    fn name(&self) -> &'static str {
        "DayScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let stream = futures::stream::once(self.clone().batches(partition)).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream)))
    }

    fn statistics_from_inputs(
        &self,
        _: &[Arc<Statistics>],
        args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let rows = match args.partition() {
            Some(_) => self.rows_at_most / self.properties.partitioning.partition_count().max(1),
            None => self.rows_at_most,
        };
        let unknown = Statistics::new_unknown(&self.schema());
        Ok(Arc::new(unknown.with_num_rows(Precision::Inexact(rows))))
    }
}
