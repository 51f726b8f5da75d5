//! What a condition can name: the access, the person, the account.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::common::{DFSchema, TableReference};
use rollcall_schemas::{
    Activity, Credential, Factor, Mfa, Outcome, Platform, PolicyMode, PolicyResult, Reason,
};

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    /// One of the words of a vocabulary: a word is one of them if the check says so.
    Word(fn(&str) -> bool),
    Bool,
    Whole,
    Time,
}

impl Kind {
    /// Its type in memory.
    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Text | Self::Word(_) => DataType::Utf8View,
            Self::Bool => DataType::Boolean,
            Self::Whole => DataType::Int64,
            Self::Time => time_type(),
        }
    }
}

/// Microseconds UTC.
pub(super) fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// A column of the view `accesses`.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name in the view.
    pub(super) field: &'static str,
    /// `person` or `account`, where a condition names it behind that.
    pub(super) of: Option<&'static str>,
    /// What a condition calls it, behind `of`; `None`: it can't name it.
    pub(super) word: Option<&'static str>,
    /// What it holds.
    pub(super) kind: Kind,
}

impl Column {
    /// As a condition writes it.
    pub(super) fn written(&self) -> Option<String> {
        let word = self.word?;
        Some(self.of.map_or_else(|| word.to_owned(), |of| format!("{of}.{word}")))
    }
}

const fn event(field: &'static str, kind: Kind) -> Column {
    Column { field, of: None, word: Some(field), kind }
}

const fn person(field: &'static str, word: &'static str) -> Column {
    Column { field, of: Some("person"), word: Some(word), kind: Kind::Text }
}

const fn account(field: &'static str, word: &'static str, kind: Kind) -> Column {
    Column { field, of: Some("account"), word: Some(word), kind }
}

const fn inner(field: &'static str, kind: Kind) -> Column {
    Column { field, of: None, word: None, kind }
}

macro_rules! words_of {
    ($word:ident) => {
        Kind::Word(|word| $word::from_word(word).as_str() == word)
    };
}

/// The columns of `accesses`, in the order in which accesses hold them.
pub(super) static COLUMNS: &[Column] = &[
    event("time", Kind::Time),
    event("source", Kind::Text),
    event("activity", words_of!(Activity)),
    event("outcome", words_of!(Outcome)),
    event("reason", words_of!(Reason)),
    event("operation", Kind::Text),
    event("interactive", Kind::Bool),
    event("user_name", Kind::Text),
    event("user_id", Kind::Text),
    event("user_type", Kind::Text),
    event("actor", Kind::Text),
    event("platform", words_of!(Platform)),
    event("service", Kind::Text),
    event("resource", Kind::Text),
    event("environment", Kind::Text),
    event("pipeline", Kind::Text),
    event("ticket", Kind::Text),
    event("protocol", Kind::Text),
    event("credential", words_of!(Credential)),
    event("mfa", Kind::Word(is_mfa)),
    event("factor", words_of!(Factor)),
    event("phishing_resistant", Kind::Bool),
    event("policy_id", Kind::Text),
    event("policy_name", Kind::Text),
    event("policy_mode", words_of!(PolicyMode)),
    event("policy_result", words_of!(PolicyResult)),
    event("blocked", Kind::Bool),
    event("ip", Kind::Text),
    event("country", Kind::Text),
    event("asn", Kind::Whole),
    event("is_proxy", Kind::Bool),
    event("device_id", Kind::Text),
    event("device_managed", Kind::Bool),
    event("session_id", Kind::Text),
    person("person", "id"),
    person("name", "name"),
    person("team", "team"),
    person("manager", "manager"),
    person("role", "role"),
    person("cohort", "cohort"),
    person("time_zone", "time_zone"),
    account("account_kind", "kind", Kind::Text),
    account("privileged", "privileged", Kind::Bool),
    account("login", "login", Kind::Text),
    inner("kind", Kind::Text),
    inner("shard", Kind::Whole),
    inner("seq", Kind::Whole),
    inner("part", Kind::Whole),
    inner("ended", Kind::Time),
    inner("who", Kind::Text),
    inner("mfa_proof", Kind::Text),
    inner("strength", Kind::Whole),
    inner("prompts", Kind::Whole),
    inner("prompt_to_response_ms", Kind::Whole),
    inner("policy_challenged", Kind::Bool),
];

/// The column that says whether an access is critical, behind all others.
pub(super) const CRITICAL: &str = "critical";

/// `inherited` is the view's own word.
fn is_mfa(word: &str) -> bool {
    word == "inherited" || Mfa::from_word(word).as_str() == word
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let fields = COLUMNS.iter().map(|c| Field::new(c.field, c.kind.data_type(), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
});

/// The columns of accesses by the view's names.
pub(super) fn schema() -> SchemaRef {
    Arc::clone(&SCHEMA)
}

/// The same as conditions see them, with `critical` as the last one.
pub(super) fn seen_by_conditions() -> datafusion::common::Result<DFSchema> {
    let mut fields = Vec::new();
    for column in COLUMNS {
        // What can't be named still takes its place: batches are told apart by position.
        let hidden = || format!("(hidden) {}", column.field);
        let name = column.word.map_or_else(hidden, str::to_owned);
        let field = Arc::new(Field::new(name, column.kind.data_type(), true));
        fields.push((column.of.map(TableReference::bare), field));
    }
    fields.push((None, Arc::new(Field::new(CRITICAL, DataType::Boolean, true))));
    DFSchema::new_with_metadata(fields, std::collections::HashMap::new())
}

/// Everything that a condition can name, as it is written.
pub(super) fn names() -> impl Iterator<Item = String> {
    COLUMNS.iter().filter_map(Column::written).chain([CRITICAL.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_for_two_columns() {
        let mut names: Vec<String> = names().collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(seen_by_conditions().is_ok());
    }
}
