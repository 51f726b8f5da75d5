//! POST and nothing else: no redirects, no proxy of the environment, answers of
//! 64 KiB at most, 20 seconds in all.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use tokio::runtime::Handle;
use url::Url;

use super::error::{AnchorError, AnchorResult};

/// Longest time for a request and its answer.
const LIMIT: Duration = Duration::from_secs(20);
/// Bytes that an answer may have.
const MAX_BYTES: usize = 64 << 10;

/// A client for one URL. Blocking.
#[derive(Debug)]
pub(super) struct Http {
    client: reqwest::Client,
    handle: Handle,
    url: Url,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The first words of a refusal, as data for a message.
    pub(super) fn words(&self) -> String {
        let text: String = String::from_utf8_lossy(&self.body).chars().take(200).collect();
        format!("{} {:?}", self.status, text.trim())
    }
}

impl Http {
    /// A client for an http or https URL, `suffix` put behind its path.
    pub(super) fn new(text: &str, suffix: &str, handle: Handle) -> AnchorResult<Self> {
        let mut url = web_url(text)?;
        if !suffix.is_empty() {
            let path = format!("{}/{suffix}", url.path().trim_end_matches('/'));
            url.set_path(&path);
        }
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(LIMIT / 2)
            .timeout(LIMIT)
            .user_agent("rollcall")
            .build()
            .map_err(|error| AnchorError::Settings(format!("no TLS client: {error}")))?;
        Ok(Self { client, handle, url })
    }

    /// Where it posts to.
    pub(super) fn place(&self) -> &str {
        self.url.as_str()
    }

    /// Whether what is sent can be read on the way by nobody else.
    pub(super) fn keeps_secrets(&self) -> bool {
        let is_here = match self.url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        self.url.scheme() == "https" || is_here
    }

    /// Posts bytes and gives the answer, whatever its status.
    pub(super) fn post(
        &self,
        content_type: &'static str,
        token: Option<&str>,
        body: Vec<u8>,
    ) -> AnchorResult<Answer> {
        let mut request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static(content_type))
            .body(body);
        if let Some(token) = token {
            let mut value = HeaderValue::try_from(format!("Bearer {token}"))
                .map_err(|_| AnchorError::Settings("the token isn't one line".to_owned()))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        let answer = self.handle.block_on(async {
            let mut response = request.send().await.map_err(|error| words_of(&error))?;
            let content_type = response.headers().get(CONTENT_TYPE);
            let content_type = content_type.and_then(|value| value.to_str().ok());
            let (content_type, status) =
                (content_type.unwrap_or_default().to_owned(), response.status().as_u16());
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|error| words_of(&error))? {
                if body.len() + chunk.len() > MAX_BYTES {
                    return Err(format!("its answer is over {MAX_BYTES} bytes"));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Answer { status, content_type, body })
        });
        answer.map_err(|detail| AnchorError::Unreachable { place: self.place().to_owned(), detail })
    }
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

/// An http or https URL that holds no secret.
pub(super) fn web_url(text: &str) -> AnchorResult<Url> {
    let bad = |detail: &str| AnchorError::Settings(format!("{text:?} {detail}"));
    let url = Url::parse(text).map_err(|error| bad(&format!("isn't a URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(bad("isn't an http or https URL"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(AnchorError::Settings(
            "a URL here holds no user, password or #; give a token by token_env or token_file"
                .to_owned(),
        ));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anchor::tests::{Server, runtime};

    #[test]
    fn a_redirect_is_an_answer_and_not_followed() {
        let runtime = runtime();
        let server = Server::start(|_| (302, "text/plain", b"elsewhere".to_vec()));
        let http = Http::new(&server.url(), "", runtime.handle().clone()).expect("a client");
        let answer = http.post("text/plain", None, Vec::new()).expect("an answer");
        assert_eq!(answer.status, 302);
        assert_eq!(server.requests().len(), 1);
    }

    #[test]
    fn an_endless_answer_is_cut_off() {
        let runtime = runtime();
        let server = Server::start(|_| (200, "text/plain", vec![b'x'; MAX_BYTES + 1]));
        let http = Http::new(&server.url(), "", runtime.handle().clone()).expect("a client");
        let refused = http.post("text/plain", None, Vec::new()).expect_err("refused");
        assert!(refused.to_string().contains("over 65536 bytes"), "{refused}");
    }

    #[test]
    fn nobody_there_is_told_with_the_place() {
        let runtime = runtime();
        let http = Http::new("http://127.0.0.1:9/x", "", runtime.handle().clone());
        let refused = http.expect("a client").post("text/plain", None, Vec::new());
        let refused = refused.expect_err("refused").to_string();
        assert!(refused.starts_with("http://127.0.0.1:9/x: "), "{refused}");
    }

    #[test]
    fn a_secret_goes_only_where_nobody_reads_along() {
        let runtime = runtime();
        for (url, is_safe) in [
            ("https://example.org/x", true),
            ("http://127.0.0.1/x", true),
            ("http://[::1]:8/x", true),
            ("http://localhost/x", true),
            ("http://example.org/x", false),
            ("http://localhost.example.org/x", false),
        ] {
            let http = Http::new(url, "", runtime.handle().clone()).expect("a client");
            assert_eq!(http.keeps_secrets(), is_safe, "{url}");
        }
        for url in [
            "ftp://example.org",
            "example.org",
            "https://a@example.org",
            "http://a:b@x/",
            "https://x/#y",
            "file:///etc/passwd",
        ] {
            assert!(web_url(url).is_err(), "{url}");
        }
    }
}
