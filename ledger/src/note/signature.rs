//! One signature, and what was signed by it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _};

use crate::error::{LedgerError, Result};
use crate::note::key::is_name;
use crate::note::{Algorithm, SignerKey, VerifierKey};

/// A line under a note: `— name base64(key id ‖ signature)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// Whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The key.
    pub key: VerifierKey,
    /// When a witness signed, in seconds since 1970 UTC; `None` for plain signatures.
    pub time: Option<u64>,
}

impl NoteSignature {
    /// Reads a line, without its newline.
    pub(super) fn parse(line: &str) -> Result<Self> {
        let bad = |detail: &str| LedgerError::BadNote(format!("{detail}: {line:?}"));
        let (name, signature) = line
            .strip_prefix("— ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or_else(|| bad("not a signature line"))?;
        if !is_name(name) {
            return Err(bad("a key can't have this name"));
        }
        let bytes = STANDARD.decode(signature).map_err(|_| bad("the signature isn't base64"))?;
        match bytes.split_first_chunk() {
            Some((id, bytes)) if !bytes.is_empty() => {
                Ok(Self { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
            }
            _ => Err(bad("the signature is too short")),
        }
    }

    /// The name of the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether name and id are those of a key.
    pub(super) fn is_by(&self, key: &VerifierKey) -> bool {
        self.name == key.name() && self.id == key.id()
    }

    pub(super) fn verify(&self, text: &str, key: &VerifierKey) -> Result<Signer> {
        let bad = || LedgerError::BadSignature { name: key.name().to_owned() };
        let (time, message, signature) = match key.algorithm() {
            Algorithm::Ed25519 => (None, text.to_owned(), self.bytes.as_slice()),
            Algorithm::CosignatureV1 => {
                let (time, signature) = self.bytes.split_first_chunk().ok_or_else(bad)?;
                let time = u64::from_be_bytes(*time);
                if i64::try_from(time).is_err() {
                    return Err(bad());
                }
                (Some(time), cosigned(text, time), signature)
            }
        };
        let signature = Signature::from_slice(signature).map_err(|_| bad())?;
        // Strict: one signature has one form, and small-order points sign nothing.
        key.ed25519().verify_strict(message.as_bytes(), &signature).map_err(|_| bad())?;
        Ok(Signer { key: key.clone(), time })
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.id.to_vec();
        bytes.extend_from_slice(&self.bytes);
        write!(f, "— {} {}", self.name, STANDARD.encode(bytes))
    }
}

impl SignerKey {
    /// Signs a note's text.
    pub fn sign(&self, text: &str) -> NoteSignature {
        let bytes = self.ed25519().sign(text.as_bytes()).to_bytes().to_vec();
        NoteSignature { name: self.name().to_owned(), id: self.verifier().id(), bytes }
    }

    /// Signs a checkpoint's text as a witness does, at `time` seconds since 1970 UTC.
    pub fn cosign(&self, text: &str, time: u64) -> NoteSignature {
        let mut bytes = time.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.ed25519().sign(cosigned(text, time).as_bytes()).to_bytes());
        NoteSignature { name: self.name().to_owned(), id: self.cosigner().id(), bytes }
    }
}

/// What a witness signs (c2sp.org/tlog-cosignature, "Ed25519 signed message").
fn cosigned(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}
