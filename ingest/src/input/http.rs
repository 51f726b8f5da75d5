//! `POST /v1/events`: NDJSON, a JSON array or one object; answered after the
//! bytes are on disk.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Semaphore;

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
    /// Whose token it is; `None` for one that is wrong, expired or revoked.
    fn check(&self, token: &str) -> Option<Collector>;
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
            body_timeout: Duration::from_secs(30),
        }
    }
}

struct Input {
    intake: Arc<Intake>,
    tokens: Arc<dyn Tokens>,
    limits: HttpLimits,
    slots: Semaphore,
}

/// The routes of the HTTP input.
pub fn router(intake: Arc<Intake>, tokens: Arc<dyn Tokens>, limits: HttpLimits) -> Router {
    let slots = Semaphore::new(limits.concurrent);
    let input = Arc::new(Input { intake, tokens, limits, slots });
    Router::new().route("/v1/events", post(events)).with_state(input)
}

#[derive(Debug, Deserialize)]
struct Parameters {
    source: Option<String>,
}

async fn events(
    State(input): State<Arc<Input>>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    body: Body,
) -> Response {
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
            return Err(refuse(
                StatusCode::TOO_MANY_REQUESTS,
                "more comes in than can be stored; send it again after a second",
            ));
        };
        let body = self.body(body).await?;
        let payload = self.expand(body, compression).await?;
        self.intake.accept(&source, &collector.name, payload).await.map_err(|error| {
            tracing::error!(error = %error, "a request can't be stored");
            refuse(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
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
        let collector = token.and_then(|token| self.tokens.check(token));
        collector.ok_or_else(|| refuse(StatusCode::UNAUTHORIZED, HOW))
    }

    async fn body(&self, body: Body) -> Result<Bytes, Refusal> {
        let limit = self.limits.body_bytes;
        let collected =
            tokio::time::timeout(self.limits.body_timeout, Limited::new(body, limit).collect())
                .await
                .map_err(|_| {
                    let seconds = self.limits.body_timeout.as_secs();
                    refuse(
                        StatusCode::REQUEST_TIMEOUT,
                        format!("the body didn't arrive within {seconds} seconds"),
                    )
                })?;
        match collected {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body is larger than {limit} bytes; send it in smaller pieces"),
            )),
            Err(error) => {
                Err(refuse(StatusCode::BAD_REQUEST, format!("the body broke off: {error}")))
            }
        }
    }

    async fn expand(&self, body: Bytes, compression: Compression) -> Result<Bytes, Refusal> {
        let cap = self.limits.expanded_bytes;
        if compression == Compression::None {
            return Ok(body);
        }
        let expanded =
            tokio::task::spawn_blocking(move || expand(&body, compression, cap))
                .await
                .map_err(|error| refuse(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
        match expanded {
            Ok(expanded) => match expanded.damage {
                None => Ok(expanded.bytes.into()),
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
