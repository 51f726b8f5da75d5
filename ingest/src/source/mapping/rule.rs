//! Rules: what some records mean that others don't.

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::column::{self, Assignment};
use super::condition::Condition;
use super::document::{Placed, get, only, table};
use super::fault::Faults;
use super::pointer::Pointer;

/// One rule. The first whose condition holds counts.
#[derive(Debug)]
pub(super) struct Rule {
    when: Condition,
    unless: Condition,
    then: Then,
}

/// What a rule does.
#[derive(Debug)]
enum Then {
    /// The record says nothing about authentication.
    NotAuthentication,
    /// These take the place of the mapping's own for the same columns.
    Columns(Vec<Assignment>),
}

const KEYS: [&str; 5] = ["if", "unless", "set", "columns", "not_authentication"];

/// Reads every `[[rule]]`, in order.
pub(super) fn rules(value: &Placed<'_>, faults: &mut Faults<'_>) -> Vec<Rule> {
    let DeValue::Array(rules) = value.get_ref() else {
        faults.at(value.span(), "rules are tables of their own: [[rule]]");
        return Vec::new();
    };
    let mut read = Vec::new();
    for rule in rules {
        if let Some(keys) = table(rule, "a [[rule]]", faults) {
            read.extend(Rule::read(keys, rule, faults));
        }
    }
    read
}

impl Rule {
    fn read(keys: &DeTable<'_>, whole: &Placed<'_>, faults: &mut Faults<'_>) -> Option<Self> {
        only(keys, "a [[rule]]", &KEYS, faults);
        let mut condition = |key: &str| {
            get(keys, key)
                .and_then(|value| table(value, &format!("`{key}`"), faults))
                .map(|table| Condition::read(table, &format!("`{key}`"), faults))
                .unwrap_or_default()
        };
        let (when, unless) = (condition("if"), condition("unless"));
        if get(keys, "if").or(get(keys, "unless")).is_none() {
            faults.at(whole.span(), "a rule needs `if` or `unless`: for which records it is");
        }
        let then = Self::then(keys, whole, faults)?;
        Some(Self { when, unless, then })
    }

    fn then(keys: &DeTable<'_>, whole: &Placed<'_>, faults: &mut Faults<'_>) -> Option<Then> {
        let assignments = assignments(keys, faults);
        match get(keys, "not_authentication").map(|value| (value, value.get_ref())) {
            Some((value, DeValue::Boolean(true))) => {
                if !assignments.is_empty() {
                    faults.at(value.span(), "a record that is left out has no columns");
                }
                return Some(Then::NotAuthentication);
            }
            Some((value, _)) => {
                faults.at(value.span(), "`not_authentication` can only be true");
            }
            None if assignments.is_empty() && faults.found.is_empty() => {
                let what = "a rule needs `set`, `columns` or `not_authentication = true`";
                faults.at(whole.span(), what);
            }
            None => {}
        }
        Some(Then::Columns(assignments))
    }

    /// Whether it is for this record.
    pub(super) fn holds(&self, record: &Value) -> bool {
        self.when.holds(record) && (self.unless.is_empty() || !self.unless.holds(record))
    }

    /// Whether it says that the record is none of authentication.
    pub(super) const fn leaves_out(&self) -> bool {
        matches!(self.then, Then::NotAuthentication)
    }

    /// The columns that it fills.
    pub(super) fn columns(&self) -> &[Assignment] {
        match &self.then {
            Then::NotAuthentication => &[],
            Then::Columns(own) => own,
        }
    }

    /// What it looks at.
    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        let conditions = self.when.pointers().chain(self.unless.pointers());
        conditions.chain(self.columns().iter().flat_map(Assignment::pointers))
    }
}

/// Reads `set` and `columns`, of a rule or of the mapping.
pub(super) fn assignments(keys: &DeTable<'_>, faults: &mut Faults<'_>) -> Vec<Assignment> {
    let of = |key: &str, faults: &mut Faults<'_>| {
        get(keys, key).and_then(|value| table(value, &format!("`{key}`"), faults))
    };
    let mut all = of("set", faults).map(|table| column::set(table, faults)).unwrap_or_default();
    let taken = of("columns", faults);
    for assignment in taken.map(|table| column::columns(table, faults)).unwrap_or_default() {
        let name = assignment.column();
        if all.iter().any(|other| other.column() == name)
            && let Some((key, _)) = taken.and_then(|table| table.get_key_value(name))
        {
            faults.at(key.span(), format!("`{name}` is in `set` already"));
        }
        all.push(assignment);
    }
    let has = |name: &str| all.iter().any(|assignment| assignment.column() == name);
    if has("duration_ms") && !has("duration_basis") {
        faults.whole(
            "`duration_ms` needs `duration_basis` beside it: \"step_times\", \"elapsed_with_idle\" or \"server_time\"",
        );
    }
    all
}
