//! `json_text`: one member of a JSON object, as text. Text comes without quotes, anything else
//! as JSON; null where there is no such member, it is null, or the text is no JSON object.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, StringViewBuilder};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use serde_json::value::RawValue;

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct JsonText {
    signature: Signature,
}

impl Default for JsonText {
    fn default() -> Self {
        let texts = vec![DataType::Utf8View, DataType::Utf8View];
        Self { signature: Signature::exact(texts, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for JsonText {
    fn name(&self) -> &'static str {
        "json_text"
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
        if let [objects, names] = arrays.as_slice() {
            for (object, name) in objects.as_string_view().iter().zip(names.as_string_view()) {
                texts.append_option(
                    object.zip(name).and_then(|(object, name)| member(object, name)),
                );
            }
        }
        Ok(ColumnarValue::Array(Arc::new(texts.finish())))
    }
}

fn member(object: &str, name: &str) -> Option<String> {
    let members: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(object).ok()?;
    let value = members.get(name)?.get();
    match serde_json::from_str(value).ok()? {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text),
        _ => Some(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_without_quotes_and_the_rest_as_it_is() {
        let object = r#"{"a":"x\"y","b":12,"c":["1-2-0"],"d":null,"e":true,"\u0066":"f"}"#;
        let of = |name| member(object, name);
        assert_eq!(of("a").as_deref(), Some("x\"y"));
        assert_eq!(of("b").as_deref(), Some("12"));
        assert_eq!(of("c").as_deref(), Some("[\"1-2-0\"]"));
        assert_eq!((of("d"), of("z")), (None, None));
        assert_eq!(of("e").as_deref(), Some("true"));
        assert_eq!(of("f").as_deref(), Some("f"));
        assert_eq!((member("[1]", "a"), member("{", "a")), (None, None));
    }
}
