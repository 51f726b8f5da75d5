//! `rollcall metric`

use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use chrono::{Datelike, Days, NaiveDate, Utc};
use rollcall_query::{Catalog, FEW, Filter, MetricResult, metrics};

use crate::cli::{DefinitionFormat, Format, Global, MetricArgs, MetricCommand};
use crate::config::Config;
use crate::{Outcome, lake, output, unseen, usage};

/// Lists metrics, shows their definitions, runs them.
pub async fn run(command: MetricCommand, global: &Global, config: &Config) -> Result<Outcome> {
    match command {
        MetricCommand::List { format: DefinitionFormat::Json } => {
            output::line(&serde_json::to_string_pretty(metrics())?)?;
        }
        MetricCommand::List { format: DefinitionFormat::Text } => {
            let width = metrics().iter().map(|metric| metric.name.len()).max().unwrap_or_default();
            for metric in metrics() {
                output::line(&format!("{:width$}  {}", metric.name, metric.question))?;
            }
        }
        MetricCommand::Show { name, format } => {
            let found = metrics().iter().find(|metric| metric.name == name);
            let metric = found.with_context(|| unknown(&name))?;
            match format {
                DefinitionFormat::Json => output::line(&serde_json::to_string_pretty(metric)?)?,
                DefinitionFormat::Text => output::line(metric.sql.trim_end())?,
            }
        }
        MetricCommand::Run(args) => compute(args, global, config).await?,
    }
    Ok(Outcome::Fine)
}

fn unknown(name: &str) -> String {
    format!("there is no metric {name:?}; `rollcall metric list` names them")
}

async fn compute(args: MetricArgs, global: &Global, config: &Config) -> Result<()> {
    let filter = filter(&args, config)?;
    let lake = lake::to_read(global).await?;
    let catalog = Catalog::new(Arc::clone(&lake), lake::query_settings(config)?)?;
    let result = catalog.session().metric(&args.name, &filter).await?;
    if args.format == Format::Json {
        output::line(&serde_json::to_string_pretty(&result)?)?;
    } else {
        let batch = points(&result)?;
        output::write(&batch.schema(), &[batch], args.format)?;
        if result.points.iter().all(|point| point.n == 0) {
            output::note("nothing in this period is counted: look at --from, --to and --only");
        }
        for line in explained(&result) {
            output::note(&line);
        }
        output::note(&footer(&result));
    }
    unseen::tell(&lake).await;
    Ok(())
}

fn filter(args: &MetricArgs, config: &Config) -> Result<Filter> {
    let to = args.to.unwrap_or_else(|| Utc::now().date_naive() + Days::new(1));
    let from = args.from.unwrap_or_else(|| to - Days::new(28));
    if from >= to {
        return Err(usage(format!("--from {from} must lie before --to {to}")));
    }
    let time_zone = config.time_zone()?;
    Ok(Filter { from, to, time_zone, grain: args.grain, by: args.by, only: args.only.clone() })
}

fn points(result: &MetricResult) -> Result<RecordBatch> {
    let points = &result.points;
    let days = |day: NaiveDate| day.num_days_from_ce() - 719_163;
    let schema = Schema::new(vec![
        Field::new("bucket", DataType::Date32, true),
        Field::new("group", DataType::Utf8, true),
        Field::new("figure", DataType::Utf8, false),
        Field::new("k", DataType::Int64, false),
        Field::new("n", DataType::Int64, false),
        Field::new("unknown", DataType::Int64, false),
        Field::new("value", DataType::Float64, true),
        Field::new("low", DataType::Float64, true),
        Field::new("high", DataType::Float64, true),
        Field::new("partial", DataType::Boolean, false),
        Field::new("few", DataType::Boolean, false),
        Field::new("note", DataType::Utf8, true),
    ]);
    Ok(RecordBatch::try_new(
        Arc::new(schema),
        vec![
            Arc::new(points.iter().map(|p| p.bucket.map(days)).collect::<Date32Array>()),
            Arc::new(points.iter().map(|p| p.group.clone()).collect::<StringArray>()),
            Arc::new(StringArray::from_iter_values(points.iter().map(|p| &p.figure))),
            Arc::new(Int64Array::from_iter_values(points.iter().map(|p| p.k))),
            Arc::new(Int64Array::from_iter_values(points.iter().map(|p| p.n))),
            Arc::new(Int64Array::from_iter_values(points.iter().map(|p| p.unknown))),
            Arc::new(points.iter().map(|p| p.value).collect::<Float64Array>()),
            Arc::new(points.iter().map(|p| p.low).collect::<Float64Array>()),
            Arc::new(points.iter().map(|p| p.high).collect::<Float64Array>()),
            Arc::new(points.iter().map(|p| Some(p.partial)).collect::<BooleanArray>()),
            Arc::new(points.iter().map(|p| Some(p.few)).collect::<BooleanArray>()),
            Arc::new(points.iter().map(|p| p.note.clone()).collect::<StringArray>()),
        ],
    )?)
}

/// What each figure compares with what; a mark says which ones are of few.
fn explained(result: &MetricResult) -> Vec<String> {
    /// More names than these say no more than that it is each figure.
    const MOST_NAMES: usize = 6;
    let mut lines: Vec<String> = result
        .explained
        .iter()
        .map(|one| {
            let named = one.figures.iter().filter(|figure| !figure.is_empty());
            let names = named.map(String::as_str).collect::<Vec<_>>();
            match names.as_slice() {
                [] | ["*"] => one.words.clone(),
                names if names.len() > MOST_NAMES => format!("Each figure: {}", one.words),
                names => format!("{}: {}", names.join(", "), one.words),
            }
        })
        .collect();
    if result.points.iter().any(|point| point.few) {
        lines.push(format!("few: fewer than {FEW} are behind it, too few to compare."));
    }
    lines
}

/// As of when, over what, and how complete.
fn footer(result: &MetricResult) -> String {
    let versions: Vec<String> =
        result.pin.tables.iter().map(|(table, version)| format!("{table} {version}")).collect();
    let completeness = &result.completeness;
    let (unmatched, all) = completeness.unmatched;
    let silent = match completeness.silent_sources.as_slice() {
        [] => String::new(),
        silent => format!(" Quieter than usual: {}.", silent.join(", ")),
    };
    let lag = completeness
        .lag_p95_s
        .map_or_else(String::new, |lag| format!(" 95% of events came in within {lag:.0} s."));
    format!(
        "{} v{}: {} Population: {} Left out: {} {} to {}, days in {}. As of {}; tables at {}. Quarantined: {}. Attempts of no known person: {unmatched} of {all}.{lag}{silent} The SQL: rollcall metric show {}.",
        result.name,
        result.version,
        result.question,
        result.population,
        result.excludes,
        result.from,
        result.to,
        result.time_zone,
        result
            .pin
            .as_of
            .map_or_else(String::new, |t| t.format("%Y-%m-%d %H:%M:%S UTC").to_string()),
        versions.join(", "),
        completeness.quarantined,
        result.name,
    )
}
