//! All objects of a kind, over all pages; a single one; and what stands in them.

use serde_json::Value;
use url::Url;

use super::error::{PullError, PullResult};
use super::page::list;
use super::request::encoded;
use super::settings::Account;

/// How a page tells what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pages {
    /// `Link: <…>; rel="next"`.
    Link,
    /// `@odata.nextLink`.
    NextLink,
    /// `metadata.next_offset`, sent back as `offset`.
    Offset,
    /// `nextPageToken`, sent back as `pageToken`.
    Token,
    /// So many objects a page at most; a full one is followed by another, at `first`.
    First(usize),
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
    let mut url = address(account, path)?;
    let first = url.to_string();
    let mut objects = Vec::new();
    loop {
        let answer = account.client.get_patiently(&url).await?;
        let before = objects.len();
        for element in list(&answer.body, at).map_err(bad)? {
            let object = serde_json::from_slice(element)
                .map_err(|_| bad("an object in it can't be read".to_owned()))?;
            objects.push(object);
        }
        let came = objects.len() - before;
        let body = || serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
        let next = match pages {
            Pages::Link => answer.next_link(),
            Pages::NextLink => {
                body().get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned)
            }
            Pages::Token => {
                let token = body().get("nextPageToken").and_then(Value::as_str).map(encoded);
                token.map(|token| format!("{first}&pageToken={token}"))
            }
            Pages::First(most) => {
                (came >= most).then(|| format!("{first}&first={}", objects.len()))
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

/// The object at `path`.
pub(super) async fn one(account: &Account, path: &str) -> PullResult<Value> {
    let answer = account.client.get_patiently(&address(account, path)?).await?;
    let object = serde_json::from_slice(&answer.body).ok().filter(Value::is_object);
    object.ok_or_else(|| PullError::BadAnswer {
        place: account.client.place(),
        detail: "it should be a JSON object".to_owned(),
    })
}

fn address(account: &Account, path: &str) -> PullResult<Url> {
    let base = account.client.base().as_str().trim_end_matches('/');
    Url::parse(&format!("{base}{path}")).map_err(|_| PullError::BadAnswer {
        place: account.client.place(),
        detail: "its address isn't one".to_owned(),
    })
}

/// A text of an object; none where it is empty.
pub(super) fn text<'a>(object: &'a Value, path: &[&str]) -> Option<&'a str> {
    let found = path.iter().try_fold(object, |object, key| object.get(key))?;
    found.as_str().filter(|text| !text.is_empty())
}

/// The same where it must be there.
pub(super) fn needed<'a>(
    account: &Account,
    object: &'a Value,
    path: &[&str],
) -> PullResult<&'a str> {
    text(object, path).ok_or_else(|| PullError::BadAnswer {
        place: account.client.place(),
        detail: format!("an object of it has no {}", path.join(".")),
    })
}
