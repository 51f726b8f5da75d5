//! A person of the directory with every login that is theirs, and the rows that the table
//! `people` has of them.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Date32Builder, RecordBatch, StringViewBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::Date32Type;
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// What an account can be.
pub(crate) const KINDS: &[&str] = &["human", "service", "shared", "break_glass", "unknown"];
/// The source of a login that counts at every source.
pub(crate) const ANY_SOURCE: &str = "*";
/// What the import's SHA-256 begins with where it is a change of some people, and not a
/// file that is the whole directory.
pub(crate) const CHANGE: &str = "scim-";

/// One person, or whatever else has accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) logins: Vec<Login>,
    pub(crate) name: Option<String>,
    pub(crate) team: Option<String>,
    pub(crate) manager: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) cohort: Option<String>,
    pub(crate) time_zone: Option<String>,
    /// Days since 1970.
    pub(crate) invited_on: Option<i32>,
    pub(crate) valid_from: Option<i32>,
    /// The last day on which the logins count.
    pub(crate) valid_to: Option<i32>,
}

/// One login of theirs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Login {
    pub(crate) source: String,
    /// In lower case. With a `*` it is a rule, for all logins that begin and end so.
    pub(crate) name: String,
    pub(crate) privileged: bool,
}

impl Login {
    /// Whether they are one.
    pub(crate) fn is(&self, source: &str, name: &str) -> bool {
        self.source == source && self.name == name
    }
}

#[derive(Default)]
struct Rows {
    imported: TimestampMicrosecondBuilder,
    id: StringViewBuilder,
    kind: StringViewBuilder,
    source: StringViewBuilder,
    login: StringViewBuilder,
    privileged: BooleanBuilder,
    texts: [StringViewBuilder; 6],
    days: [Date32Builder; 3],
    import_sha256: StringViewBuilder,
}

/// The rows of people, one a login.
pub(crate) fn table(people: &[Person], now: i64, import_sha256: &str) -> Result<RecordBatch> {
    let mut rows = Rows::default();
    for person in people {
        for login in &person.logins {
            rows.push(person, login, now, import_sha256);
        }
    }
    rows.finish()
}

impl Rows {
    fn push(&mut self, person: &Person, login: &Login, now: i64, import_sha256: &str) {
        self.imported.append_value(now);
        self.id.append_value(&person.id);
        self.kind.append_value(&person.kind);
        self.source.append_value(&login.source);
        self.login.append_value(&login.name);
        self.privileged.append_value(login.privileged);
        let Person { name, team, manager, role, cohort, time_zone, .. } = person;
        for (builder, text) in
            self.texts.iter_mut().zip([name, team, manager, role, cohort, time_zone])
        {
            builder.append_option(text.as_deref());
        }
        let days = [person.invited_on, person.valid_from, person.valid_to];
        for (builder, day) in self.days.iter_mut().zip(days) {
            builder.append_option(day);
        }
        self.import_sha256.append_value(import_sha256);
    }

    fn finish(mut self) -> Result<RecordBatch> {
        let [name, team, manager, role, cohort, time_zone] =
            self.texts.each_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let [invited_on, valid_from, valid_to] =
            self.days.each_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.imported.finish().with_timezone("UTC")),
            Arc::new(self.id.finish()),
            name,
            Arc::new(self.kind.finish()),
            Arc::new(self.source.finish()),
            Arc::new(self.login.finish()),
            Arc::new(self.privileged.finish()),
            team,
            manager,
            role,
            cohort,
            time_zone,
            invited_on,
            valid_from,
            valid_to,
            Arc::new(self.import_sha256.finish()),
        ];
        Ok(RecordBatch::try_new(rollcall_schemas::directory::people_schema(), columns)?)
    }
}

/// A row read back: the person with this login alone.
pub(super) fn of_row(batch: &RecordBatch, row: usize) -> Option<Person> {
    let text = |name: &str| {
        let column = batch.column_by_name(name)?.as_string_view_opt()?;
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let day = |name: &str| {
        let column = batch.column_by_name(name)?.as_primitive_opt::<Date32Type>()?;
        column.is_valid(row).then(|| column.value(row))
    };
    let privileged = batch.column_by_name("privileged")?.as_boolean_opt()?.value(row);
    Some(Person {
        id: text("id")?,
        kind: text("kind")?,
        logins: vec![Login { source: text("source")?, name: text("login")?, privileged }],
        name: text("name"),
        team: text("team"),
        manager: text("manager"),
        role: text("role"),
        cohort: text("cohort"),
        time_zone: text("time_zone"),
        invited_on: day("invited_on"),
        valid_from: day("valid_from"),
        valid_to: day("valid_to"),
    })
}
