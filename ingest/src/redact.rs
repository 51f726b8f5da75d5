//! Secrets are cut out before a row is made. By key name in JSON and in
//! `key=value` text, and by the shape of well-known tokens anywhere. What is
//! kept as `raw`, hashed, compared and shown is the record after this.
//!
//! Nearly every record has none, so a vectorised search for a few stems comes
//! first; only where one is found is the text around it looked at.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::packed::{Config, MatchKind, Searcher};
use regex::bytes::Regex;

/// What stands in a secret's place.
pub const PLACEHOLDER: &str = "[redacted]";

/// Pieces of every key name and token shape below, in the spellings that occur.
const STEMS: &[&str] = &[
    "asswd",
    "asswor",
    "ASSWOR",
    "pwd",
    "Pwd",
    "ecret",
    "ECRET",
    "oken\"",
    "Token\"",
    "TOKEN\"",
    "oken=",
    "oken:",
    "oken %3D",
    "ssphrase",
    "asscode",
    "rivateKey",
    "rivate_key",
    "rivate-key",
    "uthorization",
    "piKey",
    "pi_key",
    "pi-key",
    "pikey",
    "APIKey",
    "ookie\"",
    "ssertion\"",
    "SAMLResponse",
    "ecoveryCode",
    "ecovery_code",
    "PRIVATE KEY",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "hvs.",
    "eyJ",
    "earer ",
    "nvalid user ",
];

static SEARCHER: LazyLock<Option<Searcher>> = LazyLock::new(|| {
    Config::new().match_kind(MatchKind::LeftmostFirst).builder().extend(STEMS).build()
});

/// Key names that hold a secret, lower-cased, without `_`, `-` and `.`.
const SECRET_KEYS: &[&str] = &[
    "accesstoken",
    "accesstokenvalue",
    "apikey",
    "apitoken",
    "assertion",
    "authorization",
    "authtoken",
    "bearertoken",
    "clientsecret",
    "clientsecretvalue",
    "cookie",
    "currentpassword",
    "devicesecret",
    "idtoken",
    "masteruserpassword",
    "newpassword",
    "oldpassword",
    "onetimepassword",
    "otp",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwordhash",
    "plaintextpassword",
    "privatekey",
    "pwd",
    "recoverycode",
    "recoverycodes",
    "refreshtoken",
    "samlresponse",
    "secret",
    "secretaccesskey",
    "secretbinary",
    "secretkey",
    "secretstring",
    "secretvalue",
    "securitytoken",
    "sessiontoken",
    "setcookie",
    "sharedsecret",
    "token",
    "tokenvalue",
    "totpsecret",
    "userpassword",
    "webhooksecret",
    "xapikey",
    "xvaulttoken",
];

/// Shapes of tokens whose makers gave them a recognisable form.
static SHAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
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

/// `key=value` and `key: value` in plain text, with the value in group 1.
static ASSIGNMENTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)\b(?:password|passwd|pwd|secret|client[_-]?secret|token|access[_-]?token|api[_-]?key|authorization|passphrase|secret[_-]?access[_-]?key)["']?\s{0,2}(?:=|%3D|:\s)\s{0,2}("[^"]+"|'[^']+'|[^\s"'&;,]+)"#,
    )
    .ok()
});

/// A user name as sshd repeats what was typed.
static TYPED_NAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[Ii]nvalid user (.+?) from ").ok());

/// Cuts the secrets out of a record; also says how many there were.
pub fn redact(record: &[u8]) -> (Cow<'_, [u8]>, i32) {
    let suspicious = SEARCHER.as_ref().is_none_or(|searcher| searcher.find(record).is_some());
    if !suspicious {
        return (Cow::Borrowed(record), 0);
    }
    let mut cuts = Vec::new();
    let is_json = matches!(record.trim_ascii_start().first(), Some(b'{' | b'['));
    if is_json {
        by_key(record, &mut cuts);
    } else {
        by_assignment(record, &mut cuts);
        typed_passwords(record, &mut cuts);
    }
    by_shape(record, &mut cuts);
    if cuts.is_empty() { (Cow::Borrowed(record), 0) } else { apply(record, cuts) }
}

/// From, to, and whether quotes must be put around the placeholder.
type Cut = (usize, usize, bool);

fn apply(record: &[u8], mut cuts: Vec<Cut>) -> (Cow<'_, [u8]>, i32) {
    cuts.sort_unstable();
    let mut out = Vec::with_capacity(record.len());
    let mut at = 0;
    let mut count = 0;
    for (from, to, bare) in cuts {
        if from < at {
            continue;
        }
        let quote: &[u8] = if bare { b"\"" } else { b"" };
        out.extend_from_slice(record.get(at..from).unwrap_or_default());
        out.extend_from_slice(quote);
        out.extend_from_slice(PLACEHOLDER.as_bytes());
        out.extend_from_slice(quote);
        at = to;
        count += 1;
    }
    out.extend_from_slice(record.get(at..).unwrap_or_default());
    (Cow::Owned(out), count)
}

/// Values of secret keys, wherever they stand in the JSON.
fn by_key(record: &[u8], cuts: &mut Vec<Cut>) {
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'"', record.get(at..).unwrap_or_default()) {
        let start = at + open + 1;
        let Some(end) = string_end(record, start) else { return };
        at = end + 1;
        let after = skip_space(record, at);
        if record.get(after) != Some(&b':') {
            continue;
        }
        let Some(key) = record.get(start..end) else { continue };
        if !is_secret_key(key) {
            continue;
        }
        let value = skip_space(record, after + 1);
        at = cut_value(record, value, cuts);
    }
}

/// Cuts a secret's value; a list's strings one by one. Returns where to go on.
fn cut_value(record: &[u8], value: usize, cuts: &mut Vec<Cut>) -> usize {
    match record.get(value) {
        Some(b'"') => {
            let Some(end) = string_end(record, value + 1) else { return record.len() };
            let text = record.get(value + 1..end).unwrap_or_default();
            if !is_placeholder(text) {
                cuts.push((value + 1, end, false));
            }
            end + 1
        }
        Some(b'[') => {
            let mut at = skip_space(record, value + 1);
            while record.get(at) == Some(&b'"') {
                at = skip_space(record, cut_value(record, at, cuts));
                if record.get(at) == Some(&b',') {
                    at = skip_space(record, at + 1);
                }
            }
            at
        }
        Some(digit) if digit.is_ascii_digit() => {
            let length = record
                .get(value..)
                .unwrap_or_default()
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b))
                .count();
            // A one-time code as a number: the JSON stays valid only with quotes.
            cuts.push((value, value + length, true));
            value + length
        }
        _ => value,
    }
}

fn by_assignment(record: &[u8], cuts: &mut Vec<Cut>) {
    let Some(regex) = ASSIGNMENTS.as_ref() else { return };
    for found in regex.captures_iter(record).filter_map(|found| found.get(1)) {
        if !is_placeholder(found.as_bytes()) {
            cuts.push((found.start(), found.end(), false));
        }
    }
}

fn by_shape(record: &[u8], cuts: &mut Vec<Cut>) {
    if let Some(regex) = SHAPES.as_ref() {
        cuts.extend(regex.find_iter(record).map(|found| (found.start(), found.end(), false)));
    }
}

/// A password typed into the name's field: long, and of at least three kinds of
/// characters, one of them of a kind that no account name has.
fn typed_passwords(record: &[u8], cuts: &mut Vec<Cut>) {
    let Some(regex) = TYPED_NAME.as_ref() else { return };
    for name in regex.captures_iter(record).filter_map(|found| found.get(1)) {
        if looks_typed_by_mistake(name.as_bytes()) {
            cuts.push((name.start(), name.end(), false));
        }
    }
}

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
        && !name.contains(&b' ')
        && kinds.iter().filter(|kind| **kind).count() >= 3
}

fn is_placeholder(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    value.is_empty()
        || value == PLACEHOLDER.as_bytes()
        || value.iter().all(|b| *b == b'*')
        || value.starts_with(b"HIDDEN_DUE_TO_SECURITY")
        || value.eq_ignore_ascii_case(b"redacted")
}

/// For each first letter, the lengths that secret keys have, a bit each: nearly
/// every name is told by these two alone.
static LENGTHS: LazyLock<[u64; 256]> = LazyLock::new(|| {
    let mut lengths = [0; 256];
    for key in SECRET_KEYS.iter().map(|key| key.as_bytes()) {
        if let Some(entry) = key.first().and_then(|first| lengths.get_mut(usize::from(*first))) {
            *entry |= 1 << key.len();
        }
    }
    lengths
});

fn is_secret_key(key: &[u8]) -> bool {
    let between_words = |b: &u8| matches!(b, b'_' | b'-' | b'.');
    let letters = key.iter().filter(|b| !between_words(b)).count();
    let first = key.iter().find(|b| !between_words(b)).map_or(0, u8::to_ascii_lowercase);
    let lengths = LENGTHS.get(usize::from(first)).copied().unwrap_or_default();
    if key.len() > 40 || lengths & (1 << letters) == 0 {
        return false;
    }
    let mut name = [0_u8; 40];
    let mut length = 0;
    for byte in key.iter().filter(|b| !between_words(b)) {
        if let Some(place) = name.get_mut(length) {
            *place = byte.to_ascii_lowercase();
        }
        length += 1;
    }
    let name = name.get(..length).unwrap_or_default();
    SECRET_KEYS.binary_search_by(|known| known.as_bytes().cmp(name)).is_ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expected: &str, count: i32) {
        let (out, redactions) = redact(input.as_bytes());
        assert_eq!((&*String::from_utf8_lossy(&out), redactions), (expected, count));
    }

    #[test]
    fn key_names_are_sorted_for_the_search() {
        assert!(SECRET_KEYS.is_sorted());
    }

    #[test]
    fn secrets_go_by_key_name() {
        check(
            r#"{"user":"ada","client_secret" : "s3\"cr","n":1}"#,
            r#"{"user":"ada","client_secret" : "[redacted]","n":1}"#,
            1,
        );
        check(
            r#"{"a":{"Password":"x"},"accessToken":"y"}"#,
            r#"{"a":{"Password":"[redacted]"},"accessToken":"[redacted]"}"#,
            2,
        );
        check(
            r#"{"recoveryCodes":["a1","b2"]}"#,
            r#"{"recoveryCodes":["[redacted]","[redacted]"]}"#,
            2,
        );
        check(r#"{"password":""}"#, r#"{"password":""}"#, 0);
    }

    #[test]
    fn what_only_sounds_like_a_secret_stays() {
        for harmless in [
            r#"{"hashed_token":"abc=","token_id":7,"authenticationMethod":"Password"}"#,
            r#"{"secretId":"prod/db","password":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#,
            r#"{"passwordPolicy":{"minLength":12},"eventType":"user.account.reset_password"}"#,
            "Failed password for invalid user admin from 198.51.100.7 port 4711 ssh2",
            "Invalid user DOMAIN\\svc-backup from 198.51.100.7",
        ] {
            check(harmless, harmless, 0);
        }
    }

    #[test]
    fn secrets_go_by_shape() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        check(
            &format!(r#"{{"note":"used {token} today"}}"#),
            r#"{"note":"used [redacted] today"}"#,
            1,
        );
        let jwt = format!("eyJ{0}.eyJ{0}.{0}", "abcdefgh1234");
        check(&format!("x {jwt} y"), "x [redacted] y", 1);
    }

    #[test]
    fn secrets_go_from_plain_text() {
        check(
            "sudo: ada : COMMAND=/usr/bin/mysql --password=hunter2 -u root",
            "sudo: ada : COMMAND=/usr/bin/mysql --password=[redacted] -u root",
            1,
        );
        check(
            "sshd[7]: Invalid user Summer#2024x from 198.51.100.7",
            "sshd[7]: Invalid user [redacted] from 198.51.100.7",
            1,
        );
    }

    #[test]
    fn a_number_as_a_secret_is_cut_and_counted() {
        check(
            r#"{"password":"x","otp":123456}"#,
            r#"{"password":"[redacted]","otp":"[redacted]"}"#,
            2,
        );
    }
}
