//! JSON records: one event, or several in a bundle.

mod bundle;
mod members;

use std::borrow::Cow;

use serde::Deserialize;

use super::nesting::{self, DEEPEST};
pub(crate) use bundle::{is_empty_bundle, split};
pub(super) use members::string_end;
pub(crate) use members::{Members, begins_with, member};

/// The record as text. Bytes that are not UTF-8 become U+FFFD, so that one bad
/// byte in a user name doesn't cost the event; `raw` keeps them as they are.
pub(crate) fn text(record: &[u8]) -> Cow<'_, str> {
    let record = trim(record);
    match simdutf8::basic::from_utf8(record) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(String::from_utf8_lossy(record).into_owned()),
    }
}

/// Without a byte order mark, white space, NUL padding and the comma that some
/// writers put after each line.
pub(crate) fn trim(record: &[u8]) -> &[u8] {
    let mut record = record.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(record);
    while let [b' ' | b'\t' | b'\r' | b'\n' | b'\0', rest @ ..] = record {
        record = rest;
    }
    while let [rest @ .., b' ' | b'\t' | b'\r' | b'\n' | b'\0' | b','] = record {
        record = rest;
    }
    record
}

/// Reads one object. The reason of a failure says where it stopped and never
/// quotes the record.
#[inline]
pub(crate) fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    if !text.starts_with('{') {
        return Err(not_an_object(text));
    }
    if nesting::is_too_deep(text.as_bytes()) {
        return Err(too_deep());
    }
    match sonic_rs::from_str(text) {
        Ok(read) => Ok(read),
        Err(error) => Err(unreadable(&error)),
    }
}

/// Reads any JSON, if it can be read.
pub(crate) fn read_any<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    if nesting::is_too_deep(text.as_bytes()) {
        return None;
    }
    sonic_rs::from_str(text).ok()
}

#[cold]
fn not_an_object(text: &str) -> String {
    if text.is_empty() {
        "the record is empty; a JSON object was expected".to_owned()
    } else {
        "not a JSON object; one event per record was expected".to_owned()
    }
}

#[cold]
fn too_deep() -> String {
    format!("it nests more than {DEEPEST} levels deep; a vendor's event has a dozen")
}

#[cold]
fn unreadable(error: &sonic_rs::Error) -> String {
    let what = error.to_string();
    // What follows the first line shows a piece of the record.
    format!("can't be read as JSON: {}", what.lines().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nests_too_deep_is_not_read() {
        #[derive(Deserialize, Debug)]
        struct Nothing {}
        let deep =
            |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(read::<Nothing>(&deep(DEEPEST - 1)).is_ok());
        let reason = read::<Nothing>(&deep(DEEPEST)).expect_err("too deep");
        assert!(reason.contains("levels"), "{reason}");
        // As deep as a record of 16 MiB can be.
        assert!(read::<Nothing>(&deep(8 << 20)).is_err());
        assert!(read_any::<Nothing>(&deep(8 << 20)).is_none());
    }

    #[test]
    fn a_failure_says_where_and_quotes_nothing() {
        #[derive(Deserialize, Debug)]
        struct One {
            #[expect(dead_code, reason = "only there to come twice")]
            a: i64,
        }
        let reason = read::<One>(r#"{"a":1,"s":"hunter2","a":2}"#).expect_err("twice");
        assert!(reason.contains("duplicate field `a`"), "{reason}");
        assert!(!reason.contains("hunter2"), "{reason}");
        assert!(read::<One>("hunter2").is_err_and(|reason| !reason.contains("hunter2")));
        assert!(read::<One>(r#"{"a":hunter2}"#).is_err_and(|reason| !reason.contains("hunter2")));
    }
}
