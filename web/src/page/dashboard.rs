//! The pages that are lists of panels, as data; one handler shows them all.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use rollcall_query::Dimension;

use super::bar::Bar;
use super::figure::{Figure, Remark, figures};
use super::frame::Frame;
use crate::address::Address;
use crate::error::WebError;
use crate::guard::visitor::Visitor;
use crate::markup::Markup;
use crate::panel::context::Context;
use crate::panel::run::run;
use crate::panel::spec::{By, Needs, Process, Shape, Spec, listing, metric, process};
use crate::server::WebState;

/// The script asks for one panel with this header, at the page's own address.
const ONE_PANEL: &str = "rollcall-panel";

/// A page of panels.
pub(crate) struct Page {
    /// Its address.
    pub(crate) path: &'static str,
    /// Its name in the navigation.
    pub(crate) name: &'static str,
    /// What it answers.
    pub(crate) about: &'static str,
    /// Whether the six figures stand above.
    pub(crate) figures: bool,
    /// Its panels.
    pub(crate) panels: &'static [Spec],
}

/// The one figure without a name, of metrics that have others beside it.
const ONE: &[&str] = &[""];
const QUANTILES: &[&str] = &["p50", "p90", "p95"];

/// The pages, in the order of the navigation.
pub(crate) const PAGES: &[Page] = &[
    Page {
        path: "/",
        name: "Overview",
        about: "How people sign in, and what it costs them",
        figures: true,
        panels: &[
            metric("success", "attempts/success_rate", ONE, By::Address, Shape::Line).wide(),
            metric("outcomes", "attempts/by_outcome", &[], By::Nothing, Shape::Stack),
            metric("used", "adoption/used", &["used"], By::Nothing, Shape::Line),
            metric("reasons", "failures/by_reason", &[], By::Nothing, Shape::Bars),
            metric("time", "latency/time_to_authenticate", QUANTILES, By::Nothing, Shape::Line),
            listing("sources_health"),
        ],
    },
    Page {
        path: "/adoption",
        name: "Adoption",
        about: "How far the second factor has come, and who is missing",
        figures: false,
        panels: &[
            metric(
                "enrolled",
                "adoption/enrolled",
                &["people", "accounts"],
                By::Address,
                Shape::Line,
            )
            .needing(Needs::People),
            metric(
                "enrolled-team",
                "adoption/enrolled",
                &["people"],
                By::Always(Dimension::Team),
                Shape::Bars,
            )
            .titled("How many people of each team have a second factor?")
            .needing(Needs::People),
            metric(
                "used",
                "adoption/used",
                &["used", "remembered", "inherited_by_timing", "bypassed", "unknown"],
                By::Address,
                Shape::Line,
            ),
            metric("resistant", "adoption/phishing_resistant", ONE, By::Address, Shape::Line),
            metric("mix", "adoption/factor_mix", &[], By::Nothing, Shape::Stack).wide(),
            metric(
                "funnel",
                "adoption/funnel",
                &["invited", "enrolled", "used_once", "habitual"],
                By::Nothing,
                Shape::Bars,
            )
            .needing(Needs::People),
            metric("weakest", "adoption/weakest_way_in", &[], By::Nothing, Shape::Bars)
                .needing(Needs::People),
            metric("sso", "adoption/sso_share", ONE, By::Address, Shape::Line),
            metric(
                "privileged",
                "adoption/privileged_without_mfa",
                &["sign_ins", "accounts"],
                By::Nothing,
                Shape::Line,
            )
            .needing(Needs::People),
            listing("missing_factors").needing(Needs::People),
            listing("weakest_ways").needing(Needs::People),
            listing("privileged_sign_ins").needing(Needs::People),
            metric("dormant", "adoption/dormant_factors", ONE, By::Address, Shape::Line)
                .needing(Needs::People)
                .wide(),
            listing("dormant_factors").needing(Needs::People),
        ],
    },
    Page {
        path: "/latency",
        name: "Latency",
        about: "How long it takes to get in",
        figures: false,
        panels: &[
            metric("time", "latency/time_to_authenticate", QUANTILES, By::Nothing, Shape::Line)
                .wide(),
            metric(
                "time-factor",
                "latency/time_to_authenticate",
                QUANTILES,
                By::Always(Dimension::Factor),
                Shape::Dots,
            )
            .titled("How long does each factor take?"),
            metric(
                "time-platform",
                "latency/time_to_authenticate",
                QUANTILES,
                By::Always(Dimension::Platform),
                Shape::Dots,
            )
            .titled("Where does it take longest?"),
            metric(
                "time-multiples",
                "latency/time_to_authenticate",
                &["p50"],
                By::Always(Dimension::Factor),
                Shape::Multiples,
            )
            .titled("How has each factor's median moved?")
            .wide(),
            metric("response", "latency/prompt_to_response", QUANTILES, By::Nothing, Shape::Line),
            metric("abandoned", "latency/abandoned", ONE, By::Address, Shape::Line),
            metric(
                "answered",
                "latency/answered",
                &["within_10s", "within_30s", "within_60s", "within_5m"],
                By::Nothing,
                Shape::Bars,
            ),
            metric(
                "measurable",
                "latency/measurable",
                ONE,
                By::Always(Dimension::Source),
                Shape::Bars,
            )
            .titled("How much of each source can be timed at all?")
            .wide(),
        ],
    },
    Page {
        path: "/friction",
        name: "Friction",
        about: "What signing in costs people",
        figures: false,
        panels: &[
            metric(
                "prompts",
                "friction/prompts_per_person_day",
                &["p50", "p95"],
                By::Nothing,
                Shape::Line,
            ),
            metric("blocked", "friction/blocked", ONE, By::Address, Shape::Line),
            metric(
                "refused",
                "friction/denials_before_success",
                &["p50", "p95", "p99"],
                By::Nothing,
                Shape::Bars,
            ),
            metric("week", "friction/time_per_person_week", ONE, By::Address, Shape::Line),
            metric(
                "recovered",
                "recovery/recovered",
                &["within_10m", "within_1h", "within_8h", "within_1d", "within_7d"],
                By::Nothing,
                Shape::Bars,
            )
            .titled("Who couldn't get in: how soon could they again?"),
            metric("slips", "recovery/slips", ONE, By::Address, Shape::Line),
            metric("whose", "failures/rate", &[], By::Nothing, Shape::Bars).wide(),
            metric("reasons", "failures/by_reason", &[], By::Nothing, Shape::Bars),
            metric("reasons-time", "failures/by_reason", &[], By::Nothing, Shape::Stack)
                .titled("How have the reasons moved?"),
            listing("blocked_by_policy"),
            listing("policy_changes"),
            listing("break_glass_uses"),
        ],
    },
    Page {
        path: "/data-health",
        name: "Data health",
        about: "Whether the figures can be believed",
        figures: false,
        panels: &[
            listing("collectors_health"),
            process("collectors", Process::Collectors),
            metric("lag", "data/lag", QUANTILES, By::Address, Shape::Line),
            metric("late", "data/late", ONE, By::Address, Shape::Line),
            listing("sources_health").needing(Needs::Nothing),
            metric("rows", "data/completeness", &[], By::Nothing, Shape::Stack)
                .titled("What became of every record?")
                .wide(),
            metric("silence", "data/silence", ONE, By::Address, Shape::Line),
            metric("revised", "data/revised", ONE, By::Address, Shape::Line),
            metric("reconciled", "data/reconciled", ONE, By::Address, Shape::Line),
            metric("retention", "data/retention", ONE, By::Always(Dimension::Source), Shape::Bars),
            listing("rejects_by_reason"),
            listing("quarantine_list"),
            metric(
                "unmatched",
                "directory/unmatched",
                &["attempts", "accounts", "automatic"],
                By::Address,
                Shape::Line,
            )
            .wide(),
            listing("unmatched_accounts"),
            listing("reconciliations_list"),
            listing("streams_health"),
            process("machine", Process::Machine),
        ],
    },
];

#[derive(Template)]
#[template(path = "page/dashboard.html")]
struct DashboardPage {
    frame: Frame,
    bar: Bar,
    name: &'static str,
    about: &'static str,
    status: Vec<(&'static str, String)>,
    figures: Vec<Figure>,
    remarks: Vec<Remark>,
    /// Whether any figure has one before it.
    is_comparable: bool,
    compared: String,
    panels: Vec<Markup>,
    /// For paper: where this is to be found again, and as of when.
    address: String,
    as_of: String,
}

/// `GET` of any of them.
pub(crate) async fn get(
    page: &'static Page,
    State(state): State<WebState>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let query = query.unwrap_or_default();
    let address = Address::parse(&query, &[]).map_err(WebError::Address)?;
    let context = Context::open(&state, page.path, address).await;
    if let Some(id) = headers.get(ONE_PANEL) {
        return one_panel(page, id.to_str().unwrap_or_default(), &context).await;
    }
    let figures = async {
        // Where nothing has come in yet, six empty figures say nothing.
        let begun = context.missing(Needs::Events).is_none();
        if page.figures && begun { figures(&context).await } else { (Vec::new(), Vec::new()) }
    };
    let (panels, (figures, remarks)) = futures::join!(run(page.panels, &context), figures);
    let view = &context.view;
    let shared = view.address.shared().query();
    let back = format!("{}{}", page.path, view.address.query());
    let page = DashboardPage {
        frame: Frame::inside(page.name, page.path, &shared, back, &visitor)?,
        bar: Bar::new(page.path, view),
        name: page.name,
        about: page.about,
        status: status(&state, &context),
        compared: view.days.before().from.format("%-d %b %Y").to_string(),
        address: format!(
            "{}{}{}",
            state.settings.base_url.as_str().trim_end_matches('/'),
            page.path,
            view.frozen().query()
        ),
        as_of: crate::text::instant(context.now),
        is_comparable: figures.iter().any(|figure| !figure.change.is_empty()),
        figures,
        remarks,
        panels: panels.iter().map(|panel| panel.render().map(Markup)).collect::<Result<_, _>>()?,
    };
    Ok(Html(page.render()?).into_response())
}

async fn one_panel(page: &Page, id: &str, context: &Context) -> Result<Response, WebError> {
    let spec = page.panels.iter().find(|spec| spec.id == id).ok_or(WebError::NothingHere)?;
    let panels = run(&[*spec], context).await;
    let panel = panels.first().ok_or(WebError::NothingHere)?;
    Ok((StatusCode::OK, Html(panel.render()?)).into_response())
}

/// The line above the panels: is it running, is it all here.
fn status(state: &WebState, context: &Context) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    if let Some(totals) = &context.totals {
        out.push(("Events", crate::text::count(totals.events)));
        out.push(("Sources", crate::text::count(totals.sources)));
        out.push(("People", crate::text::count(totals.people)));
        let last = totals.last_received.map(|at| ago(context, at));
        out.push(("Last received", last.unwrap_or_else(|| "never".to_owned())));
    }
    let sealed = state.status.last_seal().map(|at| ago(context, at));
    out.push(("Last sealed", sealed.unwrap_or_else(|| "never".to_owned())));
    let tail = i64::try_from(state.status.tail_rows()).unwrap_or(i64::MAX);
    out.push(("Not sealed yet", crate::text::plural(tail, "row", "rows")));
    if let Err(why) = state.status.ready() {
        out.push(("Not ready", why));
    }
    out
}

fn ago(context: &Context, at: chrono::DateTime<chrono::Utc>) -> String {
    let seconds = (context.now - at).num_seconds().max(0);
    match seconds {
        0..60 => "just now".to_owned(),
        60..172_800 => format!("{} ago", crate::text::seconds((seconds / 60 * 60) as f64)),
        _ => crate::text::instant(at),
    }
}
