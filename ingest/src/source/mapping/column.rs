//! Columns, and what a record must say for each.

use std::borrow::Cow;

use rollcall_schemas::column::Kind;
use rollcall_schemas::{Assignable, Assigned, Event, assignable};
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::{Literal, Placed, get, literal};
use super::fault::{Faults, meant};
use super::pointer::Pointer;
use super::unit::Unit;
use super::value::{Said, Taking};
use crate::source::adapter::Context;
use crate::source::text::{Degrees, Flag, FromScalar, Whole, lower};
use crate::source::{address, country};

/// A column and where its value comes from.
#[derive(Debug)]
pub(super) struct Assignment {
    column: &'static Assignable,
    from: Origin,
}

/// Where a value comes from.
#[derive(Debug)]
enum Origin {
    Literal(Literal),
    Record { taking: Taking, unit: Unit },
}

/// Columns that rollcall fills by itself, and what is to be said instead.
const NOT_THESE: &[(&str, &str)] = &[
    ("time", "when it happened goes into [time]"),
    ("source_event_id", "the event's own id is `event_id`, beside `title`"),
    ("factors", "lists can't be mapped; take the factor that counts into `factor`"),
    ("policies", "lists can't be mapped; take the policy that decided into `policy_name`"),
];

/// Reads `[set]`: columns and values of the mapping's own.
pub(super) fn set(table: &DeTable<'_>, faults: &mut Faults<'_>) -> Vec<Assignment> {
    let mut assignments = Vec::new();
    for (key, value) in table {
        if let Some(column) = column(key, faults)
            && let Some(literal) = fitting(column, value, faults)
        {
            assignments.push(Assignment { column, from: Origin::Literal(literal) });
        }
    }
    assignments
}

/// Reads `[columns]`: columns and pointers into the record.
pub(super) fn columns(table: &DeTable<'_>, faults: &mut Faults<'_>) -> Vec<Assignment> {
    let mut assignments = Vec::new();
    for (key, value) in table {
        let Some(column) = column(key, faults) else { continue };
        let fits = |value: &Placed<'_>, faults: &mut Faults<'_>| fitting(column, value, faults);
        let is_duration = column.name == "duration_ms";
        let more: &[&str] = if is_duration { &["unit"] } else { &[] };
        let taking = Taking::read(value, column.name, more, &fits, faults);
        let unit = match value.get_ref() {
            DeValue::Table(keys) if is_duration => Unit::read(get(keys, "unit"), faults),
            _ => Unit::Milliseconds,
        };
        assignments.push(Assignment { column, from: Origin::Record { taking, unit } });
    }
    assignments
}

fn column(key: &Spanned<Cow<'_, str>>, faults: &mut Faults<'_>) -> Option<&'static Assignable> {
    let name = key.get_ref().as_ref();
    if let Some((_, instead)) = NOT_THESE.iter().find(|(not, _)| *not == name) {
        faults.at(key.span(), format!("`{name}` isn't a column to map: {instead}"));
        return None;
    }
    let found = assignable().iter().find(|column| column.name == name);
    if found.is_none() {
        let own = rollcall_schemas::column::events().any(|column| column.name == name);
        let what = if own {
            format!("`{name}` isn't a column to map: rollcall fills it by itself")
        } else {
            let known = assignable()
                .iter()
                .map(|column| column.name)
                .filter(|name| NOT_THESE.iter().all(|(not, _)| not != name));
            format!("there is no column `{name}`{}", meant(name, known))
        };
        faults.at(key.span(), what);
    }
    found
}

/// A value of the mapping's own for a column.
fn fitting(column: &Assignable, value: &Placed<'_>, faults: &mut Faults<'_>) -> Option<Literal> {
    let what = format!("a value of `{}`", column.name);
    let literal = literal(value, &what, faults)?;
    let wrong = match (column.kind, &literal) {
        (Kind::Text, Literal::Text(_)) | (Kind::Bool, Literal::Bool(_)) => None,
        (Kind::Word, Literal::Text(word)) if column.words.contains(&word.as_str()) => None,
        (Kind::Word, word) => {
            let word = word.as_text();
            let meant = meant(&word, column.words.iter().copied());
            Some(format!("{word:?} is no word of `{}`{meant}", column.name))
        }
        (Kind::I16 | Kind::I32 | Kind::I64, Literal::Number(_)) => None,
        (Kind::Bool, _) => Some(format!("`{}` is true or false", column.name)),
        (Kind::Text, _) => Some(format!("`{}` is text in quotes", column.name)),
        _ => Some(format!("`{}` is a whole number", column.name)),
    };
    match wrong {
        Some(wrong) => {
            faults.at(value.span(), wrong);
            None
        }
        None => Some(literal),
    }
}

impl Assignment {
    /// The column's name.
    pub(super) const fn column(&self) -> &'static str {
        self.column.name
    }

    /// What it looks at.
    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        let taking = match &self.from {
            Origin::Literal(_) => None,
            Origin::Record { taking, .. } => Some(taking),
        };
        taking.into_iter().flat_map(Taking::pointers)
    }

    /// Puts what a record says into an event.
    pub(super) fn put<'v>(
        &'v self,
        event: &mut Event<'v>,
        record: &'v Value,
        context: &Context<'_>,
    ) {
        let assigned = match &self.from {
            Origin::Literal(literal) => Some(self.literal(literal)),
            Origin::Record { taking, unit } => match taking.take(record) {
                Said::Nothing => None,
                Said::Literal(literal) => Some(self.literal(literal)),
                Said::Unknown(text) => self.unknown(text, *unit, context),
                Said::Text(text) => match self.is_a_word(&text) {
                    Some(false) => taking.otherwise().map_or_else(
                        || self.unknown(text, *unit, context),
                        |literal| Some(self.literal(literal)),
                    ),
                    _ => self.fit(text, *unit, context),
                },
            },
        };
        if let Some(assigned) = assigned {
            (self.column.assign)(event, assigned);
        }
    }

    /// A word of a record that has no meaning for its column.
    pub(super) fn unknown_word<'v>(&'v self, record: &'v Value) -> Option<Cow<'v, str>> {
        let Origin::Record { taking, .. } = &self.from else { return None };
        match taking.take(record) {
            Said::Unknown(text) if self.column.kind != Kind::Text => Some(text),
            Said::Text(text) if self.is_a_word(&text) == Some(false) => {
                Some(text).filter(|_| taking.otherwise().is_none())
            }
            _ => None,
        }
    }

    /// Whether a text is one of the column's words; none where it has none.
    fn is_a_word(&self, text: &str) -> Option<bool> {
        let words = self.column.words;
        (!words.is_empty()).then(|| words.iter().any(|word| word.eq_ignore_ascii_case(text)))
    }

    fn literal<'v>(&self, literal: &'v Literal) -> Assigned<'v> {
        match literal {
            Literal::Text(text) => Assigned::Text(Cow::Borrowed(text)),
            Literal::Bool(truth) => Assigned::Bool(*truth),
            Literal::Number(number) => Assigned::Number(*number),
        }
    }

    /// What becomes of a word without a meaning: text stays as it is, a word of a closed
    /// vocabulary is known to be none of it.
    fn unknown<'v>(
        &self,
        text: Cow<'v, str>,
        unit: Unit,
        context: &Context<'_>,
    ) -> Option<Assigned<'v>> {
        if self.column.kind != Kind::Word {
            return self.fit(text, unit, context);
        }
        let word = match self.column.name {
            // As for every source: a type that isn't known is kept.
            "activity" => "access",
            _ if self.column.words.contains(&"other") => "other",
            _ => "unknown",
        };
        Some(Assigned::Text(Cow::Borrowed(word)))
    }

    /// What a record says, in the form that its column has for every source.
    fn fit<'v>(
        &self,
        text: Cow<'v, str>,
        unit: Unit,
        context: &Context<'_>,
    ) -> Option<Assigned<'v>> {
        let number = |number: Option<i64>| number.map(Assigned::Number);
        match (self.column.name, self.column.kind) {
            ("user_name", _) => within(text, |text| Some(lower(text))).map(Assigned::Text),
            ("ip", _) => {
                let address = within(text, |text| address::address(text).map(Cow::Borrowed));
                address.map(Assigned::Text)
            }
            ("country", _) => within(text, country::code).map(Assigned::Text),
            ("credential_id" | "factor_id", _) => {
                Some(Assigned::Text(Cow::Owned((context.keyed_hash)(&text))))
            }
            ("lat_e6" | "lon_e6", _) => number(Degrees::text(&text).0.map(i64::from)),
            ("asn", _) => number(Whole::text(text.trim_start_matches(['A', 'S', 'a', 's'])).0),
            ("duration_ms", _) => number(unit.milliseconds(&text)),
            (_, Kind::Bool) => Flag::text(&text).0.map(Assigned::Bool),
            (_, Kind::I16 | Kind::I32 | Kind::I64) => number(Whole::text(&text).0),
            (_, Kind::Word) => {
                let word = self.column.words.iter().find(|word| word.eq_ignore_ascii_case(&text));
                word.map(|word| Assigned::Text(Cow::Borrowed(*word)))
            }
            _ => Some(Assigned::Text(text)),
        }
    }
}

/// Makes something of a text that may borrow from it.
fn within<'v>(
    text: Cow<'v, str>,
    of: impl for<'t> Fn(&'t str) -> Option<Cow<'t, str>>,
) -> Option<Cow<'v, str>> {
    match text {
        Cow::Borrowed(text) => of(text),
        Cow::Owned(text) => of(&text).map(|found| Cow::Owned(found.into_owned())),
    }
}
