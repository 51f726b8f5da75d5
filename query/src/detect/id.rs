//! Texts as numbers: detectors compare, count and remember numbers only.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher13;

/// A text's number; 0 where there is no text.
pub(crate) type Id = u64;

/// Makes numbers of texts: SipHash-1-3 under a key of this state's own, so that nobody who
/// sends events can choose texts that share a number.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ids {
    key: (u64, u64),
}

impl Ids {
    /// Under a key made of some secret bytes.
    pub(crate) fn new(secret: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(b"rollcall detect ids v1").chain_update(secret);
        let digest: [u8; 32] = digest.finalize().into();
        let half = |at: usize| {
            let bytes = digest.iter().skip(at).take(8);
            bytes.fold(0_u64, |number, byte| (number << 8) | u64::from(*byte))
        };
        Self { key: (half(0), half(8)) }
    }

    /// The number of a text; never 0.
    pub(crate) fn of(&self, text: &str) -> Id {
        SipHasher13::new_with_keys(self.key.0, self.key.1).hash(text.as_bytes()).max(1)
    }

    /// The number of two texts together, for instance of a source and a login at it.
    pub(crate) fn pair(&self, first: &str, second: &str) -> Id {
        mix(self.of(first), self.of(second))
    }
}

/// One number of two, in this order; never 0.
pub(crate) const fn mix(first: Id, second: Id) -> Id {
    // The finalizer of SplitMix64 (Steele, Lea & Flood 2014, OOPSLA).
    let mut mixed = first.rotate_left(29).wrapping_add(second).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let mixed = mixed ^ (mixed >> 31);
    if mixed == 0 { 1 } else { mixed }
}

/// Hashes nothing: these numbers are hashes already.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Direct(u64);

impl Hasher for Direct {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// A table by numbers.
pub(crate) type ById<V> = HashMap<Id, V, BuildHasherDefault<Direct>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_under_one_key_and_others_under_another() {
        let (one, other) = (Ids::new(b"a"), Ids::new(b"b"));
        assert_eq!(one.of("okta"), Ids::new(b"a").of("okta"));
        assert_ne!(one.of("okta"), other.of("okta"));
        assert_ne!(one.pair("okta", "ada"), one.pair("ada", "okta"));
        assert_ne!(one.pair("okta", "ada"), one.pair("okt", "aada"));
    }
}
