//! Ways in over HTTP. All of them answer after the bytes are on disk.
//!
//! ```text
//! body        a request's body: arrived, expanded, under limits
//! credential  the token that a request bears
//! events      POST /v1/events
//! hec         Splunk's HTTP Event Collector
//! hook        POST /v1/hooks/SOURCE: what vendors deliver by themselves
//! feedback    POST /v1/feedback
//! scim        /scim/v2: people and teams, from an identity provider
//! ```

mod body;
mod credential;
mod events;
mod feedback;
mod hec;
mod hook;
mod scim;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::json;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::health::Collectors;
use crate::feedback::Feedback;
use crate::intake::Intake;
use crate::log::LogError;
use crate::log::Stored;
use crate::log::kafka::KafkaLogError;
use crate::scim::{SCOPE, Scim};
use crate::source::{OWN, Sources};
use body::{Held, PAGE};

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

/// Limits of the HTTP inputs.
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
    collectors: Arc<Collectors>,
    feedback: Arc<Feedback>,
    scim: Arc<Scim>,
    slots: Semaphore,
    /// The same of requests that bear no token.
    guests: Semaphore,
    /// A permit for each [`PAGE`] of a body that is held.
    memory: Semaphore,
    /// A permit for each body that is being expanded.
    expanding: Semaphore,
}

/// The routes of the HTTP inputs. Webhooks are among the `collectors` once they came.
pub fn router(
    intake: Arc<Intake>,
    tokens: Arc<dyn Tokens>,
    limits: HttpLimits,
    collectors: Arc<Collectors>,
    feedback: Arc<Feedback>,
    scim: Arc<Scim>,
) -> Router {
    let pages = usize::try_from(limits.held_bytes / PAGE as u64).unwrap_or(usize::MAX);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let input = Arc::new(Input {
        intake,
        tokens,
        limits,
        collectors,
        feedback,
        scim,
        slots: Semaphore::new(limits.concurrent),
        guests: Semaphore::new(feedback::GUESTS),
        memory: Semaphore::new(pages.min(Semaphore::MAX_PERMITS)),
        expanding: Semaphore::new(threads),
    });
    events::routes()
        .merge(hec::routes())
        .merge(hook::routes())
        .merge(feedback::routes())
        .merge(scim::routes())
        .with_state(input)
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

fn too_much() -> Refusal {
    refuse(
        StatusCode::TOO_MANY_REQUESTS,
        "more comes in than can be stored; send it again after a second",
    )
}

impl Refusal {
    /// The answer, with a body of one's own.
    fn with(&self, body: &impl serde::Serialize) -> Response {
        let mut response = (self.status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        let more = match self.status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Some((header::RETRY_AFTER, "1"))
            }
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
            StatusCode::METHOD_NOT_ALLOWED => Some((header::ALLOW, "POST")),
            _ => None,
        };
        if let Some((name, value)) = more {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.with(&json!({"error": self.reason}))
    }
}

/// A body that arrived, accounted for as long as this lives.
struct Received<'s> {
    bytes: Bytes,
    _slot: SemaphorePermit<'s>,
    held: Held<'s>,
}

impl Input {
    /// Stores what arrived.
    async fn store(
        &self,
        source: &str,
        collector: &Collector,
        payload: Bytes,
    ) -> Result<Stored, Refusal> {
        self.intake
            .accept(source, &collector.name, payload)
            .await
            .map_err(|error| not_stored(&error))
    }
}

/// The answer to a request that the log didn't take.
fn not_stored(error: &LogError) -> Refusal {
    tracing::error!(error = %error, "a request can't be stored");
    match error {
        LogError::Kafka(error) => match &**error {
            KafkaLogError::TooLarge { .. } => {
                refuse(StatusCode::PAYLOAD_TOO_LARGE, error.to_string())
            }
            _ => refuse(
                StatusCode::SERVICE_UNAVAILABLE,
                "the brokers don't take it now; the server's log says why: send it again later",
            ),
        },
        _ => refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            "nothing can be stored now, and the server ends; its log says why: send it again to the next one",
        ),
    }
}

/// A body of Splunk's collector as the list that is stored of it; Splunk's code for what
/// is wrong where nothing is.
pub(crate) fn splunk_events(body: &Bytes) -> Result<Bytes, u8> {
    hec::events(body).map_err(|failure| failure.code)
}

/// The source of a request; empty where each record tells it. A token of one source
/// fixes it.
fn check_source(sources: &Sources, source: &str, collector: &Collector) -> Result<String, Refusal> {
    if collector.sources.iter().any(|source| source == SCOPE) {
        let reason = "this token provisions people by SCIM, and sends no events";
        return Err(refuse(StatusCode::FORBIDDEN, reason));
    }
    let named = match (source, &*collector.sources) {
        ("", [only]) if only != OWN => return Ok(only.clone()),
        ("", [only]) => only.as_str(),
        _ => source,
    };
    if named == OWN {
        return Err(refuse(
            StatusCode::FORBIDDEN,
            "events of rollcall's own are nobody's to send; what people say comes in by /v1/feedback",
        ));
    }
    if !named.is_empty() && sources.find(named).is_none() {
        let known = sources.iter().map(|source| source.name).filter(|name| *name != OWN);
        let known: Vec<&str> = known.collect();
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            format!("there is no source {named:?}; there are: {}", known.join(", ")),
        ));
    }
    let allowed = collector.sources.is_empty() || collector.sources.iter().any(|s| s == named);
    if allowed {
        return Ok(named.to_owned());
    }
    let how = if source.is_empty() { "; name one of them with ?source=" } else { "" };
    Err(refuse(
        StatusCode::FORBIDDEN,
        format!("this token may only send {}{how}", collector.sources.join(", ")),
    ))
}
