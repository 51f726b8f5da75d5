//! A mapping file's tables, read key by key: what isn't known is a fault with its line.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Faults, meant};
use super::pointer::Pointer;

/// A value with its place.
pub(super) type Placed<'d> = Spanned<DeValue<'d>>;

/// A value that stands in the file as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    /// Text.
    Text(String),
    /// True or false.
    Bool(bool),
    /// A whole number.
    Number(i64),
}

impl Literal {
    /// The same as a record may say it.
    pub(super) fn as_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Bool(truth) => truth.to_string(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// Tells of every key that isn't known in this table.
pub(super) fn only(table: &DeTable<'_>, name: &str, known: &[&str], faults: &mut Faults<'_>) {
    for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
        let word = key.get_ref();
        let what = format!("there is no `{word}` in {name}{}", meant(word, known.iter().copied()));
        faults.at(key.span(), what);
    }
}

/// A table's value of a key.
pub(super) fn get<'d, 'i>(table: &'d DeTable<'i>, key: &str) -> Option<&'d Placed<'i>> {
    table.get(key)
}

/// Text.
pub(super) fn text<'d>(
    value: &'d Placed<'_>,
    what: &str,
    faults: &mut Faults<'_>,
) -> Option<&'d str> {
    if let DeValue::String(text) = value.get_ref() {
        return Some(text);
    }
    faults.at(value.span(), format!("{what} is text in quotes"));
    None
}

/// A table.
pub(super) fn table<'d, 'i>(
    value: &'d Placed<'i>,
    what: &str,
    faults: &mut Faults<'_>,
) -> Option<&'d DeTable<'i>> {
    if let DeValue::Table(table) = value.get_ref() {
        return Some(table);
    }
    faults.at(value.span(), format!("{what} is a table"));
    None
}

/// Text, a number, true or false.
pub(super) fn literal(value: &Placed<'_>, what: &str, faults: &mut Faults<'_>) -> Option<Literal> {
    let read = match value.get_ref() {
        DeValue::String(text) => Some(Literal::Text(text.clone().into_owned())),
        DeValue::Boolean(truth) => Some(Literal::Bool(*truth)),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(Literal::Number)
        }
        _ => None,
    };
    if read.is_none() {
        faults.at(value.span(), format!("{what} is text in quotes, a whole number, true or false"));
    }
    read
}

/// One pointer, or several in a list.
pub(super) fn pointers(value: &Placed<'_>, what: &str, faults: &mut Faults<'_>) -> Vec<Pointer> {
    let one = std::slice::from_ref(value);
    let values = match value.get_ref() {
        DeValue::Array(values) => values.as_ref(),
        _ => one,
    };
    if values.is_empty() {
        faults.at(value.span(), format!("{what} names no pointer"));
    }
    let read = |value| {
        let text = text(value, what, faults)?;
        match Pointer::parse(text) {
            Ok(pointer) => Some(pointer),
            Err(why) => {
                faults.at(value.span(), why);
                None
            }
        }
    };
    values.iter().filter_map(read).collect()
}
