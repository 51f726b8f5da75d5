//! A witness (c2sp.org/tlog-witness): it gets the checkpoint and a proof that it
//! extends the last one that the witness signed, and cosigns it with its time
//! (c2sp.org/tlog-cosignature, Ed25519).

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use rollcall_ledger::{Algorithm, Note, Signer, VerifierKey, prove_consistency};
use serde::Deserialize;
use tokio::runtime::Handle;

use super::check::Signed;
use super::error::{AnchorError, AnchorResult};
use super::http::{Answer, Http};
use super::receipt::Proof;
use super::settings::every_minute;
use super::{Anchor, Submission};

/// Times to try again from the size that the witness names; others may push too.
const TRIES: usize = 4;
/// The type of the answer that holds a size.
const SIZE: &str = "text/x.tlog.size";

/// A witness's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessSettings {
    /// Its name here.
    pub name: String,
    /// Its submission prefix: `add-checkpoint` is put behind it.
    pub url: String,
    /// Its verifier key, `name+id+base64`, for cosignatures (the base64 begins with B).
    pub key: String,
    /// Minutes between two checkpoints.
    #[serde(default = "every_minute")]
    pub every_minutes: u32,
}

impl WitnessSettings {
    fn key(&self) -> AnchorResult<VerifierKey> {
        let bad = |detail: String| AnchorError::Settings(format!("key: {detail}"));
        let key: VerifierKey = self.key.parse().map_err(|error| bad(format!("{error}")))?;
        if key.algorithm() != Algorithm::CosignatureV1 {
            return Err(bad("it signs notes, not cosignatures (type 4)".to_owned()));
        }
        Ok(key)
    }
}

/// The witness.
#[derive(Debug)]
pub(super) struct Witness {
    http: Http,
    key: VerifierKey,
}

impl Witness {
    pub(super) fn open(of: &WitnessSettings, handle: Handle) -> AnchorResult<Self> {
        Ok(Self { http: Http::new(&of.url, "add-checkpoint", handle)?, key: of.key()? })
    }

    fn refused(&self, detail: String) -> AnchorError {
        AnchorError::Refused { place: self.http.place().to_owned(), detail }
    }

    fn bad_answer(&self, detail: String) -> AnchorError {
        AnchorError::BadAnswer { place: self.http.place().to_owned(), detail }
    }

    /// The size that the witness signed last, from a 409.
    fn signed_last(&self, answer: &Answer, asked: &Submission<'_>, old: u64) -> AnchorResult<u64> {
        let is_size = answer.content_type.split(';').next().map(str::trim) == Some(SIZE);
        let text = std::str::from_utf8(&answer.body).unwrap_or_default();
        let size = text.strip_suffix('\n').unwrap_or(text).parse::<u64>();
        let (true, Ok(size)) = (is_size, size) else {
            return Err(self.bad_answer(format!("no size ({SIZE}) in {}", answer.words())));
        };
        let ours = asked.checkpoint.size;
        if size > ours {
            return Err(AnchorError::Ahead { theirs: size, ours });
        }
        if size == old {
            let detail = format!("the witness cosigned another root at size {size}");
            return Err(AnchorError::Contradicts(detail));
        }
        Ok(size)
    }

    /// The cosignature, checked.
    fn cosigned(&self, answer: Answer, asked: &Submission<'_>) -> AnchorResult<Proof> {
        let cosignatures = String::from_utf8(answer.body)
            .map_err(|_| self.bad_answer("it isn't UTF-8".to_owned()))?;
        verify(asked.note, &cosignatures, &self.key).map_err(|why| self.bad_answer(why))?;
        Ok(Proof::Witness { cosignatures })
    }
}

impl Anchor for Witness {
    fn push(&self, submission: &Submission<'_>) -> AnchorResult<Proof> {
        let mut old = submission.last.min(submission.checkpoint.size);
        for _ in 0..TRIES {
            let body = body(old, submission)?;
            let answer = self.http.post("text/plain; charset=utf-8", None, body)?;
            match answer.status {
                200 => return self.cosigned(answer, submission),
                409 => old = self.signed_last(&answer, submission, old)?,
                404 => {
                    let keys: Vec<String> =
                        submission.keys.iter().map(ToString::to_string).collect();
                    return Err(self.refused(format!(
                        "it doesn't know this log; give whoever runs it the log's key: {}",
                        keys.join(" ")
                    )));
                }
                403 => {
                    return Err(self.refused(
                        "it doesn't trust the key that signed; tell whoever runs it of the log's new key"
                            .to_owned(),
                    ));
                }
                422 => {
                    return Err(AnchorError::Contradicts(format!(
                        "the proof from size {old} doesn't hold for the witness: it cosigned another root there"
                    )));
                }
                429 | 500..=599 => {
                    let (place, detail) = (self.http.place().to_owned(), answer.words());
                    return Err(AnchorError::Unreachable { place, detail });
                }
                _ => return Err(self.refused(answer.words())),
            }
        }
        let place = self.http.place().to_owned();
        let detail = "it names another size each time: others push this log too".to_owned();
        Err(AnchorError::Unreachable { place, detail })
    }
}

/// `old <size>`, the consistency proof, an empty line, the checkpoint.
fn body(old: u64, submission: &Submission<'_>) -> AnchorResult<Vec<u8>> {
    let size = submission.checkpoint.size;
    let proof = match old {
        // Of the empty tree nothing is to be proven.
        0 => Vec::new(),
        _ => prove_consistency(&submission.ledger.hashes(size), old, size)
            .map_err(AnchorError::ledger("the ledger can't prove that it only grew"))?,
    };
    let mut text = format!("old {old}\n");
    for hash in proof {
        let _ = writeln!(text, "{}", STANDARD.encode(hash));
    }
    text.push('\n');
    text.push_str(submission.note);
    Ok(text.into_bytes())
}

/// The cosignature of a key under a note.
fn verify(note: &str, cosignatures: &str, key: &VerifierKey) -> Result<Signer, String> {
    let read = || {
        let mut note = Note::parse(note.as_bytes())?;
        note.add_lines(cosignatures)?;
        note.verify(std::slice::from_ref(key))
    };
    let signers = read().map_err(|error| error.to_string())?;
    signers.into_iter().next().ok_or_else(|| "nobody signed".to_owned())
}

/// Checks a receipt against the settings' key.
pub(super) fn check(note: &str, cosignatures: &str, of: &WitnessSettings) -> AnchorResult<Signed> {
    let signer = verify(note, cosignatures, &of.key()?).map_err(AnchorError::BadProof)?;
    let time = signer.time.and_then(|time| DateTime::from_timestamp(i64::try_from(time).ok()?, 0));
    Ok(Signed { by: signer.key.short(), time, but: None })
}

#[cfg(test)]
mod tests;
