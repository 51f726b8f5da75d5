//! Bundles of events: lists, and objects that hold one.

use memchr::memmem;

use super::members::{Elements, Members, after_commas, member};
use super::trim;

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
}
