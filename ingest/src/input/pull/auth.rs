//! How a request shows who asks: tokens, client credentials, Duo's signatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::HeaderValue;
use rollcall_lake::{Secret, SecretError};
use serde::Deserialize;
use sha2::{Digest, Sha512};
use url::Url;

use super::error::PullError;
use super::request::encoded;

/// Whose credentials: an application's id, where there is one, and where the secret is.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    /// The application's id, or Duo's integration key.
    pub(super) id: String,
    /// The token, the application's secret, or Duo's secret key.
    pub(super) secret: Secret,
}

impl From<SecretError> for PullError {
    fn from(error: SecretError) -> Self {
        Self::Settings(error.to_string())
    }
}

/// An access token that was given for client credentials.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) token: String,
    /// From when on it isn't used any more, µs.
    pub(super) until: i64,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("until", &self.until).finish_non_exhaustive()
    }
}

/// Seconds before its end in which a token isn't used any more.
const MARGIN: i64 = 60;
/// Seconds for which a token is good that doesn't say.
const USUAL: i64 = 600;

impl Token {
    /// Reads the answer of RFC 6749, section 5.1. What is wrong with it is told without
    /// anything of it.
    pub(super) fn read(body: &[u8], now: i64) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Given {
            access_token: String,
            #[serde(default)]
            expires_in: Option<serde_json::Value>,
        }
        let given: Given = serde_json::from_slice(body)
            .map_err(|_| "the answer holds no `access_token`".to_owned())?;
        let seconds = given.expires_in.and_then(|value| match value {
            serde_json::Value::String(text) => text.parse().ok(),
            value => value.as_i64(),
        });
        // Half of a short life is better than none.
        let seconds = seconds.unwrap_or(USUAL).clamp(2, 7 * 86_400);
        let good = (seconds - MARGIN).max(seconds / 2);
        Ok(Self { token: given.access_token, until: now.saturating_add(good * 1_000_000) })
    }
}

/// The body of a request for a token (RFC 6749, section 4.4.2).
pub(super) fn grant(id: &str, secret: &str, purpose: (&str, &str)) -> String {
    let (name, value) = purpose;
    [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)]
        .into_iter()
        .chain([(name, value)])
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect::<Vec<_>>()
        .join("&")
}

/// A header that shows in no log.
pub(super) fn sensitive(text: &str) -> Result<HeaderValue, PullError> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| PullError::Settings("the secret isn't one line of ASCII".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Duo's date and signature of a GET: HTTP Basic with the integration key and the
/// HMAC-SHA512 of date, method, host, path, parameters in order, and the hashes of an empty
/// body and of no `x-duo-` headers (Duo, "Authentication"; its `duo_hmac` of 2024).
pub(super) fn duo(url: &Url, id: &str, secret: &str, now: i64) -> (String, String) {
    let date = DateTime::from_timestamp_micros(now).unwrap_or_default();
    let date = date.format("%a, %d %b %Y %H:%M:%S +0000").to_string();
    let host = match (url.host_str().unwrap_or_default(), url.port()) {
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    };
    let mut parameters: Vec<String> = url
        .query_pairs()
        .map(|(name, value)| format!("{}={}", encoded(&name), encoded(&value)))
        .collect();
    parameters.sort_unstable();
    let empty = hex::encode(Sha512::digest(b""));
    let canonical = [
        date.as_str(),
        "GET",
        &host.to_ascii_lowercase(),
        url.path(),
        &parameters.join("&"),
        &empty,
        &empty,
    ]
    .join("\n");
    let signature = hmac_sha512(secret.as_bytes(), canonical.as_bytes());
    (date, format!("Basic {}", STANDARD.encode(format!("{id}:{signature}"))))
}

/// Hex of an HMAC-SHA512.
pub(super) fn hmac_sha512(key: &[u8], text: &[u8]) -> String {
    // Of a key of any length.
    let Ok(mut mac) = Hmac::<Sha512>::new_from_slice(key) else { return String::new() };
    mac.update(text);
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python's hmac over the same lines.
    #[test]
    fn duos_signature_covers_date_place_and_parameters() {
        let url = "https://API-example.duosecurity.com/admin/v2/logs/authentication?sort=ts%3Aasc&limit=1000&mintime=1772359200000";
        let url: Url = url.parse().expect("a URL");
        let now = 1_772_359_200_000_000;
        let (date, header) = duo(&url, "DIEXAMPLE0000000000A", "secretsecretsecret", now);
        assert_eq!(date, "Sun, 01 Mar 2026 10:00:00 +0000");
        let basic = header.strip_prefix("Basic ").expect("basic");
        let text = String::from_utf8(STANDARD.decode(basic).expect("base64")).expect("text");
        let (id, signature) = text.split_once(':').expect("two parts");
        assert_eq!(id, "DIEXAMPLE0000000000A");
        assert_eq!(signature, SIGNATURE);
    }

    const SIGNATURE: &str = "55efc1b01699b0047505e987bf1483d7ece0812398c5aa01e24143fed45f72aa0281ebc6aaec4e156599772578b8ff2f4fe656f123274281093fb4b077de4db2";

    #[test]
    fn a_token_is_given_up_before_its_end_and_not_shown() {
        let token = Token::read(br#"{"access_token":"t0ps3cret","expires_in":3600}"#, 0);
        let token = token.expect("a token");
        assert_eq!(token.until, 3_540_000_000);
        assert!(!format!("{token:?}").contains("t0ps3cret"));
        let short = Token::read(br#"{"access_token":"x","expires_in":"30"}"#, 0).expect("a token");
        assert_eq!(short.until, 15_000_000);
        let refused = Token::read(br#"{"error":"t0ps3cret"}"#, 0).expect_err("no token");
        assert!(!refused.contains("t0ps3cret"), "{refused}");
    }

    #[test]
    fn a_grant_is_a_form() {
        let form = grant("id", "a+b/c=", ("scope", "https://graph.example/.default"));
        assert_eq!(
            form,
            "grant_type=client_credentials&client_id=id&client_secret=a%2Bb%2Fc%3D&scope=https%3A%2F%2Fgraph.example%2F.default"
        );
    }
}
