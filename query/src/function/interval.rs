//! `wilson_low`, `wilson_high`, `poisson_low`, `poisson_high`.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, Float64Array};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::stats::{poisson, wilson};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Which {
    WilsonLow,
    WilsonHigh,
    PoissonLow,
    PoissonHigh,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Interval {
    which: Which,
    signature: Signature,
}

/// The four functions.
pub(super) fn all() -> Vec<ScalarUDF> {
    let which = [Which::WilsonLow, Which::WilsonHigh, Which::PoissonLow, Which::PoissonHigh];
    which.into_iter().map(|which| ScalarUDF::new_from_impl(Interval::new(which))).collect()
}

impl Interval {
    fn new(which: Which) -> Self {
        let arguments = match which {
            Which::WilsonLow | Which::WilsonHigh => 2,
            Which::PoissonLow | Which::PoissonHigh => 1,
        };
        let signature = Signature::exact(vec![DataType::Int64; arguments], Volatility::Immutable);
        Self { which, signature }
    }

    fn end(&self, k: i64, n: Option<i64>) -> Option<f64> {
        match self.which {
            Which::WilsonLow => wilson::interval(k, n?).map(|ends| ends.0),
            Which::WilsonHigh => wilson::interval(k, n?).map(|ends| ends.1),
            Which::PoissonLow => poisson::interval(k).map(|ends| ends.0),
            Which::PoissonHigh => poisson::interval(k).map(|ends| ends.1),
        }
    }
}

impl ScalarUDFImpl for Interval {
    fn name(&self) -> &'static str {
        match self.which {
            Which::WilsonLow => "wilson_low",
            Which::WilsonHigh => "wilson_high",
            Which::PoissonLow => "poisson_low",
            Which::PoissonHigh => "poisson_high",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let counts: Vec<_> = arrays.iter().map(|a| a.as_primitive::<Int64Type>()).collect();
        let ends: Float64Array = match counts.as_slice() {
            [k, n] => k.iter().zip(n.iter()).map(|(k, n)| self.end(k?, n)).collect(),
            [k] => k.iter().map(|k| self.end(k?, None)).collect(),
            _ => Float64Array::new_null(args.number_rows),
        };
        Ok(ColumnarValue::Array(Arc::new(ends)))
    }
}
