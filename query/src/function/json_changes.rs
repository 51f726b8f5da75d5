//! `json_changes`: where two JSON texts differ, as JSON pointers (RFC 6901), a line each.
//! Null where nothing differs, and where one of them is null or no JSON. The pointer of the
//! whole is empty: where all differs, so is the answer.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, StringViewBuilder};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use serde_json::Value;

/// Bytes that the pointers of two texts may have; what is cut off shows as `…`.
const MOST: usize = 4_096;

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct JsonChanges {
    signature: Signature,
}

impl Default for JsonChanges {
    fn default() -> Self {
        let texts = vec![DataType::Utf8View, DataType::Utf8View];
        Self { signature: Signature::exact(texts, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for JsonChanges {
    fn name(&self) -> &'static str {
        "json_changes"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let mut changes = StringViewBuilder::with_capacity(args.number_rows);
        if let [before, after] = arrays.as_slice() {
            for (before, after) in before.as_string_view().iter().zip(after.as_string_view()) {
                changes.append_option(before.zip(after).and_then(|(a, b)| changed(a, b)));
            }
        }
        Ok(ColumnarValue::Array(Arc::new(changes.finish())))
    }
}

fn changed(before: &str, after: &str) -> Option<String> {
    let (before, after) =
        (serde_json::from_str(before).ok()?, serde_json::from_str::<Value>(after).ok()?);
    let mut found = Found::default();
    found.compare(&before, &after);
    // Joining no lines would give the pointer of the whole.
    (!found.lines.is_empty()).then(|| found.lines.join("\n"))
}

/// What differs, and where we are.
#[derive(Default)]
struct Found {
    lines: Vec<String>,
    bytes: usize,
    path: String,
}

impl Found {
    /// Goes into objects and into lists of the same length; of other lists the whole differs.
    fn compare(&mut self, before: &Value, after: &Value) {
        match (before, after) {
            _ if before == after => {}
            (Value::Object(before), Value::Object(after)) => {
                let new = after.keys().filter(|key| !before.contains_key(*key));
                for key in before.keys().chain(new) {
                    let escaped = key.replace('~', "~0").replace('/', "~1");
                    self.member(&escaped, before.get(key), after.get(key));
                }
            }
            (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
                for (place, (before, after)) in before.iter().zip(after).enumerate() {
                    self.member(&place.to_string(), Some(before), Some(after));
                }
            }
            _ => self.here(),
        }
    }

    fn member(&mut self, name: &str, before: Option<&Value>, after: Option<&Value>) {
        let length = self.path.len();
        // What is longer than all that may be told isn't told in full anyway.
        if self.bytes >= MOST || length + name.len() > MOST {
            return self.cut();
        }
        self.path.push('/');
        self.path.push_str(name);
        match (before, after) {
            (Some(before), Some(after)) => self.compare(before, after),
            _ => self.here(),
        }
        self.path.truncate(length);
    }

    fn here(&mut self) {
        if self.bytes + self.path.len() >= MOST {
            return self.cut();
        }
        self.bytes += self.path.len() + 1;
        self.lines.push(self.path.clone());
    }

    fn cut(&mut self) {
        if self.lines.last().is_none_or(|last| last != "…") {
            self.lines.push("…".to_owned());
        }
        self.bytes = MOST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_by_where_it_is() {
        let before = r#"{"a/b": {"x~y": [1, {"z": 2}]}, "gone": 1, "same": [1], "list": [1]}"#;
        let after = r#"{"a/b": {"x~y": [1, {"z": 3}]}, "same": [1], "list": [1, 2], "new": null}"#;
        let told = changed(before, after).expect("JSON");
        assert_eq!(told, "/a~1b/x~0y/1/z\n/gone\n/list\n/new");
        assert_eq!(changed(before, before), None, "nothing differs");
        assert_eq!(changed("[1, 2]", " [1,2] "), None, "spaces are no difference");
        assert_eq!(changed(r#"{"": 1}"#, r#"{"": 2}"#).as_deref(), Some("/"));
        assert_eq!(changed("1", "2").as_deref(), Some(""), "the pointer of the whole is empty");
        assert_eq!(changed("{", "{}"), None);
    }

    #[test]
    fn no_pair_of_texts_makes_a_long_answer() {
        let object = |value: u8| {
            let members: Vec<String> = (0..9_000).map(|n| format!("\"k{n}\":{value}")).collect();
            format!("{{\"{}\":{{{}}}}}", "x".repeat(1_000), members.join(","))
        };
        let told = changed(&object(1), &object(2)).expect("JSON");
        assert!(told.len() < MOST + 1_100 && told.ends_with('…'), "{}", told.len());
    }
}
