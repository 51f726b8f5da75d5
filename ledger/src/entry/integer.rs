//! Integers in JSON: numbers below 2^53, decimal strings from there on.

use serde::de::{Deserialize, Deserializer, Error};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::canonical::FIRST_AS_STRING;

/// An integer out of canonical JSON; `None` if it is none, or written otherwise.
pub(crate) fn from_value<T: TryFrom<i128>>(value: &Value) -> Option<T> {
    let wide = match value {
        Value::Number(number) => {
            number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))?
        }
        Value::String(text) => {
            let wide: i128 = text.parse().ok()?;
            let large = wide.unsigned_abs() >= FIRST_AS_STRING.into();
            (large && wide.to_string() == *text).then_some(wide)?
        }
        _ => return None,
    };
    T::try_from(wide).ok()
}

/// For `#[serde(with = "integer")]`; the canonical writer makes strings of large ones.
pub(super) fn serialize<T: Serialize, S: Serializer>(
    number: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    number.serialize(serializer)
}

pub(super) fn deserialize<'de, T: TryFrom<i128>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    from_value(&value).ok_or_else(|| D::Error::custom("not an integer that fits"))
}

/// The same for fields that may be absent.
pub(super) mod optional {
    use super::{Deserialize, Deserializer, Error, Serialize, Serializer, Value, from_value};

    pub(in super::super) fn serialize<T: Serialize, S: Serializer>(
        number: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        number.serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, T: TryFrom<i128>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        let value = Value::deserialize(deserializer)?;
        from_value(&value).map(Some).ok_or_else(|| D::Error::custom("not an integer that fits"))
    }
}
