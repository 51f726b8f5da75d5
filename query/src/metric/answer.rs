//! A metric's answer: the counts, what they mean, and as of when.

use chrono::NaiveDate;
use datafusion::common::DataFusionError;

use super::question::Question;
use super::registry::{Metric, find, metrics};
use super::{completeness, explain, points, rows};
use crate::catalog::Session;
use crate::error::{QueryError, Result};
use crate::filter::{Filter, Grain};
use crate::function::Calendar;
use crate::result::{MetricResult, Point};

/// Answers a metric.
pub(crate) async fn answer(session: &Session, name: &str, filter: &Filter) -> Result<MetricResult> {
    let metric = find(name).ok_or_else(|| unknown(name))?;
    let question = Question::new(metric, filter, session.as_of())?;
    let calendar = Calendar { grain: Grain::Day, zone: filter.time_zone };
    let (from, to) = (calendar.begins(filter.from), calendar.begins(filter.to));
    let points = &session.world().inner.points;
    let asked = question.asked(filter, session.as_of());
    let ask = async |session: Session| ask(&session, metric, &question, filter.from).await;
    let points = points.answer(session, asked, ask).await?;
    Ok(MetricResult {
        name: metric.name,
        version: metric.version,
        question: metric.question,
        unit: metric.unit,
        band: metric.band,
        from: filter.from,
        to: filter.to,
        time_zone: filter.time_zone.name().to_owned(),
        points: points.as_ref().clone(),
        population: metric.population,
        excludes: metric.excludes,
        explained: explain::explain(metric, &points, filter),
        pin: session.pin(),
        completeness: completeness::of(session, from, to).await?,
        sql: question.shown(),
    })
}

fn unknown(name: &str) -> QueryError {
    let names: Vec<_> = metrics().iter().map(|metric| metric.name).collect();
    let hint = format!("; there are {}", names.join(", "));
    QueryError::Unknown { kind: "metric", name: name.to_owned(), hint }
}

async fn ask(
    session: &Session,
    metric: &'static Metric,
    question: &Question,
    from: NaiveDate,
) -> Result<Vec<Point>> {
    let failed = || QueryError::own(metric.name);
    let buckets = question.bucket_table().map_err(|e| failed()(e.into()))?;
    let batches = session.ask(metric.name, &question.sql, question.values.clone(), buckets).await?;
    let rows = rows::read(&batches, metric.shape).map_err(|e: DataFusionError| failed()(e))?;
    Ok(points::points(metric, rows, &question.buckets, from))
}
