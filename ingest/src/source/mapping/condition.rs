//! What must stand in a record: for a mapping to take it, for a rule to hold.

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::document::{Placed, literal};
use super::fault::Faults;
use super::pointer::Pointer;
use super::value::texts;

/// Pointers and what must stand there; all of them must hold.
#[derive(Debug, Default)]
pub(super) struct Condition(Vec<(Pointer, Vec<Pattern>)>);

/// A word of a record, whatever its case.
#[derive(Debug, PartialEq, Eq)]
enum Pattern {
    /// `*`: anything but null.
    Anything,
    Is(String),
    /// `x*`
    Begins(String),
    /// `*x`
    Ends(String),
    /// `*x*`
    Holds(String),
}

impl Condition {
    /// Reads a table of pointers; each has a word, or a list of words of which one must
    /// stand there.
    pub(super) fn read(table: &DeTable<'_>, name: &str, faults: &mut Faults<'_>) -> Self {
        let mut all = Vec::new();
        for (key, value) in table {
            match Pointer::parse(key.get_ref()) {
                Ok(pointer) => all.push((pointer, patterns(value, faults))),
                Err(why) => faults.at(key.span(), why),
            }
        }
        if table.is_empty() {
            faults.whole(format!("{name} is empty: it would hold for every record"));
        }
        Self(all)
    }

    /// Whether it asks for nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a record says all that is asked for.
    pub(super) fn holds(&self, record: &Value) -> bool {
        self.fails_at(record).is_none()
    }

    /// The first pointer at which a record says something else, or nothing.
    pub(super) fn fails_at(&self, record: &Value) -> Option<&Pointer> {
        let fails = |(pointer, patterns): &&(Pointer, Vec<Pattern>)| {
            let value = pointer.of(record).filter(|value| !value.is_null());
            !value.is_some_and(|value| patterns.iter().any(|pattern| pattern.is_in(value)))
        };
        self.0.iter().find(fails).map(|(pointer, _)| pointer)
    }

    /// What it looks at.
    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        self.0.iter().map(|(pointer, _)| pointer)
    }
}

fn patterns(value: &Placed<'_>, faults: &mut Faults<'_>) -> Vec<Pattern> {
    let one = std::slice::from_ref(value);
    let values = match value.get_ref() {
        DeValue::Array(values) => values.as_ref(),
        _ => one,
    };
    if values.is_empty() {
        faults.at(value.span(), "an empty list holds for no record; \"*\" stands for anything");
    }
    let read = |value: &Placed<'_>| {
        let word = literal(value, "a word of the record", faults)?.as_text();
        let pattern = Pattern::read(&word);
        if pattern.is_none() {
            faults.at(
                value.span(),
                "`*` stands for any text at the beginning or the end of a word, not within it",
            );
        }
        pattern
    };
    values.iter().filter_map(read).collect()
}

impl Pattern {
    fn read(word: &str) -> Option<Self> {
        if word == "*" {
            return Some(Self::Anything);
        }
        let (start, end) = (word.strip_prefix('*'), word.strip_suffix('*'));
        let inner = word.trim_start_matches('*').trim_end_matches('*').to_lowercase();
        if inner.contains('*') || inner.is_empty() && !word.is_empty() {
            return None;
        }
        Some(match (start.is_some(), end.is_some()) {
            (true, true) => Self::Holds(inner),
            (true, false) => Self::Ends(inner),
            (false, true) => Self::Begins(inner),
            (false, false) => Self::Is(inner),
        })
    }

    /// Whether a value, or one of the values of a list, is such a word.
    fn is_in(&self, value: &Value) -> bool {
        *self == Self::Anything || texts(value).iter().any(|text| self.is(text))
    }

    fn is(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        match self {
            Self::Anything => true,
            Self::Is(word) => text == *word,
            Self::Begins(word) => text.starts_with(word),
            Self::Ends(word) => text.ends_with(word),
            Self::Holds(word) => text.contains(word),
        }
    }
}
