//! A time-stamp authority (RFC 3161) over HTTP: it signs the SHA-256 of the
//! checkpoint's bytes together with its time.
//!
//! ```text
//! request      what is asked, and how the answer begins
//! token        the signed part of the answer (CMS), taken apart
//! info         what was stamped, and when
//! attributes   what is signed
//! hash         the hashes of signatures
//! signature    the signature itself
//! certificate  the signer's certificate, and who vouches for it
//! signer       all of it together
//! ```
//!
//! A token is checked offline, against the certificates that the settings name, as
//! of the time that it states; whether a certificate was revoked is not asked.
//! Signatures: RSA PKCS #1 v1.5 and ECDSA on P-256 and P-384 (on P-521 where the
//! build has aws-lc), with SHA-256, 384 and 512. Structures are read in DER only.

mod attributes;
mod certificate;
mod hash;
mod info;
mod request;
mod signature;
mod signer;
#[cfg(test)]
mod tests;
mod token;

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use rustls_pki_types::CertificateDer;
use serde::Deserialize;
use tokio::runtime::Handle;

use super::check::Signed;
use super::error::{AnchorError, AnchorResult};
use super::http::Http;
use super::receipt::Proof;
use super::{Anchor, Submission};

/// An authority's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeStampSettings {
    /// Its name.
    pub name: String,
    /// Where it answers: http or https, its answers are signed.
    pub url: String,
    /// A file with the certificates to trust, in PEM or DER: its authority's root.
    /// Without one a token is only said to be the authority's.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Minutes between two checkpoints. Authorities count requests, and a token has
    /// several thousand bytes.
    #[serde(default = "every_hour")]
    pub every_minutes: u32,
}

const fn every_hour() -> u32 {
    60
}

impl TimeStampSettings {
    fn trusted(&self) -> AnchorResult<Option<Vec<CertificateDer<'static>>>> {
        self.ca.as_ref().map(|path| certificate::read_certificates(path)).transpose()
    }
}

/// What a valid token says.
#[derive(Debug)]
struct Stamp {
    time: DateTime<Utc>,
    nonce: Option<u64>,
    /// The certificate's subject and fingerprint.
    by: String,
}

/// The authority.
#[derive(Debug)]
pub(super) struct Authority {
    http: Http,
    trusted: Option<Vec<CertificateDer<'static>>>,
}

impl Authority {
    pub(super) fn open(of: &TimeStampSettings, handle: Handle) -> AnchorResult<Self> {
        Ok(Self { http: Http::new(&of.url, "", handle)?, trusted: of.trusted()? })
    }

    fn bad_answer(&self, detail: String) -> AnchorError {
        AnchorError::BadAnswer { place: self.http.place().to_owned(), detail }
    }
}

impl Anchor for Authority {
    fn push(&self, submission: &Submission<'_>) -> AnchorResult<Proof> {
        let hash = request::imprint(submission.note.as_bytes());
        let nonce = request::nonce()?;
        let query = request::query(hash, nonce).map_err(|error| self.bad_answer(error))?;
        let answer = self.http.post("application/timestamp-query", None, query)?;
        let place = || self.http.place().to_owned();
        match answer.status {
            200 => {}
            429 | 500..=599 => {
                return Err(AnchorError::Unreachable { place: place(), detail: answer.words() });
            }
            _ => return Err(AnchorError::Refused { place: place(), detail: answer.words() }),
        }
        let token = match request::token_of(&answer.body) {
            Ok(Ok(token)) => token,
            Ok(Err(detail)) => return Err(AnchorError::Refused { place: place(), detail }),
            Err(detail) => return Err(self.bad_answer(detail)),
        };
        let stamp = signer::verify(token, &hash, self.trusted.as_deref())
            .map_err(|detail| self.bad_answer(detail))?;
        if stamp.nonce != Some(nonce) {
            let detail = "it has another nonce: it may be an old one".to_owned();
            return Err(self.bad_answer(detail));
        }
        Ok(Proof::TimeStamp { url: place(), token: STANDARD.encode(token) })
    }
}

/// Checks a receipt: with the settings' certificates, or only the token by itself.
pub(super) fn check(
    note: &str,
    token: &str,
    of: Option<&TimeStampSettings>,
) -> AnchorResult<Signed> {
    let token =
        STANDARD.decode(token).map_err(|error| AnchorError::BadReceipt(error.to_string()))?;
    let trusted = of.map(TimeStampSettings::trusted).transpose()?.flatten();
    let hash = request::imprint(note.as_bytes());
    let stamp = signer::verify(&token, &hash, trusted.as_deref()).map_err(AnchorError::BadProof)?;
    let but = trusted
        .is_none()
        .then(|| format!("signed by {}, which was not checked against a CA: set `ca`", stamp.by));
    Ok(Signed { by: stamp.by, time: Some(stamp.time), but })
}
