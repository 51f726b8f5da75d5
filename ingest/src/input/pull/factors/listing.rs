//! All objects of a kind, over all pages.

use serde_json::Value;
use url::Url;

use super::super::error::{PullError, PullResult};
use super::super::page::list;
use super::super::request::encoded;
use super::super::settings::Account;

/// How a page tells what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pages {
    /// `Link: <…>; rel="next"`.
    Link,
    /// `@odata.nextLink`.
    NextLink,
    /// `metadata.next_offset`, sent back as `offset`.
    Offset,
}

/// Every object of a listing at `path` with its parameters; `at` is where the list stands.
pub(super) async fn all(
    account: &Account,
    path: &str,
    at: &[&str],
    pages: Pages,
) -> PullResult<Vec<Value>> {
    let base = account.client.base();
    let bad = |detail: String| PullError::BadAnswer { place: account.client.place(), detail };
    let first = format!("{}{path}", base.as_str().trim_end_matches('/'));
    let mut url = Url::parse(&first).map_err(|_| bad("its address isn't one".to_owned()))?;
    let mut objects = Vec::new();
    loop {
        let answer = account.client.get_patiently(&url).await?;
        for element in list(&answer.body, at).map_err(bad)? {
            let object = serde_json::from_slice(element)
                .map_err(|_| bad("an object in it can't be read".to_owned()))?;
            objects.push(object);
        }
        let body = || serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
        let next = match pages {
            Pages::Link => answer.next_link(),
            Pages::NextLink => {
                body().get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned)
            }
            Pages::Offset => {
                body().pointer("/metadata/next_offset").and_then(Value::as_i64).map(|offset| {
                    let sign = if path.contains('?') { '&' } else { '?' };
                    format!("{path}{sign}offset={}", encoded(&offset.to_string()))
                })
            }
        };
        let Some(next) = next else { return Ok(objects) };
        let next = base.join(&next).map_err(|_| bad("its next page has no address".to_owned()))?;
        // The client refuses another host; the same page again would never end.
        if next == url {
            return Err(bad("its next page is itself".to_owned()));
        }
        url = next;
    }
}
