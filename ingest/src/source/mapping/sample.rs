//! What of a sample a mapping doesn't look at, and which words it doesn't know.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Mapping;
use super::pointer::Pointer;
use super::rule::Rule;
use crate::source::json;

/// What a mapping made of the fields of a sample, record by record.
#[derive(Debug, Default)]
pub struct Sampled {
    /// Fields that it never looks at, as pointers with `*` for an element of a list, and
    /// in how many records they are.
    pub unread: BTreeMap<String, usize>,
    /// Columns, words that stand for nothing in them, and in how many records they are.
    pub unknown_words: BTreeMap<(String, String), usize>,
}

impl Sampled {
    /// Looks at one more record, redacted.
    pub fn look(&mut self, mapping: &Mapping, record: &[u8]) {
        for part in mapping.split(record) {
            let text = json::text(part);
            if let Ok(value @ Value::Object(_)) = serde_json::from_str(&text) {
                self.record(mapping, &value);
            }
        }
    }

    fn record(&mut self, mapping: &Mapping, record: &Value) {
        let rule = mapping.rule(record);
        if rule.is_some_and(Rule::leaves_out) {
            return;
        }
        let own = rule.map(Rule::columns).unwrap_or_default();
        let looked: BTreeSet<&str> = mapping.pointers().map(Pointer::as_str).collect();
        let mut fields = BTreeSet::new();
        collect(record, &Place::default(), &looked, &mut fields);
        for field in fields {
            *self.unread.entry(field).or_default() += 1;
        }
        for assignment in mapping.assignments(own) {
            if let Some(word) = assignment.unknown_word(record) {
                let key = (assignment.column().to_owned(), word.into_owned());
                *self.unknown_words.entry(key).or_default() += 1;
            }
        }
    }
}

/// Where in a record: as a pointer, and as it is told.
#[derive(Default, Clone)]
struct Place {
    pointer: String,
    shown: String,
}

impl Place {
    fn of(&self, key: &str, shown: &str) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Self {
            pointer: format!("{}/{key}", self.pointer),
            shown: format!("{}/{}", self.shown, if shown.is_empty() { &key } else { shown }),
        }
    }
}

/// Adds every field that says something, under no pointer that is looked at.
fn collect(value: &Value, place: &Place, looked: &BTreeSet<&str>, found: &mut BTreeSet<String>) {
    if looked.contains(place.pointer.as_str()) {
        return;
    }
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (key, value) in members {
                collect(value, &place.of(key, ""), looked, found);
            }
        }
        Value::Array(elements) => {
            for (number, value) in elements.iter().enumerate() {
                collect(value, &place.of(&number.to_string(), "*"), looked, found);
            }
        }
        _ => {
            found.insert(place.shown.clone());
        }
    }
}
