//! `epoch_ms(time)`: milliseconds since 1970 UTC, by the name that DuckDB has
//! for it, so that the views' SQL runs there too.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, Int64Array};
use datafusion::arrow::datatypes::{DataType, TimestampMicrosecondType};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EpochMs {
    signature: Signature,
}

impl Default for EpochMs {
    fn default() -> Self {
        let time = rollcall_schemas::arrow::time_type();
        Self { signature: Signature::exact(vec![time], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for EpochMs {
    fn name(&self) -> &'static str {
        "epoch_ms"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let times = arrays.iter().flat_map(|a| a.as_primitive::<TimestampMicrosecondType>().iter());
        let ms: Int64Array = times.map(|time| Some(time?.div_euclid(1000))).collect();
        Ok(ColumnarValue::Array(Arc::new(ms)))
    }
}
