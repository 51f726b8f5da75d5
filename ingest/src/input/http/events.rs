//! `POST /v1/events`: NDJSON, a JSON array or one object.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

use super::{Collector, Input, Refusal, check_source, credential, refuse};

pub(super) fn routes() -> Router<Arc<Input>> {
    Router::new().route("/v1/events", post(events))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    source: Option<String>,
}

async fn events(
    State(input): State<Arc<Input>>,
    parameters: Result<Query<Parameters>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(Query(parameters)) = parameters else {
        return refuse(StatusCode::BAD_REQUEST, "the only parameter is ?source=").into_response();
    };
    match take(&input, parameters, &headers, body).await {
        Ok(accepted) => axum::Json(json!({"accepted": accepted})).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn collector(input: &Input, headers: &HeaderMap) -> Result<Collector, Refusal> {
    const HOW: &str = "send a collector's token as `Authorization: Bearer rc_…`; `rollcall token create` makes one";
    let token = credential::token(headers, &["bearer"]);
    let token = token.ok_or_else(|| refuse(StatusCode::UNAUTHORIZED, HOW))?;
    let refused = |reason| refuse(StatusCode::UNAUTHORIZED, format!("{reason}; {HOW}"));
    input.tokens.check(&token).map_err(refused)
}

async fn take(
    input: &Input,
    parameters: Parameters,
    headers: &HeaderMap,
    body: Body,
) -> Result<u32, Refusal> {
    let collector = collector(input, headers)?;
    let source =
        check_source(input.intake.sources(), &parameters.source.unwrap_or_default(), &collector)?;
    let received = input.receive(headers, body).await?;
    Ok(input.store(&source, &collector, received.bytes.clone()).await?.count)
}
