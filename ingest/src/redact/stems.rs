//! The letters without which nothing is a secret, whatever their case.

use std::sync::LazyLock;

use aho_corasick::packed::{Config, MatchKind, Searcher};
use aho_corasick::{AhoCorasick, MatchKind as Kinds};

/// What a stem may be part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A key's name.
    Key,
    /// A token of a well-known shape.
    Shape,
    /// What announces a name that someone typed.
    Name,
}

/// A stem that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

/// Every key of `key.rs` has one of the first, every shape of `text.rs` one of
/// the others; tests hold that.
const STEMS: &[(&str, Kind)] = &[
    ("pass", Kind::Key),
    ("pwd", Kind::Key),
    ("secret", Kind::Key),
    ("token", Kind::Key),
    ("cookie", Kind::Key),
    ("authorization", Kind::Key),
    ("assertion", Kind::Key),
    ("otp", Kind::Key),
    ("privatekey", Kind::Key),
    ("private_key", Kind::Key),
    ("private-key", Kind::Key),
    ("private.key", Kind::Key),
    ("apikey", Kind::Key),
    ("api_key", Kind::Key),
    ("api-key", Kind::Key),
    ("api.key", Kind::Key),
    ("samlresponse", Kind::Key),
    ("saml_response", Kind::Key),
    ("saml-response", Kind::Key),
    ("recovery", Kind::Key),
    ("backup", Kind::Key),
    ("mfacode", Kind::Key),
    ("mfa_code", Kind::Key),
    ("mfa-code", Kind::Key),
    ("private key", Kind::Shape),
    ("ghp_", Kind::Shape),
    ("gho_", Kind::Shape),
    ("ghu_", Kind::Shape),
    ("ghs_", Kind::Shape),
    ("ghr_", Kind::Shape),
    ("github_pat_", Kind::Shape),
    ("glpat-", Kind::Shape),
    ("xox", Kind::Shape),
    ("hvs.", Kind::Shape),
    ("eyj", Kind::Shape),
    ("bearer", Kind::Shape),
    ("nvalid user ", Kind::Name),
    ("llegal user ", Kind::Name),
];

/// As long as the longest stem at least: how far stretches overlap.
const OVERLAP: usize = 16;

enum Finder {
    /// Vectorised; not on every processor.
    Packed(Searcher),
    Automaton(AhoCorasick),
}

static FINDER: LazyLock<Option<Finder>> = LazyLock::new(|| {
    let stems = || STEMS.iter().map(|(stem, _)| fold(stem.as_bytes()));
    let packed =
        Config::new().match_kind(MatchKind::LeftmostFirst).builder().extend(stems()).build();
    packed.map(Finder::Packed).or_else(|| {
        let automaton = AhoCorasick::builder().match_kind(Kinds::LeftmostFirst).build(stems());
        automaton.ok().map(Finder::Automaton)
    })
});

/// Sets the bit that tells small letters from capital ones. Of what else changes
/// by it (`_`, `@`, brackets) nothing becomes a letter or a digit.
pub(super) fn fold(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte | 0x20).collect()
}

/// The first stem at or after `from` in what [`fold`] gave.
pub(super) fn next(folded: &[u8], mut from: usize) -> Option<Hit> {
    loop {
        let rest = folded.get(from..)?;
        let found = match FINDER.as_ref()? {
            Finder::Packed(searcher) => searcher.find(rest),
            Finder::Automaton(automaton) => automaton.find(rest),
        }?;
        let (stem, kind) = STEMS.get(found.pattern().as_usize())?;
        let (start, end) = (from + found.start(), from + found.end());
        // Each of Entra's records says `tokenIssuerType`. Only the names
        // `tokenValue` and `tokenCode` go on behind it.
        let is_longer = *stem == "token"
            && folded
                .get(end)
                .is_some_and(|next| next.is_ascii_lowercase() && !b"vc".contains(next));
        if !is_longer {
            return Some(Hit { start, end, kind: *kind });
        }
        from = end;
    }
}

/// Whether a record has a stem. Nothing is allocated.
pub(super) fn any(record: &[u8]) -> bool {
    const STRETCH: usize = 1024;
    let mut folded = [0_u8; STRETCH];
    let mut at = 0;
    while at < record.len() {
        let stretch = record.get(at..(at + STRETCH).min(record.len())).unwrap_or_default();
        for (to, from) in folded.iter_mut().zip(stretch) {
            *to = from | 0x20;
        }
        if next(folded.get(..stretch.len()).unwrap_or_default(), 0).is_some() {
            return true;
        }
        at += if stretch.len() == STRETCH { STRETCH - OVERLAP } else { STRETCH };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_found_in_any_case_and_across_stretches() {
        assert!(FINDER.is_some());
        assert!(STEMS.iter().all(|(stem, _)| stem.len() <= OVERLAP));
        for (stem, kind) in STEMS {
            assert_eq!(
                next(&fold(stem.to_uppercase().as_bytes()), 0).map(|hit| hit.kind),
                Some(*kind)
            );
            for before in (0..2100).step_by(7) {
                let record = [vec![b'.'; before], stem.to_uppercase().into_bytes()].concat();
                assert!(any(&record), "{stem} after {before}");
            }
        }
        assert!(!any(b"") && !any(&[b'x'; 5000]));
    }
}
