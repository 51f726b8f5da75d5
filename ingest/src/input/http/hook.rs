//! Webhooks: `POST /v1/hooks/SOURCE`, where vendors deliver by themselves. A delivery is
//! cut into its events, each a record: an event that comes by the hook and by the API is
//! the same one.
//!
//! Vendors try again after 5xx and give a delivery up after 4xx (Okta, "Event hooks":
//! one more try, 3 seconds each; Auth0, "Log streams": three, and again later). So what
//! may go well later is answered 503, and 4xx is for what would be wrong again. What was
//! taken is answered 204, without a body, as Okta wants it; a refusal says why.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{Collector, Input, Refusal, check_source, credential, not_stored, refuse};
use crate::input::health::{CollectorKind, CollectorState, Meter};
use crate::input::listed::Listed;
use crate::input::records::cut;
use crate::source::Split;

/// Longest delivery, in bytes, as sent and expanded. Deliveries hold one event or a few of
/// some KiB each; vendors that say a limit stay below it or aren't read by hook (GitHub,
/// "Webhook events and payloads": 25 MB of a repository's webhook).
const LONGEST: usize = 8 << 20;

/// Longest challenge that is answered, in bytes.
const LONGEST_CHALLENGE: usize = 1024;

/// How a vendor makes sure, by a GET, that an address is meant to take its deliveries.
struct Handshake {
    source: &'static str,
    /// The header that has what must come back.
    challenge: &'static str,
    /// The key under which it comes back, in a JSON object.
    answer: &'static str,
}

/// Vendors that do (Okta, "Event hooks", one-time verification request).
const HANDSHAKES: &[Handshake] = &[Handshake {
    source: "okta",
    challenge: "x-okta-verification-challenge",
    answer: "verification",
}];

pub(super) fn routes() -> Router<Arc<Input>> {
    Router::new().route("/v1/hooks/{source}", get(verify).post(deliver))
}

async fn verify(
    State(input): State<Arc<Input>>,
    Path(source): Path<String>,
    headers: HeaderMap,
) -> Response {
    match verified(&input, &source, &headers) {
        Ok(answer) => axum::Json(answer).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// What a handshake is answered. It needs no secret, as it gives nothing away; a secret
/// that is wrong is told here, where an administrator still looks.
fn verified(input: &Input, source: &str, headers: &HeaderMap) -> Result<Value, Refusal> {
    let Some(handshake) = HANDSHAKES.iter().find(|one| one.source == source) else {
        let how = "deliveries come by POST";
        return Err(refuse(StatusCode::METHOD_NOT_ALLOWED, how));
    };
    let challenge = headers
        .get(handshake.challenge)
        .and_then(|value| value.to_str().ok())
        .filter(|value| !value.is_empty() && value.len() <= LONGEST_CHALLENGE);
    let Some(challenge) = challenge else {
        let how = format!(
            "a GET is for verification alone, with the header {}; deliveries come by POST",
            handshake.challenge
        );
        return Err(refuse(StatusCode::BAD_REQUEST, how));
    };
    if credential::is_borne(headers) {
        let (_, meter) = admitted(input, source, headers)?;
        meter.is(CollectorState::Running);
    }
    Ok(json!({(handshake.answer): challenge}))
}

async fn deliver(
    State(input): State<Arc<Input>>,
    Path(source): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match take(&input, &source, &headers, body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Whose hook it is, if it may send this source.
fn admitted(
    input: &Input,
    source: &str,
    headers: &HeaderMap,
) -> Result<(Collector, Arc<Meter>), Refusal> {
    const HOW: &str = "send a collector's token in the header Authorization, alone or as `Bearer rc_…`; `rollcall token create` makes one";
    let token = credential::of_hook(headers);
    let token = token.ok_or_else(|| refuse(StatusCode::UNAUTHORIZED, HOW))?;
    let refused = |reason| refuse(StatusCode::UNAUTHORIZED, format!("{reason}; {HOW}"));
    let collector = input.tokens.check(&token).map_err(refused)?;
    check_source(input.intake.sources(), source, &collector)?;
    let meter = input.collectors.meter(CollectorKind::Hook, &collector.name);
    Ok((collector, meter))
}

async fn take(input: &Input, source: &str, headers: &HeaderMap, body: Body) -> Result<(), Refusal> {
    let (collector, meter) = admitted(input, source, headers)?;
    match stored(input, source, &collector, headers, body).await {
        Ok((records, bytes)) => {
            meter.stored(records, bytes);
            meter.is(CollectorState::Running);
            Ok(())
        }
        Err(refusal) => {
            let refusal = tried_again(refusal);
            if refusal.status == StatusCode::SERVICE_UNAVAILABLE {
                meter.failed(&*refusal.reason);
            } else {
                meter.dropped(1);
                meter.note(format!("a delivery was refused: {}", refusal.reason));
            }
            Err(refusal)
        }
    }
}

/// The same as a status after which the vendor tries again, where that may go well.
fn tried_again(refusal: Refusal) -> Refusal {
    match refusal.status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            Refusal { status: StatusCode::SERVICE_UNAVAILABLE, ..refusal }
        }
        _ => refusal,
    }
}

/// Stores a delivery; how many records it was, and their bytes.
async fn stored(
    input: &Input,
    source: &str,
    collector: &Collector,
    headers: &HeaderMap,
    body: Body,
) -> Result<(u64, u64), Refusal> {
    let mut received = input.receive_within(&input.room(LONGEST), headers, body).await?;
    // Its events are cut out beside it.
    received.held.grow(received.bytes.len())?;
    let split = input.intake.sources().find(source).and_then(|source| source.split);
    let bytes = received.bytes.clone();
    let events = tokio::task::spawn_blocking(move || events(&bytes, split))
        .await
        .map_err(|error| refuse(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    let events = events.ok_or_else(|| {
        refuse(StatusCode::BAD_REQUEST, "nothing was stored: there is no JSON in the body")
    })?;
    let bytes = events.len() as u64;
    let stored = input.intake.accept_listed(source, &collector.name, events).await;
    let stored = stored.map_err(|error| not_stored(&error))?;
    Ok((stored.count.into(), bytes))
}

/// The events of a delivery, each by itself; nothing where none of it is JSON. What is
/// JSON and no delivery that is known, or broken beside what isn't, is kept as it came:
/// its source says what is wrong, and the bytes stay in quarantine.
fn events(body: &[u8], split: Option<Split>) -> Option<Listed> {
    let mut events = Listed::default();
    let mut is_json = false;
    for record in cut(body) {
        is_json = is_json || serde_json::from_slice::<IgnoredAny>(record).is_ok();
        match split {
            Some(split) => split(record).into_iter().for_each(|event| events.push(event)),
            None => events.push(record),
        }
    }
    is_json.then_some(events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records::listed;
    use crate::source::Sources;

    fn cut_as(source: &str, body: &str) -> Option<Vec<String>> {
        let split = Sources::default().find(source).expect("a source").split;
        let bytes = events(body.as_bytes(), split)?.into_bytes();
        Some(listed(&bytes).map(|event| String::from_utf8_lossy(event).into_owned()).collect())
    }

    fn some(events: &[&str]) -> Option<Vec<String>> {
        Some(events.iter().map(|event| (*event).to_owned()).collect())
    }

    #[test]
    fn an_event_hooks_envelope_gives_its_events() {
        let (a, b) = (r#"{"uuid":"a"}"#, r#"{"uuid":"b","x":[{"y":"}"}]}"#);
        let hook =
            format!(r#"{{"eventType":"com.okta.event_hook","data":{{"events":[{a}, {b}]}}}}"#);
        assert_eq!(cut_as("okta", &hook), some(&[a, b]));
        let pretty = format!("{{\n \"data\": {{\n  \"events\": [\n{a}\n]}}\n}}\n");
        assert_eq!(cut_as("okta", &pretty), some(&[a]));
    }

    #[test]
    fn a_stream_gives_its_events_as_lines_as_an_array_and_as_an_object() {
        let (a, b) = (r#"{"log_id":"a","data":{"type":"s"}}"#, r#"{"log_id":"b","data":{}}"#);
        assert_eq!(cut_as("auth0", &format!("{a}\n{b}\n")), some(&[a, b]));
        assert_eq!(cut_as("auth0", &format!("[{a},{b}]")), some(&[a, b]));
        assert_eq!(cut_as("auth0", &format!(r#"{{"logs":[{a},{b}]}}"#)), some(&[a, b]));
        assert_eq!(cut_as("auth0", a), some(&[a]));
    }

    #[test]
    fn what_is_not_known_is_kept_as_it_came_and_what_is_no_json_refused() {
        let other = r#"{"eventType":"com.okta.event_hook","data":{"event":1}}"#;
        assert_eq!(cut_as("okta", other), some(&[other]));
        assert_eq!(
            cut_as("auth0", "{\"log_id\":\"a\"}\nhello\n"),
            some(&["{\"log_id\":\"a\"}", "hello"])
        );
        for body in ["", " \n", "hello", "{\"data\":{\"events\":[{\"uuid\":\"a\"}", "<xml/>"] {
            assert_eq!(cut_as("okta", body), None, "{body}");
        }
    }
}
