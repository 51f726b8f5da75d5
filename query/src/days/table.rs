//! What DataFusion reads of a view that is kept by day: the days that a filter
//! asks for.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::TableType;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;

use super::ByDay;
use super::hours::HOUR_US;
use super::key::DayNumber;
use super::scan::DayScan;
use crate::catalog::prune::{Ranges, kept};
use crate::catalog::read::{Read, Trace, number};
use crate::catalog::world::World;

/// A view that is kept by day.
#[derive(Debug)]
pub(crate) struct DayTable {
    world: World,
    view: ByDay,
    schema: SchemaRef,
    trace: Option<Trace>,
    /// Whether days are read when the query is run, so that what was counted of them can
    /// take their place; else when it is planned.
    late: bool,
}

impl DayTable {
    /// The view over a snapshot.
    pub(crate) async fn new(world: World, view: ByDay, late: bool) -> Result<Self> {
        // What days are made from is in their keys.
        let (world, trace) = (world.with_trace(None), world.trace);
        let schema = world.inner.days.schema(&world, view).await?;
        Ok(Self { world, view, schema, trace, late })
    }

    /// One number for what a scan with these filters would read.
    pub(crate) async fn state(&self, state: &dyn Session, filters: &[Expr]) -> Result<u64> {
        let days = self.days(state, filters).await?;
        self.state_of(&days).await
    }

    async fn state_of(&self, days: &[DayNumber]) -> Result<u64> {
        let keys = self.world.inner.days.keys_of(&self.world, self.view).await?;
        Ok(number(days.iter().map(|day| (*day, self.view.key(&keys, *day))).collect::<Vec<_>>()))
    }

    async fn days(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<DayNumber>> {
        let keys = self.world.inner.days.keys(&self.world).await?;
        let days: Vec<DayNumber> = keys.days().collect();
        let ranges: Vec<Ranges> = days
            .iter()
            .map(|day| {
                let start = day * 24 * HOUR_US;
                Ranges(vec![(self.view.column(), Some(start), Some(start + 24 * HOUR_US - 1))])
            })
            .collect();
        let keep = kept(&ranges, filters, &self.schema, state)?;
        Ok(days.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(day, _)| day).collect())
    }
}

#[async_trait]
impl TableProvider for DayTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let wanted = self.days(state, filters).await?;
        if let Some(trace) = &self.trace {
            trace.note(Read::Days(self.view, filters.to_vec()), self.state_of(&wanted).await?);
        }
        if self.late {
            let keys = self.world.inner.days.keys(&self.world).await?;
            let events = wanted.iter().map(|day| keys.events(*day)).sum();
            let (world, whole) = (self.world.clone(), Arc::clone(&self.schema));
            let scan = DayScan::new(world, self.view, wanted, events, whole, projection)?;
            return Ok(Arc::new(scan));
        }
        let days = self.world.inner.days.rows(&self.world, self.view, &wanted).await?;
        // Days are dealt out in turn: neighbours differ little in size.
        let mut partitions: Vec<Vec<RecordBatch>> =
            vec![Vec::new(); state.config().target_partitions().max(1)];
        let count = partitions.len();
        for (number, day) in days.iter().filter(|day| day.rows.num_rows() > 0).enumerate() {
            if let Some(partition) = partitions.get_mut(number % count) {
                partition.push(day.rows.clone());
            }
        }
        Ok(MemorySourceConfig::try_new_exec(
            &partitions,
            Arc::clone(&self.schema),
            projection.cloned(),
        )?)
    }
}
