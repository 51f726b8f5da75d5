//! Splunk's HTTP Event Collector, so that whoever streams to Splunk can stream here:
//! `POST /services/collector[/event]`, `/raw`, `/ack`, `GET /health`, with and without
//! the version behind them (Splunk, "HTTP Event Collector REST API endpoints").
//!
//! A request is answered once it is on disk, and its `ackId` is where it ends in the
//! log: an id up to the log's end is acknowledged, before a restart and after it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Collector, Input, Refusal, check_source, credential, refuse};
use crate::input::records::{Form, cut, documents, form};
use crate::source::OWN;

/// Most ids that one question may name.
const MOST_ACKS: usize = 100_000;

pub(super) fn routes() -> Router<Arc<Input>> {
    let mut routes = Router::new();
    for path in ["", "/event", "/event/1.0"] {
        // GitHub looks whether there is a collector at the address that it sends to
        // (GitHub, "Streaming the audit log", Splunk).
        let at = format!("/services/collector{path}");
        routes = routes.route(&at, post(event).get(health));
    }
    for version in ["", "/1.0"] {
        let at = |path| format!("/services/collector/{path}{version}");
        routes = routes.route(&at("raw"), post(raw)).route(&at("health"), get(health));
    }
    routes.route("/services/collector/ack", post(ack))
}

/// Parameters of the address. Splunk's own that say where it would index things are
/// passed over.
#[derive(Debug, Default, Deserialize)]
struct Parameters {
    channel: Option<String>,
    /// One of our sources; anything else is Splunk's word for where data came from.
    source: Option<String>,
}

/// An answer in Splunk's form.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    text: &'a str,
    code: u8,
    #[serde(rename = "invalid-event-number", skip_serializing_if = "Option::is_none")]
    event: Option<usize>,
    #[serde(rename = "ackId", skip_serializing_if = "Option::is_none")]
    ack_id: Option<i64>,
}

impl<'a> Answer<'a> {
    const fn new(text: &'a str, code: u8) -> Self {
        Self { text, code, event: None, ack_id: None }
    }
}

/// What is answered where something is wrong: Splunk's number and text.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    pub(super) code: u8,
    text: String,
    /// The event that is wrong, from 0.
    event: Option<usize>,
}

impl Failure {
    fn new(status: StatusCode, code: u8, text: impl Into<String>) -> Self {
        Self { status, code, text: text.into(), event: None }
    }

    fn of_event(code: u8, text: &str, event: usize) -> Self {
        Self { event: Some(event), ..Self::new(StatusCode::BAD_REQUEST, code, text) }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal.status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, 9, "Server is busy")
            }
            StatusCode::INTERNAL_SERVER_ERROR => {
                Self::new(refusal.status, 8, "Internal server error")
            }
            status => Self::new(status, 6, refusal.reason),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self { status, code, text, event } = self;
        refuse(status, "").with(&Answer { text: &text, code, event, ack_id: None })
    }
}

async fn event(
    State(input): State<Arc<Input>>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    take(&input, &parameters, &headers, body, events).await.unwrap_or_else(Failure::into_response)
}

async fn raw(
    State(input): State<Arc<Input>>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let as_it_came = |bytes: &Bytes| Ok(bytes.clone());
    take(&input, &parameters, &headers, body, as_it_came)
        .await
        .unwrap_or_else(Failure::into_response)
}

async fn take(
    input: &Input,
    parameters: &Parameters,
    headers: &HeaderMap,
    body: Body,
    records: impl Fn(&Bytes) -> Result<Bytes, Failure>,
) -> Result<Response, Failure> {
    let collector = collector(input, headers)?;
    let sources = input.intake.sources();
    let is_source = |name: &&str| *name != OWN && sources.find(name).is_some();
    let named = parameters.source.as_deref().filter(is_source);
    let source = check_source(sources, named.unwrap_or_default(), &collector)?;
    let received = input.receive(headers, body).await?;
    let payload = records(&received.bytes)?;
    let stored = input.store(&source, &collector, payload).await?;
    if stored.count == 0 {
        return Err(Failure::new(StatusCode::BAD_REQUEST, 5, "No data"));
    }
    let ack_id = channel(parameters, headers).map(|_| stored.end);
    Ok(axum::Json(Answer { ack_id, ..Answer::new("Success", 0) }).into_response())
}

fn collector(input: &Input, headers: &HeaderMap) -> Result<Collector, Failure> {
    let token = credential::token(headers, &["splunk", "bearer", "basic"])
        .ok_or_else(|| Failure::new(StatusCode::UNAUTHORIZED, 2, "Token is required"))?;
    let refused =
        |reason| Failure::new(StatusCode::FORBIDDEN, 4, format!("Invalid token: {reason}"));
    input.tokens.check(&token).map_err(refused)
}

fn channel<'p>(parameters: &'p Parameters, headers: &'p HeaderMap) -> Option<&'p str> {
    let header = headers.get("x-splunk-request-channel").and_then(|value| value.to_str().ok());
    header.or(parameters.channel.as_deref()).filter(|channel| !channel.is_empty())
}

/// Events behind each other, with or without anything between them, into a list: so
/// they are cut again where they were. Each must be one; otherwise nothing is taken.
pub(super) fn events(bytes: &Bytes) -> Result<Bytes, Failure> {
    let cut = if form(bytes) == Form::Array { cut(bytes) } else { documents(bytes) };
    let mut list = Vec::with_capacity(bytes.len() + 2);
    for (number, event) in cut.enumerate() {
        check(event).map_err(|(code, text)| Failure::of_event(code, text, number))?;
        list.push(if number == 0 { b'[' } else { b',' });
        list.extend_from_slice(event);
    }
    if !list.is_empty() {
        list.push(b']');
    }
    Ok(list.into())
}

/// Whether it is an event in its envelope.
fn check(event: &[u8]) -> Result<(), (u8, &'static str)> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        event: Option<&'a serde_json::value::RawValue>,
    }
    let envelope: Envelope<'_> =
        serde_json::from_slice(event).map_err(|_| (6, "Invalid data format"))?;
    match envelope.event.map(|event| event.get().trim()) {
        None => Err((12, "Event field is required")),
        Some("null" | "\"\"") => Err((13, "Event field cannot be blank")),
        Some(_) => Ok(()),
    }
}

/// What is asked of earlier requests.
#[derive(Debug, Deserialize)]
struct Asked {
    acks: Vec<i64>,
}

async fn ack(
    State(input): State<Arc<Input>>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match acknowledged(&input, &parameters, &headers, body).await {
        Ok(acks) => axum::Json(json!({"acks": acks})).into_response(),
        Err(failure) => failure.into_response(),
    }
}

async fn acknowledged(
    input: &Input,
    parameters: &Parameters,
    headers: &HeaderMap,
    body: Body,
) -> Result<Map<String, Value>, Failure> {
    collector(input, headers)?;
    if channel(parameters, headers).is_none() {
        return Err(Failure::new(StatusCode::BAD_REQUEST, 10, "Data channel is missing"));
    }
    let received = input.receive(headers, body).await?;
    let asked: Asked = serde_json::from_slice(&received.bytes)
        .map_err(|_| Failure::new(StatusCode::BAD_REQUEST, 6, "Invalid data format"))?;
    if asked.acks.len() > MOST_ACKS {
        let text = format!("{} ids; at most {MOST_ACKS} are answered", asked.acks.len());
        return Err(Failure::new(StatusCode::BAD_REQUEST, 6, text));
    }
    let end = input.intake.durable_end();
    let is_durable = |id: &i64| (id.to_string(), json!((1..=end).contains(id)));
    Ok(asked.acks.iter().map(is_durable).collect())
}

async fn health(State(input): State<Arc<Input>>) -> Response {
    if input.intake.backlog_bytes() >= input.limits.backlog_bytes {
        let text = "HEC is unhealthy, queues are full";
        return Failure::new(StatusCode::SERVICE_UNAVAILABLE, 18, text).into_response();
    }
    axum::Json(Answer::new("HEC is healthy", 17)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn taken(body: &'static str, expected: &[&str]) {
        let list = events(&Bytes::from_static(body.as_bytes())).expect("taken");
        let records: Vec<_> = cut(&list).map(String::from_utf8_lossy).collect();
        assert_eq!(records, expected, "{body}");
    }

    #[track_caller]
    fn refused(body: &'static str, code: u8, event: usize) {
        let failure = events(&Bytes::from_static(body.as_bytes())).expect_err("refused");
        assert_eq!((failure.code, failure.event), (code, Some(event)), "{body}");
    }

    #[test]
    fn events_are_cut_whatever_lies_between_them() {
        let (a, b) = (r#"{"event":"a"}"#, r#"{"event":{"b":"}{"},"time":1.5}"#);
        taken(r#"{"event":"a"}{"event":{"b":"}{"},"time":1.5}"#, &[a, b]);
        taken("{\"event\":\"a\"}\n{\"event\":{\"b\":\"}{\"},\"time\":1.5}\r\n", &[a, b]);
        // The first line is one document, the second two.
        taken(
            "{\"event\":\"a\"}\n{\"event\":\"a\"} {\"event\":{\"b\":\"}{\"},\"time\":1.5}",
            &[a, a, b],
        );
        taken(r#"[{"event":"a"}, {"event":{"b":"}{"},"time":1.5}]"#, &[a, b]);
        taken("{\n  \"event\": \"a\"\n}", &["{\n  \"event\": \"a\"\n}"]);
        taken("", &[]);
    }

    #[test]
    fn what_is_no_event_is_refused_by_its_number() {
        refused(r#"{"event":"a"}{"even":"b"}"#, 12, 1);
        refused(r#"{"event":"a"}{"event":null}"#, 12, 1);
        refused(r#"{"event":""}"#, 13, 0);
        refused(r#"{"event":"a"}{"event":"b""#, 6, 1);
        refused("hello", 6, 0);
        refused(r#"[{"event":"a"},7]"#, 6, 1);
    }
}
