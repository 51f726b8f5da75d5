//! JSON in RFC 8785 form, without floats: keys sorted by UTF-16 code units, no
//! space, one way to write every text and number. Integers from 2^53 on don't
//! survive every JSON reader and are written as strings.

use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

use crate::error::{LedgerError, Result};

/// Integers of this size and more are strings.
pub(crate) const FIRST_AS_STRING: u64 = 1 << 53;

/// Levels of lists and objects in each other, so that no reader runs out of stack.
const MAX_DEPTH: u32 = 64;

/// Writes a value.
///
/// # Errors
/// If it holds a number that isn't an integer, or is nested over 64 levels deep.
pub fn to_canonical(value: &Value) -> Result<Vec<u8>> {
    let mut out = String::new();
    write_value(value, MAX_DEPTH, &mut out)?;
    Ok(out.into_bytes())
}

/// Reads what [`to_canonical`] wrote, and nothing else.
///
/// # Errors
/// If the bytes are not JSON in exactly this form.
pub fn from_canonical(bytes: &[u8]) -> Result<Value> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| LedgerError::NotCanonical(format!("it isn't JSON: {error}")))?;
    if to_canonical(&value)? != bytes {
        let detail = "spaces, order, numbers or escapes aren't as they must be";
        return Err(LedgerError::NotCanonical(detail.to_owned()));
    }
    Ok(value)
}

/// Hex SHA-256 of a value in this form: how an entry names what would be too
/// long for it.
///
/// # Errors
/// As [`to_canonical`].
pub fn canonical_sha256(value: &Value) -> Result<String> {
    Ok(hex::encode(Sha256::digest(to_canonical(value)?)))
}

fn write_value(value: &Value, depth: u32, out: &mut String) -> Result<()> {
    let below = || {
        let deep = || LedgerError::NotCanonical("it is nested over 64 levels deep".to_owned());
        depth.checked_sub(1).ok_or_else(deep)
    };
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(number, out)?,
        Value::String(text) => write_text(text, out),
        Value::Array(values) => {
            let depth = below()?;
            out.push('[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_value(value, depth, out)?;
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let depth = below()?;
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (place, (name, value)) in fields.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_text(name, out);
                out.push(':');
                write_value(value, depth, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn write_number(number: &Number, out: &mut String) -> Result<()> {
    let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    let Some(integer) = integer else {
        return Err(LedgerError::NotCanonical(format!("{number} isn't an integer of 64 bits")));
    };
    let quote = if integer.unsigned_abs() >= FIRST_AS_STRING.into() { "\"" } else { "" };
    out.push_str(&format!("{quote}{integer}{quote}"));
    Ok(())
}

/// RFC 8785, section 3.2.2.2.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn text(value: &Value) -> String {
        String::from_utf8(to_canonical(value).expect("canonical")).expect("text")
    }

    /// The example of RFC 8785, section 3.2.3: by code points the last two would
    /// stand the other way round.
    #[test]
    fn keys_are_sorted_by_utf16_code_units() {
        let value = json!({
            "\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7
        });
        let expected = "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}";
        assert_eq!(text(&value), expected);
    }

    #[test]
    fn texts_and_numbers_have_one_form() {
        let value =
            json!(["\u{0}\u{8}\t\n\u{c}\r\u{1f}\"\\/\u{7f}\u{2028}", -5, null, true, {}, []]);
        let expected =
            "[\"\\u0000\\b\\t\\n\\f\\r\\u001f\\\"\\\\/\u{7f}\u{2028}\",-5,null,true,{},[]]";
        assert_eq!(text(&value), expected);
        let large =
            json!([9_007_199_254_740_991_u64, 9_007_199_254_740_992_u64, i64::MIN, u64::MAX]);
        let expected = r#"[9007199254740991,"9007199254740992","-9223372036854775808","18446744073709551615"]"#;
        assert_eq!(text(&large), expected);
    }

    #[test]
    fn any_other_form_is_refused() {
        for other in [
            r#"{"a": 1}"#,
            r#"{"b":1,"a":2}"#,
            r#"{"a":1,"a":1}"#,
            "1.0",
            "1e2",
            "-0",
            "0.5",
            "9007199254740992",
            r#""\u0041""#,
            r#""\/""#,
            r#""\u000A""#,
            "[1,]",
            " 1",
            "1\n",
            "",
            r#""\ud800""#,
            "nul",
        ] {
            assert!(from_canonical(other.as_bytes()).is_err(), "{other}");
        }
        let deep = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(from_canonical(deep(64).as_bytes()).is_ok());
        assert!(from_canonical(deep(65).as_bytes()).is_err());
        assert!(from_canonical(deep(100_000).as_bytes()).is_err());
    }

    pub(crate) fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-100_i64..100).prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::hash_map(any::<String>(), inner, 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn values_read_back_in_the_same_bytes(value in any_value()) {
            let bytes = to_canonical(&value).expect("canonical");
            let read = from_canonical(&bytes).expect("reads back");
            prop_assert_eq!(to_canonical(&read).expect("canonical"), bytes);
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = from_canonical(&bytes);
        }
    }
}
