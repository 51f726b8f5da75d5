//! Lenient serde types for objects and lists: one that comes in another form
//! than usual is taken as empty and doesn't cost the record.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::text::{FromScalar, Text};

/// An object; anything else (null, text, a list) gives an empty one.
#[derive(Debug, Default, Clone)]
pub(crate) struct Object<T>(pub(crate) T);

impl<T> std::ops::Deref for Object<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Object<T>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Object::default())
    }
    fn visit_str<E>(self, _: &str) -> Result<Object<T>, E> {
        Ok(Object::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Object<T>, E> {
        Ok(Object::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Object<T>, E> {
        Ok(Object::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Object<T>, E> {
        Ok(Object::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Object<T>, E> {
        Ok(Object::default())
    }
    fn visit_unit<E>(self) -> Result<Object<T>, E> {
        Ok(Object::default())
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

/// A list of objects. One object that isn't in a list is a list of one; a list
/// that comes as JSON within text is kept as `text`, for a second reading.
#[derive(Debug, Clone)]
pub(crate) struct List<'a, T> {
    /// The objects.
    pub(crate) items: Vec<T>,
    /// The list as text, where it came so.
    pub(crate) text: Text<'a>,
}

impl<T> Default for List<'_, T> {
    fn default() -> Self {
        Self { items: Vec::new(), text: Text::default() }
    }
}

struct ListVisitor<'a, T>(PhantomData<(&'a (), T)>);

impl<'de: 'a, 'a, T: Deserialize<'de> + Default> Visitor<'de> for ListVisitor<'a, T> {
    type Value = List<'a, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Object(item)) = seq.next_element::<Object<T>>()? {
            items.push(item);
        }
        Ok(List { items, text: Text::default() })
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let item = T::deserialize(MapAccessDeserializer::new(map))?;
        Ok(List { items: vec![item], text: Text::default() })
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(List { items: Vec::new(), text: Text::borrowed(text) })
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(List { items: Vec::new(), text: Text::text(text) })
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(List::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(List::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(List::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(List::default())
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(List::default())
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de> + Default> Deserialize<'de> for List<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Default, Debug)]
    #[serde(default)]
    struct Probe<'a> {
        #[serde(borrow)]
        object: Object<Inner<'a>>,
        #[serde(borrow)]
        list: List<'a, Inner<'a>>,
    }

    #[derive(serde::Deserialize, Default, Debug)]
    #[serde(default)]
    struct Inner<'a> {
        #[serde(borrow)]
        name: Text<'a>,
    }

    fn read(json: &str) -> Probe<'_> {
        sonic_rs::from_str(json).expect(json)
    }

    #[test]
    fn objects_and_lists_forgive_one_another() {
        assert_eq!(read(r#"{"object":{"name":"a"}}"#).object.name.get(), Some("a"));
        for odd in ["null", "\"x\"", "[1]", "1", "-1", "1.5", "true"] {
            let json = format!(r#"{{"object":{odd},"list":{odd}}}"#);
            assert!(read(&json).object.name.get().is_none(), "{json}");
        }
        assert_eq!(read(r#"{"list":[{"name":"a"},7,{"name":"b"}]}"#).list.items.len(), 3);
        assert_eq!(read(r#"{"list":{"name":"a"}}"#).list.items[0].name.get(), Some("a"));
        assert_eq!(read(r#"{"list":"[{}]"}"#).list.text.get(), Some("[{}]"));
    }
}
