//! A snapshot's tables and views, put into a DataFusion context. Views are
//! planned only where a query names them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use datafusion::common::{DataFusionError, Result};
use datafusion::config::Dialect;
use datafusion::datasource::{MemTable, TableProvider, ViewTable};
use datafusion::prelude::SessionContext;
use futures::future::BoxFuture;
use rollcall_lake::Table;

use super::lake_table::{Access, LakeTable, Unsealed};
use super::read::{Read, Trace, number};
use super::shared::Shared;
use super::view::{self, Keeping, View};
use super::whole::WholeTable;
use super::{Inner, segments};
use crate::days::ByDay;
use crate::days::table::DayTable;
use crate::function;
use crate::geo::Databases;

/// Whether views that are kept by day are read from what is kept, or computed
/// from the events each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Derived {
    /// From what is kept.
    Kept,
    /// The same; what was counted of them stands for them where it can.
    Counted,
    /// Computed: what the kept days are checked against.
    Computed,
}

/// A catalog and one snapshot.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) inner: Arc<Inner>,
    pub(crate) shared: Arc<Shared>,
    /// What is known of addresses: the same for all that one session asks.
    pub(crate) geo: Arc<Databases>,
    /// Is told what is read, where that is wanted.
    pub(crate) trace: Option<Trace>,
}

impl World {
    /// The same, with a trace or without.
    pub(crate) fn with_trace(&self, trace: Option<Trace>) -> Self {
        Self { trace, ..self.clone() }
    }

    /// A table of the snapshot.
    pub(crate) fn table(&self, table: Table, current: bool) -> Result<LakeTable> {
        let snapshot = self.shared.snapshot();
        let segments = snapshot.table(table).segments;
        let (access, trace) = (self.access()?, self.trace.clone());
        if !table.has_positions() {
            let rows = self.inner.small.rows(table, &segments)?;
            let state = number(segments.iter().map(|s| s.name.as_str()).collect::<Vec<_>>());
            let all = Unsealed { rows, state };
            return Ok(LakeTable::new(table, Arc::default(), None, all, access, trace));
        }
        let rows = if current { self.shared.current_tail() } else { self.shared.whole_tail(table) };
        let tail = Unsealed { rows, state: self.shared.tail_state(table, current) };
        let without = current.then(|| Arc::clone(&snapshot.replaced));
        Ok(LakeTable::new(table, segments, without, tail, access, trace))
    }

    fn access(&self) -> Result<Access> {
        let store =
            self.inner.engine.store().map_err(|e| DataFusionError::External(Box::new(e)))?;
        let engine = &self.inner.engine;
        Ok(Access { store, metadata: engine.metadata(), good: engine.good() })
    }

    /// Registers the tables of the lake, and the function that asks for places.
    pub(crate) fn register_tables(&self, context: &SessionContext) -> Result<()> {
        context.register_udf(function::place(Arc::clone(&self.geo)));
        for (name, table, current) in view::TABLES {
            context.register_table(*name, Arc::new(self.table(*table, *current)?))?;
        }
        Ok(())
    }

    /// Registers the views that a query stands on.
    pub(crate) fn register_views<'a>(
        &'a self,
        context: &'a SessionContext,
        sql: &'a str,
        derived: Derived,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(async move {
            let state = context.state();
            let statement = state.sql_to_statement(sql, &Dialect::Generic)?;
            for reference in state.resolve_table_references(&statement)? {
                let name = reference.table();
                if !context.table_exist(name)? {
                    self.register_view(context, name, derived).await?;
                }
            }
            Ok(())
        })
    }

    async fn register_view(
        &self,
        context: &SessionContext,
        name: &str,
        derived: Derived,
    ) -> Result<()> {
        if let Some(table) = self.kept_view(name, derived).await? {
            context.register_table(name, table)?;
            return Ok(());
        }
        match view::find(name) {
            Some(view) => self.register_computed(context, view, derived).await,
            None => Ok(()),
        }
    }

    /// A view that is a table of its own: what the commits say, and what is kept by day.
    async fn kept_view(
        &self,
        name: &str,
        derived: Derived,
    ) -> Result<Option<Arc<dyn TableProvider>>> {
        let snapshot = self.shared.snapshot();
        let computed = match name {
            "segments" => Some(segments::segments(snapshot)?),
            "ranges" => Some(segments::ranges(snapshot)?),
            "replayed" => Some(segments::replayed(snapshot)?),
            _ => None,
        };
        if let Some(batch) = computed {
            if let Some(trace) = &self.trace {
                trace.note(Read::Commits, self.commits());
            }
            return Ok(Some(Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?)));
        }
        let Some(view) = view::find(name) else { return Ok(None) };
        match view.keeping {
            // Rust makes decisions; their file only says what they are.
            Keeping::ByDay(by_day)
                if derived != Derived::Computed || by_day == ByDay::Decisions =>
            {
                let late = derived == Derived::Counted;
                Ok(Some(Arc::new(DayTable::new(self.clone(), by_day, late).await?)))
            }
            Keeping::Whole if derived != Derived::Computed => {
                Ok(Some(Arc::new(WholeTable::new(self.clone(), view).await?)))
            }
            Keeping::ByDay(_) | Keeping::Whole | Keeping::No => Ok(None),
        }
    }

    /// The table that a plan reads by a name: one of the lake, one of the context, or a
    /// view that is a table of its own.
    pub(super) fn named<'a>(
        &'a self,
        context: &'a SessionContext,
        name: &'a str,
        derived: Derived,
    ) -> BoxFuture<'a, Result<Option<Arc<dyn TableProvider>>>> {
        Box::pin(async move {
            let of_the_lake = view::TABLES.iter().find(|(known, ..)| *known == name);
            if let Some((_, table, current)) = of_the_lake {
                let table: Arc<dyn TableProvider> = Arc::new(self.table(*table, *current)?);
                return Ok(Some(table));
            }
            if context.table_exist(name)? {
                return Ok(Some(context.table_provider(name).await?));
            }
            self.kept_view(name, derived).await
        })
    }

    /// Registers a view by its SQL.
    pub(crate) async fn register_computed(
        &self,
        context: &SessionContext,
        view: &View,
        derived: Derived,
    ) -> Result<()> {
        self.register_views(context, view.sql, derived).await?;
        let plan = context.state().create_logical_plan(view.sql).await?;
        let table = ViewTable::new(plan, Some(view.sql.to_owned()));
        context.register_table(view.name, Arc::new(table))?;
        Ok(())
    }
}
