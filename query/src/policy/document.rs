//! A policy's tables, read key by key: what isn't known is a fault with its line.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Faults, Place, meant};

/// A value with its place.
pub(super) type Placed<'d> = Spanned<DeValue<'d>>;

/// A table, with what it is called in faults.
pub(super) struct Keys<'d, 'i> {
    table: &'d DeTable<'i>,
    name: String,
    span: Range<usize>,
}

impl<'d, 'i> Keys<'d, 'i> {
    /// The document itself.
    pub(super) fn of(document: &'d Spanned<DeTable<'i>>) -> Self {
        Self { table: document.get_ref(), name: String::new(), span: 0..0 }
    }

    /// What one of its keys is called.
    pub(super) fn called(&self, key: &str) -> String {
        match self.name.as_str() {
            "" => key.to_owned(),
            name => format!("{name}.{key}"),
        }
    }

    /// Where the table begins.
    pub(super) fn place(&self, faults: &Faults<'_>) -> Place {
        faults.place(&self.span, &self.name)
    }

    /// Where a key's value stands; the table where it isn't there.
    pub(super) fn place_of(&self, key: &str, faults: &Faults<'_>) -> Place {
        let span = self.table.get(key).map_or_else(|| self.span.clone(), Spanned::span);
        faults.place(&span, &self.called(key))
    }

    /// Tells of every key that isn't known.
    pub(super) fn only(&self, known: &[&str], faults: &mut Faults<'_>) {
        for key in self.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let word = key.get_ref();
            let what = format!("there is no such key{}", meant(word, known.iter().copied()));
            faults.at(&key.span(), &self.called(word), what);
        }
    }

    /// Every key with its value.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'d str, &'d Placed<'i>)> {
        self.table.iter().map(|(key, value)| (key.get_ref().as_ref(), value))
    }

    /// A key's value.
    pub(super) fn get(&self, key: &str) -> Option<&'d Placed<'i>> {
        self.table.get(key)
    }

    /// Something is wrong with a key's value.
    pub(super) fn wrong(&self, key: &str, what: impl Into<String>, faults: &mut Faults<'_>) {
        let fault = self.place_of(key, faults).error(what);
        faults.found.push(fault);
    }

    /// Text that isn't blank.
    pub(super) fn text(&self, key: &str, faults: &mut Faults<'_>) -> Option<&'d str> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Some(text),
            _ => {
                self.wrong(key, "it is text in quotes, and not blank", faults);
                None
            }
        }
    }

    /// Text that must be there; `what` says what it is.
    pub(super) fn needed(&self, key: &str, what: &str, faults: &mut Faults<'_>) -> Option<&'d str> {
        if self.get(key).is_none() {
            self.wrong(key, format!("it is missing; {what}"), faults);
        }
        self.text(key, faults)
    }

    /// True or false.
    pub(super) fn truth(&self, key: &str, faults: &mut Faults<'_>) -> Option<bool> {
        match self.get(key)?.get_ref() {
            DeValue::Boolean(truth) => Some(*truth),
            _ => {
                self.wrong(key, "it is true or false, without quotes", faults);
                None
            }
        }
    }

    /// A whole number from 1.
    pub(super) fn number(&self, key: &str, faults: &mut Faults<'_>) -> Option<i32> {
        let read = match self.get(key)?.get_ref() {
            DeValue::Integer(digits) => i32::from_str_radix(digits.as_str(), digits.radix()).ok(),
            _ => None,
        };
        let read = read.filter(|number| *number >= 1);
        if read.is_none() {
            self.wrong(key, "it is a whole number from 1, without quotes", faults);
        }
        read
    }

    /// A share between 0 and 1, in thousandths.
    pub(super) fn permille(&self, key: &str, faults: &mut Faults<'_>) -> Option<i32> {
        let digits = match self.get(key)?.get_ref() {
            DeValue::Float(digits) => digits.as_str().to_owned(),
            DeValue::Integer(digits) => digits.as_str().to_owned(),
            _ => String::new(),
        };
        let read = (0..=1000).find(|n| same_share(&digits, *n));
        if read.is_none() {
            let what = "it is a share from 0 to 1 in thousandths at most, as 0.95, without quotes";
            self.wrong(key, what, faults);
        }
        read
    }

    /// A date.
    pub(super) fn date(&self, key: &str, faults: &mut Faults<'_>) -> Option<NaiveDate> {
        let read = match self.get(key)?.get_ref() {
            DeValue::Datetime(date) => date.to_string().parse().ok(),
            _ => None,
        };
        if read.is_none() {
            self.wrong(key, "it is a day, as 2026-12-31, without quotes and time", faults);
        }
        read
    }

    /// A moment.
    pub(super) fn moment(&self, key: &str, faults: &mut Faults<'_>) -> Option<DateTime<Utc>> {
        let read = match self.get(key)?.get_ref() {
            DeValue::Datetime(moment) => DateTime::parse_from_rfc3339(&moment.to_string()).ok(),
            _ => None,
        };
        if read.is_none() {
            let what = "it is a moment with its offset, as 2026-07-01T00:00:00Z, without quotes";
            self.wrong(key, what, faults);
        }
        read.map(|moment| moment.to_utc())
    }

    /// A list of texts.
    pub(super) fn texts(&self, key: &str, faults: &mut Faults<'_>) -> Vec<(&'d str, Place)> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Array(values) = value.get_ref() else {
            self.wrong(key, "it is a list of texts, as [\"one\", \"two\"]", faults);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for value in values {
            match value.get_ref() {
                DeValue::String(text) if !text.trim().is_empty() => {
                    texts.push((text.as_ref(), faults.place(&value.span(), &self.called(key))));
                }
                _ => faults.at(&value.span(), &self.called(key), "it is a list of texts"),
            }
        }
        texts
    }

    /// A table in it.
    pub(super) fn table(&self, key: &str, faults: &mut Faults<'_>) -> Option<Self> {
        let value = self.get(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(key, "it is a table, as { strength = \"totp\" }", faults);
            return None;
        };
        Some(Self { table, name: self.called(key), span: value.span() })
    }

    /// Tables that are written `[[key]]`.
    pub(super) fn tables(&self, key: &str, faults: &mut Faults<'_>) -> Vec<Self> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Array(values) = value.get_ref() else {
            self.wrong(key, format!("each one is a table of its own: [[{key}]]"), faults);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (number, value) in (1..).zip(values) {
            let name = format!("{key}[{number}]");
            match value.get_ref() {
                DeValue::Table(table) => tables.push(Self { table, name, span: value.span() }),
                _ => faults.at(&value.span(), &name, format!("it is a table: [[{key}]]")),
            }
        }
        tables
    }
}

/// Whether digits, as TOML has them, are so many thousandths.
fn same_share(digits: &str, permille: i32) -> bool {
    let wanted = f64::from(permille) / 1000.0;
    digits.parse::<f64>().is_ok_and(|share| (share - wanted).abs() < 1e-9)
}
