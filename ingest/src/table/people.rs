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
        let privileged: Vec<&str> =
            line.text("privileged_logins").unwrap_or_default().split_whitespace().collect();
        for login in line.needed("logins")?.split_whitespace() {
            rows.push(csv, &line, login, privileged.contains(&login), now)?;
        }
    }
    Ok((rows.finish()?, people))
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
