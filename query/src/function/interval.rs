//! Ends of 95% intervals: `wilson_low`, `wilson_high`, `exact_low`, `exact_high`,
//! `poisson_low`, `poisson_high`, `newcombe_low`, `newcombe_high`.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, Float64Array};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::stats::difference::newcombe;
use crate::stats::estimate::Level;
use crate::stats::proportion::Proportion;
use crate::stats::{Ends, poisson};

/// Both ends by counts; `None` where there is nothing to tell.
type Of = fn(&[i64]) -> Option<Ends>;

/// Name of each end, how many counts it takes, and how both are told.
const INTERVALS: &[(&str, &str, usize, Of)] = &[
    ("wilson_low", "wilson_high", 2, wilson),
    ("exact_low", "exact_high", 2, exact),
    ("poisson_low", "poisson_high", 1, counted),
    ("newcombe_low", "newcombe_high", 4, difference),
];

fn share(k: i64, n: i64) -> Option<Proportion> {
    Proportion::new(k, n).ok()
}

fn wilson(counts: &[i64]) -> Option<Ends> {
    let [k, n] = counts else { return None };
    share(*k, *n).map(|share| share.wilson(Level::P95)).map(|ends| (ends.low, ends.high))
}

fn exact(counts: &[i64]) -> Option<Ends> {
    let [k, n] = counts else { return None };
    let ends = share(*k, *n)?.exact(Level::P95).ok()?;
    Some((ends.low, ends.high))
}

fn counted(counts: &[i64]) -> Option<Ends> {
    let [k] = counts else { return None };
    poisson::interval(*k)
}

fn difference(counts: &[i64]) -> Option<Ends> {
    let [k1, n1, k2, n2] = counts else { return None };
    let ends = newcombe(share(*k1, *n1)?, share(*k2, *n2)?, Level::P95).interval;
    Some((ends.low, ends.high))
}

/// One end of one interval.
#[derive(Debug)]
struct End {
    name: &'static str,
    of: Of,
    is_low: bool,
    signature: Signature,
}

impl PartialEq for End {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for End {}

impl std::hash::Hash for End {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// The functions.
pub(super) fn all() -> Vec<ScalarUDF> {
    let mut functions = Vec::new();
    for (low, high, counts, of) in INTERVALS {
        for (name, is_low) in [(*low, true), (*high, false)] {
            let types = vec![DataType::Int64; *counts];
            let signature = Signature::exact(types, Volatility::Immutable);
            functions.push(ScalarUDF::new_from_impl(End { name, of: *of, is_low, signature }));
        }
    }
    functions
}

impl ScalarUDFImpl for End {
    fn name(&self) -> &'static str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let columns: Vec<_> = arrays.iter().map(|a| a.as_primitive::<Int64Type>()).collect();
        let rows = columns.first().map_or(0, |column| column.len());
        let ends: Float64Array = (0..rows)
            .map(|row| {
                let counts: Option<Vec<i64>> = columns
                    .iter()
                    .map(|column| column.is_valid(row).then(|| column.value(row)))
                    .collect();
                let ends = (self.of)(&counts?)?;
                Some(if self.is_low { ends.0 } else { ends.1 })
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(ends)))
    }
}
