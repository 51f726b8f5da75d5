//! JSON records: one event, or several in a bundle.

use std::borrow::Cow;

use memchr::{memchr2, memmem};
use serde::Deserialize;

use super::nesting::{self, DEEPEST};

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

/// The parts of a record: the elements of a list, or of the list at one of
/// `paths` within an object, or the one object at a path; else the record
/// itself. What is cut off at the end stays the last part, and what follows a
/// bundle, or breaks off its envelope, is a part of its own: so it is rejected
/// with a reason and not lost.
pub(crate) fn split<'a>(record: &'a [u8], paths: &[&[&str]]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let paths: Vec<_> = paths.iter().filter(|path| may_have(record, path)).copied().collect();
    let mut rest = trim(record);
    while !rest.is_empty() {
        let before = parts.len();
        match bundle(rest, &paths, &mut parts) {
            // What is no bundle is read, or rejected, with all that follows.
            None => {
                parts.push(if before == 0 { record } else { rest });
                break;
            }
            Some(more) => {
                if parts.len() == before {
                    // An empty bundle is still something that must have a verdict.
                    let length = rest.len().saturating_sub(more.len());
                    parts.push(rest.get(..length).unwrap_or(rest));
                }
                rest = after_commas(more);
            }
        }
    }
    match parts.as_slice() {
        [] => vec![record],
        [whole] if whole.len() == trim(record).len() => vec![record],
        _ => parts,
    }
}

/// Adds the parts of the bundle that `text` begins with; returns what follows
/// it, or `None` where it is no bundle.
fn bundle<'a>(text: &'a [u8], paths: &[&[&str]], parts: &mut Vec<&'a [u8]>) -> Option<&'a [u8]> {
    match text.first()? {
        b'[' => Some(elements(text, parts)),
        b'{' => paths.iter().find_map(|path| {
            let (mut found, mut broken) = (Vec::new(), Vec::new());
            let rest = values(text, path, &mut found, &mut broken);
            if !found.iter().any(|value| matches!(value.first(), Some(b'[' | b'{'))) {
                return None;
            }
            for value in found {
                if value.first() == Some(&b'[') {
                    let more = elements(value, parts);
                    parts.extend(Some(after_commas(more)).filter(|more| !more.is_empty()));
                } else {
                    parts.push(value);
                }
            }
            parts.append(&mut broken);
            Some(rest)
        }),
        _ => None,
    }
}

/// Whether the keys of a path stand anywhere in a text, as keys do: much quicker than
/// to tell its members, and nearly always no.
fn may_have(text: &[u8], path: &[&str]) -> bool {
    path.iter().all(|key| {
        memmem::find_iter(text, key).any(|at| {
            let before = at.checked_sub(1).and_then(|before| text.get(before));
            before == Some(&b'"') && text.get(at + key.len()) == Some(&b'"')
        })
    })
}

/// Whether an object's first key is one of these.
pub(crate) fn begins_with(record: &[u8], keys: &[&str]) -> bool {
    let first = || Members::of(trim(record))?.first_name();
    first().is_some_and(|name| keys.iter().any(|key| name == key.as_bytes()))
}

/// Adds a list's elements; returns what follows the list.
fn elements<'a>(list: &'a [u8], parts: &mut Vec<&'a [u8]>) -> &'a [u8] {
    let mut elements = Elements(list.get(1..).unwrap_or_default());
    parts.extend(elements.by_ref());
    elements.0
}

/// Every value at a path: a key can come twice. What of an object on the way
/// can't be told into members is `broken`; returns what follows the object.
fn values<'a>(
    object: &'a [u8],
    path: &[&str],
    found: &mut Vec<&'a [u8]>,
    broken: &mut Vec<&'a [u8]>,
) -> &'a [u8] {
    let Some((key, inner)) = path.split_first() else {
        found.push(object);
        return &[];
    };
    let Some(mut members) = Members::of(object) else { return &[] };
    for (name, value) in members.by_ref() {
        if name == key.as_bytes() {
            values(value, inner, found, broken);
        }
    }
    if members.is_whole {
        return members.rest;
    }
    broken.extend(Some(after_commas(members.rest)).filter(|rest| !rest.is_empty()));
    &[]
}

/// Whether the record is a bundle with nothing in it.
pub(crate) fn is_empty_bundle(record: &[u8], paths: &[&[&str]]) -> bool {
    let whole = trim(record);
    let is_empty =
        |list: &[u8]| matches!(list, [b'[', inner @ ..] if trim(inner).first() == Some(&b']'));
    is_empty(whole)
        || paths.iter().any(|path| {
            path.iter().try_fold(whole, |object, key| member(object, key)).is_some_and(is_empty)
        })
}

/// The value of a key of an object, as it stands.
pub(crate) fn member<'a>(object: &'a [u8], key: &str) -> Option<&'a [u8]> {
    Members::of(object)?.find_map(|(name, value)| (name == key.as_bytes()).then_some(value))
}

/// The members of an object: names without their quotes, values as they stand.
pub(crate) struct Members<'a> {
    /// What follows the object once it is whole; what is no member until then.
    rest: &'a [u8],
    /// Whether its closing brace was met.
    is_whole: bool,
}

impl<'a> Members<'a> {
    /// Of an object; nothing of anything else.
    pub(crate) fn of(object: &'a [u8]) -> Option<Self> {
        Some(Self { rest: object.strip_prefix(b"{")?, is_whole: false })
    }

    /// Whether the object's end was met.
    pub(crate) const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The name of its first member.
    fn first_name(&self) -> Option<&'a [u8]> {
        let rest = after_space(self.rest);
        rest.get(1..string_end(rest)? - 1)
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_whole {
            return None;
        }
        let mut rest = after_space(self.rest);
        if let [b',', more @ ..] = rest {
            rest = after_space(more);
        }
        if let [b'}', more @ ..] = rest {
            (self.rest, self.is_whole) = (more, true);
            return None;
        }
        let (name, more) = rest.split_at(string_end(rest)?);
        let value = after_space(after_space(more).strip_prefix(b":")?);
        let (value, more) = value.split_at(value_end(value));
        if value.is_empty() {
            return None;
        }
        self.rest = more;
        Some((name.get(1..name.len().saturating_sub(1))?, value))
    }
}

/// The elements of a list, given what follows its bracket; then what follows the
/// list.
struct Elements<'a>(&'a [u8]);

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = after_commas(self.0);
        if let [] | [b']', ..] = rest {
            self.0 = rest.get(1..).unwrap_or_default();
            return None;
        }
        let (value, more) = rest.split_at(value_end(rest).max(1));
        self.0 = more;
        Some(value)
    }
}

fn after_commas(bytes: &[u8]) -> &[u8] {
    let mut rest = after_space(bytes);
    while let [b',' | b'\0', more @ ..] = rest {
        rest = after_space(more);
    }
    rest
}

fn after_space(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

/// Where the string at the start of `bytes` ends, after its closing quote.
pub(super) fn string_end(bytes: &[u8]) -> Option<usize> {
    let mut at = usize::from(bytes.first() == Some(&b'"'));
    if at == 0 {
        return None;
    }
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes.get(at) {
            Some(b'"') => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// Where the value at the start of `bytes` ends; the end of `bytes` where it is
/// cut off. Only brackets and strings are looked at: the parser judges the rest.
fn value_end(bytes: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => match bytes.get(at..).and_then(string_end) {
                Some(length) => at += length - 1,
                None => return bytes.len(),
            },
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return at + depth,
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
        if depth == 0 && *byte == b'"' {
            return at;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: &[&[&str]] = &[&["Records"], &["data", "events"], &["detail"]];

    fn parts(record: &str) -> Vec<String> {
        split(record.as_bytes(), RECORDS)
            .into_iter()
            .map(|part| String::from_utf8_lossy(part).into_owned())
            .collect()
    }

    #[test]
    fn a_bundle_is_cut_into_its_elements() {
        assert_eq!(parts(r#"[{"a":1},{"b":"}],{"}]"#), [r#"{"a":1}"#, r#"{"b":"}],{"}"#]);
        assert_eq!(parts("[\n  {\"a\": [1, 2]},\n  {}\n,]"), [r#"{"a": [1, 2]}"#, "{}"]);
        assert_eq!(
            parts(r#"{"x":"Records","Records" : [{"a":"\""},{}],"y":1}"#),
            [r#"{"a":"\""}"#, "{}"]
        );
        assert_eq!(parts(r#"{"data":{"events":[{"a":1}]}}"#), [r#"{"a":1}"#]);
        assert_eq!(parts(r#"{"detail":{"a":1},"id":2}"#), [r#"{"a":1}"#]);
        assert_eq!(parts("\u{feff} [{}] \r\n"), ["{}"]);
    }

    #[test]
    fn an_object_is_told_by_its_first_key() {
        for record in ["{\"a\":1}", " { \"a\" : {}", "{\"a\"", "\u{feff}{\"a\":1,\"b\":2}"] {
            assert!(begins_with(record.as_bytes(), &["b", "a"]), "{record}");
        }
        for record in ["{\"b\":1,\"a\":2}", "{}", "{\"a", "[\"a\"]", "{a:1}", "{\"aa\":1}", ""] {
            assert!(!begins_with(record.as_bytes(), &["a"]), "{record}");
        }
    }

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
    fn what_is_no_bundle_stays_whole_and_what_is_cut_off_stays_a_part() {
        for whole in [r#"{"a":1}"#, "", "[", "[]", "{", r#"{"Records":[]}"#, r#"{"Records"#, "x"] {
            assert_eq!(parts(whole), [whole], "{whole}");
        }
        assert_eq!(parts(r#"[{"a":1},{"b"#), [r#"{"a":1}"#, r#"{"b"#]);
        assert_eq!(parts(r#"[{"a":1}}}]"#), [r#"{"a":1}"#, "}", "}"]);
        assert!(is_empty_bundle(br#"{"Records": [ ]}"#, RECORDS));
        assert!(is_empty_bundle(b"[]", RECORDS));
        assert!(!is_empty_bundle(br#"{"Records":[{}]}"#, RECORDS));
    }

    #[test]
    fn what_follows_a_bundle_or_breaks_it_off_is_a_part_of_its_own() {
        for (record, expected) in [
            (r#"{"Records":[{"a":1}]} trailing"#, &[r#"{"a":1}"#, "trailing"][..]),
            (r#"[{"a":1}] {"b":2}"#, &[r#"{"a":1}"#, r#"{"b":2}"#]),
            (r#"[{"a":1}],[{"b":2}] x"#, &[r#"{"a":1}"#, r#"{"b":2}"#, "x"]),
            (r#"{"Records":[{"a":1}],"Records":[{"b":2}]}"#, &[r#"{"a":1}"#, r#"{"b":2}"#]),
            (r#"{"Records":[{"a":1}],"Records":"x"}"#, &[r#"{"a":1}"#, r#""x""#]),
            (r#"{"Records":[{"a":1}] junk {"b":2}}"#, &[r#"{"a":1}"#, r#"junk {"b":2}}"#]),
            (r#"{"Records":[{"a":1}],"next"#, &[r#"{"a":1}"#, r#""next"#]),
            (r#"{"data":{"events":[{"a":1}] x}}"#, &[r#"{"a":1}"#, "x}"]),
            (r#"{"Records":[]} trailing"#, &[r#"{"Records":[]}"#, "trailing"]),
            (r#"{"Records":[{"a":1}]}{"Records":[{"b":2}]}"#, &[r#"{"a":1}"#, r#"{"b":2}"#]),
            (r#"{"Records":null} trailing"#, &[r#"{"Records":null} trailing"#]),
            (r#"{"a":1} trailing"#, &[r#"{"a":1} trailing"#]),
            ("{\"Records\":[{\"a\":1}]}\0,\r\n", &[r#"{"a":1}"#]),
        ] {
            assert_eq!(parts(record), expected, "{record}");
        }
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
