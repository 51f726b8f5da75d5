//! Which files can hold rows that a filter on `time` or `received` asks for.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::Session;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, DFSchema, Result, ScalarValue};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::conjunction;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use rollcall_lake::Segment;

/// The files that can hold a row which passes the filters, newest first.
pub(super) fn segments(
    segments: &[Arc<Segment>],
    filters: &[Expr],
    schema: &SchemaRef,
    state: &dyn Session,
) -> Result<Vec<Arc<Segment>>> {
    let ranges: Vec<Ranges> = segments.iter().map(|segment| Ranges::of(segment)).collect();
    let kept = kept(&ranges, filters, schema, state)?;
    let mut kept: Vec<Arc<Segment>> = segments
        .iter()
        .zip(kept)
        .filter(|(_, keep)| *keep)
        .map(|(segment, _)| Arc::clone(segment))
        .collect();
    // Newest first: a question for the latest rows then rules out the others.
    kept.sort_by_key(|segment| std::cmp::Reverse(segment.tags.time_max));
    Ok(kept)
}

/// Whether each container of rows can hold one that passes the filters.
pub(crate) fn kept(
    ranges: &[Ranges],
    filters: &[Expr],
    schema: &SchemaRef,
    state: &dyn Session,
) -> Result<Vec<bool>> {
    let Some(filter) = conjunction(filters.iter().cloned()) else {
        return Ok(vec![true; ranges.len()]);
    };
    let df_schema = DFSchema::try_from(Arc::clone(schema))?;
    let physical = state.create_physical_expr(filter, &df_schema)?;
    let built =
        PruningPredicateBuilder::new().with_file_schema(Arc::clone(schema)).try_build(physical);
    match built {
        Ok(predicate) if !predicate.always_true() => predicate.prune(&AllRanges(ranges)),
        _ => Ok(vec![true; ranges.len()]),
    }
}

/// A column of times and the smallest and largest in a container.
pub(crate) type Range = (&'static str, Option<i64>, Option<i64>);

/// What is known of the times in one container of rows.
#[derive(Debug, Clone)]
pub(crate) struct Ranges(pub(crate) Vec<Range>);

impl Ranges {
    fn of(segment: &Segment) -> Self {
        let tags = &segment.tags;
        Self(vec![
            ("time", tags.time_min, tags.time_max),
            ("received", tags.received_min, tags.received_max),
        ])
    }

    fn get(&self, column: &str) -> Option<&Range> {
        self.0.iter().find(|(name, _, _)| *name == column)
    }
}

struct AllRanges<'a>(&'a [Ranges]);

impl AllRanges<'_> {
    fn times(&self, column: &Column, pick: impl Fn(&Range) -> Option<i64>) -> Option<ArrayRef> {
        let known = self.0.iter().any(|ranges| ranges.get(&column.name).is_some());
        known.then(|| {
            let times = self.0.iter().map(|ranges| ranges.get(&column.name).and_then(&pick));
            let times: TimestampMicrosecondArray = times.collect();
            Arc::new(times.with_timezone("UTC")) as ArrayRef
        })
    }
}

impl PruningStatistics for AllRanges<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.times(column, |range| range.1)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.times(column, |range| range.2)
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
