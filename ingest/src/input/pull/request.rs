//! A range of time, or what a page named as its next, into an address; and a page's next.

use chrono::{DateTime, SecondsFormat};
use url::Url;

use super::client::Answer;
use super::error::{PullError, PullResult};
use super::page::Page;
use super::vendor::{Endpoint, Paging, Range};
use crate::source::time::DAY;

/// A range of time, µs since 1970 UTC; open where it has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) since: i64,
    pub(super) until: Option<i64>,
}

/// What a page leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Next {
    /// What to ask for next.
    pub(super) cursor: Option<String>,
    /// Whether there is nothing more for now.
    pub(super) is_all: bool,
}

/// The address of a log.
pub(super) fn place(endpoint: &Endpoint, base: &Url, organisation: &str) -> Url {
    let mut url = base.clone();
    let path = endpoint.path.replace("{organisation}", organisation);
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

/// The first page of a range. `now` is the vendor's time, as well as it is known.
pub(super) fn first(endpoint: &Endpoint, place: &Url, window: Window, now: i64) -> Url {
    let mut query = parameters(endpoint.query);
    query.extend(range(endpoint.range, window, now));
    with_query(place, &query)
}

/// The page that another one named as its next.
///
/// # Errors
/// If it lies on another host.
pub(super) fn following(
    endpoint: &Endpoint,
    place: &Url,
    window: Window,
    cursor: &str,
    now: i64,
) -> PullResult<Url> {
    let mut query = parameters(endpoint.query);
    match endpoint.paging {
        Paging::Link { .. } | Paging::NextLink => return link(place, cursor),
        Paging::Checkpoint if cursor.contains("://") => return link(place, cursor),
        Paging::Checkpoint => {
            query = vec![("from", cursor.to_owned()), ("take", "100".to_owned())];
        }
        Paging::Offset => {
            query.extend(range(endpoint.range, window, now));
            query.push(("next_offset", cursor.to_owned()));
        }
        Paging::LastTime { .. } => query.push(("mintime", cursor.to_owned())),
    }
    Ok(with_query(place, &query))
}

/// What comes after a page that `asked` gave.
pub(super) fn next(
    endpoint: &Endpoint,
    asked: &Url,
    window: Window,
    answer: &Answer,
    page: &Page,
) -> Next {
    let is_empty = page.elements.is_empty();
    let finite = |cursor: Option<String>| {
        // A page that names itself would be read for ever.
        let cursor = cursor.filter(|cursor| cursor != asked.as_str());
        Next { is_all: cursor.is_none(), cursor }
    };
    match endpoint.paging {
        Paging::Link { is_endless: true } if window.until.is_none() => {
            let cursor = answer.next_link();
            // The same link again leads nowhere new.
            let is_same = cursor.as_deref().is_none_or(|cursor| cursor == asked.as_str());
            Next { is_all: is_empty || is_same, cursor }
        }
        Paging::Link { .. } => finite(answer.next_link()),
        Paging::NextLink => finite(page.next.clone()),
        Paging::Offset => {
            let sent = parameter(asked, "next_offset");
            finite(page.next.clone().filter(|next| Some(next) != sent.as_ref() && !is_empty))
        }
        Paging::LastTime { most } => finite(last_time(asked, page, most)),
        Paging::Checkpoint => {
            let is_search = parameter(asked, "from").is_none();
            // The search gives the first event of the range, and ids go by arrival.
            let found = page.elements.first().and_then(|element| element.id.clone());
            let last = page.elements.last().and_then(|element| element.id.clone());
            let cursor = if is_search {
                found
            } else {
                answer.next_link().or(last).or_else(|| Some(asked.to_string()))
            };
            let past =
                |until| page.elements.iter().all(|e| e.time.is_none_or(|time| time >= until));
            let is_past = window.until.is_some_and(|until| past(until + late(endpoint)));
            Next { is_all: is_empty || is_past || cursor.is_none(), cursor }
        }
    }
}

/// How long after the end of a range its events may still come, in a log by arrival, µs.
fn late(endpoint: &Endpoint) -> i64 {
    super::clock::micros(endpoint.overlap)
}

/// From which second on the next page of a log without pages is read.
fn last_time(asked: &Url, page: &Page, most: usize) -> Option<String> {
    let last = page.newest().filter(|_| page.elements.len() >= most)?.div_euclid(1_000_000);
    let asked = parameter(asked, "mintime").and_then(|from| from.parse::<i64>().ok());
    // A second that fills a page would be read for ever.
    Some(if asked == Some(last) { last + 1 } else { last }.to_string())
}

fn range(range: Range, window: Window, now: i64) -> Vec<(&'static str, String)> {
    let (since, until) = (window.since, window.until);
    match range {
        Range::SinceUntil => [("since", Some(since)), ("until", until)]
            .into_iter()
            .filter_map(|(name, time)| time.map(|time| (name, iso(time))))
            .collect(),
        Range::Filter { time, also } => {
            let mut filter = format!("{time} ge {}", iso(since));
            if let Some(until) = until {
                // Not every log knows `lt`. What lies at the end itself comes twice.
                filter.push_str(&format!(" and {time} le {}", iso(until)));
            }
            if let Some(also) = also {
                filter.push_str(&format!(" and {also}"));
            }
            vec![("$filter", filter)]
        }
        Range::Phrase => {
            let time = |time: i64| iso(time).replace('Z', "+00:00");
            let created = match until {
                Some(until) => format!("created:{}..{}", time(since), time(until)),
                None => format!("created:>={}", time(since)),
            };
            vec![("phrase", created)]
        }
        Range::MinMax => {
            // It wants an end; ours must be none, whatever the clocks say.
            let until = until.unwrap_or(now.max(since) + DAY);
            vec![
                ("mintime", since.div_euclid(1_000).to_string()),
                ("maxtime", until.div_euclid(1_000).to_string()),
            ]
        }
        Range::Min => vec![("mintime", since.div_euclid(1_000_000).to_string())],
        Range::Search => vec![
            ("q", format!("date:[{} TO *]", iso(since))),
            ("sort", "date:1".to_owned()),
            ("per_page", "1".to_owned()),
        ],
    }
}

/// µs as vendors write times: ISO 8601, ms, Z.
fn iso(micros: i64) -> String {
    let time = DateTime::from_timestamp_micros(micros).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn parameters(fixed: &'static [(&'static str, &'static str)]) -> Vec<(&'static str, String)> {
    fixed.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn with_query(place: &Url, query: &[(&str, String)]) -> Url {
    let mut url = place.clone();
    let query: Vec<String> =
        query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let query = query.join("&");
    url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
    url
}

/// A link of the vendor's, if it stays with the vendor.
fn link(place: &Url, link: &str) -> PullResult<Url> {
    let url = place.join(link).ok().filter(|url| url.origin() == place.origin());
    url.ok_or_else(|| PullError::Rejected {
        place: place.origin().ascii_serialization(),
        detail: "its next page is said to lie on another host, which isn't asked".to_owned(),
    })
}

/// Percent-encoded but for RFC 3986's unreserved characters.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::super::table::ENDPOINTS;
    use super::*;

    /// 2026-03-01T10:00:00Z.
    const SINCE: i64 = 1_772_359_200_000_000;

    fn asked(what: &str, until: Option<i64>) -> String {
        let endpoint = ENDPOINTS.iter().find(|row| row.what == what).expect("a row");
        let base: Url = "https://api.example".parse().expect("a URL");
        let window = Window { since: SINCE, until };
        let url = first(endpoint, &place(endpoint, &base, "acme"), window, SINCE);
        assert!(!url.as_str().contains(' '), "{url}");
        let pairs: Vec<String> =
            url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{} {}", url.path(), pairs.join(" & "))
    }

    #[test]
    fn ranges_are_asked_for_as_each_vendor_documents_it() {
        let until = Some(SINCE + 3_600_000_000);
        for (what, until, wanted) in [
            (
                "system",
                None,
                "/api/v1/logs limit=1000 & sortOrder=ASCENDING & since=2026-03-01T10:00:00.000Z",
            ),
            (
                "system",
                until,
                "/api/v1/logs limit=1000 & sortOrder=ASCENDING & since=2026-03-01T10:00:00.000Z & until=2026-03-01T11:00:00.000Z",
            ),
            (
                "organisation",
                None,
                "/orgs/acme/audit-log include=all & order=asc & per_page=100 & phrase=created:>=2026-03-01T10:00:00.000+00:00",
            ),
            (
                "directory",
                until,
                "/v1.0/auditLogs/directoryAudits $top=500 & $filter=activityDateTime ge 2026-03-01T10:00:00.000Z and activityDateTime le 2026-03-01T11:00:00.000Z",
            ),
            (
                "service_principal",
                None,
                "/beta/auditLogs/signIns $top=500 & $filter=createdDateTime ge 2026-03-01T10:00:00.000Z and signInEventTypes/any(t: t eq 'servicePrincipal')",
            ),
            (
                "authentication",
                None,
                "/admin/v2/logs/authentication limit=1000 & sort=ts:asc & mintime=1772359200000 & maxtime=1772445600000",
            ),
            ("administrator", None, "/admin/v1/logs/administrator mintime=1772359200"),
            (
                "tenant",
                None,
                "/api/v2/logs q=date:[2026-03-01T10:00:00.000Z TO *] & sort=date:1 & per_page=1",
            ),
        ] {
            assert_eq!(asked(what, until), wanted);
        }
    }

    #[test]
    fn a_next_page_on_another_host_is_not_asked_for() {
        let endpoint = ENDPOINTS.iter().find(|row| row.what == "system").expect("a row");
        let place: Url = "https://okta.example/api/v1/logs".parse().expect("a URL");
        let window = Window { since: SINCE, until: None };
        let ask = |link: &str| following(endpoint, &place, window, link, SINCE);
        ask("https://okta.example/api/v1/logs?after=x").expect("the same host");
        for elsewhere in [
            "https://okta.example.evil.example/api/v1/logs?after=x",
            "http://okta.example/api/v1/logs?after=x",
            "https://okta.example:444/",
            "https://okta.example@evil.example/",
            "//evil.example/x",
            "javascript:x",
        ] {
            assert!(ask(elsewhere).is_err(), "{elsewhere}");
        }
    }
}
