//! `/scim/v2`: an identity provider writes the directory by itself (RFC 7644).

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::{Map, Value};

use super::{Input, Refusal, credential};
use crate::scim::{Change, Fault, Kind, Query, SCOPE, Scim, document};

/// Longest body, in bytes: a group with a hundred thousand members.
const LONGEST: usize = 16 << 20;
const JSON: HeaderValue = HeaderValue::from_static("application/scim+json");

pub(super) fn routes() -> Router<Arc<Input>> {
    Router::new().route("/scim/v2/{*path}", any(scim))
}

/// What is answered.
#[derive(Debug, Default)]
struct Answer {
    status: StatusCode,
    body: Option<Value>,
    version: Option<String>,
    location: Option<String>,
}

/// A request, but for its body.
struct Asked<'a> {
    method: Method,
    path: Vec<&'a str>,
    query: &'a str,
    headers: &'a HeaderMap,
}

async fn scim(
    State(input): State<Arc<Input>>,
    method: Method,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let query = query.unwrap_or_default();
    let path = path.split('/').filter(|part| !part.is_empty()).collect();
    let asked = Asked { method, path, query: &query, headers: &headers };
    match answer(&input, &asked, body).await {
        Ok(answer) => answer.into_response(),
        Err(fault) => refused(&fault),
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Some(body) => (self.status, body.to_string()).into_response(),
            None => self.status.into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, JSON);
        let mut put = |name: HeaderName, text: Option<String>| {
            if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
                headers.insert(name, value);
            }
        };
        put(header::ETAG, self.version);
        put(header::LOCATION, self.location);
        response
    }
}

fn refused(fault: &Fault) -> Response {
    let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, fault.body().to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.status.as_u16(), refusal.reason)
    }
}

/// Whether the request bears a token that may provision.
fn admit(input: &Input, headers: &HeaderMap) -> Result<(), Fault> {
    const HOW: &str = "send a token as `Authorization: Bearer rc_…`; `rollcall token create --scim NAME` makes one";
    let unknown = |reason: &str| Fault::new(401, format!("{reason}; {HOW}"));
    let token = credential::token(headers, &["bearer"]);
    let token = token.ok_or_else(|| unknown("there is no token"))?;
    let collector = input.tokens.check(&token).map_err(|reason| unknown(&reason))?;
    if collector.sources.iter().any(|source| source == SCOPE) {
        return Ok(());
    }
    Err(Fault::new(403, format!("this token may not provision people; {HOW}")))
}

async fn answer(input: &Input, asked: &Asked<'_>, body: Body) -> Result<Answer, Fault> {
    admit(input, asked.headers)?;
    let scim = &input.scim;
    let nothing = || Fault::new(404, "there is no such endpoint; there are Users and Groups");
    let (name, id) = match *asked.path.as_slice() {
        [name] => (name, None),
        [name, id] => (name, Some(id)),
        _ => return Err(nothing()),
    };
    let Some(kind) = Kind::of_path(name) else {
        let body = document(name, id).ok_or_else(nothing)?;
        return match asked.method {
            Method::GET | Method::HEAD => Ok(Answer { body: Some(body), ..Answer::default() }),
            _ => Err(Fault::new(405, "this can only be read")),
        };
    };
    match (&asked.method, id) {
        (&Method::GET | &Method::HEAD, None) => {
            let query = parameters(asked.query)?;
            let page = move |scim: &Scim| {
                Ok(scim.look(kind, |resources| query.page(resources, scim.base())))
            };
            Ok(Answer { body: Some(blocking(scim, page).await?), ..Answer::default() })
        }
        (&Method::GET | &Method::HEAD, Some(id)) => read(scim, kind, id, asked).await,
        (&Method::POST, None) => {
            let body = object(input, asked.headers, body).await?;
            let made = blocking(scim, move |scim| scim.make(kind, body)).await?;
            Ok(shown(scim, StatusCode::CREATED, &made))
        }
        (method, Some(id)) => {
            let change = match *method {
                Method::PUT => Change::Replace(object(input, asked.headers, body).await?),
                Method::PATCH => Change::Patch(object(input, asked.headers, body).await?),
                Method::DELETE => Change::Delete,
                _ => return Err(Fault::new(405, "a resource takes GET, PUT, PATCH, DELETE")),
            };
            let wanted = asked.headers.get(header::IF_MATCH);
            let wanted = wanted.and_then(|value| value.to_str().ok()).map(str::to_owned);
            let id = id.to_owned();
            let changed =
                blocking(scim, move |scim| scim.change(kind, &id, wanted.as_deref(), change));
            Ok(match changed.await? {
                Some(resource) => shown(scim, StatusCode::OK, &resource),
                None => Answer { status: StatusCode::NO_CONTENT, ..Answer::default() },
            })
        }
        (_, None) => Err(Fault::new(405, "a list takes GET and POST")),
    }
}

async fn read(scim: &Arc<Scim>, kind: Kind, id: &str, asked: &Asked<'_>) -> Result<Answer, Fault> {
    let query = parameters(asked.query)?;
    let wanted = id.to_owned();
    let resource = blocking(scim, move |scim| scim.one(kind, &wanted)).await?;
    let version = resource.etag();
    let known = asked.headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == version)) {
        let status = StatusCode::NOT_MODIFIED;
        return Ok(Answer { status, version: Some(version), ..Answer::default() });
    }
    let body = query.chosen(resource.shown(scim.base()));
    let location = Some(resource.location(scim.base()));
    Ok(Answer { status: StatusCode::OK, body: Some(body), version: Some(version), location })
}

fn shown(scim: &Scim, status: StatusCode, resource: &crate::scim::Resource) -> Answer {
    Answer {
        status,
        body: Some(Value::Object(resource.shown(scim.base()))),
        version: Some(resource.etag()),
        location: Some(resource.location(scim.base())),
    }
}

fn parameters(query: &str) -> Result<Query, Fault> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    Query::of(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())))
}

async fn object(
    input: &Input,
    headers: &HeaderMap,
    body: Body,
) -> Result<Map<String, Value>, Fault> {
    let received = input.receive_within(&input.room(LONGEST), headers, body).await?;
    serde_json::from_slice(&received.bytes)
        .map_err(|error| Fault::syntax(format!("a JSON object was expected: {error}")))
}

/// Does what syncs a file, or waits for what does, beside the tasks that answer.
async fn blocking<T: Send + 'static>(
    scim: &Arc<Scim>,
    work: impl FnOnce(&Scim) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let scim = Arc::clone(scim);
    let done = tokio::task::spawn_blocking(move || work(&scim)).await;
    done.map_err(|error| Fault::new(500, error.to_string()))?
}
