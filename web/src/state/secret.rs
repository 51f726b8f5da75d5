//! Random secrets. Whoever reads the database gets only SHA-256 hashes of
//! them: they have 256 random bits, so a slow hash would add nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::StateError;

/// Characters of a secret: 32 bytes in base64url without padding.
const LENGTH: usize = 43;

/// 256 random bits, as text that fits into an address, a cookie or a header.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one, from the system's random bytes.
    pub fn random() -> Result<Self, StateError> {
        Ok(Self(URL_SAFE_NO_PAD.encode(random_bytes::<32>()?)))
    }

    /// Reads one; anything but 43 characters of base64url is none. An empty
    /// text in particular never is.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (text.len() == LENGTH && bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its SHA-256.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Whether two hashes are equal, in a time that doesn't tell where they differ.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// Random bytes of the system.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], StateError> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map_err(|error| StateError::Random(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_read_back() {
        let (a, b) = (Secret::random().unwrap(), Secret::random().unwrap());
        assert_ne!(a.as_str(), b.as_str());
        assert_eq!(Secret::parse(a.as_str()), Some(a.clone()));
        assert_eq!(format!("{a:?}"), "Secret(…)");
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        let good = Secret::random().unwrap();
        for bad in ["", "x", &good.as_str()[1..], &format!("{}A", good.as_str()), &"ä".repeat(43)]
        {
            assert_eq!(Secret::parse(bad), None, "{bad:?}");
        }
    }
}
