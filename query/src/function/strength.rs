//! `strength`: how strong a factor is on the house scale.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, Int16Array};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use rollcall_schemas::Factor;

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Strength {
    signature: Signature,
}

impl Default for Strength {
    fn default() -> Self {
        Self { signature: Signature::exact(vec![DataType::Utf8View], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Strength {
    fn name(&self) -> &'static str {
        "strength"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int16)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let factors = arrays.iter().flat_map(|array| array.as_string_view().iter());
        let strengths: Int16Array =
            factors.map(|factor| Factor::from_word(factor?).strength()).collect();
        Ok(ColumnarValue::Array(Arc::new(strengths)))
    }
}
