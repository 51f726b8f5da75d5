//! `raw_text`: a record's bytes as text. What isn't UTF-8 becomes U+FFFD, as
//! `String::from_utf8_lossy` does it.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, StringViewBuilder};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct RawText {
    signature: Signature,
}

impl Default for RawText {
    fn default() -> Self {
        Self { signature: Signature::exact(vec![DataType::BinaryView], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RawText {
    fn name(&self) -> &'static str {
        "raw_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let mut texts = StringViewBuilder::with_capacity(args.number_rows);
        for raw in arrays.iter().flat_map(|array| array.as_binary_view().iter()) {
            texts.append_option(raw.map(String::from_utf8_lossy));
        }
        Ok(ColumnarValue::Array(Arc::new(texts.finish())))
    }
}
