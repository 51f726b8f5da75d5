//! A signed POST. Whoever gets it can tell that it is from here and that it is new: the
//! signature covers the time of sending (HMAC-SHA-256, RFC 2104).

use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use hmac::{Hmac, KeyInit, Mac};
use rollcall_lake::Secret;
use sha2::Sha256;
use url::Url;

use super::Destination;

/// Longest time for a request and its answer.
const LIMIT: Duration = Duration::from_secs(20);

/// Why there is no webhook.
#[derive(Debug, thiserror::Error)]
#[error("alerts.webhook: {0}")]
pub struct WebhookError(String);

/// The webhook.
#[derive(Debug)]
pub struct Webhook {
    client: reqwest::Client,
    url: Url,
    secret: Secret,
}

impl Webhook {
    /// To an https address, or to one on this machine.
    ///
    /// # Errors
    /// If the address is none, or what is sent could be read on the way.
    pub fn open(url: &str, secret: Secret) -> Result<Self, WebhookError> {
        let url: Url =
            url.parse().map_err(|error| WebhookError(format!("{url:?} is no address: {error}")))?;
        let is_here = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if is_here => {}
            _ => {
                let reason = format!("{url} could be read on the way; use https");
                return Err(WebhookError(reason));
            }
        }
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(LIMIT / 2)
            .timeout(LIMIT)
            .user_agent("rollcall")
            .build()
            .map_err(|error| WebhookError(format!("no TLS client: {error}")))?;
        // A start that would fail at the first alert is worse than one that fails now.
        secret.read().map_err(|error| WebhookError(error.to_string()))?;
        Ok(Self { client, url, secret })
    }
}

#[async_trait]
impl Destination for Webhook {
    fn name(&self) -> &'static str {
        "webhook"
    }

    async fn send(&self, record: &str) -> Result<(), String> {
        let secret = self.secret.read().map_err(|error| error.to_string())?;
        let sent = Utc::now().timestamp();
        let request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("x-rollcall-timestamp", sent.to_string())
            .header("x-rollcall-signature", signature(secret.as_bytes(), sent, record))
            .body(record.to_owned());
        let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(format!("the answer is {status}")) }
    }
}

/// `v1=` and the HMAC-SHA-256, in hex, of the time in seconds since 1970 UTC, a full stop, and
/// the body.
pub fn signature(secret: &[u8], sent: i64, body: &str) -> String {
    // Any length of key is fine: longer ones than a block are hashed first.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(sent.to_string().as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    format!("v1={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_signature_covers_time_and_body() {
        // python3: hmac.new(b"s3cret", b'1772445600.{"a":1}', "sha256").hexdigest()
        assert_eq!(
            signature(b"s3cret", 1_772_445_600, "{\"a\":1}"),
            "v1=d93b70f5858f84c38e2b579c67cbcdcb7aefc25f5d798ec4639c22d92550b5de"
        );
        assert_ne!(signature(b"s3cret", 1, "2"), signature(b"s3cret", 12, ""));
    }

    #[test]
    fn nothing_goes_in_the_clear() {
        let scratch = tempfile::tempdir().expect("a folder");
        let file = scratch.path().join("secret");
        std::fs::write(&file, "s3cret\n").expect("a file");
        let open = |url: &str| Webhook::open(url, Secret::File(file.clone())).map(drop);
        assert!(open("https://soc.corp.example/rollcall").is_ok());
        assert!(open("http://127.0.0.1:9/x").is_ok());
        assert!(open("http://soc.corp.example/").expect_err("clear").to_string().contains("https"));
        assert!(open("no address").is_err());
        let none = Webhook::open("https://x.example/", Secret::File(PathBuf::from("/nowhere")));
        assert!(none.is_err());
    }
}
