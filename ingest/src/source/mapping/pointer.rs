//! JSON pointers (RFC 6901).

use serde_json::Value;

/// The way to a field of a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pointer {
    text: String,
    keys: Vec<String>,
}

impl Pointer {
    /// Reads one. An error says what would be right.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix('/') else {
            return Err(not_a_pointer(text));
        };
        let keys: Option<Vec<String>> = rest.split('/').map(unescaped).collect();
        match keys {
            Some(keys) => Ok(Self { text: text.to_owned(), keys }),
            None => Err(format!("in the pointer {text:?} a `~` must be written ~0")),
        }
    }

    /// As it stands in the file.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The keys on the way, unescaped.
    pub(super) fn keys(&self) -> &[String] {
        &self.keys
    }

    /// What it leads to, if anything.
    pub(super) fn of<'v>(&self, record: &'v Value) -> Option<&'v Value> {
        self.keys.iter().try_fold(record, |value, key| match value {
            Value::Object(members) => members.get(key),
            Value::Array(elements) => elements.get(index(key)?),
            _ => None,
        })
    }
}

fn not_a_pointer(text: &str) -> String {
    if text.is_empty() {
        return "an empty pointer is the whole record; name a field, as \"/user\"".to_owned();
    }
    let whole = format!("/{text}");
    if text.contains('.') {
        let inner = whole.replace('.', "/");
        return format!(
            "a pointer begins with a slash: {inner:?} (a field of a field) or {whole:?}"
        );
    }
    format!("a pointer begins with a slash: {whole:?}")
}

/// A key without its escapes; none where a `~` is followed by neither 0 nor 1 (section 3).
fn unescaped(key: &str) -> Option<String> {
    let is_escaped =
        |(at, _): (usize, &str)| matches!(key.as_bytes().get(at + 1), Some(b'0' | b'1'));
    let escapes = key.match_indices('~').all(is_escaped);
    escapes.then(|| key.replace("~1", "/").replace("~0", "~"))
}

/// The element that a key names: digits without zeros in front (section 4).
fn index(key: &str) -> Option<usize> {
    let is_index = key == "0" || !key.starts_with('0') && key.bytes().all(|b| b.is_ascii_digit());
    is_index.then(|| key.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_leads_through_objects_and_lists() {
        // The document of RFC 6901, section 5, less the whole of it.
        let record = json!({
            "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5,
            "k\"l": 6, " ": 7, "m~n": 8, "0": {"01": 9},
        });
        let at = |text: &str| Pointer::parse(text).expect(text).of(&record).cloned();
        for (text, value) in [
            ("/foo/0", json!("bar")),
            ("/", json!(0)),
            ("/a~1b", json!(1)),
            ("/c%d", json!(2)),
            ("/k\"l", json!(6)),
            ("/ ", json!(7)),
            ("/m~0n", json!(8)),
            ("/0/01", json!(9)),
        ] {
            assert_eq!(at(text), Some(value), "{text}");
        }
        for text in ["/foo/2", "/foo/00", "/foo/-", "/foo/bar", "/foo/0/x", "/bar"] {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_pointer_is_told_how_it_would_be_one() {
        let wrong = |text| Pointer::parse(text).expect_err(text);
        assert!(wrong("user").contains("\"/user\""));
        assert!(
            wrong("user.name").contains("\"/user/name\"")
                && wrong("user.name").contains("\"/user.name\"")
        );
        assert!(wrong("/a~b").contains("~0"));
        assert!(wrong("/a~").contains("~0"));
        assert!(wrong("").contains("whole record"));
    }
}
