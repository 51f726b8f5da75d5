//! `POST /v1/events`: NDJSON, a JSON array or one object; answered after the
//! bytes are on disk.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::decode::{Compression, DecodeError, expand};
use crate::intake::Intake;
use crate::source;

/// Who may hand events in.
#[derive(Debug, Clone)]
pub struct Collector {
    /// The token's name; stands in the column `collector`.
    pub name: Arc<str>,
    /// Sources that it may name or send; empty for all.
    pub sources: Arc<[String]>,
}

/// Checks collectors' tokens.
pub trait Tokens: Send + Sync {
    /// Whose token it is.
    ///
    /// # Errors
    /// Why it isn't taken, for whoever sent it.
    fn check(&self, token: &str) -> Result<Collector, String>;
}

/// Limits of the HTTP input.
#[derive(Debug, Clone, Copy)]
pub struct HttpLimits {
    /// Most bytes of a body as sent.
    pub body_bytes: usize,
    /// Most bytes of a body after expansion.
    pub expanded_bytes: u64,
    /// Most bytes that may wait to be read before clients are turned away.
    pub backlog_bytes: u64,
    /// Most requests whose bodies are held at once.
    pub concurrent: usize,
    /// Most bytes of all bodies that are held at once, as sent or expanded. What
    /// is being expanded comes on top: a body on each processor.
    pub held_bytes: u64,
    /// Longest time for a body to arrive.
    pub body_timeout: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            body_bytes: 64 << 20,
            expanded_bytes: 256 << 20,
            backlog_bytes: 256 << 20,
            concurrent: 256,
            held_bytes: 1 << 30,
            body_timeout: Duration::from_secs(30),
        }
    }
}

struct Input {
    intake: Arc<Intake>,
    tokens: Arc<dyn Tokens>,
    limits: HttpLimits,
    slots: Semaphore,
    /// A permit for each [`PAGE`] of a body that is held.
    memory: Semaphore,
    /// A permit for each body that is being expanded.
    expanding: Semaphore,
}

/// Bytes that are accounted for together.
const PAGE: usize = 4096;

/// What is held of a request, accounted for as long as this lives.
struct Held<'s> {
    memory: &'s Semaphore,
    permit: SemaphorePermit<'s>,
}

impl Held<'_> {
    /// Accounts for more bytes; not where there is no room for them.
    fn grow(&mut self, bytes: usize) -> Result<(), Refusal> {
        let pages = u32::try_from(bytes.div_ceil(PAGE)).unwrap_or(u32::MAX);
        let more = self.memory.try_acquire_many(pages).map_err(|_| too_much())?;
        self.permit.merge(more);
        Ok(())
    }
}

/// The routes of the HTTP input.
pub fn router(intake: Arc<Intake>, tokens: Arc<dyn Tokens>, limits: HttpLimits) -> Router {
    let pages = usize::try_from(limits.held_bytes / PAGE as u64).unwrap_or(usize::MAX);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let input = Arc::new(Input {
        intake,
        tokens,
        limits,
        slots: Semaphore::new(limits.concurrent),
        memory: Semaphore::new(pages.min(Semaphore::MAX_PERMITS)),
        expanding: Semaphore::new(threads),
    });
    Router::new().route("/v1/events", post(events)).with_state(input)
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
    match input.take(parameters, &headers, body).await {
        Ok(accepted) => axum::Json(json!({"accepted": accepted})).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Why a request was turned away. Nothing of it was stored.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    reason: String,
}

fn refuse(status: StatusCode, reason: impl Into<String>) -> Refusal {
    Refusal { status, reason: reason.into() }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(json!({"error": self.reason}))).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl Input {
    async fn take(
        &self,
        parameters: Parameters,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<u32, Refusal> {
        let collector = self.collector(headers)?;
        let source = parameters.source.unwrap_or_default();
        check_source(&source, &collector)?;
        let compression = compression(headers)?;
        let waiting = self.intake.backlog_bytes();
        let slot = self.slots.try_acquire();
        let Some(_slot) = slot.ok().filter(|_| waiting < self.limits.backlog_bytes) else {
            return Err(too_much());
        };
        let permit = self.memory.try_acquire_many(0).map_err(|_| too_much())?;
        let mut held = Held { memory: &self.memory, permit };
        let body = self.body(body, &mut held).await?;
        let payload = self.expand(body, compression, &mut held).await?;
        self.intake.accept(&source, &collector.name, payload).await.map_err(|error| {
            tracing::error!(error = %error, "a request can't be stored");
            refuse(
                StatusCode::SERVICE_UNAVAILABLE,
                "nothing can be stored now, and the server ends; its log says why: send it again to the next one",
            )
        })
    }

    fn collector(&self, headers: &HeaderMap) -> Result<Collector, Refusal> {
        const HOW: &str = "send a collector's token as `Authorization: Bearer rc_…`; `rollcall token create` makes one";
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| refuse(StatusCode::UNAUTHORIZED, HOW))?;
        let refused = |reason| refuse(StatusCode::UNAUTHORIZED, format!("{reason}; {HOW}"));
        self.tokens.check(token).map_err(refused)
    }

    async fn body(&self, body: Body, held: &mut Held<'_>) -> Result<Bytes, Refusal> {
        let limit = self.limits.body_bytes;
        let collecting = collect(Limited::new(body, limit), limit, held);
        tokio::time::timeout(self.limits.body_timeout, collecting).await.map_err(|_| {
            let seconds = self.limits.body_timeout.as_secs();
            refuse(
                StatusCode::REQUEST_TIMEOUT,
                format!("the body didn't arrive within {seconds} seconds"),
            )
        })?
    }

    async fn expand(
        &self,
        body: Bytes,
        compression: Compression,
        held: &mut Held<'_>,
    ) -> Result<Bytes, Refusal> {
        let cap = self.limits.expanded_bytes;
        if compression == Compression::None {
            return Ok(body);
        }
        let _one = self.expanding.acquire().await.map_err(|_| too_much())?;
        let expanded =
            tokio::task::spawn_blocking(move || expand(&body, compression, cap))
                .await
                .map_err(|error| refuse(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
        match expanded {
            Ok(expanded) => match expanded.damage {
                None => {
                    held.grow(expanded.bytes.len())?;
                    Ok(expanded.bytes.into())
                }
                Some(damage) => {
                    Err(refuse(StatusCode::BAD_REQUEST, format!("nothing was stored: {damage}")))
                }
            },
            Err(error @ DecodeError::TooLarge { .. }) => {
                Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, error.to_string()))
            }
            Err(error) => Err(refuse(StatusCode::BAD_REQUEST, error.to_string())),
        }
    }
}

fn too_much() -> Refusal {
    refuse(
        StatusCode::TOO_MANY_REQUESTS,
        "more comes in than can be stored; send it again after a second",
    )
}

/// A body in one piece.
async fn collect(
    mut body: Limited<Body>,
    limit: usize,
    held: &mut Held<'_>,
) -> Result<Bytes, Refusal> {
    let mut first = Bytes::new();
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body is larger than {limit} bytes; send it in smaller pieces"),
            ),
            None => refuse(StatusCode::BAD_REQUEST, format!("the body broke off: {error}")),
        })?;
        let Ok(data) = frame.into_data() else { continue };
        held.grow(data.len())?;
        if first.is_empty() && whole.is_empty() {
            first = data;
            continue;
        }
        // A body of one piece is never copied.
        whole.extend_from_slice(&std::mem::take(&mut first));
        whole.extend_from_slice(&data);
    }
    Ok(if whole.is_empty() { first } else { whole.into() })
}

fn check_source(source: &str, collector: &Collector) -> Result<(), Refusal> {
    if !source.is_empty() && source::find(source).is_none() {
        let known: Vec<&str> = source::SOURCES.iter().map(|source| source.name).collect();
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            format!("there is no source {source:?}; there are: {}", known.join(", ")),
        ));
    }
    let allowed = collector.sources.is_empty() || collector.sources.iter().any(|s| s == source);
    if allowed {
        return Ok(());
    }
    Err(refuse(
        StatusCode::FORBIDDEN,
        format!(
            "this token may only send {}; name one of them with ?source=",
            collector.sources.join(", ")
        ),
    ))
}

fn compression(headers: &HeaderMap) -> Result<Compression, Refusal> {
    let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(Compression::None) };
    value.to_str().ok().and_then(Compression::from_header).ok_or_else(|| {
        refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Content-Encoding may be gzip, zstd, deflate or identity",
        )
    })
}
