//! Members of objects and elements of lists, as they stand: only brackets and strings
//! are looked at, the parser judges the rest.

use memchr::memchr2;

use super::trim;

/// Whether an object's first key is one of these.
pub(crate) fn begins_with(record: &[u8], keys: &[&str]) -> bool {
    let first = || Members::of(trim(record))?.first_name();
    first().is_some_and(|name| keys.iter().any(|key| name == key.as_bytes()))
}

/// The value of a key of an object, as it stands.
pub(crate) fn member<'a>(object: &'a [u8], key: &str) -> Option<&'a [u8]> {
    Members::of(object)?.find_map(|(name, value)| (name == key.as_bytes()).then_some(value))
}

/// The members of an object: names without their quotes, values as they stand.
pub(crate) struct Members<'a> {
    /// What follows the object once it is whole; what is no member until then.
    pub(super) rest: &'a [u8],
    /// Whether its closing brace was met.
    pub(super) is_whole: bool,
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
pub(super) struct Elements<'a>(pub(super) &'a [u8]);

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

pub(super) fn after_commas(bytes: &[u8]) -> &[u8] {
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
pub(in super::super) fn string_end(bytes: &[u8]) -> Option<usize> {
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

    #[test]
    fn an_object_is_told_by_its_first_key() {
        for record in ["{\"a\":1}", " { \"a\" : {}", "{\"a\"", "\u{feff}{\"a\":1,\"b\":2}"] {
            assert!(begins_with(record.as_bytes(), &["b", "a"]), "{record}");
        }
        for record in ["{\"b\":1,\"a\":2}", "{}", "{\"a", "[\"a\"]", "{a:1}", "{\"aa\":1}", ""] {
            assert!(!begins_with(record.as_bytes(), &["a"]), "{record}");
        }
    }
}
