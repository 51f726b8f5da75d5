//! One vendor's API for one set of credentials: a request at a time, paced, its answer
//! bounded in size and time, never to another host and never along a redirect.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chrono::DateTime;
use reqwest::header::{self, HeaderMap};
use tokio::sync::Mutex;
use url::Url;

use super::auth::{self, Credentials, Token};
use super::clock::{Clock, duration, micros};
use super::error::{PullError, PullResult};
use super::limits::{Backoff, Budget, random};
use super::service_account;
use super::vendor::{Auth, Vendor};

/// Longest time for a request and its answer. Okta ends its own queries after 30 seconds.
const LIMIT: Duration = Duration::from_secs(120);
/// Bytes that an answer may have.
const MAX_BYTES: usize = 64 << 20;
/// How far the vendor's clock may be from ours before it is reckoned with, µs.
const SKEW: i64 = 2_000_000;
/// Tries of a request that mustn't fail for a passing reason.
const TRIES: u32 = 6;

/// A vendor's API.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    vendor: &'static Vendor,
    base: Url,
    /// Where tokens are given.
    login: Option<Url>,
    credentials: Credentials,
    clock: Arc<dyn Clock>,
    /// How far the vendor's clock is ahead of ours, µs, by its last answer.
    ahead: AtomicI64,
    turn: Mutex<Turn>,
}

/// What whoever asks has for the time of the request.
#[derive(Debug, Default)]
struct Turn {
    /// When the next request may begin, µs on our clock.
    next: i64,
    token: Option<Token>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// The address of `Link: <…>; rel="next"` (RFC 8288).
    pub(super) fn next_link(&self) -> Option<String> {
        let links = self.headers.get_all(header::LINK).iter().filter_map(|v| v.to_str().ok());
        links.flat_map(|links| links.split(", <")).find_map(|link| {
            let (address, parameters) = link.trim().split_once('>')?;
            let is_next = parameters.split(';').any(|parameter| {
                let parameter = parameter.trim().trim_end_matches(',').replace(['"', ' '], "");
                parameter.eq_ignore_ascii_case("rel=next")
            });
            is_next.then(|| address.trim_start_matches('<').to_owned())
        })
    }

    /// The first words of a refusal, as data for a message and without secrets.
    fn words(&self, secrets: &[&str]) -> String {
        let mut text = String::from_utf8_lossy(&self.body).into_owned();
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            text = text.replace(*secret, "[secret]");
        }
        let text: String = text.chars().take(200).collect();
        format!("{} {:?}", self.status, text.trim())
    }
}

/// Who asks, where, and on which clock.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) vendor: &'static Vendor,
    pub(super) base: Url,
    pub(super) login: Option<Url>,
    pub(super) credentials: Credentials,
    pub(super) clock: Arc<dyn Clock>,
}

impl Client {
    /// A client. The secret must be there already.
    pub(super) fn new(setup: Setup) -> PullResult<Self> {
        let Setup { vendor, base, login, credentials, clock } = setup;
        read_secret(vendor, &credentials)?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(LIMIT / 8)
            .timeout(LIMIT)
            .user_agent("rollcall")
            .build()
            .map_err(|error| PullError::Settings(format!("no TLS client: {error}")))?;
        let (ahead, turn) = (AtomicI64::new(0), Mutex::default());
        Ok(Self { http, vendor, base, login, credentials, clock, ahead, turn })
    }

    /// The vendor's address.
    pub(super) const fn base(&self) -> &Url {
        &self.base
    }

    /// The clock.
    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The time on the vendor's clock, µs, as well as it is known.
    pub(super) fn vendors_now(&self) -> i64 {
        self.clock.now().saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    /// Asks once, in its turn.
    pub(super) async fn get(&self, url: &Url) -> PullResult<Answer> {
        if url.origin() != self.base.origin() {
            let detail = "its next page is said to lie on another host, which isn't asked";
            return Err(PullError::BadAnswer { place: self.place(), detail: detail.to_owned() });
        }
        let mut turn = self.turn.lock().await;
        let first = self.attempt(&mut turn, url).await;
        match first {
            // The token is over, or our clock is wrong: both are mended by now.
            Err(Failure::Unauthorised { may_be_mended: true, .. }) => {
                self.attempt(&mut turn, url).await.map_err(Failure::into_error)
            }
            other => other.map_err(Failure::into_error),
        }
    }

    /// Asks until there is an answer, unless that takes too long.
    pub(super) async fn get_patiently(&self, url: &Url) -> PullResult<Answer> {
        let mut backoff = Backoff::default();
        loop {
            match self.get(url).await {
                Err(error) if error.is_passing() => {
                    let wait = backoff.after(&error, random());
                    if backoff.failures() >= TRIES {
                        return Err(error);
                    }
                    self.clock.sleep(wait).await;
                }
                other => return other,
            }
        }
    }

    async fn attempt(&self, turn: &mut Turn, url: &Url) -> Result<Answer, Failure> {
        let wait = turn.next.saturating_sub(self.clock.now());
        if wait > 0 {
            self.clock.sleep(duration(wait)).await;
        }
        let secret = read_secret(self.vendor, &self.credentials)?;
        let (request, token) = self.signed(turn, url, &secret).await?;
        turn.next = self.clock.now().saturating_add(micros(self.vendor.spacing));
        let ahead = self.ahead.load(Ordering::Relaxed);
        let answer = send(request).await.map_err(|detail| self.unreachable(detail))?;
        self.take_time(&answer.headers);
        let budget = Budget::read(&answer.headers, self.vendors_now());
        let spacing = budget.spacing().map_or(0, micros);
        turn.next = turn.next.max(self.clock.now().saturating_add(spacing));
        let clock_was_wrong = (self.ahead.load(Ordering::Relaxed) - ahead).abs() > SKEW;
        let secrets = [secret.as_str(), token.as_deref().unwrap_or_default()];
        match self.judge(answer, budget, &secrets) {
            Err(Failure::Unauthorised { error, .. }) => {
                let had_token = turn.token.take().is_some();
                let is_duo = self.vendor.auth == Auth::Duo;
                let may_be_mended = had_token || (is_duo && clock_was_wrong);
                Err(Failure::Unauthorised { error, may_be_mended })
            }
            other => other,
        }
    }

    /// A request with its credentials; and the token, where one was given.
    async fn signed(
        &self,
        turn: &mut Turn,
        url: &Url,
        secret: &str,
    ) -> Result<(reqwest::RequestBuilder, Option<String>), Failure> {
        let mut request = self.http.get(url.clone());
        for (name, value) in self.vendor.headers {
            request = request.header(*name, *value);
        }
        Ok(match self.vendor.auth {
            Auth::Token(scheme) => {
                let value = auth::sensitive(&format!("{scheme} {secret}"))?;
                (request.header(header::AUTHORIZATION, value), None)
            }
            Auth::Duo => {
                let now = self.vendors_now();
                let (date, value) = auth::duo(url, &self.credentials.id, secret, now);
                let value = auth::sensitive(&value)?;
                (request.header(header::DATE, date).header(header::AUTHORIZATION, value), None)
            }
            Auth::ClientCredentials { purpose: (name, value), .. } => {
                let token = self.token(turn, secret, (name, value)).await?;
                let value = auth::sensitive(&format!("Bearer {token}"))?;
                (request.header(header::AUTHORIZATION, value), Some(token))
            }
            Auth::ServiceAccount { scope, .. } => {
                let token = self.token(turn, secret, ("scope", scope)).await?;
                let value = auth::sensitive(&format!("Bearer {token}"))?;
                (request.header(header::AUTHORIZATION, value), Some(token))
            }
        })
    }

    /// The token that was given, or a new one.
    async fn token(
        &self,
        turn: &mut Turn,
        secret: &str,
        purpose: (&str, &str),
    ) -> Result<String, Failure> {
        if let Some(token) = turn.token.as_ref().filter(|token| token.until > self.clock.now()) {
            return Ok(token.token.clone());
        }
        let Some(login) = &self.login else {
            return Err(PullError::Settings("there is no login address".to_owned()).into());
        };
        let base = self.base.as_str().trim_end_matches('/');
        let purpose = (purpose.0, &*purpose.1.replace("{url}", base));
        let id = &self.credentials.id;
        let body = match self.vendor.auth {
            Auth::ServiceAccount { .. } => {
                let to = login.as_str();
                service_account::grant(secret, id, purpose.1, to, self.vendors_now())?
            }
            _ => auth::grant(id, secret, purpose),
        };
        let request = self
            .http
            .post(login.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let answer = send(request).await.map_err(|detail| PullError::Unreachable {
            place: login.origin().ascii_serialization(),
            detail,
        })?;
        let budget = Budget::read(&answer.headers, self.vendors_now());
        let answer = match self.judge(answer, budget, &[secret]) {
            // A wrong secret isn't mended by asking again.
            Err(Failure::Unauthorised { error, .. }) => return Err(error.into()),
            Err(Failure::Other(
                PullError::Rejected { place, detail } | PullError::Missing { place, detail },
            )) => {
                return Err(PullError::Refused { place, detail }.into());
            }
            other => other?,
        };
        let token = Token::read(&answer.body, self.clock.now()).map_err(|detail| {
            PullError::BadAnswer { place: login.origin().ascii_serialization(), detail }
        })?;
        Ok(turn.token.insert(token).token.clone())
    }

    /// What an answer means.
    fn judge(&self, answer: Answer, budget: Budget, secrets: &[&str]) -> Result<Answer, Failure> {
        let place = self.place();
        let words = || answer.words(secrets);
        match answer.status {
            200..=299 => Ok(answer),
            429 => Err(PullError::Busy { place, wait: budget.wait() }.into()),
            403 | 503 if budget.is_spent() => {
                Err(PullError::Busy { place, wait: budget.wait() }.into())
            }
            401 => {
                let detail = format!("{}; look at the credentials in its settings", words());
                let error = PullError::Refused { place, detail };
                Err(Failure::Unauthorised { error, may_be_mended: false })
            }
            403 => {
                let detail = format!("{}; look at what its credentials are allowed", words());
                Err(PullError::Refused { place, detail }.into())
            }
            300..=399 => {
                let detail = format!(
                    "{} redirects elsewhere, which isn't followed; set the address that it should be",
                    answer.status
                );
                Err(PullError::Refused { place, detail }.into())
            }
            404 => Err(PullError::Missing { place, detail: words() }.into()),
            408 | 500.. => Err(PullError::Unreachable { place, detail: words() }.into()),
            _ => Err(PullError::Rejected { place, detail: words() }.into()),
        }
    }

    /// Takes the vendor's time from an answer.
    fn take_time(&self, headers: &HeaderMap) {
        let date = headers.get(header::DATE).and_then(|date| date.to_str().ok());
        let Some(date) = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) else {
            return;
        };
        let ahead = date.timestamp_micros().saturating_sub(self.clock.now());
        self.ahead.store(if ahead.abs() > SKEW { ahead } else { 0 }, Ordering::Relaxed);
    }

    fn unreachable(&self, detail: String) -> PullError {
        PullError::Unreachable { place: self.place(), detail }
    }

    /// Where it is, for messages.
    pub(super) fn place(&self) -> String {
        self.base.origin().ascii_serialization()
    }
}

/// The secret, in its vendor's form.
fn read_secret(vendor: &Vendor, credentials: &Credentials) -> PullResult<String> {
    Ok(match vendor.auth {
        Auth::ServiceAccount { .. } => credentials.secret.read_document()?,
        _ => credentials.secret.read()?,
    })
}

/// Why an attempt failed.
#[derive(Debug)]
enum Failure {
    /// Not with these credentials; perhaps with a new token, or at another time.
    Unauthorised {
        error: PullError,
        may_be_mended: bool,
    },
    Other(PullError),
}

impl Failure {
    fn into_error(self) -> PullError {
        match self {
            Self::Unauthorised { error, .. } | Self::Other(error) => error,
        }
    }
}

impl From<PullError> for Failure {
    fn from(error: PullError) -> Self {
        Self::Other(error)
    }
}

/// Sends a request and reads the whole answer.
async fn send(request: reqwest::RequestBuilder) -> Result<Answer, String> {
    let mut response = request.send().await.map_err(|error| words_of(&error))?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = BytesMut::new();
    // A connection that ends before the body does is an error here.
    while let Some(chunk) = response.chunk().await.map_err(|error| words_of(&error))? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(format!("its answer is over {MAX_BYTES} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: body.freeze() })
}

/// An error of the client with its causes and without its URL.
fn words_of(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer in {} s", LIMIT.as_secs());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn answer(links: &[&'static str]) -> Answer {
        let mut headers = HeaderMap::new();
        for link in links {
            headers.append(header::LINK, HeaderValue::from_static(link));
        }
        Answer { status: 200, headers, body: Bytes::new() }
    }

    #[test]
    fn the_next_link_is_found_among_others() {
        for links in [
            &[
                "<https://a.example/x?since=1>; rel=\"self\"",
                "<https://a.example/x?after=2,3>; rel=\"next\"",
            ][..],
            &[
                "<https://a.example/x?after=2,3>; rel=\"next\", <https://a.example/x>; rel=\"first\"",
            ],
            &["<https://a.example/x>; rel=first, <https://a.example/x?after=2,3>; rel=next"],
        ] {
            let next = answer(links).next_link();
            assert_eq!(next.as_deref(), Some("https://a.example/x?after=2,3"), "{links:?}");
        }
        assert_eq!(answer(&["<https://a.example/x>; rel=\"prev\""]).next_link(), None);
        assert_eq!(answer(&["nonsense", ""]).next_link(), None);
    }

    #[test]
    fn an_echoed_secret_is_not_told() {
        let body = Bytes::from_static(b"bad token t0ps3cret\x1b[2J");
        let words = Answer { body, ..answer(&[]) }.words(&["t0ps3cret", ""]);
        assert!(words.contains("[secret]") && !words.contains("t0ps3cret"), "{words}");
        assert!(!words.contains('\x1b'), "{words}");
    }
}
