//! Secrets in plain text: `key=value`, `key: value`, headers, query strings,
//! flags; tokens of a well-known shape; passwords typed as user names.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::cut::{Cut, PLACEHOLDER};
use super::stems::{self, Kind};
use super::{json, key};

/// Shapes of tokens whose makers gave them a recognisable form.
static SHAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x-u)
        \bgh[pousr]_[A-Za-z0-9]{20,}            # GitHub
        | \bgithub_pat_[A-Za-z0-9_]{20,}
        | \bglpat-[A-Za-z0-9_-]{20,}            # GitLab
        | \bxox[abprs]-[A-Za-z0-9-]{10,}        # Slack
        | \bhvs\.[A-Za-z0-9_-]{20,}             # Vault
        | \beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}   # JSON web token
        | (?i:\bbearer\s+)[A-Za-z0-9._~+/-]{16,}=*
        | -----BEGIN\x20(?:[A-Z]+\x20)*PRIVATE\x20KEY-----(?s:.*?)(?:-----END\x20(?:[A-Z]+\x20)*PRIVATE\x20KEY-----|$)
        ",
    )
    .ok()
});

/// What says how a secret that follows is meant.
const SCHEMES: &[&str] = &[
    "apikey",
    "basic",
    "bearer",
    "bot",
    "genericpat",
    "key",
    "negotiate",
    "ntlm",
    "splunk",
    "ssws",
    "token",
];

/// The same, followed by `key="value"` up to the end of the line.
const SCHEMES_WITH_PARTS: &[&str] = &["aws4-hmac-sha256", "digest", "hawk", "oauth", "signature"];

/// Cuts the secrets of a text that lies in `depth` JSON strings; `folded` is the
/// same as [`stems::fold`] gives it.
pub(super) fn cut(text: &[u8], folded: &[u8], depth: u32, cuts: &mut Vec<Cut>) {
    let (mut shape, mut at) = (false, 0);
    while let Some(hit) = stems::next(folded, at) {
        at = match hit.kind {
            Kind::Key => assignment(text, (at, hit.end), depth, cuts),
            Kind::Shape => {
                shape = true;
                hit.end
            }
            Kind::Name => typed_name(text, hit.end, cuts),
        };
    }
    if let Some(regex) = SHAPES.as_ref().filter(|_| shape) {
        cuts.extend(regex.find_iter(text).map(|found| Cut::new(found.start(), found.end())));
    }
}

/// Looks at the name around a stem that ends at `inside`, and cuts what it is
/// given, if it is a secret's. Returns where to go on: nothing before `least` is
/// looked at twice.
fn assignment(
    text: &[u8],
    (least, inside): (usize, usize),
    depth: u32,
    cuts: &mut Vec<Cut>,
) -> usize {
    let (start, end) = name_around(text, least, inside);
    let name = text.get(start..end).unwrap_or_default();
    let Some((value, sign)) = value_of(text, start, end) else { return end.max(inside) };
    let is_pass = sign == Sign::Equals && name.eq_ignore_ascii_case(b"pass");
    if !(is_pass || key::is_secret(name)) {
        return end.max(inside);
    }
    if sign == Sign::Json && matches!(text.get(value), Some(b'{' | b'[' | b'0'..=b'9' | b'-')) {
        return json::cut_value(text, value, name, depth, cuts).max(inside);
    }
    let (from, to) = extent(text, value, name, sign);
    if from < to && !is_harmless(name, text.get(from..to).unwrap_or_default()) {
        cuts.push(Cut::new(from, to));
    }
    to.max(inside)
}

/// From and to of the name around a stem, without dashes and dots at its ends,
/// and without the digits of a percent escape before it.
fn name_around(text: &[u8], least: usize, inside: usize) -> (usize, usize) {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let at_end = |byte: &u8| b"-.".contains(byte);
    let before = text.get(least..inside).unwrap_or_default();
    let mut start = inside - before.iter().rev().take_while(|byte| is_name(byte)).count();
    if start.checked_sub(1).and_then(|at| text.get(at)) == Some(&b'%')
        && text.get(start..start + 2).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    {
        start = (start + 2).min(inside);
    }
    let after = text.get(inside..).unwrap_or_default();
    let mut end = inside + after.iter().take_while(|byte| is_name(byte)).count();
    let name = text.get(start..end).unwrap_or_default();
    end -= name.iter().rev().take_while(|byte| at_end(byte)).count();
    start += name.iter().take_while(|byte| at_end(byte)).count();
    (start.min(end), end)
}

/// How a value is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Equals,
    /// `%3D`: the value ends where the next escape does not belong to it.
    Encoded,
    Colon,
    /// `"key":`, within text.
    Json,
    /// `--key value`.
    Flag,
}

/// Where the value of a name begins, if it is given one.
fn value_of(text: &[u8], start: usize, end: usize) -> Option<(usize, Sign)> {
    let rest = |at: usize| text.get(at..).unwrap_or_default();
    let space = |at: usize| rest(at).iter().take(2).take_while(|b| b.is_ascii_whitespace()).count();
    let slashes = rest(end).iter().take(8).take_while(|byte| **byte == b'\\').count();
    let is_quoted = matches!(rest(end + slashes).first(), Some(b'"' | b'\''));
    let mut at = if is_quoted { end + slashes + 1 } else { end };
    let spaces = space(at);
    at += spaces;
    let (length, sign) = match rest(at) {
        [b'=', ..] => (1, Sign::Equals),
        [b'%', b'3', b'd' | b'D', ..] => (3, Sign::Encoded),
        [b':', ..] if is_quoted => (1, Sign::Json),
        [b':', next, ..] if next.is_ascii_whitespace() || b"\"'".contains(next) => (1, Sign::Colon),
        _ => {
            let is_flag =
                start.checked_sub(2).and_then(|from| text.get(from..start)) == Some(b"--");
            return (is_flag && !is_quoted && spaces > 0 && !rest(at).starts_with(b"-"))
                .then_some((at, Sign::Flag));
        }
    };
    at += length;
    Some((at + space(at), sign))
}

/// From and to of a value: within its quotes, or up to what ends a word; of a
/// cookie to the end of the line; with what follows the name of a scheme.
fn extent(text: &[u8], value: usize, name: &[u8], sign: Sign) -> (usize, usize) {
    let rest = text.get(value..).unwrap_or_default();
    let slashes = rest.iter().take(8).take_while(|byte| **byte == b'\\').count();
    if let Some(quote @ (b'"' | b'\'')) = rest.get(slashes) {
        let from = value + slashes + 1;
        if let Some(to) = closing(text, from, *quote, slashes) {
            return (from, to);
        }
        return (from, word_end(text, from));
    }
    if takes_line(name) && sign != Sign::Flag && sign != Sign::Encoded {
        return (value, line_end(text, value));
    }
    let mut to = word_end(text, value);
    let word = text.get(value..to).unwrap_or_default();
    if sign == Sign::Encoded {
        let next = memchr::memmem::find(word, b"%26").unwrap_or(word.len());
        return (value, value + next);
    }
    let is_one = |schemes: &[&str]| {
        let word = word.strip_suffix(b":").unwrap_or(word);
        schemes.iter().any(|scheme| word.eq_ignore_ascii_case(scheme.as_bytes()))
    };
    if is_one(SCHEMES_WITH_PARTS) {
        to = line_end(text, value);
    } else if is_one(SCHEMES) {
        let spaces = text.get(to..).unwrap_or_default().iter();
        let spaces = spaces.take_while(|byte| matches!(byte, b' ' | b'\t' | b'+')).count();
        to = word_end(text, to + spaces);
    }
    (value, to)
}

/// A cookie is a list of secrets, with `;` between.
fn takes_line(name: &[u8]) -> bool {
    let end = name.len().checked_sub(6).and_then(|from| name.get(from..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(b"cookie"))
}

/// Where the quote lies that closes what `slashes` backslashes and a quote opened.
fn closing(text: &[u8], from: usize, quote: u8, slashes: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr::memchr3(quote, b'\\', b'\n', text.get(at..)?)?;
        let run = text.get(at..)?.iter().take_while(|byte| **byte == b'\\').count();
        match text.get(at + run) {
            Some(b'\n') if run == 0 => return None,
            Some(byte) if *byte == quote && run <= slashes => return Some(at),
            _ => at += run + 1,
        }
    }
}

fn word_end(text: &[u8], from: usize) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'&;,".contains(byte);
    let rest = text.get(from..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| !ends(byte)).count();
    // A backslash before the quote that ends it belongs to the quote.
    let word = rest.get(..length).unwrap_or_default();
    let is_quote = matches!(rest.get(length), Some(b'"' | b'\''));
    let slashes = word.iter().rev().take_while(|byte| is_quote && **byte == b'\\').count();
    from + length - slashes
}

fn line_end(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())
}

/// Whether the value of a secret's key is none: empty, hidden already, yes or no;
/// a shell's working directory; the message of the program `passwd`.
pub(super) fn is_harmless(name: &[u8], value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let is_one_of = |words: &[&[u8]]| words.iter().any(|word| value.eq_ignore_ascii_case(word));
    value.is_empty()
        || value == PLACEHOLDER.as_bytes()
        || value.iter().all(|b| *b == b'*')
        || value.starts_with(b"HIDDEN_DUE_TO_SECURITY")
        || value.starts_with(b"Value hidden due to security")
        || is_one_of(&[b"redacted", b"true", b"false", b"null", b"none", b"yes", b"no"])
        || (key::is_directory(name)
            && (value.starts_with(b"/") || value.starts_with(b"~") || is_one_of(&[b"unknown"])))
        || (name.eq_ignore_ascii_case(b"passwd")
            && (value.starts_with(b"pam_") || is_one_of(&[b"password", b"can't", b"gkr-pam:"])))
}

/// The user name that sshd repeats as it was typed: its first word.
fn typed_name(text: &[u8], from: usize, cuts: &mut Vec<Cut>) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
    let word = rest.get(..length).unwrap_or_default();
    let name = word.strip_suffix(b",").unwrap_or(word);
    if looks_typed_by_mistake(name) {
        cuts.push(Cut::new(from, from + name.len()));
    }
    from + length
}

/// A password typed into the name's field: long, and of at least three kinds of
/// characters, one of them of a kind that no account name has.
fn looks_typed_by_mistake(name: &[u8]) -> bool {
    let any = |test: fn(&u8) -> bool| name.iter().any(test);
    let special = any(|b| b.is_ascii_punctuation() && !b"._-@\\/$+".contains(b));
    let kinds = [
        any(u8::is_ascii_lowercase),
        any(u8::is_ascii_uppercase),
        any(u8::is_ascii_digit),
        special,
    ];
    name.len() >= 8
        && special
        && name != PLACEHOLDER.as_bytes()
        && kinds.iter().filter(|kind| **kind).count() >= 3
}
