//! A panel over a metric.

use rollcall_query::{Filter, Grain, MetricResult};

use super::context::Context;
use super::draw::{Drawing, Wish, draw};
use super::finding::{Lead, finding};
use super::spec::{By, Shape, Spec};
use super::{Link, Panel, State, footer, table};
use crate::address::{Address, View};
use crate::ask::{Failure, FailureKind};
use crate::chart::series::base;
use crate::chart::{Head, bucket};

/// Names of what isn't drawn that a footer has room for.
const MOST_NAMES: usize = 8;

/// The part of a panel's spec that is about its metric.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) metric: &'static str,
    pub(crate) figures: &'static [&'static str],
    pub(crate) by: By,
    pub(crate) shape: Shape,
}

/// The answers behind a panel.
pub(crate) struct Answered {
    /// Over the period's buckets; for bars and dots the same as `total`.
    pub(crate) detail: MetricResult,
    /// Over the whole period.
    pub(crate) total: MetricResult,
    /// The filter of `detail`.
    pub(crate) filter: Filter,
}

/// Asks and draws.
pub(crate) async fn build(spec: &Spec, asked: Asked, context: &Context) -> Panel {
    let definition = context.definition(asked.metric);
    let title = match (spec.title, &definition) {
        ("", Some(definition)) => definition.question.to_owned(),
        ("", None) => asked.metric.to_owned(),
        (title, _) => title.to_owned(),
    };
    let sql = definition.map(|definition| definition.sql.to_owned()).unwrap_or_default();
    let links = links(asked, &context.view);
    let bare = |state| Panel {
        sql: sql.clone(),
        links: links.clone(),
        ..Panel::bare(spec.id, title.clone(), spec.wide, state)
    };
    if let Some(state) = context.missing(spec.needs).or_else(|| context.unfit(asked.metric)) {
        return bare(state);
    }
    let answered = match ask(asked, context).await {
        Ok(answered) => answered,
        Err(failure) => return bare(failed(&failure, spec.id)),
    };
    if is_empty(&answered.total) && is_empty(&answered.detail) {
        return bare(nothing(asked, context).await);
    }
    let head = Head { id: spec.id.to_owned(), title: title.clone(), ..Head::default() };
    let drawing = drawing(asked, context, &answered, head);
    let mut missing = footer::missing(&answered.total.completeness, context);
    if asked.shape.over_time() {
        missing.extend(bucket::cut_off(&answered.filter));
    }
    let state = if missing.is_empty() { State::Whole } else { State::Partial(missing) };
    let chart = match drawing.chart.as_ref().map(crate::chart::Chart::markup).transpose() {
        Ok(chart) => chart,
        Err(error) => {
            let failure = Failure { kind: FailureKind::Failed, message: error.to_string() };
            return bare(failed(&failure, spec.id));
        }
    };
    Panel {
        finding: sentence(asked, &answered, &drawing),
        key: drawing.key(),
        flags: drawing.flags(),
        chart,
        table: Some(table_of(asked, &answered, &drawing)),
        sql: answered.detail.sql.clone(),
        footer: footer_of(&answered, &drawing),
        ..bare(state)
    }
}

/// Draws, for a panel or for a file.
pub(crate) fn drawing(asked: Asked, context: &Context, answered: &Answered, head: Head) -> Drawing {
    let buckets = bucket::buckets(&answered.filter);
    let wish = Wish {
        shape: asked.shape,
        figures: asked.figures,
        grouped: answered.filter.by.is_some(),
        buckets: &buckets,
        grain: answered.filter.grain,
        changes: &context.changes,
    };
    draw(&answered.detail, &wish, head)
}

/// Asks for the buckets and for the whole period at the same time.
pub(crate) async fn ask(asked: Asked, context: &Context) -> Result<Answered, Failure> {
    let filter = filter(asked, context);
    let total = Filter { grain: Grain::Total, ..filter.clone() };
    let answers = context.answers.as_ref();
    if filter == total {
        let total = answers.metric(asked.metric, &total).await?;
        return Ok(Answered { detail: total.clone(), total, filter });
    }
    let (detail, total) = futures::future::try_join(
        answers.metric(asked.metric, &filter),
        answers.metric(asked.metric, &total),
    )
    .await?;
    Ok(Answered { detail, total, filter })
}

fn filter(asked: Asked, context: &Context) -> Filter {
    let filter = context.view.filter();
    let by = match asked.by {
        By::Nothing => None,
        By::Address => context.split(asked.metric, filter.by),
        By::Always(dimension) => Some(dimension),
    };
    let grain =
        if asked.shape.over_time() { coarser(asked.metric, filter.grain) } else { Grain::Total };
    Filter { by, grain, ..filter }
}

/// The grain, or the next coarser one that the metric can be asked in.
fn coarser(metric: &str, grain: Grain) -> Grain {
    let Some(metric) = rollcall_query::metrics().iter().find(|one| one.name == metric) else {
        return grain;
    };
    let mut wider = Grain::ALL.into_iter().skip_while(|one| *one != grain);
    wider.find(|one| metric.grain.contains(one)).unwrap_or(Grain::Total)
}

fn is_empty(result: &MetricResult) -> bool {
    result.points.iter().all(|point| point.n == 0 && point.k == 0 && point.value.is_none())
}

/// Why there is nothing: are the filters too narrow, or is there nothing at all?
async fn nothing(asked: Asked, context: &Context) -> State {
    let view = &context.view;
    let none = State::NoEvents(format!("Nothing of the kind in {}.", view.period_words()));
    if view.address.only.is_empty() {
        return none;
    }
    let unfiltered = Filter { only: Vec::new(), grain: Grain::Total, ..filter(asked, context) };
    match context.answers.metric(asked.metric, &unfiltered).await {
        Ok(result) if !is_empty(&result) => excluded(view, context.path),
        Ok(_) => none,
        Err(failure) => failed(&failure, asked.metric),
    }
}

/// The state of a panel that the filters leave nothing of.
pub(crate) fn excluded(view: &View, path: &str) -> State {
    let filters: Vec<_> = view
        .address
        .only
        .iter()
        .map(|(dimension, value)| {
            format!("{} = {}", dimension.as_str(), crate::text::visible(value))
        })
        .collect();
    let address = Address { only: Vec::new(), ..view.address.clone() };
    State::Excluded { filters: filters.join(", "), href: format!("{path}{}", address.query()) }
}

/// The state of a panel that failed: logged here, once, under the id that the
/// page shows.
pub(crate) fn failed(failure: &Failure, what: &str) -> State {
    if failure.kind == FailureKind::NotConfigured {
        return State::NotConfigured(failure.message.clone());
    }
    let operation = crate::operation::id();
    tracing::error!(operation, what, failure = failure.message, "a panel failed");
    State::Failed { operation, message: failure.message.clone() }
}

fn sentence(asked: Asked, answered: &Answered, drawing: &Drawing) -> String {
    let lead =
        Lead { figure: asked.figures.first().copied().unwrap_or(""), by: answered.filter.by };
    let buckets = bucket::buckets(&answered.filter);
    let over_time = (asked.shape == Shape::Line).then_some((
        drawing.series.as_slice(),
        buckets.as_slice(),
        answered.filter.grain,
    ));
    finding(&answered.total, lead, over_time)
}

fn table_of(asked: Asked, answered: &Answered, drawing: &Drawing) -> table::Table {
    if asked.shape.over_time() {
        let buckets = bucket::buckets(&answered.filter);
        let grain = answered.filter.grain;
        return table::over_time(&answered.detail, &drawing.series, &buckets, grain);
    }
    let by = answered.filter.by.map(rollcall_query::Dimension::as_str);
    // Split, a panel shows its first figure; quantiles are one thing.
    let wanted = match (asked.shape, by) {
        (Shape::Bars, Some(_)) => asked.figures.get(..1).unwrap_or_default(),
        _ => asked.figures,
    };
    // A metric can have groups of its own: what changed, a source.
    let own = answered.detail.points.iter().any(|point| point.group.is_some());
    table::of_points(&answered.detail, wanted, by.or(own.then_some("of")))
}

fn footer_of(answered: &Answered, drawing: &Drawing) -> Vec<(&'static str, String)> {
    let n = match answered.filter.by {
        // Each group has its own population.
        Some(_) => {
            let mut seen = std::collections::BTreeMap::new();
            for point in &answered.total.points {
                let most: &mut i64 = seen.entry(point.group.as_deref()).or_default();
                *most = (*most).max(base(point, answered.total.unit));
            }
            seen.values().sum()
        }
        None => {
            let bases = answered.total.points.iter().map(|point| base(point, answered.total.unit));
            bases.max().unwrap_or(0)
        }
    };
    let mut footer = footer::of_metric(&answered.total, n);
    if !drawing.left_out.is_empty() {
        let names = drawing.left_out.iter().take(MOST_NAMES).map(String::as_str);
        let mut names = names.collect::<Vec<_>>().join(", ");
        let more = drawing.left_out.len().saturating_sub(MOST_NAMES);
        if more > 0 {
            names.push_str(&format!(" and {more} more"));
        }
        footer.push(("Not drawn", names));
    }
    if answered.detail.points.iter().any(|point| point.partial) {
        footer.push(("Dashed", "not over yet, or cut off by the period".to_owned()));
    }
    footer
}

fn links(asked: Asked, view: &View) -> Vec<Link> {
    let mut address = view.frozen().shared();
    match asked.by {
        By::Nothing => address.by = None,
        By::Address => {}
        By::Always(dimension) => address.by = Some(dimension),
    }
    if !asked.shape.over_time() {
        address.grain = Some(Grain::Total);
    }
    address.own.push(("shape".to_owned(), asked.shape.as_str().to_owned()));
    let query = address.query();
    let link =
        |label, ending: &str| Link { label, href: format!("/m/{}{ending}{query}", asked.metric) };
    vec![
        link("CSV", ".csv"),
        link("XLSX", ".xlsx"),
        link("JSON", ".json"),
        link("SVG", ".svg"),
        link("Link", ""),
    ]
}

#[cfg(test)]
mod tests {
    use super::coarser;
    use rollcall_query::Grain;

    #[test]
    fn a_metric_is_asked_in_a_grain_that_it_has() {
        assert_eq!(coarser("adoption/used", Grain::Day), Grain::Day);
        assert_eq!(coarser("friction/time_per_person_week", Grain::Day), Grain::Week);
        assert_eq!(coarser("friction/time_per_person_week", Grain::Month), Grain::Month);
        assert_eq!(coarser("pilot/failures", Grain::Day), Grain::Total);
    }
}
