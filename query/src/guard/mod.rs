//! SQL that a person typed: it can read our tables and nothing else, and it
//! can't hold more memory, rows or time than it was given.
//!
//! ```text
//! allowed  which functions there are
//! growth   text functions that could make much out of little, with a bound
//! check    what a plan may contain
//! copies   CTEs that explode
//! deadline ends what doesn't notice that its time is over
//! memory   a pool of its own that remembers whether it was exhausted
//! size     plans that explode
//! stream   rows until a limit is reached, and then what was reached
//! suggest  which name was meant
//! ```
//!
//! DataFusion's pool doesn't see what a single kernel allocates; `growth` bounds
//! the ones that multiply text. What remains is bounded by the batch size.

mod allowed;
mod check;
mod copies;
mod deadline;
mod growth;
mod memory;
mod size;
mod stream;
mod suggest;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Instant;

use datafusion::common::DataFusionError;
use datafusion::config::Dialect;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::SessionStateDefaults;
use datafusion::prelude::{SessionConfig, SessionContext};

pub use stream::{End, Reached, Typed, TypedItem};
pub(crate) use suggest::in_words;

use crate::catalog::engine::Engine;
use crate::catalog::world::{Derived, World};
use crate::caught::caught;
use crate::error::{QueryError, Result};
use crate::settings::Limits;
use deadline::Deadlines;
use memory::Pool;

/// Longest SQL that is taken, in bytes.
const LONGEST: usize = 64 * 1024;

/// Plans and starts a typed query.
pub(crate) async fn typed(world: &World, sql: &str, limits: &Limits) -> Result<Typed> {
    let started = Instant::now();
    if sql.len() > LONGEST {
        return Err(QueryError::Syntax(format!(
            "it has {} bytes; at most {LONGEST} are taken",
            sql.len()
        )));
    }
    let pool = Arc::new(Pool::new(limits.memory_bytes));
    let context = context(&world.inner.engine, &pool, started + limits.time)?;
    let plan = caught(async {
        copies::bounded(&context.state().sql_to_statement(sql, &Dialect::Generic)?)?;
        world.register_tables(&context)?;
        world.register_views(&context, sql, Derived::Kept).await?;
        let plan = context.state().create_logical_plan(sql).await?;
        check::only_reads(&plan)?;
        size::bounded(&plan)?;
        context.execute_logical_plan(plan).await?.execute_stream().await
    });
    let planned = tokio::time::timeout(limits.time, plan).await;
    let planned = planned.map_err(|_| QueryError::Time { limit: limits.time })?;
    let rows = planned.map_err(|error| suggest::explain(&error, &context, &pool, limits))?;
    Ok(Typed::new(rows, pool, limits.clone(), started))
}

/// A fresh context: allowed functions only, no table functions, no file
/// formats, no factories that could make a table.
fn context(engine: &Engine, pool: &Arc<Pool>, deadline: Instant) -> Result<SessionContext> {
    let pool: Arc<dyn datafusion::execution::memory_pool::MemoryPool> = Arc::clone(pool) as _;
    let mut planners = vec![growth::planner()];
    planners.extend(SessionStateDefaults::default_expr_planners());
    let state = SessionStateBuilder::new()
        .with_config(engine.config())
        .with_runtime_env(engine.runtime_with(pool)?)
        .with_expr_planners(planners)
        .with_scalar_functions(allowed::scalar())
        .with_aggregate_functions(allowed::aggregate())
        .with_window_functions(allowed::window())
        .with_physical_optimizer_rule(Arc::new(Deadlines { at: deadline }))
        .build();
    Ok(SessionContext::new_with_state(state))
}

/// A context for single conditions: the allowed functions, and no tables.
pub(crate) fn language() -> SessionContext {
    let mut planners = vec![growth::planner()];
    planners.extend(SessionStateDefaults::default_expr_planners());
    let mut config = SessionConfig::new();
    config.options_mut().sql_parser.map_string_types_to_utf8view = true;
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_expr_planners(planners)
        .with_scalar_functions(allowed::scalar())
        // Known, so that they can be refused by name.
        .with_aggregate_functions(allowed::aggregate())
        .with_window_functions(allowed::window())
        .build();
    SessionContext::new_with_state(state)
}

/// The engine's error under the wrappers that it came in.
fn root(error: &DataFusionError) -> &DataFusionError {
    error.find_root()
}
