//! Functions that analysts need and DataFusion doesn't have; `help` says what each
//! one takes and gives.

mod bucket;
mod date_trunc;
mod epoch_ms;
mod haversine;
mod help;
mod in_network;
mod interval;
mod json_changes;
mod json_text;
mod place;
mod raw_text;
mod strength;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::SessionContext;

pub(crate) use bucket::Calendar;
pub use help::{FunctionHelp, functions};
pub(crate) use place::place;

/// Every function.
pub(crate) fn all() -> Vec<Arc<ScalarUDF>> {
    let mut functions = interval::all();
    functions.extend([
        ScalarUDF::new_from_impl(haversine::HaversineKm::default()),
        ScalarUDF::new_from_impl(strength::Strength::default()),
        ScalarUDF::new_from_impl(in_network::InNetwork::default()),
        ScalarUDF::new_from_impl(raw_text::RawText::default()),
        ScalarUDF::new_from_impl(json_changes::JsonChanges::default()),
        ScalarUDF::new_from_impl(json_text::JsonText::default()),
        ScalarUDF::new_from_impl(bucket::Bucket::default()),
        ScalarUDF::new_from_impl(epoch_ms::EpochMs::default()),
        ScalarUDF::new_from_impl(date_trunc::DateTrunc::default()),
    ]);
    functions.into_iter().map(Arc::new).collect()
}

/// Registers them.
pub(crate) fn register(context: &SessionContext) {
    for function in all() {
        context.register_udf(function.as_ref().clone());
    }
}
