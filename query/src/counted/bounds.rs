//! Which conditions hold for all rows of a day, told from the smallest and the largest
//! of its times: those of the period, for every day but the first and the last.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, RecordBatch, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{DataType, SchemaRef, TimeUnit, TimestampMicrosecondType};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, ScalarValue};
use datafusion::physical_expr::expressions::BinaryExpr;
use datafusion::physical_optimizer::pruning::{PruningPredicate, PruningPredicateBuilder};
use datafusion::physical_plan::PhysicalExpr;
use serde::{Deserialize, Serialize};

/// The smallest and the largest of the times in some rows, µs, by column; only of columns
/// in which no time is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bounds(BTreeMap<String, (i64, i64)>);

impl Bounds {
    /// Of some rows.
    pub(super) fn of(rows: &RecordBatch) -> Self {
        let schema = rows.schema();
        let columns = schema.fields().iter().zip(rows.columns());
        let bounds = columns.filter_map(|(field, column)| {
            let is_time =
                matches!(field.data_type(), DataType::Timestamp(TimeUnit::Microsecond, _));
            if !is_time || column.null_count() > 0 {
                return None;
            }
            let times = column.as_primitive::<TimestampMicrosecondType>().values();
            Some((field.name().clone(), (*times.iter().min()?, *times.iter().max()?)))
        });
        Self(bounds.collect())
    }
}

/// A comparison that may hold for all rows of a day.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    /// Finds where its opposite could be true; `None`: it can't be told.
    opposite: Option<PruningPredicate>,
}

impl Comparison {
    /// Of a condition on rows of a schema.
    pub(super) fn new(condition: &Arc<dyn PhysicalExpr>, schema: &SchemaRef) -> Self {
        let opposite = || {
            let comparison = condition.downcast_ref::<BinaryExpr>()?;
            let negated = comparison.op().negate()?;
            let (left, right) = (Arc::clone(comparison.left()), Arc::clone(comparison.right()));
            let opposite = Arc::new(BinaryExpr::new(left, negated, right));
            let built = PruningPredicateBuilder::new()
                .with_file_schema(Arc::clone(schema))
                .try_build(opposite);
            built.ok().filter(|predicate| !predicate.always_true())
        };
        Self { opposite: opposite() }
    }

    /// One of which nothing can be told.
    pub(super) const fn untold() -> Self {
        Self { opposite: None }
    }

    /// For each day whether the condition holds for all of its rows.
    pub(super) fn holds(&self, days: &[&Bounds]) -> Vec<bool> {
        let may_fail =
            self.opposite.as_ref().and_then(|predicate| predicate.prune(&Days(days)).ok());
        may_fail.map_or_else(
            || vec![false; days.len()],
            |may_fail| may_fail.into_iter().map(|may_fail| !may_fail).collect(),
        )
    }
}

struct Days<'a>(&'a [&'a Bounds]);

impl Days<'_> {
    fn times(&self, column: &Column, pick: impl Fn(&(i64, i64)) -> i64) -> Option<ArrayRef> {
        let times = self.0.iter().map(|bounds| bounds.0.get(&column.name).map(&pick));
        let times: TimestampMicrosecondArray = times.collect();
        // Columns that aren't times have no bounds: theirs aren't known.
        (times.null_count() < times.len()).then(|| Arc::new(times.with_timezone("UTC")) as ArrayRef)
    }
}

impl PruningStatistics for Days<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.times(column, |bounds| bounds.0)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.times(column, |bounds| bounds.1)
    }

    fn num_containers(&self) -> usize {
        self.0.len()
    }

    fn null_counts(&self, _: &Column) -> Option<ArrayRef> {
        None
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        None
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
