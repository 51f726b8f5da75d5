//! One pinned picture of the data, that questions are put to.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use datafusion::arrow::array::RecordBatch;
use datafusion::datasource::MemTable;
use datafusion::physical_plan::collect;
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;

use super::Catalog;
use super::help::{TableHelp, tables};
use super::read::Trace;
use super::shared::Shared;
use super::world::{Derived, World};
use crate::caught::caught;
use crate::counted;
use crate::detect;
use crate::error::{QueryError, Result};
use crate::filter::Filter;
use crate::guard::{self, Typed};
use crate::metric;
use crate::page;
use crate::result::{MetricResult, Pin};
use crate::settings::Limits;

/// Questions to one snapshot. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Session {
    world: World,
    as_of: DateTime<Utc>,
}

impl Session {
    pub(super) fn new(catalog: Catalog, shared: Arc<Shared>, as_of: DateTime<Utc>) -> Self {
        let geo = catalog.inner.geo.databases();
        Self { world: World { inner: catalog.inner, shared, geo, trace: None }, as_of }
    }

    /// Of a snapshot that is being asked already.
    pub(super) fn in_world(world: World) -> Self {
        Self { world, as_of: Utc::now() }
    }

    /// The same snapshot seen from another instant: what is late, silent or
    /// unfinished is told against it.
    #[must_use]
    pub fn at(mut self, as_of: DateTime<Utc>) -> Self {
        self.as_of = as_of;
        self
    }

    /// The instant: the version of every table, and the tail that was seen.
    pub fn pin(&self) -> Pin {
        let snapshot = self.world.shared.snapshot();
        Pin {
            tables: snapshot.versions().into_iter().map(|(t, v)| (t.to_owned(), v)).collect(),
            tail_rows: snapshot.tail.event_rows(),
            as_of: Some(self.as_of),
        }
    }

    /// Answers a metric of [`crate::metrics`].
    ///
    /// # Errors
    /// If there is no such metric, or its query fails.
    pub async fn metric(&self, name: &str, filter: &Filter) -> Result<MetricResult> {
        metric::answer(self, name, filter).await
    }

    /// Runs one of the embedded queries of `query/pages/*.sql`. Parameters are
    /// bound by name; those that the page's header marks with `?` may be left
    /// out.
    ///
    /// # Errors
    /// If there is no such page, a parameter is missing or of the wrong type, or
    /// the query fails.
    pub async fn page(
        &self,
        name: &str,
        parameters: &[(&str, ScalarValue)],
    ) -> Result<Vec<RecordBatch>> {
        page::run(self, name, parameters).await
    }

    /// Runs SQL that a person typed: guarded and limited.
    ///
    /// # Errors
    /// If the SQL does more than read, doesn't parse, or names what isn't there.
    pub async fn typed(&self, sql: &str, limits: &Limits) -> Result<Typed> {
        guard::typed(&self.world, sql, limits).await
    }

    /// The tables and views with their columns and what they mean.
    ///
    /// # Errors
    /// If a view can't be planned.
    pub async fn help(&self) -> Result<Vec<TableHelp>> {
        let context = self.context()?;
        tables(&self.world, &context).await
    }

    /// Time of the newest event, µs since 1970 UTC; none where there is no event.
    pub fn newest_event_us(&self) -> Option<i64> {
        let newest = detect::newest_time(self.world.shared.snapshot());
        (newest != 0).then_some(newest)
    }

    /// Detectors and subjects of which no alerts are wanted now.
    ///
    /// # Errors
    /// If the view `alerts` can't be asked.
    pub async fn suppressed_subjects(&self) -> Result<BTreeSet<(String, String)>> {
        let sql = include_str!("../../detect/suppressed.sql");
        let rows = self.run("detect/suppressed", sql, Vec::new(), Derived::Kept).await?;
        Ok(detect::pairs(&rows))
    }

    /// When the session was opened.
    pub(crate) const fn as_of(&self) -> DateTime<Utc> {
        self.as_of
    }

    /// The catalog and the snapshot.
    pub(crate) const fn world(&self) -> &World {
        &self.world
    }

    /// The same session, and what notes everything that is read through it.
    pub(super) fn traced(&self) -> (Self, Trace) {
        let trace = Trace::default();
        let world = self.world.with_trace(Some(trace.clone()));
        (Self { world, as_of: self.as_of }, trace)
    }

    /// A context for rollcall's own queries.
    pub(crate) fn context(&self) -> Result<SessionContext> {
        let context = self.world.inner.engine.trusted();
        self.world.register_tables(&context).map_err(QueryError::own("tables"))?;
        Ok(context)
    }

    /// Runs one of rollcall's own queries.
    pub(crate) async fn run(
        &self,
        name: &str,
        sql: &str,
        values: Vec<(String, ScalarValue)>,
        derived: Derived,
    ) -> Result<Vec<RecordBatch>> {
        let context = self.context()?;
        let run = self.run_in(name, &context, sql, values, derived);
        run.await.map_err(QueryError::own(name))
    }

    /// Runs a metric's query; its buckets are the table `buckets`.
    pub(crate) async fn ask(
        &self,
        name: &str,
        sql: &str,
        values: Vec<(String, ScalarValue)>,
        buckets: RecordBatch,
    ) -> Result<Vec<RecordBatch>> {
        let context = self.context()?;
        let run = async {
            let table = MemTable::try_new(buckets.schema(), vec![vec![buckets]])?;
            context.register_table("buckets", Arc::new(table))?;
            self.run_in(name, &context, sql, values, Derived::Counted).await
        };
        run.await.map_err(QueryError::own(name))
    }

    async fn run_in(
        &self,
        name: &str,
        context: &SessionContext,
        sql: &str,
        values: Vec<(String, ScalarValue)>,
        derived: Derived,
    ) -> datafusion::common::Result<Vec<RecordBatch>> {
        caught(self.attempt(name, context, sql, values, derived)).await
    }

    async fn attempt(
        &self,
        name: &str,
        context: &SessionContext,
        sql: &str,
        values: Vec<(String, ScalarValue)>,
        derived: Derived,
    ) -> datafusion::common::Result<Vec<RecordBatch>> {
        let begun = Instant::now();
        let values: Vec<_> =
            values.into_iter().filter(|(name, _)| sql.contains(&format!("${name}"))).collect();
        let question = counted::question(sql, &values, self.world.geo.state());
        // The instant is another one each time.
        let lasts = derived == Derived::Counted && !values.iter().any(|(name, _)| name == "as_of");
        let what = lasts.then(|| format!("{question} {values:?}"));
        let plan = async || {
            self.world.register_views(context, sql, derived).await?;
            let plan = context.state().create_logical_plan(sql).await?;
            let named = plan.get_parameter_names()?;
            if named.is_empty() {
                return Ok(plan);
            }
            let values: Vec<_> =
                values.iter().filter(|(name, _)| named.contains(&format!("${name}"))).collect();
            plan.with_param_values(values.into_iter().cloned().collect::<Vec<_>>())
        };
        let mut plan = self.world.ready(context, derived, what.as_deref(), plan).await?;
        if derived == Derived::Counted && self.world.inner.settings.stand_ins {
            plan = counted::stand_in(&self.world, plan, &context.task_ctx(), &question).await?;
        }
        let plan_ms = begun.elapsed().as_secs_f64() * 1000.0;
        let rows = collect(plan, context.task_ctx()).await?;
        let all_ms = begun.elapsed().as_secs_f64() * 1000.0;
        tracing::debug!(query.name = name, query.plan_ms = plan_ms, query.ms = all_ms, "query ran");
        Ok(rows)
    }
}
