//! `POST /v1/feedback`: what a person says of signing in, with a collector's token or by
//! a signed link.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

use super::body::Room;
use super::{Collector, Input, Refusal, credential, not_stored, refuse};
use crate::feedback::{Answer, FeedbackError, LinkFault};
use crate::source::OWN;

/// Longest body, in bytes: more than an answer can have.
const LONGEST: usize = 16 * 1024;
/// Most requests without a token whose bodies are held at once, and the longest time for
/// one to arrive: whoever has none can hold up others who have none, for as long.
pub(super) const GUESTS: usize = 32;
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn routes() -> Router<Arc<Input>> {
    Router::new().route("/v1/feedback", post(feedback))
}

/// What is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    score: i64,
    comment: Option<String>,
    /// In the place of a token and of all that follows.
    link: Option<String>,
    flow_id: Option<String>,
    team: Option<String>,
    id: Option<String>,
}

async fn feedback(State(input): State<Arc<Input>>, headers: HeaderMap, body: Body) -> Response {
    match take(&input, &headers, body).await {
        Ok(()) => axum::Json(json!({"accepted": 1})).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn take(input: &Input, headers: &HeaderMap, body: Body) -> Result<(), Refusal> {
    let collector = collector(input, headers)?;
    // Whoever has no token mustn't make the server hold much.
    if headers.contains_key(header::CONTENT_ENCODING) {
        let reason = "an answer is small: send it as it is";
        return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason));
    }
    let room = input.room(LONGEST);
    let room = match collector {
        Some(_) => room,
        None => Room { slots: &input.guests, time: room.time.min(PATIENCE), ..room },
    };
    let received = input.receive_within(&room, headers, body).await?;
    let sent: Sent = serde_json::from_slice(&received.bytes).map_err(|error| {
        let form = r#"{"score":1 to 5,"comment":"…","flow_id":"…"} was expected"#;
        refuse(StatusCode::BAD_REQUEST, format!("{form}: {error}"))
    })?;
    let Sent { score, comment, link, flow_id, team, id } = sent;
    let taken = match (link, collector) {
        (Some(link), _) if flow_id.is_none() && team.is_none() && id.is_none() => {
            input.feedback.answer_link(&link, score, &comment.unwrap_or_default()).await
        }
        (Some(_), _) => {
            let reason = "a link says itself what it is about: send score, comment and link alone";
            return Err(refuse(StatusCode::BAD_REQUEST, reason));
        }
        (None, Some(collector)) => {
            let answer = Answer { score, comment, flow_id, team, id };
            input.feedback.answer(&collector.name, &answer).await
        }
        (None, None) => {
            let how = "send a collector's token as `Authorization: Bearer rc_…`, or a `link` of `rollcall feedback link`";
            return Err(refuse(StatusCode::UNAUTHORIZED, how));
        }
    };
    taken.map_err(refused)
}

/// Whose token the request bears; none where it bears none.
fn collector(input: &Input, headers: &HeaderMap) -> Result<Option<Collector>, Refusal> {
    let Some(token) = credential::token(headers, &["bearer"]) else { return Ok(None) };
    let collector =
        input.tokens.check(&token).map_err(|reason| refuse(StatusCode::UNAUTHORIZED, reason))?;
    if collector.sources.is_empty() || collector.sources.iter().any(|source| source == OWN) {
        return Ok(Some(collector));
    }
    let reason = format!(
        "this token may only send {}; answers need one for {OWN}",
        collector.sources.join(", ")
    );
    Err(refuse(StatusCode::FORBIDDEN, reason))
}

fn refused(error: FeedbackError) -> Refusal {
    let status = match &error {
        FeedbackError::Log(error) => return not_stored(error),
        FeedbackError::Answer(_) => StatusCode::BAD_REQUEST,
        FeedbackError::Link(LinkFault::Expired) => StatusCode::GONE,
        FeedbackError::Link(_) => StatusCode::FORBIDDEN,
        FeedbackError::TooOften => StatusCode::CONFLICT,
    };
    refuse(status, error.to_string())
}
