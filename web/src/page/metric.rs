//! `/m/<name>`: what a metric is, its SQL, its parameters as a form; and every
//! format, by ending.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use rollcall_query::{Dimension, Grain, Unit};

use super::bar::Bar;
use super::dashboard::PAGES;
use super::frame::Frame;
use crate::address::{Address, Problem};
use crate::ask::{Definition, Failure};
use crate::chart::Head;
use crate::error::WebError;
use crate::export::{Format, Sheet};
use crate::guard::visitor::Visitor;
use crate::markup::Markup;
use crate::panel::context::Context;
use crate::panel::metric::{Asked, ask, drawing};
use crate::panel::run::run;
use crate::panel::spec::{Ask, By, Needs, Shape, Spec};
use crate::server::WebState;

const OWN: [&str; 1] = ["shape"];

#[derive(Template)]
#[template(path = "page/metric.html")]
struct MetricPage {
    frame: Frame,
    bar: Bar,
    definition: Definition,
    facts: Vec<(&'static str, String)>,
    panel: Markup,
}

#[derive(Template)]
#[template(path = "page/metrics.html")]
struct IndexPage {
    frame: Frame,
    definitions: Vec<Definition>,
}

/// `GET /m`: every metric.
pub(crate) async fn index(
    State(state): State<WebState>,
    visitor: Visitor,
) -> Result<Response, WebError> {
    let mut definitions = state.library.definitions();
    definitions.sort_by_key(|definition| definition.name);
    let frame = Frame::inside("Metrics", "/m", "", "/m".to_owned(), &visitor)?;
    Ok(Html(IndexPage { frame, definitions }.render()?).into_response())
}

/// `GET /m/{name}`, `GET /m/{name}.csv`, …
pub(crate) async fn get(
    State(state): State<WebState>,
    visitor: Visitor,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let (name, format) = Format::split(&name);
    let definitions = state.library.definitions();
    let definition = definitions.into_iter().find(|definition| definition.name == name);
    let definition = definition.ok_or(WebError::NothingHere)?;
    let address = Address::parse(&query.unwrap_or_default(), &OWN).map_err(WebError::Address)?;
    let asked = asked(definition.name, &address)?;
    let context = Context::open(&state, "/m", address).await;
    match format {
        Some(format) => export(asked, &context, &definition, format).await,
        None => page(asked, &context, definition, &visitor).await,
    }
}

/// How the metric is drawn: as the address says, else as a page has it.
fn asked(name: &'static str, address: &Address) -> Result<Asked, WebError> {
    let (figures, usual) = usual(name);
    let shape = match address.own("shape") {
        None => usual,
        Some(word) => Shape::from_word(word).ok_or_else(|| {
            let hint = Shape::ALL.map(Shape::as_str).join(", ");
            let (name, value) = ("shape".to_owned(), crate::text::visible(word));
            WebError::Address(vec![Problem { name, value, hint }])
        })?,
    };
    Ok(Asked { metric: name, figures, by: By::Address, shape })
}

/// Figures and shape of the first panel that shows the metric.
fn usual(name: &str) -> (&'static [&'static str], Shape) {
    PAGES
        .iter()
        .flat_map(|page| page.panels)
        .find_map(|spec| match spec.ask {
            Ask::Metric { metric, figures, shape, .. } if metric == name => Some((figures, shape)),
            _ => None,
        })
        .unwrap_or_else(|| (&[], without_a_page(name)))
}

/// The shape of a metric that no page shows: one that has no buckets has no line.
fn without_a_page(name: &str) -> Shape {
    let metric = rollcall_query::metrics().iter().find(|metric| metric.name == name);
    let has_buckets = metric.is_none_or(|metric| metric.grain.iter().any(|g| *g != Grain::Total));
    if has_buckets { Shape::Line } else { Shape::Bars }
}

async fn page(
    asked: Asked,
    context: &Context,
    definition: Definition,
    visitor: &Visitor,
) -> Result<Response, WebError> {
    let spec = Spec {
        id: "metric",
        title: "",
        ask: Ask::Metric {
            metric: asked.metric,
            figures: asked.figures,
            by: asked.by,
            shape: asked.shape,
        },
        needs: Needs::Events,
        wide: true,
    };
    let panels = run(&[spec], context).await;
    let panel = panels.first().map(Template::render).transpose()?.unwrap_or_default();
    let path = format!("/m/{}", definition.name);
    let shared = context.view.address.shared().query();
    let back = format!("{path}{}", context.view.address.query());
    let page = MetricPage {
        frame: Frame::inside(definition.question, &path, &shared, back, visitor)?,
        bar: Bar::new(&path, &context.view),
        facts: facts(&definition),
        panel: Markup(panel),
        definition,
    };
    Ok(Html(page.render()?).into_response())
}

fn facts(definition: &Definition) -> Vec<(&'static str, String)> {
    let unit = match definition.unit {
        Unit::Count => "a number",
        Unit::Share => "a share",
        Unit::Milliseconds => "milliseconds",
        Unit::Rate => "so many per so much",
    };
    let band = crate::panel::footer::band(definition.band).unwrap_or("none: a plain count");
    vec![
        ("Name", definition.name.to_owned()),
        ("Version", definition.version.to_string()),
        ("Unit", unit.to_owned()),
        ("Band", band.to_owned()),
        ("Counts", definition.population.to_owned()),
        ("Leaves out", definition.excludes.to_owned()),
        ("Columns", definition.columns.to_owned()),
        ("Can be split by", words(&definition.dimensions)),
    ]
}

fn words(dimensions: &[Dimension]) -> String {
    let words: Vec<_> = dimensions.iter().map(|one| crate::text::words(one.as_str())).collect();
    words.join(", ")
}

async fn export(
    asked: Asked,
    context: &Context,
    definition: &Definition,
    format: Format,
) -> Result<Response, WebError> {
    let answered =
        ask(asked, context).await.map_err(|failure| failed(&failure, definition.name))?;
    if format == Format::Svg {
        let id = definition.name.replace('/', "-");
        let title = definition.question.to_owned();
        let head = Head { id, title, ..Head::default() };
        let chart = drawing(asked, context, &answered, head).chart;
        let file = chart.ok_or(WebError::NothingHere)?.file()?;
        return Ok(format.answer(definition.name, file.into_bytes()));
    }
    let bytes = Sheet::of_metric(answered.detail).write(format)?;
    Ok(format.answer(definition.name, bytes))
}

/// A failed question as a page of its own.
pub(crate) fn failed(failure: &Failure, what: &str) -> WebError {
    let operation = crate::operation::id();
    tracing::error!(operation, what, failure = failure.message, "an export failed");
    WebError::Failed { operation, message: failure.message.clone() }
}
