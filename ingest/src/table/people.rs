//! The directory: one line a person, with every login that is hers.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, RecordBatch, StringViewBuilder,
    TimestampMicrosecondBuilder,
};

use super::rows::{Csv, Line};
use crate::error::Result;

const NEEDED: &[&str] = &["id", "logins"];
const OPTIONAL: &[&str] = &[
    "name",
    "kind",
    "privileged_logins",
    "team",
    "manager",
    "role",
    "cohort",
    "time_zone",
    "invited_on",
    "valid_from",
    "valid_to",
];
const KINDS: &[&str] = &["human", "service", "shared", "break_glass", "unknown"];
const TEXTS: [&str; 6] = ["name", "team", "manager", "role", "cohort", "time_zone"];

#[derive(Default)]
struct Rows {
    imported: TimestampMicrosecondBuilder,
    id: StringViewBuilder,
    kind: StringViewBuilder,
    source: StringViewBuilder,
    login: StringViewBuilder,
    privileged: BooleanBuilder,
    texts: [StringViewBuilder; 6],
    invited_on: Date32Builder,
    valid_from: Date32Builder,
    valid_to: Date32Builder,
    import_sha256: StringViewBuilder,
}

/// Rows of the table `people`, one a login; and how many people there are.
pub(super) fn batch(csv: &Csv, now: i64) -> Result<(RecordBatch, usize)> {
    csv.expect(NEEDED, OPTIONAL)?;
    let mut rows = Rows::default();
    let mut people = 0;
    for line in csv.lines() {
        people += 1;
        let logins = line.needed("logins")?;
        let privileged = privileged(&line, logins)?;
        for login in logins.split_whitespace() {
            rows.push(csv, &line, login, privileged.contains(&alike(login)), now)?;
        }
    }
    Ok((rows.finish()?, people))
}

/// A line's privileged logins, each of which must be one of its logins.
fn privileged(line: &Line<'_>, logins: &str) -> Result<Vec<String>> {
    let logins: Vec<String> = logins.split_whitespace().map(alike).collect();
    let named = line.text("privileged_logins").unwrap_or_default().split_whitespace();
    named
        .map(|login| {
            Some(alike(login)).filter(|login| logins.contains(login)).ok_or_else(|| {
                line.wrong(format!(
                    "privileged_logins has {login:?}, which is none of the line's logins; name it as it stands there, or add it there"
                ))
            })
        })
        .collect()
}

/// A login as it is compared: the name in lower case, as it is stored.
fn alike(login: &str) -> String {
    match login.split_once(':') {
        Some((source, name)) => format!("{source}:{}", name.to_lowercase()),
        None => login.to_lowercase(),
    }
}

impl Rows {
    fn push(
        &mut self,
        csv: &Csv,
        line: &Line<'_>,
        login: &str,
        privileged: bool,
        now: i64,
    ) -> Result<()> {
        let (source, name) = login
            .split_once(':')
            .filter(|(source, name)| !source.is_empty() && !name.is_empty())
            .ok_or_else(|| {
                line.wrong(format!(
                    "login {login:?} has no source; write okta:ada@corp.example, or *:ada for any source"
                ))
            })?;
        self.imported.append_value(now);
        self.id.append_value(line.needed("id")?);
        self.kind.append_value(line.word("kind", KINDS, "human")?);
        self.source.append_value(source);
        self.login.append_value(name.to_lowercase());
        self.privileged.append_value(privileged);
        for (builder, column) in self.texts.iter_mut().zip(TEXTS) {
            builder.append_option(line.text(column));
        }
        self.invited_on.append_option(line.date("invited_on")?);
        self.valid_from.append_option(line.date("valid_from")?);
        self.valid_to.append_option(line.date("valid_to")?);
        self.import_sha256.append_value(&csv.sha256);
        Ok(())
    }

    fn finish(mut self) -> Result<RecordBatch> {
        let [name, team, manager, role, cohort, time_zone] =
            self.texts.each_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
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
            Arc::new(self.invited_on.finish()),
            Arc::new(self.valid_from.finish()),
            Arc::new(self.valid_to.finish()),
            Arc::new(self.import_sha256.finish()),
        ];
        Ok(RecordBatch::try_new(rollcall_schemas::directory::people_schema(), columns)?)
    }
}
