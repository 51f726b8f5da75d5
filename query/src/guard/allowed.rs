//! Which functions typed SQL may call. Those that make rows or text out of
//! nothing (`generate_series`, `repeat`, `range`, `array_repeat`, padding) are
//! not here; a function that a new DataFusion brings isn't either until it is
//! added.

use std::sync::Arc;

use datafusion::execution::SessionStateDefaults;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF, WindowUDF};

use super::growth;
use crate::function;

const SCALAR: &[&str] = &[
    // nulls, types, structs
    "coalesce",
    "nullif",
    "nvl",
    "nvl2",
    "greatest",
    "least",
    "arrow_typeof",
    "arrow_cast",
    "struct",
    "named_struct",
    "get_field",
    // time
    "now",
    "current_date",
    "current_time",
    "date_trunc",
    "date_part",
    "date_bin",
    "to_char",
    "to_date",
    "to_local_time",
    "to_timestamp",
    "to_timestamp_seconds",
    "to_timestamp_millis",
    "to_timestamp_micros",
    "to_unixtime",
    "from_unixtime",
    "make_date",
    // text
    "ascii",
    "bit_length",
    "btrim",
    "character_length",
    "chr",
    "contains",
    "ends_with",
    "initcap",
    "left",
    "levenshtein",
    "lower",
    "ltrim",
    "octet_length",
    "reverse",
    "right",
    "rtrim",
    "split_part",
    "starts_with",
    "strpos",
    "substr",
    "substr_index",
    "find_in_set",
    "to_hex",
    "upper",
    "encode",
    "decode",
    // patterns
    "regexp_like",
    "regexp_match",
    "regexp_count",
    "regexp_instr",
    // lists
    "array_length",
    "array_ndims",
    "array_has",
    "array_has_all",
    "array_has_any",
    "array_element",
    "array_position",
    "array_positions",
    "array_distinct",
    "array_sort",
    "array_slice",
    "array_max",
    "array_min",
    "array_to_string",
    "cardinality",
    "empty",
    "make_array",
    "string_to_array",
    "array_any_value",
];

const AGGREGATE: &[&str] = &[
    "count",
    "sum",
    "avg",
    "mean",
    "min",
    "max",
    "median",
    "var",
    "var_pop",
    "stddev",
    "stddev_pop",
    "corr",
    "covar",
    "covar_pop",
    "bool_and",
    "bool_or",
    "bit_and",
    "bit_or",
    "bit_xor",
    "first_value",
    "last_value",
    "nth_value",
    "grouping",
    "array_agg",
    "string_agg",
    "approx_distinct",
    "approx_median",
    "approx_percentile_cont",
    "percentile_cont",
    "regr_slope",
    "regr_intercept",
    "regr_r2",
    "regr_count",
];

const WINDOW: &[&str] = &[
    "row_number",
    "rank",
    "dense_rank",
    "percent_rank",
    "cume_dist",
    "ntile",
    "lag",
    "lead",
    "first_value",
    "last_value",
    "nth_value",
];

/// Scalar functions: DataFusion's allowed ones, the bounded ones, our own.
pub(super) fn scalar() -> Vec<Arc<ScalarUDF>> {
    let mut functions: Vec<_> = SessionStateDefaults::default_scalar_functions()
        .into_iter()
        .filter(|function| SCALAR.contains(&function.name()))
        .collect();
    functions.extend(growth::bounded());
    functions.extend(function::all());
    functions
}

/// Aggregate functions.
pub(super) fn aggregate() -> Vec<Arc<AggregateUDF>> {
    SessionStateDefaults::default_aggregate_functions()
        .into_iter()
        .filter(|function| AGGREGATE.contains(&function.name()))
        .collect()
}

/// Window functions.
pub(super) fn window() -> Vec<Arc<WindowUDF>> {
    SessionStateDefaults::default_window_functions()
        .into_iter()
        .filter(|function| WINDOW.contains(&function.name()))
        .collect()
}
