//! Lenient serde types. A vendor that sends a number where text was, or an
//! object where a word was, must not cost the whole record: what doesn't fit is
//! taken as not said.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What can be made of a JSON scalar. Objects, arrays and null give the default.
pub(crate) trait FromScalar<'de>: Default {
    /// A string that lies in the record as it is.
    fn borrowed(text: &'de str) -> Self {
        Self::text(text)
    }
    /// A string that had escapes.
    fn text(text: &str) -> Self;
    /// A whole number.
    fn whole(number: i64) -> Self;
    /// A number with a fraction, or beyond an `i64`.
    fn fraction(number: f64) -> Self;
    /// True or false.
    fn truth(truth: bool) -> Self;
}

struct ScalarVisitor<T>(PhantomData<T>);

impl<'de, T: FromScalar<'de>> Visitor<'de> for ScalarVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::borrowed(text))
    }
    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(text))
    }
    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::whole(number))
    }
    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        #[expect(clippy::cast_precision_loss, reason = "beyond an i64 only the magnitude counts")]
        Ok(i64::try_from(number).map_or_else(|_| T::fraction(number as f64), T::whole))
    }
    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(T::fraction(number))
    }
    fn visit_bool<E>(self, truth: bool) -> Result<T, E> {
        Ok(T::truth(truth))
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_none<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(T::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(T::default())
    }
}

/// Reads any value as a scalar.
pub(crate) fn scalar<'de, T: FromScalar<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(ScalarVisitor(PhantomData))
}

macro_rules! deserialize_scalar {
    ($type:ty $(, $life:lifetime)?) => {
        impl<'de $(: $life, $life)?> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                scalar(deserializer)
            }
        }
    };
}

/// Any scalar as text. Empty text is taken as not said. Whole numbers stand in
/// the value itself, as ids come as numbers and a row must cost no allocation.
#[derive(Debug, Default, Clone)]
pub(crate) enum Text<'a> {
    /// Not said.
    #[default]
    None,
    /// As it stands in the record.
    Borrowed(&'a str),
    /// It had escapes, or was a fraction.
    Owned(Box<str>),
    /// A whole number's digits, and how many.
    Digits([u8; 20], u8),
}

impl<'a> Text<'a> {
    /// The text, if there is any.
    pub(crate) fn get(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Borrowed(text) => Some(text),
            Self::Owned(text) => Some(text),
            Self::Digits(digits, length) => {
                std::str::from_utf8(digits.get(..usize::from(*length))?).ok()
            }
        }
    }

    /// The text, or the empty string: for a `match`.
    pub(crate) fn or_empty(&self) -> &str {
        self.get().unwrap_or_default()
    }

    /// The text for an event's column, borrowed from here.
    pub(crate) fn cow(&self) -> Option<Cow<'_, str>> {
        self.get().map(Cow::Borrowed)
    }

    /// The same in lower case; borrowed where it already is.
    pub(crate) fn lower(&self) -> Option<Cow<'_, str>> {
        self.get().map(lower)
    }

    /// Whether the text is this word, whatever its case.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.get().is_some_and(|text| text.eq_ignore_ascii_case(word))
    }
}

impl<'de: 'a, 'a> FromScalar<'de> for Text<'a> {
    fn borrowed(text: &'de str) -> Self {
        if text.is_empty() { Self::None } else { Self::Borrowed(text) }
    }
    fn text(text: &str) -> Self {
        if text.is_empty() { Self::None } else { Self::Owned(text.into()) }
    }
    fn whole(number: i64) -> Self {
        use std::io::Write;
        let mut digits = [0; 20];
        let mut rest: &mut [u8] = &mut digits;
        // An i64 has at most 19 digits and a sign.
        let written = write!(rest, "{number}");
        let length = 20 - rest.len();
        match (written, u8::try_from(length)) {
            (Ok(()), Ok(length)) => Self::Digits(digits, length),
            _ => Self::None,
        }
    }
    fn fraction(number: f64) -> Self {
        Self::Owned(number.to_string().into())
    }
    fn truth(truth: bool) -> Self {
        Self::Borrowed(if truth { "true" } else { "false" })
    }
}
deserialize_scalar!(Text<'a>, 'a);

/// A whole number, also when it comes as text.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whole(pub(crate) Option<i64>);

impl FromScalar<'_> for Whole {
    fn text(text: &str) -> Self {
        Self(text.trim().parse().ok())
    }
    fn whole(number: i64) -> Self {
        Self(Some(number))
    }
    fn fraction(number: f64) -> Self {
        Self(whole_of(number))
    }
    fn truth(_: bool) -> Self {
        Self(None)
    }
}
deserialize_scalar!(Whole);

impl Whole {
    /// The number where a column holds 32 bits.
    pub(crate) fn narrow(self) -> Option<i32> {
        self.0.and_then(|number| i32::try_from(number).ok())
    }
}

/// Yes or no, also when it comes as text or as 1 and 0.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) Option<bool>);

impl FromScalar<'_> for Flag {
    fn text(text: &str) -> Self {
        let text = text.trim();
        let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        Self(if is(["true", "yes", "1"]) {
            Some(true)
        } else if is(["false", "no", "0"]) {
            Some(false)
        } else {
            None
        })
    }
    fn whole(number: i64) -> Self {
        Self(match number {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        })
    }
    fn fraction(_: f64) -> Self {
        Self(None)
    }
    fn truth(truth: bool) -> Self {
        Self(Some(truth))
    }
}
deserialize_scalar!(Flag);

/// Degrees of latitude or longitude, in millionths.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Degrees(pub(crate) Option<i32>);

impl FromScalar<'_> for Degrees {
    fn text(text: &str) -> Self {
        text.trim().parse().map_or(Self(None), Self::fraction)
    }
    fn whole(number: i64) -> Self {
        i32::try_from(number).map_or(Self(None), |degrees| Self::fraction(f64::from(degrees)))
    }
    fn fraction(degrees: f64) -> Self {
        let millionths = (degrees.abs() <= 180.0).then(|| whole_of((degrees * 1e6).round()));
        Self(millionths.flatten().and_then(|number| i32::try_from(number).ok()))
    }
    fn truth(_: bool) -> Self {
        Self(None)
    }
}
deserialize_scalar!(Degrees);

/// In lower case; borrowed where it already is.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

/// The whole part of a number, where an `i64` holds it.
pub(crate) fn whole_of(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be in range just before")]
    (number.abs() < 9.2e18).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Default, Debug)]
    #[serde(default)]
    struct Probe<'a> {
        #[serde(borrow)]
        text: Text<'a>,
        whole: Whole,
        flag: Flag,
        lat: Degrees,
    }

    fn read(json: &str) -> Probe<'_> {
        sonic_rs::from_str(json).expect(json)
    }

    #[test]
    fn scalars_of_any_kind_become_text_and_the_rest_is_not_said() {
        for (json, expected) in [
            (r#"{"text":"a"}"#, Some("a")),
            (r#"{"text":"a\u0000\n"}"#, Some("a\0\n")),
            (r#"{"text":""}"#, None),
            (r#"{"text":7}"#, Some("7")),
            (r#"{"text":-9223372036854775808}"#, Some("-9223372036854775808")),
            (r#"{"text":1.5}"#, Some("1.5")),
            (r#"{"text":true}"#, Some("true")),
            (r#"{"text":null}"#, None),
            (r#"{"text":{"a":[1,{"b":2}]}}"#, None),
            (r#"{"text":[1,[2]]}"#, None),
            (r#"{}"#, None),
        ] {
            assert_eq!(read(json).text.get(), expected, "{json}");
        }
    }

    #[test]
    fn numbers_and_flags_come_as_text_too() {
        assert_eq!(read(r#"{"whole":"41"}"#).whole.0, Some(41));
        assert_eq!(read(r#"{"whole":18446744073709551615}"#).whole.0, None);
        assert_eq!(read(r#"{"whole":"x"}"#).whole.0, None);
        assert_eq!(read(r#"{"flag":"Yes"}"#).flag.0, Some(true));
        assert_eq!(read(r#"{"flag":false}"#).flag.0, Some(false));
        assert_eq!(read(r#"{"flag":"maybe"}"#).flag.0, None);
        assert_eq!(read(r#"{"lat":52.5200066}"#).lat.0, Some(52_520_007));
        assert_eq!(read(r#"{"lat":"-0.5"}"#).lat.0, Some(-500_000));
        assert_eq!(read(r#"{"lat":400}"#).lat.0, None);
    }
}
