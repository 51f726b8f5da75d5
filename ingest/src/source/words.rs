//! A lenient serde type for a list of scalars.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::text::{FromScalar, Text};

/// A list of words or numbers. A single one is a list of one; an object in the
/// list stands for its `value`; what is neither is left out.
#[derive(Debug, Default, Clone)]
pub(crate) struct Words<'a>(Vec<Text<'a>>);

impl Words<'_> {
    /// The words, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(Text::get)
    }

    /// The first word.
    pub(crate) fn first(&self) -> Option<&str> {
        self.iter().next()
    }

    /// The words with commas, for people.
    pub(crate) fn joined(&self) -> Option<Cow<'_, str>> {
        let mut words = self.iter();
        let first = words.next()?;
        let rest: Vec<_> = words.collect();
        if rest.is_empty() {
            return Some(Cow::Borrowed(first));
        }
        Some(Cow::Owned(format!("{first}, {}", rest.join(", "))))
    }
}

/// One of a list.
#[derive(Default)]
struct Word<'a>(Text<'a>);

struct WordVisitor;

impl<'de> Visitor<'de> for WordVisitor {
    type Value = Word<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Word(Text::borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Word(Text::text(text)))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Word(Text::whole(number)))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Word(i64::try_from(number).map_or(Text::None, Text::whole)))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Word::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Word::default())
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Word::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Word::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut word = Word::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if key == "value" {
                word.0 = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(word)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordVisitor)
    }
}

struct WordsVisitor;

impl<'de> Visitor<'de> for WordsVisitor {
    type Value = Words<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut words = Words::default();
        while let Some(Word(word)) = seq.next_element::<Word<'de>>()? {
            words.0.push(word);
        }
        Ok(words)
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Words(vec![Text::borrowed(text)]))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Words(vec![Text::text(text)]))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Words(vec![Text::whole(number)]))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Words(i64::try_from(number).map(Text::whole).into_iter().collect()))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Words::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Words::default())
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Words::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Words::default())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Words<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Vec<String> {
        let words: Words<'_> = sonic_rs::from_str(json).expect(json);
        words.iter().map(str::to_owned).collect()
    }

    #[test]
    fn lists_of_any_scalars_become_words_and_the_rest_is_left_out() {
        assert_eq!(
            read(r#"["a",7,null,{"value":"b"},["x"],true,1.5,"",{"c":1}]"#),
            ["a", "7", "b"]
        );
        assert_eq!(read(r#""a""#), ["a"]);
        assert_eq!(read("64500"), ["64500"]);
        for odd in ["null", "true", "1.5", "[]", r#"{"value":"a"}"#] {
            assert!(read(odd).is_empty(), "{odd}");
        }
    }

    #[test]
    fn words_are_joined_for_people() {
        let joined = |json: &'static str| {
            let words: Words<'_> = sonic_rs::from_str(json).expect(json);
            words.joined().map(Cow::into_owned)
        };
        assert_eq!(joined(r#"["a","b",1]"#).as_deref(), Some("a, b, 1"));
        assert_eq!(joined(r#"["a"]"#).as_deref(), Some("a"));
        assert_eq!(joined("[]"), None);
    }
}
