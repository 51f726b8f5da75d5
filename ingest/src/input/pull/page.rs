//! A body into events, as they stand in it, and what comes next. A body that is cut off
//! is no page: nothing of it is taken.

use bytes::{Bytes, BytesMut};
use chrono_tz::Tz;
use memchr::memchr2;
use serde::Deserialize;

use super::vendor::Endpoint;
use crate::input::records;
use crate::source::json;
use crate::source::time::{self, Moment};

/// An event of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its bytes, as they stand in the body; line breaks outside its texts are spaces.
    pub bytes: Bytes,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// Its time, µs since 1970 UTC, where it can be read.
    pub time: Option<i64>,
}

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    /// Its events, in its order.
    pub(super) elements: Vec<Element>,
    /// What the body names as its next: an address or an offset.
    pub(super) next: Option<String>,
}

impl Page {
    /// Reads a body.
    ///
    /// # Errors
    /// Why it is none.
    pub(super) fn read(endpoint: &Endpoint, body: &Bytes) -> Result<Self, String> {
        let elements = list(body, endpoint.list)?
            .map(|bytes| {
                let value = |keys: &[&str]| keys.iter().find_map(|key| scalar(bytes, key));
                Element {
                    bytes: one_line(body, bytes),
                    id: value(endpoint.id),
                    time: value(endpoint.time).and_then(|text| time::parse(&text, Tz::UTC)),
                }
            })
            .collect();
        let whole = whole(body)?;
        let next = at(whole, &["@odata.nextLink"])
            .or_else(|| at(whole, &["response", "metadata", "next_offset"]))
            .and_then(words);
        Ok(Self { elements, next })
    }

    /// The newest event's time.
    pub(super) fn newest(&self) -> Option<i64> {
        self.elements.iter().filter_map(|element| element.time).max()
    }
}

/// The elements of the list at a path of a body.
pub(super) fn list<'a>(body: &'a [u8], path: &[&str]) -> Result<records::Records<'a>, String> {
    let list = at(whole(body)?, path).filter(|list| list.first() == Some(&b'['));
    list.map(records::elements).ok_or_else(|| match path {
        [] => "it should be a JSON list".to_owned(),
        path => format!("there is no list {:?}", path.join(".")),
    })
}

/// The body without what is around it, if it is one whole JSON value.
fn whole(body: &[u8]) -> Result<&[u8], String> {
    let body = json::trim(body);
    match records::value_end(body) {
        _ if !matches!(body.first(), Some(b'[' | b'{')) => {
            Err("it isn't a JSON object or list".to_owned())
        }
        Some(end) if end == body.len() => Ok(body),
        Some(_) => Err("something follows its JSON".to_owned()),
        None => Err("its JSON is cut off".to_owned()),
    }
}

/// The value at a path, as it stands.
pub(super) fn at<'a>(value: &'a [u8], path: &[&str]) -> Option<&'a [u8]> {
    path.iter().try_fold(value, |object, key| json::member(object, key))
}

/// A scalar's text; none for an empty one, null, objects and lists.
pub(super) fn scalar(object: &[u8], key: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Only<'a>(#[serde(borrow)] Moment<'a>);
    let value = std::str::from_utf8(json::member(object, key)?).ok()?;
    match serde_json::from_str::<Only<'_>>(value).ok()?.0 {
        Moment::Text(text) => Some(text.into_owned()).filter(|text| !text.is_empty()),
        Moment::Whole(number) => Some(number.to_string()),
        Moment::Fraction(number) => Some(number.to_string()),
        Moment::Missing => None,
    }
}

/// A text, or texts and numbers of a list joined by commas: Duo's offset is either.
fn words(value: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(value).ok()?;
    let word = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let text = match &value {
        serde_json::Value::Array(parts) => {
            parts.iter().map(word).collect::<Option<Vec<_>>>()?.join(",")
        }
        single => word(single)?,
    };
    Some(text).filter(|text| !text.is_empty())
}

/// The bytes of an element for a line of NDJSON. JSON's texts hold no line breaks, so that
/// those of a pretty-printed body are white space.
fn one_line(body: &Bytes, element: &[u8]) -> Bytes {
    let bytes = body.slice_ref(element);
    if memchr2(b'\n', b'\r', &bytes).is_none() {
        return bytes;
    }
    bytes.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect()
}

/// An event's id, under the first of some keys that it has.
pub(crate) fn id_of(event: &[u8], keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| scalar(json::trim(event), key))
}

/// Events as NDJSON.
pub(super) fn lines<'a>(elements: impl Iterator<Item = &'a Element>) -> Bytes {
    let mut lines = BytesMut::new();
    for element in elements {
        lines.extend_from_slice(&element.bytes);
        lines.extend_from_slice(b"\n");
    }
    lines.freeze()
}

#[cfg(test)]
mod tests {
    use super::super::table::ENDPOINTS;
    use super::super::vendor::Kind;
    use super::*;

    fn endpoint(kind: Kind, what: &str) -> &'static Endpoint {
        ENDPOINTS.iter().find(|row| row.kind == kind && row.what == what).expect("a row")
    }

    fn read(kind: Kind, what: &str, body: &str) -> Result<Page, String> {
        Page::read(endpoint(kind, what), &Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn events_stay_as_they_stand_in_the_body() {
        let body = "[ {\"uuid\":\"a\",\"published\":\"2026-03-01T10:00:00.000Z\", \"x\": 1.50},\n\
                    {\n  \"uuid\": \"b\",\n  \"published\": null\n}]";
        let page = read(Kind::Okta, "system", body).expect("a page");
        let [first, second] = page.elements.as_slice() else { panic!("{page:?}") };
        let as_is = "{\"uuid\":\"a\",\"published\":\"2026-03-01T10:00:00.000Z\", \"x\": 1.50}";
        assert_eq!(first.bytes, as_is);
        assert_eq!((first.id.as_deref(), first.time), (Some("a"), Some(1_772_359_200_000_000)));
        assert_eq!(second.bytes, "{   \"uuid\": \"b\",   \"published\": null }");
        assert_eq!((second.id.as_deref(), second.time), (Some("b"), None));
        let lines = lines(page.elements.iter());
        assert_eq!(records::cut(&lines).count(), 2);
    }

    #[test]
    fn a_body_that_is_cut_off_or_something_else_is_no_page() {
        for (body, why) in [
            (r#"[{"uuid":"a"},{"uuid":"b""#, "cut off"),
            (r#"[{"uuid":"a"}"#, "cut off"),
            ("", "isn't a JSON"),
            ("<html>", "isn't a JSON"),
            (r#"{"errorCode":"E0000047"}"#, "should be a JSON list"),
            (r#"[{"uuid":"a"}][]"#, "follows"),
        ] {
            let refused = read(Kind::Okta, "system", body).expect_err(body);
            assert!(refused.contains(why), "{body}: {refused}");
        }
        assert!(read(Kind::Entra, "sign_ins", r#"{"error":{"code":"x"}}"#).is_err());
    }

    #[test]
    fn what_comes_next_stands_in_the_body() {
        let next = |kind, what, body| read(kind, what, body).expect("a page").next;
        let graph = r#"{"@odata.nextLink":"https:\/\/graph.example/x?a=b","value":[]}"#;
        let wanted = Some("https://graph.example/x?a=b".to_owned());
        assert_eq!(next(Kind::Entra, "sign_ins", graph), wanted);
        let list = r#"{"stat":"OK","response":{"authlogs":[],"metadata":{"next_offset":["1547486297000","5bea-1c"],"total_objects":2}}}"#;
        let wanted = Some("1547486297000,5bea-1c".to_owned());
        assert_eq!(next(Kind::Duo, "authentication", list), wanted);
        let text = r#"{"response":{"items":[],"metadata":{"next_offset":"1666714065304,5bf1"}}}"#;
        assert_eq!(next(Kind::Duo, "activity", text), Some("1666714065304,5bf1".to_owned()));
        let last = r#"{"response":{"items":[],"metadata":{"next_offset":null}}}"#;
        assert_eq!(next(Kind::Duo, "activity", last), None);
    }

    #[test]
    fn github_times_are_milliseconds() {
        let body = r#"[{"@timestamp":1772359200000,"_document_id":"d1"}]"#;
        let page = read(Kind::GitHub, "organisation", body).expect("a page");
        assert_eq!(page.newest(), Some(1_772_359_200_000_000));
        assert_eq!(page.elements[0].id.as_deref(), Some("d1"));
    }
}
