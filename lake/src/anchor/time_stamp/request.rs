//! What is asked of an authority (RFC 3161, section 2.4.1), and how its answer begins
//! (section 2.4.2).

use der::asn1::{AnyRef, Null, ObjectIdentifier, OctetString};
use der::{Decode, Encode, Reader, Sequence, SliceReader, Tag, Tagged};
use sha2::{Digest, Sha256};

use super::token::read;
use crate::anchor::error::{AnchorError, AnchorResult};

const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// `TimeStampReq`, without a policy of our own.
#[derive(Sequence)]
struct Query {
    version: u8,
    imprint: Imprint,
    nonce: u64,
    with_certificates: bool,
}

/// `MessageImprint`.
#[derive(Sequence)]
struct Imprint {
    algorithm: Algorithm,
    hash: OctetString,
}

/// `AlgorithmIdentifier` of a hash.
#[derive(Sequence)]
struct Algorithm {
    oid: ObjectIdentifier,
    parameters: Option<Null>,
}

/// What of a checkpoint's bytes is stamped.
pub(super) fn imprint(note: &[u8]) -> [u8; 32] {
    Sha256::digest(note).into()
}

/// A number that an old answer can't have.
pub(super) fn nonce() -> AnchorResult<u64> {
    let random = rand::TryRngCore::try_next_u64(&mut rand::rngs::OsRng);
    random
        .map_err(|error| AnchorError::Settings(format!("the system gives no randomness: {error}")))
}

/// The request's bytes.
pub(super) fn query(hash: [u8; 32], nonce: u64) -> Result<Vec<u8>, String> {
    let build = || {
        let algorithm = Algorithm { oid: SHA_256, parameters: Some(Null) };
        let imprint = Imprint { algorithm, hash: OctetString::new(hash.as_slice())? };
        Query { version: 1, imprint, nonce, with_certificates: true }.to_der()
    };
    build().map_err(|error: der::Error| error.to_string())
}

/// Whether a `MessageImprint` is of this hash.
pub(super) fn is_imprint_of(imprint: &[u8], hash: &[u8; 32]) -> Result<bool, String> {
    let imprint = Imprint::from_der(imprint).map_err(|error| format!("messageImprint: {error}"))?;
    Ok(imprint.algorithm.oid == SHA_256 && imprint.hash.as_bytes() == hash)
}

/// The token in an answer, or the authority's words where it gave none.
pub(super) fn token_of(answer: &[u8]) -> Result<Result<&[u8], String>, String> {
    read("TimeStampResp", answer, |answer| {
        let status = AnyRef::decode(answer)?;
        let (code, words) = status.sequence(|status| {
            let code = u32::decode(status)?;
            let mut words = String::new();
            while !status.is_finished() {
                // statusString, failInfo
                let next = AnyRef::decode(status)?;
                if next.tag() == Tag::Sequence {
                    words = texts(next);
                }
            }
            Ok::<_, der::Error>((code, words))
        })?;
        // 0 granted, 1 granted with modifications.
        if code > 1 || answer.is_finished() {
            while !answer.is_finished() {
                answer.tlv_bytes()?;
            }
            return Ok(Err(format!("it gave no token (status {code}) {words:?}")));
        }
        Ok(Ok(answer.tlv_bytes()?))
    })
}

/// The texts of a `PKIFreeText`, as data for a message.
fn texts(words: AnyRef<'_>) -> String {
    let mut text = String::new();
    let Ok(mut reader) = SliceReader::new(words.value()) else { return text };
    while let Ok(word) = AnyRef::decode(&mut reader) {
        text.push_str(&String::from_utf8_lossy(word.value()));
        text.push(' ');
    }
    text.trim_end().chars().take(200).collect()
}
