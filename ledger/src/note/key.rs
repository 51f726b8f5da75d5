//! Verifier and signer keys and their texts (c2sp.org/signed-note; signer keys as
//! Go's `golang.org/x/mod/sumdb/note` writes them).

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::error::{LedgerError, Result};

/// What a key signs, and the byte that stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519 over the text: 0x01.
    Ed25519,
    /// A witness's Ed25519 over time and text (c2sp.org/tlog-cosignature): 0x04.
    CosignatureV1,
}

impl Algorithm {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
        }
    }
}

/// A key that checks signatures: `name+<id, 8 hex digits>+base64(algorithm ‖ key)`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    algorithm: Algorithm,
    key: VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, algorithm: Algorithm, key: VerifyingKey) -> Result<Self> {
        if !is_name(name) {
            let detail = format!(
                "{name:?} can't be its name: names have no spaces, no + and no control characters"
            );
            return Err(LedgerError::BadKey(detail));
        }
        Ok(Self { name: name.to_owned(), algorithm, key })
    }

    /// Its name; a log's is the origin of its checkpoints.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// First four bytes of `SHA-256(name ‖ "\n" ‖ algorithm ‖ key)`.
    pub fn id(&self) -> [u8; 4] {
        let digest: [u8; 32] = Sha256::new_with_prefix(self.name.as_bytes())
            .chain_update([b'\n', self.algorithm.byte()])
            .chain_update(self.key.as_bytes())
            .finalize()
            .into();
        let [a, b, c, d, ..] = digest;
        [a, b, c, d]
    }

    /// Name and id, for messages.
    pub fn short(&self) -> String {
        format!("{}+{}", self.name, hex::encode(self.id()))
    }

    pub(super) const fn ed25519(&self) -> &VerifyingKey {
        &self.key
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut material = vec![self.algorithm.byte()];
        material.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}", self.short(), STANDARD.encode(material))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl FromStr for VerifierKey {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self> {
        let bad = |detail: &str| LedgerError::BadKey(detail.to_owned());
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(material)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(bad("it isn't name+id+base64"));
        };
        let (algorithm, key) = decode_material(material)?;
        // Two texts of one point would be two ids of one key.
        if !is_canonical(&key) {
            return Err(bad("its point isn't in canonical form"));
        }
        let key =
            VerifyingKey::from_bytes(&key).map_err(|_| bad("its point isn't on the curve"))?;
        if key.is_weak() {
            return Err(bad("its point has a small order: anyone could sign for it"));
        }
        let key = Self::new(name, algorithm, key)?;
        if hex::encode(key.id()) != id {
            return Err(bad("its id doesn't fit its name and its bytes"));
        }
        Ok(key)
    }
}

/// A key that signs: `PRIVATE+KEY+name+<id>+base64(0x01 ‖ seed)`.
#[derive(Clone)]
pub struct SignerKey {
    name: String,
    key: SigningKey,
}

impl SignerKey {
    /// Makes a key from the system's randomness.
    ///
    /// # Errors
    /// If the name can't be a key's, or the system gives no randomness.
    pub fn generate(name: &str) -> Result<Self> {
        let mut seed = [0; 32];
        rand::TryRngCore::try_fill_bytes(&mut rand::rngs::OsRng, &mut seed).map_err(|error| {
            LedgerError::BadKey(format!("the system gives no randomness to make one: {error}"))
        })?;
        Self::from_seed(name, &seed)
    }

    /// The key of a seed (RFC 8032, section 5.1.5).
    ///
    /// # Errors
    /// If the name can't be a key's.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self> {
        let key = SigningKey::from_bytes(seed);
        VerifierKey::new(name, Algorithm::Ed25519, key.verifying_key())?;
        Ok(Self { name: name.to_owned(), key })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key that checks its signatures.
    pub fn verifier(&self) -> VerifierKey {
        let (name, key) = (self.name.clone(), self.key.verifying_key());
        VerifierKey { name, algorithm: Algorithm::Ed25519, key }
    }

    /// The key that checks its cosignatures.
    pub fn cosigner(&self) -> VerifierKey {
        VerifierKey { algorithm: Algorithm::CosignatureV1, ..self.verifier() }
    }

    /// Its text, which must stay secret.
    pub fn to_secret_text(&self) -> String {
        let mut material = vec![Algorithm::Ed25519.byte()];
        material.extend_from_slice(self.key.as_bytes());
        format!("PRIVATE+KEY+{}+{}", self.verifier().short(), STANDARD.encode(material))
    }

    pub(super) const fn ed25519(&self) -> &SigningKey {
        &self.key
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({}, …)", self.name)
    }
}

impl FromStr for SignerKey {
    type Err = LedgerError;

    fn from_str(text: &str) -> Result<Self> {
        let bad = |detail: &str| LedgerError::BadKey(detail.to_owned());
        let rest = text
            .strip_prefix("PRIVATE+KEY+")
            .ok_or_else(|| bad("it doesn't start with PRIVATE+KEY+"))?;
        let mut parts = rest.splitn(3, '+');
        let (Some(name), Some(id), Some(material)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(bad("it isn't PRIVATE+KEY+name+id+base64"));
        };
        let (algorithm, seed) = decode_material(material)?;
        if algorithm != Algorithm::Ed25519 {
            return Err(bad("it isn't a log's key"));
        }
        let key = Self::from_seed(name, &seed)?;
        if hex::encode(key.verifier().id()) != id {
            return Err(bad("its id doesn't fit its name and its bytes"));
        }
        Ok(key)
    }
}

fn decode_material(text: &str) -> Result<(Algorithm, [u8; 32])> {
    let bad = |detail: &str| LedgerError::BadKey(detail.to_owned());
    let bytes = STANDARD.decode(text).map_err(|_| bad("its last part isn't base64"))?;
    let (algorithm, key) = bytes.split_first().ok_or_else(|| bad("it has no bytes"))?;
    let algorithm = match algorithm {
        0x01 => Algorithm::Ed25519,
        0x04 => Algorithm::CosignatureV1,
        _ => return Err(bad("only Ed25519 is known (0x01 and, of witnesses, 0x04)")),
    };
    let key = key.try_into().map_err(|_| bad("an Ed25519 key has 32 bytes"))?;
    Ok((algorithm, key))
}

/// Whether the y coordinate is below 2^255 − 19 (RFC 8032, section 5.1.3).
fn is_canonical(key: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = key;
    *first < 0xed || last & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff)
}

/// Whether a text can be a key's name.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '+' || c < ' ' || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back_from_their_texts() {
        let signer = SignerKey::generate("example.org/log").expect("a key");
        let again: SignerKey = signer.to_secret_text().parse().expect("a key");
        assert_eq!(again.verifier(), signer.verifier());
        let text = signer.verifier().to_string();
        assert_eq!(text.parse::<VerifierKey>().expect("a key"), signer.verifier());
        assert!(!format!("{signer:?}").contains(&signer.to_secret_text()));
    }

    /// The key of Go's documentation of sumdb/note.
    #[test]
    fn keys_of_go_are_read() {
        let public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let secret =
            "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
        let signer: SignerKey = secret.parse().expect("a key");
        assert_eq!(signer.verifier().to_string(), public);
        assert_eq!(public.parse::<VerifierKey>().expect("a key").to_string(), public);
    }

    #[test]
    fn weak_and_foreign_keys_are_refused() {
        let with = |material: &[u8]| {
            let digest = Sha256::new_with_prefix(b"k\n").chain_update(material).finalize();
            format!("k+{}+{}", hex::encode(&digest[..4]), STANDARD.encode(material))
        };
        let good = SignerKey::from_seed("k", &[1; 32]).expect("a key").verifier();
        let mut bytes = vec![1];
        bytes.extend_from_slice(good.key.as_bytes());
        assert!(with(&bytes).parse::<VerifierKey>().is_ok());
        let mut one = vec![0; 33];
        (one[0], one[1]) = (1, 1);
        assert!(with(&one).parse::<VerifierKey>().is_err(), "the neutral point");
        assert!(with(&[1; 32]).parse::<VerifierKey>().is_err(), "too short");
        let mut beyond = vec![0xff; 33];
        (beyond[0], beyond[32]) = (1, 0x7f);
        assert!(with(&beyond).parse::<VerifierKey>().is_err(), "y over p");
        bytes[0] = 2;
        assert!(with(&bytes).parse::<VerifierKey>().is_err(), "ECDSA");
        assert!(good.to_string().replace("k+", "l+").parse::<VerifierKey>().is_err(), "renamed");
    }
}
