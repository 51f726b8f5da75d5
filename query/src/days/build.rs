//! Runs a view's SQL over a few days.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{concat_batches, filter_record_batch, take};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimestampMicrosecondType};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::datasource::{MemTable, ViewTable, provider_as_source};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit};
use datafusion::physical_plan::{collect, collect_partitioned};
use datafusion::prelude::{SessionContext, ident};
use rollcall_lake::Table;

use super::ByDay;
use super::hours::HOUR_US;
use super::key::{DayNumber, MARGIN_HOURS};
use crate::catalog::view;
use crate::catalog::world::{Derived, World};
use crate::policy;

/// Microseconds of a day.
pub(crate) const DAY_US: i64 = 24 * HOUR_US;

/// The logins of the tries at hand take the place of those of all events: who an
/// account belongs to doesn't depend on any other account.
pub(super) const LOGINS_OF_TRIES: &str = include_str!("../../days/logins_of_tries.sql");

fn named(name: &str) -> Result<&'static view::View> {
    view::find(name).ok_or_else(|| DataFusionError::Internal(format!("there is no view {name}")))
}

/// Views on the way from tries to attempts that others read more than once. Each
/// stands on the one before alone, and is computed once for the days at hand.
const STEPS: &[&str] = &["tries_of_people", "tries_in_sessions"];

/// The schema of a view, everything nullable; `tries` is that of the tries, for the
/// view that stands on them.
pub(super) async fn schema(
    world: &World,
    view: ByDay,
    tries: Option<SchemaRef>,
) -> Result<SchemaRef> {
    let context = match tries {
        Some(schema) => on_tries(world, schema, Vec::new()).await?,
        None => on_tables(world)?,
    };
    world.register_computed(&context, named(view.name())?, Derived::Computed).await?;
    // The logical plan's types may still be coerced: the physical plan has those
    // that rows come in.
    let plan = context.table(view.name()).await?.create_physical_plan().await?;
    Ok(nullable(&plan.schema()))
}

/// Names and types of columns, all of which may be null.
pub(crate) fn nullable(schema: &Schema) -> SchemaRef {
    let fields = schema
        .fields()
        .iter()
        .map(|field| Field::new(field.name(), field.data_type().clone(), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The rows of the days `first..=last`, each day on its own. `tries` are those
/// that [`beside`] lets through, for the view that stands on them.
pub(super) async fn days(
    world: &World,
    view: ByDay,
    (first, last): (DayNumber, DayNumber),
    tries: Option<Vec<RecordBatch>>,
) -> Result<BTreeMap<DayNumber, RecordBatch>> {
    if view == ByDay::Decisions {
        let timeline = world.shared.timeline(world).await?;
        return policy::decisions(world, &timeline, (first, last)).await;
    }
    let context = match tries {
        Some(tries) => {
            let schema = world.inner.days.schema(world, ByDay::Tries).await?;
            on_tries(world, schema, tries).await?
        }
        None => {
            let margin = match view {
                ByDay::Tries => MARGIN_HOURS * HOUR_US,
                ByDay::Attempts | ByDay::SourceActivity | ByDay::AccountDays | ByDay::Decisions => {
                    0
                }
            };
            let from = first * DAY_US - margin;
            on_events(world, from, (last + 1) * DAY_US + margin)?
        }
    };
    let (from, to) = (first * DAY_US, (last + 1) * DAY_US);
    let plan = async || {
        world.register_computed(&context, named(view.name())?, Derived::Computed).await?;
        let rows = context.table(view.name()).await?.filter(between(view.column(), from, to))?;
        Ok(rows.into_unoptimized_plan())
    };
    // A day that is still going on is made again and again.
    let what = (first == last).then(|| format!("{} of {first}", view.name()));
    let plan = world.ready(&context, Derived::Computed, what.as_deref(), plan).await?;
    let rows = collect(plan, context.task_ctx()).await?;
    let schema = world.inner.days.schema(world, view).await?;
    split(&rows, &schema, view, (first, last))
}

/// The tries that attempts of the days `first..=last` look at: those of these days
/// and of the day before, and of an hour on either side, since a prompt shortly
/// before midnight may be told of shortly after it. They stand on events that the
/// days' keys cover.
pub(super) fn beside(
    tries: &RecordBatch,
    (first, last): (DayNumber, DayNumber),
) -> Result<RecordBatch> {
    let looked_at = (first - 1) * DAY_US - HOUR_US..(last + 1) * DAY_US + HOUR_US;
    let column = ByDay::Tries.column();
    let started = tries
        .column_by_name(column)
        .ok_or_else(|| DataFusionError::Internal(format!("tries have no {column}")))?
        .as_primitive::<TimestampMicrosecondType>();
    let keep: Vec<bool> = started.values().iter().map(|time| looked_at.contains(time)).collect();
    if keep.iter().all(|keep| *keep) {
        return Ok(tries.clone());
    }
    Ok(filter_record_batch(tries, &BooleanArray::from(keep))?)
}

/// A context with the tables of the lake.
fn on_tables(world: &World) -> Result<SessionContext> {
    let context = world.inner.engine.trusted();
    world.register_tables(&context)?;
    Ok(context)
}

/// A context in which the last step between tries and attempts is computed.
async fn on_tries(
    world: &World,
    schema: SchemaRef,
    tries: Vec<RecordBatch>,
) -> Result<SessionContext> {
    let mut context = on_tables(world)?;
    context.register_table("tries", Arc::new(MemTable::try_new(schema, vec![tries])?))?;
    let plan = context.state().create_logical_plan(LOGINS_OF_TRIES).await?;
    let logins = ViewTable::new(plan, Some(LOGINS_OF_TRIES.to_owned()));
    context.register_table("logins_seen", Arc::new(logins))?;
    for name in STEPS {
        let rows = computed(world, &context, name).await?;
        // What the step stood on goes with its context.
        context = on_tables(world)?;
        context.register_table(*name, Arc::new(rows))?;
    }
    Ok(context)
}

/// The rows of a view.
async fn computed(world: &World, context: &SessionContext, name: &str) -> Result<MemTable> {
    let plan = async || {
        world.register_computed(context, named(name)?, Derived::Computed).await?;
        Ok(context.table(name).await?.into_unoptimized_plan())
    };
    let plan = world.ready(context, Derived::Computed, Some(name), plan).await?;
    let schema = nullable(&plan.schema());
    let mut partitions = Vec::new();
    for batches in collect_partitioned(plan, context.task_ctx()).await? {
        let batches = batches.iter().map(|batch| -> Result<RecordBatch> {
            Ok(RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec())?)
        });
        partitions.push(batches.collect::<Result<Vec<_>>>()?);
    }
    MemTable::try_new(schema, partitions)
}

/// A context with the events of `[from, to)` in the place of all events.
fn on_events(world: &World, from: i64, to: i64) -> Result<SessionContext> {
    let context = on_tables(world)?;
    let events = Arc::new(world.table(Table::Events, true)?);
    let plan = LogicalPlanBuilder::scan("events", provider_as_source(events), None)?
        .filter(between("time", from, to))?
        .build()?;
    context.deregister_table("events")?;
    context.register_table("events", Arc::new(ViewTable::new(plan, None)))?;
    Ok(context)
}

fn between(column: &str, from: i64, to: i64) -> Expr {
    let time = |us| lit(ScalarValue::TimestampMicrosecond(Some(us), Some("UTC".into())));
    ident(column).gt_eq(time(from)).and(ident(column).lt(time(to)))
}

/// One batch a day, with text copied out of the larger buffers it was read into.
fn split(
    rows: &[RecordBatch],
    schema: &SchemaRef,
    view: ByDay,
    (first, last): (DayNumber, DayNumber),
) -> Result<BTreeMap<DayNumber, RecordBatch>> {
    let Some(given) = rows.first().map(RecordBatch::schema) else {
        return Ok((first..=last)
            .map(|day| (day, RecordBatch::new_empty(Arc::clone(schema))))
            .collect());
    };
    let all = concat_batches(&given, rows)?;
    let times = all
        .column_by_name(view.column())
        .ok_or_else(|| {
            DataFusionError::Internal(format!("{} has no {}", view.name(), view.column()))
        })?
        .as_primitive::<TimestampMicrosecondType>();
    let mut indices: BTreeMap<DayNumber, Vec<u32>> =
        (first..=last).map(|day| (day, Vec::new())).collect();
    for (row, time) in (0_u32..).zip(times.values()) {
        if let Some(day) = indices.get_mut(&time.div_euclid(DAY_US)) {
            day.push(row);
        }
    }
    indices
        .into_iter()
        .map(|(day, rows)| {
            let rows = UInt32Array::from(rows);
            let columns = all
                .columns()
                .iter()
                .map(|column| Ok(compact(&take(column, &rows, None)?)))
                .collect::<Result<Vec<ArrayRef>>>()?;
            Ok((day, RecordBatch::try_new(Arc::clone(schema), columns)?))
        })
        .collect()
}

/// The same values without what they were read along with.
pub(crate) fn compact(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Utf8View => Arc::new(array.as_string_view().gc()),
        DataType::BinaryView => Arc::new(array.as_binary_view().gc()),
        _ => Arc::clone(array),
    }
}
