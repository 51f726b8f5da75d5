//! `rollcall source test`

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{Int32Type, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use rollcall_ingest::source::mapping::{self, MappingError};
use rollcall_ingest::source::trial::{self, Trial};
use rollcall_ingest::source::{Source, Sources};
use serde_json::{Value, json};

use crate::cli::{Format, TestArgs, TestFormat};
use crate::config::Config;
use crate::{Outcome, output, usage};

/// What a record became.
struct Became {
    line: usize,
    part: i32,
    verdict: String,
    reason: Option<String>,
    /// Its row in the batch of rows, if it gave one.
    row: Option<usize>,
}

/// Columns that are shown.
const SHOWN: [&str; 8] =
    ["time", "user_name", "activity", "operation", "outcome", "mfa", "factor", "ip"];
/// Columns that an import fills, whatever the source.
const NOT_SHOWN: [&str; 8] =
    ["shard", "seq", "part", "source", "collector", "received", "redactions", "raw"];

/// Checks a mapping and prints what becomes of a sample.
pub fn run(args: &TestArgs, config: &Config) -> Result<Outcome> {
    let (sources, source) = match chosen(&args.mapping, config)? {
        Ok(chosen) => chosen,
        Err(error) => {
            tell(&error, args.format)?;
            return Ok(Outcome::Found);
        }
    };
    let trial = trial::run(&sources, source, &args.sample, config.record_time_zone()?)?;
    let became = became(&trial);
    match args.format {
        TestFormat::Table => {
            table(&trial, &became)?;
            beside(source, &trial)?;
        }
        TestFormat::Json => {
            output::line(&serde_json::to_string_pretty(&json_of(source, &trial, &became)?)?)?
        }
    }
    let rejected = became.iter().any(|one| one.verdict == "quarantined");
    Ok(if rejected || trial.damage.is_some() { Outcome::Found } else { Outcome::Fine })
}

/// The source that is meant, among all: a mapping file's, or one by its name.
fn chosen(
    named: &Path,
    config: &Config,
) -> Result<Result<(Sources, &'static Source), MappingError>> {
    let is_file = named.extension().is_some_and(|extension| extension == "toml")
        || named.components().count() > 1;
    if !is_file {
        let sources = config.sources()?;
        let source = sources.named(&named.to_string_lossy()).map_err(usage)?;
        return Ok(Ok((sources, source)));
    }
    let own = match mapping::read_file(named) {
        Ok(own) => own,
        Err(error) => return Ok(Err(error)),
    };
    let name = own.name().to_owned();
    // Others that are wrong are told where they are used.
    let mut all = mapping::read_folder(&config.sources.folder).unwrap_or_default();
    all.retain(|other| other.name() != name);
    all.push(own);
    all.sort_by(|one, other| one.name().cmp(other.name()));
    let sources = Sources::with(all);
    let source = sources.find(&name).context("the mapping that was just made")?;
    Ok(Ok((sources, source)))
}

fn tell(error: &MappingError, format: TestFormat) -> Result<()> {
    if format == TestFormat::Table {
        return error.to_string().lines().try_for_each(|line| output::line(&output::visible(line)));
    }
    let faults: Vec<Value> =
        error.faults.iter().map(|fault| json!({"line": fault.line, "what": fault.what})).collect();
    let file = error.file.display().to_string();
    output::line(&serde_json::to_string_pretty(&json!({"file": file, "faults": faults}))?)
}

/// What became of each record, in order.
fn became(trial: &Trial) -> Vec<Became> {
    let mut all = Vec::new();
    for batch in [&trial.events, &trial.set_aside] {
        let text = |name: &str, row: usize| {
            let column = batch.column_by_name(name).map(|column| column.as_string_view());
            column.filter(|column| column.is_valid(row)).map(|column| column.value(row).to_owned())
        };
        let (Some(seqs), Some(parts)) = (batch.column_by_name("seq"), batch.column_by_name("part"))
        else {
            continue;
        };
        let seqs = seqs.as_primitive::<Int64Type>().values();
        let parts = parts.as_primitive::<Int32Type>().values();
        for (row, (seq, part)) in seqs.iter().zip(parts).enumerate() {
            let record = usize::try_from(*seq).unwrap_or_default();
            let verdict = text("verdict", row);
            all.push(Became {
                line: trial.lines.get(record).copied().unwrap_or_default(),
                part: *part,
                row: verdict.is_none().then_some(row),
                verdict: verdict.unwrap_or_else(|| "row".to_owned()),
                reason: text("reason", row),
            });
        }
    }
    all.sort_by_key(|one| (one.line, one.part));
    all
}

fn table(trial: &Trial, became: &[Became]) -> Result<()> {
    let options = FormatOptions::default().with_null("");
    let mut columns: Vec<(&str, ArrayRef)> = Vec::new();
    let mut add = |name, cells: Vec<String>| {
        columns.push((name, Arc::new(StringArray::from(cells)) as ArrayRef));
    };
    add("line", became.iter().map(|one| one.line.to_string()).collect());
    if became.iter().any(|one| one.part > 0) {
        add("part", became.iter().map(|one| one.part.to_string()).collect());
    }
    add("verdict", became.iter().map(|one| one.verdict.clone()).collect());
    for name in SHOWN {
        let column = trial.events.column_by_name(name).context("a column of events")?;
        let cells = ArrayFormatter::try_new(column.as_ref(), &options)?;
        let cell = |one: &Became| one.row.map(|row| cells.value(row).to_string());
        add(name, became.iter().map(|one| cell(one).unwrap_or_default()).collect());
    }
    add("reason", became.iter().map(|one| one.reason.clone().unwrap_or_default()).collect());
    let batch = RecordBatch::try_from_iter(columns)?;
    output::write(&batch.schema(), &[batch], Format::Table)
}

/// What is to be said beside the records.
fn beside(source: &Source, trial: &Trial) -> Result<()> {
    let say = |text: String| output::line(&output::visible(&text));
    if let Some(damage) = &trial.damage {
        say(format!("the sample is {damage}"))?;
    }
    for (name, records) in &trial.recognised {
        match *name {
            "" => say(format!(
                "{records} records are recognised by no source: send them with ?source={0}, import them with --source {0}",
                source.name
            ))?,
            name if name != source.name => say(format!(
                "{records} records are taken for those of {name} unless their source is named"
            ))?,
            _ => {}
        }
    }
    for (column, lost) in &trial.never {
        say(format!("{column} is never filled: {lost}"))?;
    }
    let Some(sampled) = &trial.sampled else { return Ok(()) };
    for ((column, word), records) in &sampled.unknown_words {
        say(format!(
            "{column}: {word:?} is none of its words and has no meaning in `words` ({records} records)"
        ))?;
    }
    for (field, records) in &sampled.unread {
        say(format!("{field} is never looked at ({records} records)"))?;
    }
    Ok(())
}

/// Puts a member into an object.
fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn json_of(source: &Source, trial: &Trial, became: &[Became]) -> Result<Value> {
    let rows = rows(&trial.events)?;
    let records: Vec<Value> = became
        .iter()
        .map(|one| {
            let mut record = json!({"line": one.line, "part": one.part, "verdict": one.verdict});
            match one.row.and_then(|row| rows.get(row)) {
                Some(columns) => put(&mut record, "columns", columns.clone()),
                None => put(&mut record, "reason", json!(one.reason)),
            }
            record
        })
        .collect();
    let never: Vec<&str> = trial.never.iter().map(|(column, _)| *column).collect();
    let recognised: serde_json::Map<String, Value> = trial
        .recognised
        .iter()
        .map(|(name, records)| ((*name).to_owned(), json!(records)))
        .collect();
    let mut all = json!({
        "source": source.name, "records": records, "never_filled": never,
        "recognised": recognised, "damage": trial.damage,
    });
    if let Some(sampled) = &trial.sampled {
        let words = sampled.unknown_words.iter().map(
            |((column, word), records)| json!({"column": column, "word": word, "records": records}),
        );
        put(&mut all, "unknown_words", words.collect());
        put(&mut all, "never_looked_at", json!(sampled.unread));
    }
    Ok(all)
}

/// Each row's columns that say something.
fn rows(events: &RecordBatch) -> Result<Vec<Value>> {
    let schema = events.schema();
    let kept: Vec<usize> = (0..schema.fields().len())
        .filter(|at| !NOT_SHOWN.contains(&schema.field(*at).name().as_str()))
        .collect();
    let mut lines = arrow::json::LineDelimitedWriter::new(Vec::new());
    lines.write(&events.project(&kept)?)?;
    lines.finish()?;
    let text = lines.into_inner();
    serde_json::Deserializer::from_slice(&text)
        .into_iter::<Value>()
        .map(|row| row.context("a row as JSON"))
        .collect()
}
