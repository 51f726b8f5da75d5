//! Reads what policies need of a snapshot: accesses by day, versions, factors, groups.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::{cast, concat_batches};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::physical_plan::collect;

use super::access::Accesses;
use super::compiled::InForce;
use super::format::Policy;
use crate::catalog::world::{Derived, World};

const ACCESSES: &str = include_str!("../../policies/accesses_between.sql");
const VERSIONS: &str = include_str!("../../policies/versions.sql");
const FACTORS: &str = include_str!("../../policies/factors_at.sql");
const GROUPS: &str = include_str!("../../policies/groups.sql");

/// Runs one of the queries above.
async fn rows(
    world: &World,
    sql: &str,
    values: Vec<(&str, ScalarValue)>,
) -> Result<Vec<RecordBatch>> {
    let context = world.inner.engine.trusted();
    world.register_tables(&context)?;
    world.register_views(&context, sql, Derived::Kept).await?;
    let mut plan = context.state().create_logical_plan(sql).await?;
    if !values.is_empty() {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value));
        plan = plan.with_param_values(values.collect::<Vec<_>>())?;
    }
    let plan = context.execute_logical_plan(plan).await?.create_physical_plan().await?;
    collect(plan, context.task_ctx()).await
}

fn time(us: i64) -> ScalarValue {
    ScalarValue::TimestampMicrosecond(Some(us), Some("UTC".into()))
}

/// The accesses of `[from, to)`, µs since 1970 UTC, in the order in which they began.
pub(super) async fn accesses(world: &World, from: i64, to: i64) -> Result<Option<Accesses>> {
    let values = vec![("from", time(from)), ("to", time(to))];
    let rows = rows(world, ACCESSES, values).await?;
    let Some(schema) = rows.first().map(RecordBatch::schema) else { return Ok(None) };
    let all = concat_batches(&schema, &rows)?;
    if all.num_rows() == 0 {
        return Ok(None);
    }
    Accesses::of(&all).map(Some)
}

/// Every version that was ever in force, each policy's in their order.
pub(super) async fn versions(world: &World) -> Result<Vec<InForce>> {
    let mut versions: Vec<Version> = Vec::new();
    for batch in rows(world, VERSIONS, Vec::new()).await? {
        let column = |name: &str, as_type: &DataType| {
            let found = batch.column_by_name(name).ok_or_else(|| {
                DataFusionError::Internal(format!("versions of policies have no {name}"))
            })?;
            Ok::<_, DataFusionError>(cast(found, as_type)?)
        };
        let (ids, texts) = (column("policy", &DataType::Utf8)?, column("text", &DataType::Utf8)?);
        let times = column("effective_at", &super::column::time_type())?;
        let times = cast(&times, &DataType::Int64)?;
        let (ids, texts) = (ids.as_string::<i32>(), texts.as_string::<i32>());
        let times = times.as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let policy = texts.is_valid(row).then(|| parse(texts.value(row))).transpose()?;
            take(ids.value(row), policy, times.value(row), &mut versions);
        }
    }
    Ok(versions.into_iter().filter_map(Version::in_force).collect())
}

/// A version; without what it says where an erasure took its text.
struct Version {
    id: String,
    policy: Option<Arc<Policy>>,
    before: Option<Arc<Policy>>,
    from: i64,
    until: i64,
}

impl Version {
    fn in_force(self) -> Option<InForce> {
        let Self { policy, before, from, until, .. } = self;
        policy.map(|policy| InForce { policy, before, from, until })
    }
}

/// It could be read when it was loaded; a later rollcall may read less.
fn parse(text: &str) -> Result<Arc<Policy>> {
    Policy::parse(text).map(Arc::new).map_err(|faults| {
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        DataFusionError::Plan(format!(
            "a policy that was loaded can't be read any longer: {}; load a version that can",
            said.join("; ")
        ))
    })
}

/// A version takes over from the one before it of the same policy.
fn take(id: &str, policy: Option<Arc<Policy>>, from: i64, versions: &mut Vec<Version>) {
    let before = versions.last_mut().filter(|before| before.id == id);
    let before = before.and_then(|before| {
        before.until = from.max(before.from);
        before.policy.clone()
    });
    versions.push(Version { id: id.to_owned(), policy, before, from, until: i64::MAX });
}

/// By who, the strength of the strongest factor that they can use on a day; 0 where their
/// accounts were looked at and have none.
pub(super) async fn factors(world: &World, day: i32) -> Result<HashMap<String, i64>> {
    let mut held = HashMap::new();
    let values = vec![
        ("day", ScalarValue::Date32(Some(day))),
        ("earliest", ScalarValue::Date32(Some(day - 2))),
        ("ends", time((i64::from(day) + 1) * 86_400_000_000)),
    ];
    for batch in rows(world, FACTORS, values).await? {
        let (Some(who), Some(strength)) =
            (batch.column_by_name("who"), batch.column_by_name("strength"))
        else {
            continue;
        };
        let (who, strength) = (cast(who, &DataType::Utf8)?, cast(strength, &DataType::Int64)?);
        let (who, strength) = (who.as_string::<i32>(), strength.as_primitive::<Int64Type>());
        for row in 0..batch.num_rows() {
            let usable = if strength.is_valid(row) { strength.value(row) } else { 0 };
            held.insert(who.value(row).to_owned(), usable);
        }
    }
    Ok(held)
}

/// The teams, roles, cohorts, people and services of the directory; `None` where there is none.
pub(super) async fn groups(world: &World) -> Result<Option<BTreeSet<String>>> {
    let mut groups = BTreeSet::new();
    for batch in rows(world, GROUPS, Vec::new()).await? {
        let Some(names) = batch.column_by_name("name") else { continue };
        let names = cast(names, &DataType::Utf8)?;
        groups.extend(names.as_string::<i32>().iter().flatten().map(str::to_owned));
    }
    Ok((!groups.is_empty()).then_some(groups))
}
