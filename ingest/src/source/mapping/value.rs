//! Where a column's value is taken from, and what becomes of it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use toml::de::DeTable;

use super::document::{Literal, Placed, get, only, pointers, table, text};
use super::fault::Faults;
use super::pointer::Pointer;

/// What a JSON value says in words: of a list what its elements say, of an object and of
/// empty text nothing.
pub(super) fn texts(value: &Value) -> Vec<Cow<'_, str>> {
    match value {
        Value::Array(elements) => elements.iter().filter_map(scalar).collect(),
        value => scalar(value).into_iter().collect(),
    }
}

fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) if !text.is_empty() => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        _ => None,
    }
}

/// Where a value is taken from.
#[derive(Debug, Default)]
pub(super) struct Taking {
    /// The first of them that says something counts; with `join`, all together.
    of: Vec<Pointer>,
    /// What stands between the values of all pointers.
    join: Option<String>,
    cut: Option<Cut>,
    /// The vendor's words, in lower case, and what they mean.
    words: Option<BTreeMap<String, Literal>>,
    /// For words that have no meaning here.
    otherwise: Option<Literal>,
    /// For records that say nothing.
    missing: Option<Literal>,
}

/// The part of a text that is taken: before or behind the last of this separator.
#[derive(Debug)]
enum Cut {
    Before(String),
    After(String),
}

/// What a record says of a column.
#[derive(Debug, PartialEq)]
pub(super) enum Said<'v> {
    Nothing,
    /// A value of the mapping.
    Literal(&'v Literal),
    /// The record's own.
    Text(Cow<'v, str>),
    /// A word that the mapping gives no meaning.
    Unknown(Cow<'v, str>),
}

/// The keys of a column's table.
const KEYS: [&str; 8] = ["at", "join", "with", "before", "after", "words", "otherwise", "missing"];

impl Taking {
    /// Of these pointers; for what is one.
    pub(super) fn of(of: Vec<Pointer>) -> Self {
        Self { of, ..Self::default() }
    }

    /// Reads `"/pointer"`, `["/first", "/else"]` or a table. `fits` reads a value of the
    /// mapping for this column; `more` are further keys of its table.
    pub(super) fn read(
        value: &Placed<'_>,
        name: &str,
        more: &[&str],
        fits: &dyn Fn(&Placed<'_>, &mut Faults<'_>) -> Option<Literal>,
        faults: &mut Faults<'_>,
    ) -> Self {
        let toml::de::DeValue::Table(keys) = value.get_ref() else {
            return Self::of(pointers(value, name, faults));
        };
        only(keys, name, &[&KEYS[..], more].concat(), faults);
        let (of, join) = Self::sources(keys, value, name, faults);
        let mut literal = |key: &str| get(keys, key).and_then(|value| fits(value, faults));
        let (otherwise, missing) = (literal("otherwise"), literal("missing"));
        let words = get(keys, "words").and_then(|value| {
            let words = table(value, "`words`", faults)?;
            Some(meanings(words, fits, faults))
        });
        Self { of, join, cut: Cut::read(keys, faults), words, otherwise, missing }
    }

    fn sources(
        keys: &DeTable<'_>,
        value: &Placed<'_>,
        name: &str,
        faults: &mut Faults<'_>,
    ) -> (Vec<Pointer>, Option<String>) {
        let with = get(keys, "with");
        match (get(keys, "at"), get(keys, "join")) {
            (Some(at), None) => {
                if let Some(with) = with {
                    faults.at(with.span(), "`with` stands between the values of `join`");
                }
                (pointers(at, "`at`", faults), None)
            }
            (None, Some(join)) => {
                let with = with.and_then(|with| text(with, "`with`", faults)).unwrap_or("/");
                (pointers(join, "`join`", faults), Some(with.to_owned()))
            }
            (Some(_), Some(join)) => {
                faults.at(join.span(), "there is `at` already: it takes the first of its pointers that says something, `join` all");
                (Vec::new(), None)
            }
            (None, None) => {
                let what = format!(
                    "{name} needs `at`, a pointer into the record; a value of your own goes into [set]"
                );
                faults.at(value.span(), what);
                (Vec::new(), None)
            }
        }
    }

    /// What it looks at.
    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        self.of.iter()
    }

    /// What a record says.
    pub(super) fn take<'v>(&'v self, record: &'v Value) -> Said<'v> {
        let said = self.said(record);
        if said.is_empty() {
            return self.missing.as_ref().map_or(Said::Nothing, Said::Literal);
        }
        let Some(words) = &self.words else {
            return Said::Text(joined(said, ", "));
        };
        match said.iter().find_map(|text| words.get(&text.to_lowercase())) {
            Some(literal) => Said::Literal(literal),
            None => match &self.otherwise {
                Some(literal) => Said::Literal(literal),
                None => Said::Unknown(joined(said, ", ")),
            },
        }
    }

    /// What is meant where a word without a meaning, or one that isn't the column's, is
    /// said.
    pub(super) const fn otherwise(&self) -> Option<&Literal> {
        self.otherwise.as_ref()
    }

    fn said<'v>(&'v self, record: &'v Value) -> Vec<Cow<'v, str>> {
        let mut each = self.of.iter().map(|pointer| {
            let found = pointer.of(record).map(texts).unwrap_or_default();
            match &self.cut {
                Some(cut) => found.into_iter().filter_map(|text| cut.of(text)).collect(),
                None => found,
            }
        });
        let Some(with) = &self.join else {
            return each.find(|found: &Vec<_>| !found.is_empty()).unwrap_or_default();
        };
        let all: Option<Vec<Cow<'v, str>>> =
            each.map(|found| (!found.is_empty()).then(|| joined(found, ", "))).collect();
        all.map(|all| vec![joined(all, with)]).unwrap_or_default()
    }
}

fn joined<'v>(mut texts: Vec<Cow<'v, str>>, with: &str) -> Cow<'v, str> {
    match texts.len() {
        1 => texts.swap_remove(0),
        _ => Cow::Owned(texts.join(with)),
    }
}

fn meanings(
    words: &DeTable<'_>,
    fits: &dyn Fn(&Placed<'_>, &mut Faults<'_>) -> Option<Literal>,
    faults: &mut Faults<'_>,
) -> BTreeMap<String, Literal> {
    let mut meanings = BTreeMap::new();
    for (word, value) in words {
        let Some(literal) = fits(value, faults) else { continue };
        if meanings.insert(word.get_ref().to_lowercase(), literal).is_some() {
            let what = format!("{:?} is there already; case doesn't matter", word.get_ref());
            faults.at(word.span(), what);
        }
    }
    meanings
}

impl Cut {
    fn read(keys: &DeTable<'_>, faults: &mut Faults<'_>) -> Option<Self> {
        let (before, after) = (get(keys, "before"), get(keys, "after"));
        if let (Some(_), Some(after)) = (before, after) {
            faults.at(after.span(), "`before` and `after` exclude each other");
        }
        let cut = |value: &Placed<'_>, faults: &mut Faults<'_>| {
            let separator = text(value, "a separator", faults)?;
            if separator.is_empty() {
                faults.at(value.span(), "a separator isn't empty");
            }
            Some(separator.to_owned()).filter(|separator| !separator.is_empty())
        };
        match (before, after) {
            (Some(before), _) => cut(before, faults).map(Self::Before),
            (None, Some(after)) => cut(after, faults).map(Self::After),
            (None, None) => None,
        }
    }

    /// A text without the separator is before it as a whole, and nothing is behind it.
    fn of<'v>(&self, text: Cow<'v, str>) -> Option<Cow<'v, str>> {
        let kept = match self {
            Self::Before(separator) => match text.rfind(separator) {
                Some(at) => 0..at,
                None => 0..text.len(),
            },
            Self::After(separator) => text.rfind(separator)? + separator.len()..text.len(),
        };
        let cut = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(kept)?),
            Cow::Owned(text) => Cow::Owned(text.get(kept)?.to_owned()),
        };
        Some(cut).filter(|cut| !cut.is_empty())
    }
}
