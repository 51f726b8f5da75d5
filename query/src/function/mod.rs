//! Functions that analysts need and DataFusion doesn't have.
//!
//! | function | gives |
//! |---|---|
//! | `wilson_low(k, n)`, `wilson_high(k, n)` | ends of the 95% interval of a share |
//! | `poisson_low(k)`, `poisson_high(k)` | ends of the exact 95% interval of a count |
//! | `haversine_km(lat_e6, lon_e6, lat_e6, lon_e6)` | great-circle distance of two places |
//! | `strength(factor)` | 0 password … 5 phishing-resistant; null where it can't be told |
//! | `raw_text(raw)` | a record as text; bytes that aren't UTF-8 become `�` |
//! | `json_changes(before, after)` | where two JSON texts differ, as JSON pointers, a line each; null: nowhere |
//! | `json_text(object, name)` | a member of a JSON object as text; null where there is none |
//! | `epoch_ms(time)` | milliseconds since 1970 UTC |
//! | `date_trunc(unit, time)` | as DataFusion's own, faster where the zone is UTC |
//! | `place(ip)` | where an address is, by databases of the user: a struct, all nulls without them |
//! | `bucket(grain, time, zone)` | first day of the day, week, month or quarter in a time zone |

mod bucket;
mod date_trunc;
mod epoch_ms;
mod haversine;
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
pub(crate) use place::place;

/// Every function.
pub(crate) fn all() -> Vec<Arc<ScalarUDF>> {
    let mut functions = interval::all();
    functions.extend([
        ScalarUDF::new_from_impl(haversine::HaversineKm::default()),
        ScalarUDF::new_from_impl(strength::Strength::default()),
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
