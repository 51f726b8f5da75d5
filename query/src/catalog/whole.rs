//! Views that are kept whole: a few rows that many queries stand on, some of them several
//! times, and that change only with the directory or with an account's activity. They are
//! computed once for all of them, when the first is planned.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session as PlanningSession, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::TableType;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;

use super::kept::Kept;
use super::session::Session;
use super::view::View;
use super::world::{Derived, World};
use crate::days::build::nullable;

/// The rows of views, and what columns they have.
#[derive(Debug, Default)]
pub(crate) struct Whole {
    schemas: Mutex<HashMap<&'static str, SchemaRef>>,
    rows: Kept<Vec<RecordBatch>>,
}

/// A view that is kept whole.
#[derive(Debug)]
pub(super) struct WholeTable {
    world: World,
    view: &'static View,
    schema: SchemaRef,
}

impl WholeTable {
    /// The view over a snapshot.
    pub(super) async fn new(world: World, view: &'static View) -> Result<Self> {
        let schema = schema(&world, view).await?;
        Ok(Self { world, view, schema })
    }

    async fn rows(&self) -> Result<Arc<Vec<RecordBatch>>> {
        let (name, sql) = (self.view.name, self.view.sql);
        let compute = |session: Session| async move {
            session.run(name, sql, Vec::new(), Derived::Counted).await
        };
        let session = Session::in_world(self.world.clone());
        let rows = self.world.inner.whole.rows.answer(&session, name.to_owned(), compute).await;
        rows.map_err(|error| DataFusionError::External(Box::new(error)))
    }
}

/// Planned once a process.
async fn schema(world: &World, view: &'static View) -> Result<SchemaRef> {
    let kept = || world.inner.whole.schemas.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(schema) = kept().get(view.name) {
        return Ok(Arc::clone(schema));
    }
    let context = world.inner.engine.trusted();
    world.register_tables(&context)?;
    // What is kept by day would be looked for in files, of which none is needed here.
    world.register_computed(&context, view, Derived::Computed).await?;
    let plan = context.table(view.name).await?.create_physical_plan().await?;
    let schema = nullable(&plan.schema());
    kept().insert(view.name, Arc::clone(&schema));
    Ok(schema)
}

#[async_trait]
impl TableProvider for WholeTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(
        &self,
        state: &dyn PlanningSession,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = self.rows().await?;
        let mut partitions = vec![Vec::new(); state.config().target_partitions().max(1)];
        let count = partitions.len();
        for (number, batch) in rows.iter().enumerate() {
            let batch = RecordBatch::try_new(self.schema(), batch.columns().to_vec())?;
            if let Some(partition) = partitions.get_mut(number % count) {
                partition.push(batch);
            }
        }
        Ok(MemorySourceConfig::try_new_exec(&partitions, self.schema(), projection.cloned())?)
    }
}
