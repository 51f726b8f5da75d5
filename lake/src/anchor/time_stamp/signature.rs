//! The signature itself. The algorithms are those of TLS, with which the build comes.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, SliceReader, Tag};
use rustls_pki_types::CertificateDer;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert};

use super::hash::hash;
use super::token::Token;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// The signature is over the attributes as a SET (RFC 5652, section 5.4).
pub(super) fn verify_signature(
    token: &Token<'_>,
    certificate: &CertificateDer<'_>,
    key: ObjectIdentifier,
) -> Result<(), String> {
    let bad = |error: webpki::Error| format!("its certificate: {error}");
    let parsed = EndEntityCert::try_from(certificate).map_err(bad)?;
    let hash = hash(token.digest)?;
    let (expected, loose) = match key {
        RSA => (hash.with_rsa, Some(RSA)),
        ELLIPTIC => (hash.with_ecdsa, None),
        _ => return Err(format!("its key is neither RSA nor of an elliptic curve ({key})")),
    };
    if token.algorithm != expected && Some(token.algorithm) != loose {
        return Err(format!("it is signed in a way that isn't supported ({})", token.algorithm));
    }
    let signed = AnyRef::new(Tag::Set, token.attributes)
        .and_then(|set| set.to_der())
        .map_err(|error| error.to_string())?;
    let mut outcome = Err("it is signed with a curve that isn't supported".to_owned());
    for algorithm in ALL_VERIFICATION_ALGS {
        if !is_identifier_of(algorithm.signature_alg_id().as_ref(), expected) {
            continue;
        }
        match parsed.verify_signature(*algorithm, &signed, token.signature) {
            Ok(()) => return Ok(()),
            Err(webpki::Error::InvalidSignatureForPublicKey) => {
                outcome = Err("its signature is wrong".to_owned());
            }
            Err(_) => {}
        }
    }
    outcome
}

/// Whether the contents of an `AlgorithmIdentifier` begin with an algorithm.
fn is_identifier_of(contents: &[u8], algorithm: ObjectIdentifier) -> bool {
    let oid =
        SliceReader::new(contents).and_then(|mut reader| ObjectIdentifier::decode(&mut reader));
    oid == Ok(algorithm)
}
