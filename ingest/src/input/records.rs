//! Cuts what came in into records: lines of NDJSON or text, elements of a JSON
//! array, or one JSON document after another. A pure function of the bytes: the
//! log keeps a request as it came and it is cut again when it is read.
//!
//! It never fails. What isn't well-formed becomes a record as it is, so that its
//! source can refuse it with its bytes kept.

use memchr::{memchr, memchr2};

/// Cuts bytes into records. Blank lines, a byte-order mark, carriage returns at
/// the end of a line and commas between JSON values are nobody's content and
/// are left out.
pub fn cut(bytes: &[u8]) -> Records<'_> {
    let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = rest.trim_ascii_start();
    let form = form(bytes);
    let rest = match form {
        Form::Array => start.get(1..).unwrap_or_default(),
        Form::Documents => start,
        Form::Lines | Form::Listed => rest,
    };
    Records { rest, form }
}

/// What the bytes are, told from their beginning.
pub fn form(bytes: &[u8]) -> Form {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    match start.first() {
        Some(b'[') if is_array(start) => Form::Array,
        Some(b'{') if !first_line_is_whole(start) => Form::Documents,
        _ => Form::Lines,
    }
}

/// Cuts JSON documents that lie behind each other, whatever is between them.
pub fn documents(bytes: &[u8]) -> Records<'_> {
    let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    Records { rest, form: Form::Documents }
}

/// Cuts a text that is known to be a JSON array.
pub fn elements(array: &[u8]) -> Records<'_> {
    Records { rest: array.get(1..).unwrap_or_default(), form: Form::Array }
}

/// Cuts a piece of a longer text that is known to be lines.
pub fn lines(bytes: &[u8]) -> Records<'_> {
    Records { rest: bytes, form: Form::Lines }
}

/// Cuts records that lie each behind its length; see [`super::listed`].
pub fn listed(bytes: &[u8]) -> Records<'_> {
    Records { rest: bytes, form: Form::Listed }
}

/// Number of records that [`cut`] gives.
pub fn count(bytes: &[u8]) -> usize {
    cut(bytes).count()
}

/// How records lie behind each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One a line.
    Lines,
    /// Elements of a JSON array.
    Array,
    /// JSON documents, each over several lines.
    Documents,
    /// Each behind its length. Never told by the bytes.
    Listed,
}

/// The records of some bytes, in order.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    rest: &'a [u8],
    form: Form,
}

impl<'a> Iterator for Records<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        match self.form {
            Form::Lines => self.next_line(),
            Form::Array => self.next_value(true),
            Form::Documents => self.next_value(false),
            Form::Listed => self.next_listed(),
        }
    }
}

impl<'a> Records<'a> {
    fn next_line(&mut self) -> Option<&'a [u8]> {
        while !self.rest.is_empty() {
            let end = memchr(b'\n', self.rest).unwrap_or(self.rest.len());
            let (line, rest) = self.rest.split_at(end);
            self.rest = rest.get(1..).unwrap_or_default();
            let line = trim_line(line);
            if !line.is_empty() {
                return Some(line);
            }
        }
        None
    }

    fn next_listed(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (record, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        self.rest = rest;
        Some(record)
    }

    fn next_value(&mut self, in_array: bool) -> Option<&'a [u8]> {
        let separators = |b: &u8| b.is_ascii_whitespace() || *b == b',';
        let skip = self.rest.iter().take_while(|b| separators(b)).count();
        self.rest = self.rest.get(skip..).unwrap_or_default();
        if in_array && self.rest.first() == Some(&b']') {
            // Only space may follow an array's end; anything else is kept as a record.
            self.rest = self.rest.get(1..).unwrap_or_default().trim_ascii();
            let left = std::mem::take(&mut self.rest);
            return (!left.is_empty()).then_some(left);
        }
        if self.rest.is_empty() {
            return None;
        }
        let (value, rest) = self.rest.split_at(value_end(self.rest).unwrap_or(self.rest.len()));
        self.rest = rest;
        Some(value.trim_ascii())
    }
}

fn trim_line(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.iter().all(u8::is_ascii_whitespace) {
        return &[];
    }
    let end = line.trim_ascii_end();
    // NDJSON with commas at the ends of its lines.
    match (line.trim_ascii_start().first(), end.strip_suffix(b",")) {
        (Some(b'{'), Some(object)) => object,
        _ => line,
    }
}

/// Whether it is a JSON array, not a log line that begins with a bracket, as
/// `[2026-11-25 …] message`.
fn is_array(bytes: &[u8]) -> bool {
    let after = bytes.get(1..).unwrap_or_default().trim_ascii_start();
    matches!(after.first(), Some(b'{' | b']' | b'[' | b'"') | None)
}

/// Whether the first line is a JSON value by itself: then the rest is NDJSON. An
/// unclosed one opens a pretty-printed document if it ends as such lines do;
/// otherwise it is a broken line among lines, and mustn't swallow them.
fn first_line_is_whole(bytes: &[u8]) -> bool {
    let end = memchr(b'\n', bytes).unwrap_or(bytes.len());
    let (line, rest) = bytes.split_at(end);
    let line = line.trim_ascii_end();
    let line = line.strip_suffix(b",").filter(|line| line.ends_with(b"}")).unwrap_or(line);
    match value_end(line) {
        Some(end) => end == line.len(),
        None => {
            let opens = line.last().is_some_and(|last| b"[{,:".contains(last));
            !opens && rest.trim_ascii_start().first() == Some(&b'{')
        }
    }
}

/// Length of the JSON value at the start, counting brackets outside strings;
/// `None` if it isn't closed.
pub(crate) fn value_end(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at + 1)?;
                if depth == 0 {
                    return Some(at);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b',' | b'\n' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
    (depth == 0).then_some(at)
}

/// One past the quote that ends a string whose content starts at `from`.
fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(input: &str, expected: &[&str]) {
        let cut: Vec<_> = cut(input.as_bytes()).map(String::from_utf8_lossy).collect();
        assert_eq!(cut, expected, "input {input:?}");
    }

    #[test]
    fn lines_objects_and_arrays() {
        check("{\"a\":1}\n{\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"]);
        check("{\"a\":1},\r\n\r\n{\"b\":2},\n", &["{\"a\":1}", "{\"b\":2}"]);
        check("\u{feff}{\"a\":\"}\\\"\"}", &["{\"a\":\"}\\\"\"}"]);
        check("[{\"a\":1},\n {\"b\":[2,3]}]\n", &["{\"a\":1}", "{\"b\":[2,3]}"]);
        check("{\n \"a\": {\n \"b\": \"}\" }\n}\n", &["{\n \"a\": {\n \"b\": \"}\" }\n}"]);
        check("{\n\"a\":1}\n{\n\"b\":2}", &["{\n\"a\":1}", "{\n\"b\":2}"]);
        check("{\"a\":1}{\"b\":2}", &["{\"a\":1}", "{\"b\":2}"]);
        check("{\"a\":{\"b\":1}\n,\"c\":2}", &["{\"a\":{\"b\":1}\n,\"c\":2}"]);
        check("Mar 27 x\n\nMar 28 y", &["Mar 27 x", "Mar 28 y"]);
        check("[2026-11-25 10:00] in\n[2026] out", &["[2026-11-25 10:00] in", "[2026] out"]);
        check("[]", &[]);
        check("", &[]);
    }

    #[test]
    fn what_is_broken_is_kept() {
        check("[{\"a\":1},{\"b\":", &["{\"a\":1}", "{\"b\":"]);
        check("{\"a\":1}\n{\"b\"\n{\"c\":3}", &["{\"a\":1}", "{\"b\"", "{\"c\":3}"]);
        check("[{\"a\":1}] tail", &["{\"a\":1}", "tail"]);
        check("{\"a\":\n", &["{\"a\":"]);
        check("{\"a\": \"cut of\n{\"b\":2}\n", &["{\"a\": \"cut of", "{\"b\":2}"]);
        check(
            "{\"Records\":[\n{\"a\":1},\n{\"b\":2}]}",
            &["{\"Records\":[\n{\"a\":1},\n{\"b\":2}]}"],
        );
    }

    #[test]
    fn ten_thousand_levels_are_one_record() {
        let deep = format!("{}{}", "[".repeat(10_001), "]".repeat(10_001));
        assert_eq!(count(deep.as_bytes()), 1);
    }

    proptest! {
        #[test]
        fn every_byte_that_is_not_punctuation_is_in_some_record(
            bytes in proptest::collection::vec(any::<u8>(), 0..300)
        ) {
            let kept: usize = cut(&bytes).map(<[u8]>::len).sum();
            let loose = bytes
                .iter()
                .filter(|b| b.is_ascii_whitespace() || b",[]\xef\xbb\xbf".contains(b))
                .count();
            prop_assert!(kept + loose >= bytes.len());
        }
    }
}
