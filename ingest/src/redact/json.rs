//! Values of secret keys, wherever they stand in the JSON; every other string is
//! looked at as text, or as JSON where it holds JSON.

use super::cut::Cut;
use super::{escape, key, stems, text};

/// JSON within a string within a string …: deeper is looked at as text.
const DEEPEST: u32 = 3;

/// Whether it begins as an object, a list or a string does. `[2026-…] text`
/// doesn't.
pub(super) fn is_json(record: &[u8]) -> bool {
    let record = record.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(record);
    let mut bytes = record.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != 0);
    match bytes.next() {
        Some(b'{') => matches!(bytes.next(), None | Some(b'"' | b'}')),
        Some(b'"') => true,
        Some(b'[') => matches!(bytes.next(), None | Some(b'"' | b'{' | b'[' | b']')),
        _ => false,
    }
}

/// Cuts the secrets of a JSON text that lies in `depth` strings. `folded` is the
/// same as [`stems::fold`] gives it.
pub(super) fn cut(record: &[u8], folded: &[u8], depth: u32, cuts: &mut Vec<Cut>) {
    let mut at = 0;
    let mut is_json = true;
    let mut hit = stems::next(folded, 0);
    while let Some(found) = hit {
        let open = memchr::memchr(b'"', record.get(at..).unwrap_or_default());
        let open = open.map_or(record.len(), |open| at + open);
        if found.start < open && is_json {
            // Words outside of strings: from here on it is text, as much as JSON.
            is_json = false;
            text_at(record, folded, (at, record.len()), depth, cuts);
        }
        if open == record.len() {
            return;
        }
        let start = open + 1;
        let end = string_end(record, start).unwrap_or(record.len());
        at = (end + 1).min(record.len());
        if found.start < end {
            let after = skip_space(record, at);
            let name = record.get(start..end).unwrap_or_default();
            if record.get(after) == Some(&b':') && key::is_secret(name) {
                let value = skip_space(record, after + 1);
                at = cut_value(record, value, name, depth, cuts);
            } else {
                string(record, folded, (start, end), depth, cuts);
            }
        }
        if found.start < at {
            hit = stems::next(folded, at);
        }
    }
}

/// Looks at a string's content as what it stands for.
fn string(
    record: &[u8],
    folded: &[u8],
    (start, end): (usize, usize),
    depth: u32,
    cuts: &mut Vec<Cut>,
) {
    let content = record.get(start..end).unwrap_or_default();
    if memchr::memchr(b'\\', content).is_none() {
        return text_at(record, folded, (start, end), depth + 1, cuts);
    }
    let unescaped = escape::unescape(content);
    let folded = stems::fold(&unescaped.text);
    let mut found = Vec::new();
    if depth < DEEPEST && is_json(&unescaped.text) {
        cut(&unescaped.text, &folded, depth + 1, &mut found);
    } else {
        text::cut(&unescaped.text, &folded, depth + 1, &mut found);
    }
    cuts.extend(found.into_iter().map(|cut| {
        let (from, to) = unescaped.stretch(cut.from, cut.to);
        Cut { from: start + from, to: start + to, ..cut }
    }));
}

fn text_at(
    record: &[u8],
    folded: &[u8],
    (start, end): (usize, usize),
    depth: u32,
    cuts: &mut Vec<Cut>,
) {
    let (text, folded) = (record.get(start..end), folded.get(start..end));
    let mut found = Vec::new();
    text::cut(text.unwrap_or_default(), folded.unwrap_or_default(), depth, &mut found);
    cuts.extend(found.into_iter().map(|cut| Cut {
        from: start + cut.from,
        to: start + cut.to,
        ..cut
    }));
}

/// Cuts a secret's value; of an object or a list each scalar. Returns where to
/// go on.
pub(super) fn cut_value(
    record: &[u8],
    value: usize,
    name: &[u8],
    depth: u32,
    cuts: &mut Vec<Cut>,
) -> usize {
    match record.get(value) {
        Some(b'"') => cut_string(record, value, name, cuts),
        // Azure's `authorization` is an object that says what was asked for.
        Some(b'{' | b'[') if !name.eq_ignore_ascii_case(b"authorization") => {
            cut_within(record, value, name, depth, cuts)
        }
        Some(byte) if is_number(*byte) => cut_number(record, value, depth, cuts),
        _ => value,
    }
}

fn cut_within(record: &[u8], value: usize, name: &[u8], depth: u32, cuts: &mut Vec<Cut>) -> usize {
    let (mut at, mut open) = (value, 0_usize);
    while let Some(byte) = record.get(at) {
        match byte {
            b'{' | b'[' => open += 1,
            b'}' | b']' => {
                open -= 1;
                if open == 0 {
                    return at + 1;
                }
            }
            b'"' => {
                let end = string_end(record, at + 1).map_or(record.len(), |end| end + 1);
                if record.get(skip_space(record, end)) != Some(&b':') {
                    cut_string(record, at, name, cuts);
                }
                at = end;
                continue;
            }
            byte if is_number(*byte) => {
                at = cut_number(record, at, depth, cuts);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    record.len()
}

fn cut_string(record: &[u8], quote: usize, name: &[u8], cuts: &mut Vec<Cut>) -> usize {
    let end = string_end(record, quote + 1).unwrap_or(record.len());
    let value = record.get(quote + 1..end).unwrap_or_default();
    if !text::is_harmless(name, value) {
        cuts.push(Cut::new(quote + 1, end));
    }
    (end + 1).min(record.len())
}

/// A one-time code as a number: the JSON stays valid only with quotes.
fn cut_number(record: &[u8], value: usize, depth: u32, cuts: &mut Vec<Cut>) -> usize {
    let rest = record.get(value..).unwrap_or_default();
    let length =
        rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b)).count().max(1);
    cuts.push(Cut { quoted_at: Some(depth), ..Cut::new(value, value + length) });
    value + length
}

const fn is_number(first: u8) -> bool {
    first.is_ascii_digit() || first == b'-'
}

fn skip_space(record: &[u8], from: usize) -> usize {
    let rest = record.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// Where the quote lies that ends the string whose content starts at `from`.
fn string_end(record: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr::memchr2(b'"', b'\\', record.get(at..)?)?;
        if record.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}
