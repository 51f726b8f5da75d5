//! What is read of an entry.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::object::Object;
use super::super::text::{Flag, Text};
use super::super::time::Moment;

/// One entry of the audit log.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Entry<'a> {
    #[serde(borrow, rename = "@timestamp")]
    pub(super) timestamp: Moment<'a>,
    #[serde(borrow)]
    pub(super) created_at: Moment<'a>,
    #[serde(borrow, rename = "_document_id")]
    pub(super) document_id: Text<'a>,
    #[serde(borrow)]
    pub(super) action: Text<'a>,
    #[serde(borrow)]
    pub(super) actor: Text<'a>,
    #[serde(borrow)]
    pub(super) actor_id: Text<'a>,
    pub(super) actor_is_bot: Flag,
    #[serde(borrow)]
    pub(super) actor_ip: Text<'a>,
    #[serde(borrow)]
    pub(super) actor_location: Object<Location<'a>>,
    #[serde(borrow)]
    pub(super) user: Text<'a>,
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) user_agent: Text<'a>,
    #[serde(borrow)]
    pub(super) org: Text<'a>,
    #[serde(borrow)]
    pub(super) business: Text<'a>,
    #[serde(borrow)]
    pub(super) repo: Text<'a>,
    #[serde(borrow)]
    pub(super) programmatic_access_type: Text<'a>,
    #[serde(borrow)]
    pub(super) hashed_token: Text<'a>,
    #[serde(borrow)]
    pub(super) deploy_key_fingerprint: Text<'a>,
    #[serde(borrow)]
    pub(super) transport_protocol_name: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) workflow_name: Text<'a>,
    #[serde(borrow)]
    pub(super) job_workflow_ref: Text<'a>,
    #[serde(borrow)]
    pub(super) environment: Text<'a>,
    #[serde(borrow)]
    pub(super) environment_name: Text<'a>,
    #[serde(borrow)]
    pub(super) branch: Text<'a>,
    #[serde(borrow)]
    pub(super) ruleset_name: Text<'a>,
    #[serde(borrow)]
    pub(super) failure_reason: Text<'a>,
    #[serde(borrow)]
    pub(super) overridden_codes: Words<'a>,
    #[serde(borrow)]
    pub(super) reasons: Words<'a>,
}

/// Where GitHub places the address.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Location<'a> {
    #[serde(borrow)]
    pub(super) country_code: Text<'a>,
    #[serde(borrow)]
    pub(super) region_name: Text<'a>,
    #[serde(borrow)]
    pub(super) city: Text<'a>,
}

/// A list of words, or of objects with a `code`; a single word is a list of one.
#[derive(Default)]
pub(super) struct Words<'a>(Vec<Cow<'a, str>>);

impl Words<'_> {
    /// The words with commas, for people.
    pub(super) fn joined(&self) -> Option<Cow<'_, str>> {
        match self.0.as_slice() {
            [] => None,
            [one] => Some(Cow::Borrowed(one)),
            several => Some(Cow::Owned(several.join(", "))),
        }
    }
}

#[derive(Default)]
struct Word<'a>(Text<'a>);

struct WordVisitor;

impl<'de> Visitor<'de> for WordVisitor {
    type Value = Word<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word or an object with a code")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Word(super::super::text::FromScalar::borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Word(super::super::text::FromScalar::text(text)))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut word = Word::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if key == "code" {
                word.0 = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(word)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Word::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Word::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Word::default())
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
        f.write_str("a list of words")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut words = Words::default();
        while let Some(Word(word)) = seq.next_element::<Word<'de>>()? {
            words.0.extend(word.into_cow());
        }
        Ok(words)
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Words(vec![Cow::Borrowed(text)]))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Words(vec![Cow::Owned(text.to_owned())]))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Words::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Words::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Words::default())
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
}

impl<'de: 'a, 'a> Deserialize<'de> for Words<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordsVisitor)
    }
}
