//! Which events were just taken: what an overlap reads again needn't be stored as a
//! duplicate each time. After a restart nothing of it is known, and ids tell.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::page::Element;

/// Events that are remembered at most. Forgetting is harmless.
const MOST: usize = 1_000_000;
/// Of them, those that a mark has room for.
const MOST_KEPT: usize = 1_500;

/// The first half of the SHA-256 of an event's bytes.
pub(super) type Digest16 = [u8; 16];

/// What was taken.
#[derive(Debug, Default)]
pub(super) struct Taken(HashMap<Digest16, i64>);

impl Taken {
    /// Whether an event was taken, with these very bytes.
    pub(super) fn has(&self, element: &Element) -> bool {
        self.0.contains_key(&digest(&element.bytes))
    }

    /// Remembers an event under its time, or one of no time under another.
    pub(super) fn remember(&mut self, element: &Element, or_time: i64) {
        if self.0.len() < MOST {
            self.0.insert(digest(&element.bytes), element.time.unwrap_or(or_time));
        }
    }

    /// Forgets what is older than a time, µs.
    pub(super) fn forget(&mut self, before: i64) {
        self.0.retain(|_, time| *time >= before);
    }

    /// The newest of what is remembered, in words that [`Self::recall`] understands.
    pub(super) fn in_words(&self) -> Vec<String> {
        let mut newest: Vec<(i64, &Digest16)> = self.0.iter().map(|(d, time)| (*time, d)).collect();
        newest.sort_unstable_by(|a, b| b.cmp(a));
        newest.into_iter().take(MOST_KEPT).map(|(_, digest)| hex::encode(digest)).collect()
    }

    /// Remembers what was told in words, under a time.
    pub(super) fn recall(&mut self, words: &[String], time: i64) {
        for word in words {
            let mut digest = Digest16::default();
            if hex::decode_to_slice(word, &mut digest).is_ok() {
                self.0.insert(digest, time);
            }
        }
    }
}

fn digest(bytes: &[u8]) -> Digest16 {
    let whole = Sha256::digest(bytes);
    let mut half = Digest16::default();
    half.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    half
}
