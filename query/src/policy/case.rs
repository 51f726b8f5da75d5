//! Cases: tests that a policy brings along, an access and what should become of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Int64Array, RecordBatch, StringViewArray, TimestampMicrosecondArray,
};
use rollcall_schemas::Factor;
use toml::de::DeValue;

use super::access::Accesses;
use super::column::{self, COLUMNS, Column, Kind};
use super::document::{Keys, Placed};
use super::duration;
use super::fault::{Faults, Place, meant};
use super::judge::Answer;
use super::requirement::{Strength, strength};

/// Who accesses in a case that names nobody.
const SOMEBODY: &str = "somebody";

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(String),
    Truth(bool),
    Whole(i64),
}

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is called, if anything.
    pub(super) name: Option<String>,
    /// Its access's columns, by the view's names.
    values: BTreeMap<&'static str, Value>,
    /// When it is; where it isn't said, when the version becomes effective.
    at: Option<DateTime<Utc>>,
    /// A verification before it: how strong, and how many seconds ago.
    pub(super) verified: Option<(Strength, i64)>,
    /// What should become of it.
    pub(super) expect: Answer,
    /// Where it stands.
    pub(super) place: Place,
}

impl Case {
    /// Reads every `[[case]]`, in order.
    pub(super) fn read_all(document: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Vec<Self> {
        let tables = document.tables("case", faults);
        tables.iter().filter_map(|keys| Self::read(keys, faults)).collect()
    }

    fn read(keys: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Option<Self> {
        keys.only(&["name", "event", "person", "account", "verified", "at", "expect"], faults);
        let name = keys.text("name", faults).map(str::to_owned);
        if keys.get("event").is_none() {
            let what = "it is missing; write the access, as { operation = \"deploy\" }";
            keys.wrong("event", what, faults);
        }
        let mut values = BTreeMap::new();
        for (key, of) in [("event", None), ("person", Some("person")), ("account", Some("account"))]
        {
            if let Some(table) = keys.table(key, faults) {
                take(&table, of, &mut values, faults);
            }
        }
        let at = keys.get("at").and_then(|_| keys.moment("at", faults));
        let verified = keys.table("verified", faults).and_then(|keys| verified(&keys, faults));
        let what = "write what should become of it, as \"deny\"";
        let expect = keys.needed("expect", what, faults).and_then(|word| {
            let found = Answer::ALL.iter().find(|(_, known)| *known == word);
            if found.is_none() {
                let known = Answer::ALL.iter().map(|(_, known)| *known);
                let what = format!("{word:?} can't become of an access{}", meant(word, known));
                keys.wrong("expect", what, faults);
            }
            found.map(|(answer, _)| *answer)
        });
        let place = keys.place(faults);
        Some(Self { name, values, at, verified, expect: expect?, place })
    }

    /// The case's access; it is at the given moment where it doesn't say when.
    pub(super) fn access(&self, effective: DateTime<Utc>) -> datafusion::common::Result<Accesses> {
        let time = self.at.unwrap_or(effective).timestamp_micros();
        let mut values = self.values.clone();
        let mut usual = |name, value: &str| {
            values.entry(name).or_insert_with(|| Value::Text(value.to_owned()));
        };
        usual("person", SOMEBODY);
        usual("account_kind", "human");
        usual("source", "case");
        usual("activity", "access");
        usual("outcome", "success");
        usual("mfa", "unknown");
        let text = |name| match values.get(name) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let is_sign_in = text("activity").as_deref() == Some("logon");
        let strength = text("factor").and_then(|factor| Factor::from_word(&factor).strength());
        let more = [
            ("kind", Value::Text(if is_sign_in { "sign_in" } else { "operation" }.to_owned())),
            ("who", Value::Text(format!("person {}", text("person").unwrap_or_default()))),
            ("prompts", Value::Whole(0)),
        ];
        values.extend(more);
        if let Some(strength) = strength {
            values.insert("strength", Value::Whole(strength.into()));
        }
        let columns = COLUMNS.iter().map(|column| one(column, values.get(column.field), time));
        Accesses::held(RecordBatch::try_new(column::schema(), columns.collect())?)
    }
}

/// A column of one row.
fn one(column: &Column, value: Option<&Value>, time: i64) -> ArrayRef {
    match (column.kind, value) {
        (Kind::Time, _) => {
            Arc::new(TimestampMicrosecondArray::from(vec![time]).with_timezone("UTC"))
        }
        (Kind::Bool, Some(Value::Truth(truth))) => Arc::new(BooleanArray::from(vec![*truth])),
        (Kind::Bool, _) => Arc::new(BooleanArray::from(vec![None])),
        (Kind::Whole, Some(Value::Whole(whole))) => Arc::new(Int64Array::from(vec![*whole])),
        (Kind::Whole, _) => Arc::new(Int64Array::from(vec![None])),
        (_, Some(Value::Text(text))) => Arc::new(StringViewArray::from(vec![text.as_str()])),
        (_, _) => Arc::new(StringViewArray::from(vec![None::<&str>])),
    }
}

/// Reads a table of columns.
fn take(
    keys: &Keys<'_, '_>,
    of: Option<&str>,
    values: &mut BTreeMap<&'static str, Value>,
    faults: &mut Faults<'_>,
) {
    let known = || COLUMNS.iter().filter(move |c| c.of == of && !matches!(c.kind, Kind::Time));
    for (key, value) in keys.entries() {
        let Some(column) = known().find(|column| column.word == Some(key)) else {
            let names = known().filter_map(|column| column.word);
            keys.wrong(key, format!("there is no such column{}", meant(key, names)), faults);
            continue;
        };
        match value_of(column, value) {
            Ok(value) => {
                values.insert(column.field, value);
            }
            Err(what) => keys.wrong(key, what, faults),
        }
    }
}

fn value_of(column: &Column, value: &Placed<'_>) -> Result<Value, String> {
    match (column.kind, value.get_ref()) {
        (Kind::Text, DeValue::String(text)) => Ok(Value::Text(text.clone().into_owned())),
        (Kind::Word(is_one), DeValue::String(text)) => match is_one(text) {
            true => Ok(Value::Text(text.clone().into_owned())),
            false => Err(format!("{text:?} is no word of it; docs/data.md lists them")),
        },
        (Kind::Bool, DeValue::Boolean(truth)) => Ok(Value::Truth(*truth)),
        (Kind::Whole, DeValue::Integer(digits)) => {
            let read = i64::from_str_radix(digits.as_str(), digits.radix());
            read.map(Value::Whole).map_err(|_| "it is too large a number".to_owned())
        }
        (Kind::Text | Kind::Word(_), _) => Err("it is text in quotes".to_owned()),
        (Kind::Bool, _) => Err("it is true or false, without quotes".to_owned()),
        (Kind::Whole | Kind::Time, _) => Err("it is a whole number, without quotes".to_owned()),
    }
}

fn verified(keys: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Option<(Strength, i64)> {
    keys.only(&["strength", "ago"], faults);
    let what = "write how strong it was, as \"totp\"";
    let strength = keys
        .needed("strength", what, faults)
        .and_then(|word| strength(word).map_err(|what| keys.wrong("strength", what, faults)).ok());
    let ago = keys.needed("ago", "write how long ago it was, as \"10m\"", faults);
    let ago = ago.and_then(|text| {
        let place = keys.place_of("ago", faults);
        duration::read(text, &place, &mut faults.found)
    });
    Some((strength?, ago?))
}
