//! Texts that identify someone, found in columns and in records as they were sent.

use std::collections::{BTreeSet, HashSet};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

/// Shortest text that is searched for in records: shorter ones are in everything.
pub const SHORTEST: usize = 5;
/// Shortest number: shorter ones are dates, sizes and codes.
const SHORTEST_NUMBER: usize = 8;

/// Whether a text may be searched for in records: it means one person wherever it stands.
pub fn is_searchable(text: &str) -> bool {
    let length = text.trim().chars().count();
    let is_number = text.trim().bytes().all(|byte| byte.is_ascii_digit() || b"-.:".contains(&byte));
    length >= if is_number { SHORTEST_NUMBER } else { SHORTEST }
}

/// Logins, names, ids of one person.
#[derive(Debug, Clone)]
pub struct Identifiers {
    texts: BTreeSet<String>,
    /// In lower case, for columns that hold nothing else.
    whole: HashSet<String>,
    matcher: AhoCorasick,
    /// Of the matcher's patterns, those that are an address.
    addresses: Vec<bool>,
}

impl Identifiers {
    /// Of some texts; those that are too short are looked for in columns that hold
    /// nothing else only. `None` if there is none, or they are too many to search for.
    pub fn new(texts: impl IntoIterator<Item = String>) -> Option<Self> {
        let texts: BTreeSet<String> = texts
            .into_iter()
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .collect();
        if texts.is_empty() {
            return None;
        }
        let searched = texts.iter().filter(|text| is_searchable(text));
        let forms: BTreeSet<String> = searched.flat_map(|text| forms(text)).collect();
        let whole = texts.iter().map(|text| text.to_lowercase()).collect();
        let matcher = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(&forms)
            .ok()?;
        let addresses = forms.iter().map(|form| form.contains('@') || form.contains("%40"));
        Some(Self { texts, whole, matcher, addresses: addresses.collect() })
    }

    /// The texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// Whether a text is one of them.
    pub fn is(&self, text: &str) -> bool {
        self.whole.contains(&text.trim().to_lowercase())
    }

    /// Whether one of them occurs, as a word of its own; not the short ones.
    pub fn occurs_in(&self, bytes: &[u8]) -> bool {
        self.matcher.find_overlapping_iter(bytes).any(|found| {
            let before = bytes.get(..found.start()).unwrap_or_default();
            let behind = bytes.get(found.end()..).unwrap_or_default();
            let pattern = found.pattern().as_usize();
            let is_address = self.addresses.get(pattern).copied().unwrap_or_default();
            !goes_on_before(before) && !goes_on_behind(behind, is_address)
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

/// Whether the word goes on behind: it is the beginning of a longer one. Behind an
/// address a dash begins something else: the name of a device, say.
fn goes_on_behind(behind: &[u8], is_address: bool) -> bool {
    match behind {
        [first, ..] if is_letter(*first) => true,
        [b'.', letter, ..] => is_letter(*letter),
        [b'-' | b'_', letter, ..] if !is_address => is_letter(*letter),
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
            "mia.berg@example.com-laptop",
            "https://git.example/mia.berg@example.com_2",
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
    fn a_login_that_goes_on_is_another_one() {
        for within in ["dev-1-bot", "dev-1_2", "dev-1.old", "dev-12", "xdev-1", "my.dev-1"] {
            assert!(!occurs("dev-1", within), "{within}");
        }
        assert!(occurs("dev-1", "user=dev-1, uid=0"));
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
    fn what_is_too_short_is_found_only_where_it_stands_alone() {
        for short in ["mia", "p-7", "200", "2026-11"] {
            let who = Identifiers::new([short.to_owned()]).expect("an identifier");
            assert!(!who.occurs_in(format!("a {short} b").as_bytes()), "{short}");
            assert!(who.is(short) && who.is(&short.to_uppercase()), "{short}");
        }
        assert!(occurs("770077007", r#"{"actor_id":770077007}"#));
        assert!(Identifiers::new(["  ".to_owned()]).is_none());
    }
}
