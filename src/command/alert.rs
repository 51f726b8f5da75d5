//! `rollcall alert`

use anyhow::{Result, bail};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::Utc;
use rollcall_lake::{Access, DataDirectory};
use rollcall_query::detect::{Step, Triage};
use rollcall_schemas::Position;

use super::sql;
use crate::cli::{About, AlertCommand, Global};
use crate::config::Config;
use crate::control::{Answer, Work, perform};
use crate::{Outcome, output, usage};

/// Lists and shows alerts, and writes down what is done about them.
pub async fn run(command: AlertCommand, global: &Global, config: &Config) -> Result<Outcome> {
    let (about, step, note) = match command {
        AlertCommand::List { all, format } => {
            let query =
                if all { include_str!("alert_all.sql") } else { include_str!("alert_open.sql") };
            let args = crate::cli::SqlArgs { query: Some(query.to_owned()), format };
            return sql::run(args, global, config).await;
        }
        AlertCommand::Show { key } => return show(&key, global, config).await,
        AlertCommand::Ack(about) => (about, Step::Acknowledge, None),
        AlertCommand::Assign { about, assignee } => (about, Step::Assign(assignee), None),
        AlertCommand::Note { about, text } => (about, Step::Note, Some(text)),
        AlertCommand::Close { about, verdict } => (about, Step::Close(verdict.into()), None),
        AlertCommand::Suppress { about, until } => (about, Step::Suppress(until), None),
    };
    write_down(about, step, note, global, config).await
}

async fn write_down(
    about: About,
    step: Step,
    note: Option<String>,
    global: &Global,
    config: &Config,
) -> Result<Outcome> {
    DataDirectory::open(global.data(), Access::Read)?;
    let who = about.by.ok_or_else(|| usage("--by says who does it"))?;
    find(&about.key, global, config).await?;
    let note = note.or(about.why).unwrap_or_default();
    let triage = Triage { alert: about.key, who, step, note };
    let record = triage.record(Utc::now()).map_err(usage)?;
    let work = Work::Append { collector: "triage".to_owned(), records: vec![record] };
    let Answer::Appended(_) = perform(work, global, config).await? else {
        bail!("an unexpected answer")
    };
    output::line(&format!("{}: {}", triage.alert, triage.step.as_str()))?;
    Ok(Outcome::Fine)
}

/// The row of an alert.
async fn find(key: &str, global: &Global, config: &Config) -> Result<RecordBatch> {
    // The key is a literal of SQL here: a quote in it is doubled.
    let query = include_str!("alert_show.sql").replace(":key", &key.replace('\'', "''"));
    let answered = sql::ask(&query, global, config).await?;
    let found = answered.batches.into_iter().find(|batch| batch.num_rows() > 0);
    found.ok_or_else(|| {
        usage(format!("there is no alert {key:?}; `rollcall alert list` shows them"))
    })
}

async fn show(key: &str, global: &Global, config: &Config) -> Result<Outcome> {
    let alert = find(key, global, config).await?;
    lines(&alert, 0)?;
    let query = include_str!("alert_triage.sql").replace(":key", key);
    let answered = sql::ask(&query, global, config).await?;
    for batch in &answered.batches {
        for row in 0..batch.num_rows() {
            output::line("")?;
            lines(batch, row)?;
        }
    }
    output::line("")?;
    output::line(&format!("the events: rollcall sql \"{}\"", evidence_query(&alert)))?;
    output::note("`rollcall prove EVENT` proves one of the events");
    Ok(Outcome::Fine)
}

/// The query that shows the events which prove an alert.
fn evidence_query(alert: &RecordBatch) -> String {
    let evidence = alert.column_by_name("evidence").and_then(|column| column.as_string_view_opt());
    let evidence = evidence.filter(|column| !column.is_empty() && column.is_valid(0));
    let list: Vec<String> =
        evidence.and_then(|column| serde_json::from_str(column.value(0)).ok()).unwrap_or_default();
    // Only what is a position: the record is data.
    let positions = list.iter().filter(|text| text.parse::<Position>().is_ok());
    let positions: Vec<String> = positions.map(|text| format!("'{text}'")).collect();
    include_str!("alert_evidence.sql").trim_end().replace(":positions", &positions.join(", "))
}

/// A row, a line a column.
fn lines(batch: &RecordBatch, row: usize) -> Result<()> {
    let options = FormatOptions::default().with_null("").with_display_error(true);
    let schema = batch.schema();
    let width = schema.fields().iter().map(|field| field.name().len()).max().unwrap_or_default();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        if column.is_null(row) {
            continue;
        }
        let value = ArrayFormatter::try_new(column.as_ref(), &options)?.value(row).to_string();
        output::line(&format!("{:width$}  {}", field.name(), output::visible(&value)))?;
    }
    Ok(())
}
