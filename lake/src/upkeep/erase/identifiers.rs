//! Texts that identify someone, found in columns and in records as they were sent.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

/// Shortest text that is searched for: shorter ones are in everything.
pub const SHORTEST: usize = 3;

/// Logins, names, ids of one person.
#[derive(Debug, Clone)]
pub struct Identifiers {
    texts: BTreeSet<String>,
    matcher: AhoCorasick,
}

impl Identifiers {
    /// Of some texts; those that are too short are left out. `None` if none is left,
    /// or they are too many to search for.
    pub fn new(texts: impl IntoIterator<Item = String>) -> Option<Self> {
        let texts: BTreeSet<String> = texts
            .into_iter()
            .map(|text| text.trim().to_owned())
            .filter(|text| text.chars().count() >= SHORTEST)
            .collect();
        if texts.is_empty() {
            return None;
        }
        let forms: BTreeSet<String> = texts.iter().flat_map(|text| forms(text)).collect();
        let matcher = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(&forms)
            .ok()?;
        Some(Self { texts, matcher })
    }

    /// The texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// Whether one of them occurs, as a word of its own.
    pub fn occurs_in(&self, bytes: &[u8]) -> bool {
        self.matcher.find_overlapping_iter(bytes).any(|found| {
            let before = bytes.get(..found.start()).unwrap_or_default();
            let behind = bytes.get(found.end()..).unwrap_or_default();
            !goes_on_before(before) && !goes_on_behind(behind)
        })
    }
}

/// A text as records write it: in JSON with and without escapes, in a URL.
fn forms(text: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::new();
    for text in [text.to_owned(), text.to_lowercase(), text.to_uppercase()] {
        let units: String = text
            .chars()
            .map(|c| {
                let mut buffer = [0; 2];
                let escape = |unit: &mut u16| format!("\\u{unit:04x}");
                if c.is_ascii() {
                    c.to_string()
                } else {
                    c.encode_utf16(&mut buffer).iter_mut().map(escape).collect()
                }
            })
            .collect();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        let percent = |byte: u8| {
            if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") }
        };
        let url: String = text.bytes().map(percent).collect();
        let quoted = serde_json::to_string(&text).unwrap_or_default();
        forms.insert(quoted.trim_matches('"').to_owned());
        forms.insert(url.replace("%20", "+"));
        forms.extend([units, url, text]);
    }
    forms
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Whether the word begins before: it is the end of a longer one.
fn goes_on_before(before: &[u8]) -> bool {
    match before {
        // Escapes of JSON and of URLs aren't letters of the word.
        [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f'] => false,
        [.., b'\\', b'u', a, b, c, d] if [a, b, c, d].iter().all(|h| h.is_ascii_hexdigit()) => {
            false
        }
        [.., b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => false,
        [.., last] if is_letter(*last) => true,
        [.., letter, b'.' | b'-' | b'_' | b'+'] => is_letter(*letter),
        _ => false,
    }
}

/// Whether the word goes on behind: it is the beginning of a longer one.
fn goes_on_behind(behind: &[u8]) -> bool {
    match behind {
        [first, ..] if is_letter(*first) => true,
        [b'.' | b'-' | b'_', letter, ..] => is_letter(*letter),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn occurs(text: &str, within: &str) -> bool {
        let identifiers = Identifiers::new([text.to_owned()]).expect("an identifier");
        identifiers.occurs_in(within.as_bytes())
    }

    #[test]
    fn a_login_is_found_wherever_records_write_it() {
        for within in [
            "mia.berg@example.com",
            "MIA.BERG@EXAMPLE.COM",
            r#"{"user":"mia.berg@example.com"}"#,
            r#"{"text":"by\nmia.berg@example.com"}"#,
            r#"{"text":"\u003cmia.berg@example.com\u003e"}"#,
            "?user=mia.berg%40example.com&x=1",
            "?user%3Dmia.berg%40Example.com",
            "Failed password for mia.berg@example.com.",
        ] {
            assert!(occurs("mia.berg@example.com", within), "{within}");
        }
    }

    #[test]
    fn another_login_that_holds_it_is_not_it() {
        for within in [
            "xmia.berg@example.com",
            "anna-mia.berg@example.com",
            "mia.berg@example.com.au",
            "mia.berg@example.company",
            "mia.berg@example-com",
        ] {
            assert!(!occurs("mia.berg@example.com", within), "{within}");
        }
    }

    #[test]
    fn a_name_is_found_in_any_form() {
        for within in [
            "Zoë Müller",
            "ZOË MÜLLER",
            r#""name":"Zo\u00eb M\u00fcller""#,
            r#""name":"Zo\u00EB M\u00FCller""#,
            "Zo%C3%AB%20M%c3%bcller",
            "Zo%C3%AB+M%c3%bcller",
        ] {
            assert!(occurs("Zoë Müller", within), "{within}");
        }
        assert!(occurs(r#"O"Hara \ Co"#, r#"{"n":"O\"Hara \\ Co"}"#));
    }

    #[test]
    fn what_is_too_short_is_not_searched_for() {
        assert!(Identifiers::new(["7".to_owned(), " x ".to_owned()]).is_none());
    }
}
