//! Lenient serde types for words that may lie in objects, and for lists of them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::text::{FromScalar, Text};

/// How a source writes its words.
pub(crate) trait Form {
    /// The key under which an object holds its word.
    const KEY: &'static str;
    /// Whether numbers are words.
    const NUMBERS: bool;
}

/// `"word"`, `7` or `{"value":"word"}`.
#[derive(Debug, Default, Clone)]
pub(crate) struct ByValue;

impl Form for ByValue {
    const KEY: &'static str = "value";
    const NUMBERS: bool = true;
}

/// `"word"` or `{"code":"word"}`.
#[derive(Debug, Default, Clone)]
pub(crate) struct ByCode;

impl Form for ByCode {
    const KEY: &'static str = "code";
    const NUMBERS: bool = false;
}

/// One word; an object stands for the one in it. What is neither says nothing.
#[derive(Debug, Default, Clone)]
pub(crate) struct Word<'a, F = ByValue>(pub(crate) Text<'a>, PhantomData<F>);

impl<'a, F> Word<'a, F> {
    const fn of(text: Text<'a>) -> Self {
        Self(text, PhantomData)
    }
}

/// A list of words. A single one is a list of one; what is none is left out.
#[derive(Debug, Default, Clone)]
pub(crate) struct Words<'a, F = ByValue>(Vec<Text<'a>>, PhantomData<F>);

impl<F> Words<'_, F> {
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

struct WordVisitor<F>(PhantomData<F>);

impl<'de, F: Form + Default> Visitor<'de> for WordVisitor<F> {
    type Value = Word<'de, F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Word::of(Text::borrowed(text)))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Word::of(Text::text(text)))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(if F::NUMBERS { Word::of(Text::whole(number)) } else { Word::default() })
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        i64::try_from(number).map_or_else(|_| Ok(Word::default()), |number| self.visit_i64(number))
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
            if key == F::KEY {
                word.0 = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(word)
    }
}

impl<'de: 'a, 'a, F: Form + Default> Deserialize<'de> for Word<'a, F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordVisitor(PhantomData))
    }
}

struct WordsVisitor<F>(PhantomData<F>);

impl<F> WordsVisitor<F> {
    /// A single word is a list of one.
    fn one<'de, E>(word: Result<Word<'de, F>, E>) -> Result<Words<'de, F>, E> {
        word.map(|word| Words(vec![word.0], PhantomData))
    }
}

impl<'de, F: Form + Default> Visitor<'de> for WordsVisitor<F> {
    type Value = Words<'de, F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut words = Words::default();
        while let Some(word) = seq.next_element::<Word<'de, F>>()? {
            words.0.push(word.0);
        }
        Ok(words)
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Self::one(WordVisitor(self.0).visit_borrowed_str(text))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Self::one(WordVisitor(self.0).visit_str(text))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Self::one(WordVisitor(self.0).visit_i64(number))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Self::one(WordVisitor(self.0).visit_u64(number))
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

impl<'de: 'a, 'a, F: Form + Default> Deserialize<'de> for Words<'a, F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordsVisitor(PhantomData))
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
    fn a_source_says_how_its_words_lie_in_objects_and_whether_numbers_are_words() {
        let read = |json: &'static str| -> Vec<String> {
            let words: Words<'_, ByCode> = sonic_rs::from_str(json).expect(json);
            words.iter().map(str::to_owned).collect()
        };
        assert_eq!(read(r#"["a",7,{"code":"b","value":"x"},{"value":"c"}]"#), ["a", "b"]);
        assert_eq!(read(r#""a""#), ["a"]);
        assert!(read("7").is_empty());
        let word = |json: &'static str| -> Option<String> {
            let word: Word<'_> = sonic_rs::from_str(json).expect(json);
            word.0.get().map(str::to_owned)
        };
        assert_eq!(word(r#"{"value":"a","localizedValue":"A"}"#).as_deref(), Some("a"));
        assert_eq!(word("7").as_deref(), Some("7"));
        assert_eq!(word(r#"["a"]"#), None);
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
