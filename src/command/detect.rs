//! `rollcall detect`

use std::sync::Arc;

use anyhow::{Result, bail};
use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use chrono::{DateTime, TimeDelta, Utc};
use rollcall_lake::{Access, DataDirectory};
use rollcall_query::Catalog;
use rollcall_query::detect::{Backtest, backtest, document};

use crate::cli::{DetectArgs, Format, Global};
use crate::config::Config;
use crate::control::{Answer, Detected, Told, Work, perform};
use crate::progress::Progress;
use crate::{Outcome, lake, output, unseen, usage};

/// Length of a backtest where none is said.
const PERIOD: TimeDelta = TimeDelta::days(28);

/// Looks at what is new, or tells what would have been raised.
pub async fn run(args: DetectArgs, global: &Global, config: &Config) -> Result<Outcome> {
    if args.doc {
        output::line(document().trim_end())?;
        return Ok(Outcome::Fine);
    }
    if args.backtest {
        return test(&args, global, config).await;
    }
    DataDirectory::open(global.data(), Access::Read)?;
    let work = Work::Detect { again: args.again };
    let Answer::Detected(detected) = perform(work, global, config).await? else {
        bail!("an unexpected answer")
    };
    let batch = list(&detected)?;
    output::write(&batch.schema(), &[batch], args.format)?;
    output::note(&format!(
        "{} events were looked at; {} alerts are new or got worse{}",
        detected.events,
        detected.alerts.len(),
        match detected.too_late {
            0 => String::new(),
            late => format!(
                "; {late} events came too late and were only learned from (--again looks at them)"
            ),
        }
    ));
    Ok(if detected.alerts.is_empty() { Outcome::Fine } else { Outcome::Found })
}

fn list(detected: &Detected) -> Result<RecordBatch> {
    let alerts = &detected.alerts;
    let text = |name: &str| Field::new(name, DataType::Utf8, false);
    let schema = Schema::new(vec![
        text("severity"),
        text("alert"),
        Field::new("update", DataType::Int64, false),
        text("subject"),
        text("observation"),
    ]);
    let strings = |text: fn(&Told) -> &String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(alerts.iter().map(text)))
    };
    Ok(RecordBatch::try_new(
        Arc::new(schema),
        vec![
            strings(|one| &one.severity),
            strings(|one| &one.key),
            Arc::new(Int64Array::from_iter_values(alerts.iter().map(|one| one.update.into()))),
            strings(|one| &one.subject),
            strings(|one| &one.observation),
        ],
    )?)
}

async fn test(args: &DetectArgs, global: &Global, config: &Config) -> Result<Outcome> {
    let lake = lake::to_read(global).await?;
    let settings = config.detect(&lake)?;
    let catalog = Catalog::new(Arc::clone(&lake), lake::query_settings(config)?)?;
    let session = catalog.session();
    let to = args.to.or_else(|| newest(&session)).unwrap_or_else(Utc::now);
    let from = args.from.unwrap_or(to - PERIOD);
    if from >= to {
        return Err(usage(format!("--from {from} must lie before --to {to}")));
    }
    let progress = Progress::begin("looking at stored history");
    let period = (from.timestamp_micros(), to.timestamp_micros());
    let found = backtest(&settings, &session, period).await;
    progress.end();
    let found = found?;
    let batch = if args.list { alerts(&found)? } else { rates(&found)? };
    output::write(&batch.schema(), &[batch], args.format)?;
    output::note(&summary(&found, args.format));
    unseen::tell(&lake).await;
    Ok(Outcome::Fine)
}

/// One past the newest event.
fn newest(session: &rollcall_query::Session) -> Option<DateTime<Utc>> {
    let newest = session.newest_event_us()?;
    DateTime::from_timestamp_micros(newest.saturating_add(1))
}

fn summary(found: &Backtest, format: Format) -> String {
    let all = found.alerts.len();
    let weeks = found.weeks();
    let mut words = format!(
        "{all} alerts in {weeks:.1} weeks over {} events, of {} people who got in; {} events before that were only learned from. Nothing was written.",
        found.events, found.people, found.learned
    );
    if format == Format::Table && all > 0 {
        words.push_str(" --list names each.");
    }
    words
}

fn rates(found: &Backtest) -> Result<RecordBatch> {
    let rates = found.rates();
    let schema = Schema::new(vec![
        Field::new("detector", DataType::Utf8, false),
        Field::new("alerts", DataType::Int64, false),
        Field::new("a_week", DataType::Float64, false),
        Field::new("a_week_per_thousand_people", DataType::Float64, true),
    ]);
    // Two digits say enough.
    let short = |value: f64| (value * 100.0).round() / 100.0;
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let per_thousand = rates.iter().map(|rate| rate.a_week_per_thousand.map(short));
    Ok(RecordBatch::try_new(
        Arc::new(schema),
        vec![
            Arc::new(StringArray::from_iter_values(rates.iter().map(|rate| rate.detector))),
            Arc::new(Int64Array::from_iter_values(rates.iter().map(|rate| count(rate.alerts)))),
            Arc::new(Float64Array::from_iter_values(rates.iter().map(|rate| short(rate.a_week)))),
            Arc::new(per_thousand.collect::<Float64Array>()),
        ],
    )?)
}

fn alerts(found: &Backtest) -> Result<RecordBatch> {
    let names = ["raised_by", "severity", "alert", "subject", "first_event", "observation"];
    let fields = names.map(|name| Field::new(name, DataType::Utf8, false));
    let schema =
        Schema::new([fields.as_slice(), &[Field::new("updates", DataType::Int64, false)]].concat());
    let time = |micros: i64| {
        DateTime::from_timestamp_micros(micros)
            .map_or_else(String::new, |time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    };
    let all = &found.alerts;
    Ok(RecordBatch::try_new(
        Arc::new(schema),
        vec![
            Arc::new(StringArray::from_iter_values(all.iter().map(|one| time(one.alert.last)))),
            Arc::new(StringArray::from_iter_values(all.iter().map(|one| one.severity.as_str()))),
            Arc::new(StringArray::from_iter_values(all.iter().map(|one| &one.alert.key))),
            Arc::new(StringArray::from_iter_values(all.iter().map(|one| &one.alert.subject))),
            Arc::new(StringArray::from_iter_values(all.iter().map(|one| time(one.alert.first)))),
            Arc::new(StringArray::from_iter_values(all.iter().map(|one| &one.alert.observation))),
            Arc::new(Int64Array::from_iter_values(all.iter().map(|one| one.updates.into()))),
        ],
    )?)
}
