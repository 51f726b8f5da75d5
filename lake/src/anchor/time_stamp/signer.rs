//! Whether a token holds: about what, by whom, and who vouches for that.

use der::Decode;
use ring::digest;
use rustls_pki_types::CertificateDer;
use x509_cert::Certificate;

use super::Stamp;
use super::attributes::Attributes;
use super::certificate::{is_for_time_stamps, is_valid_at, is_vouched_for};
use super::hash::hash;
use super::info::Info;
use super::signature::verify_signature;
use super::token::Token;

/// Checks a token about a hash: its signature, that its certificate is one for time
/// stamps, and where there are trusted certificates, that one of them vouches for it
/// as of the token's time.
pub(super) fn verify(
    token: &[u8],
    imprint: &[u8; 32],
    trusted: Option<&[CertificateDer<'_>]>,
) -> Result<Stamp, String> {
    let token = Token::read(token)?;
    let info = Info::read(token.info, imprint)?;
    let attributes = Attributes::read(token.attributes)?;
    let digest = digest::digest(hash(token.digest)?.algorithm, token.info);
    if attributes.digest != digest.as_ref() {
        return Err("its content isn't what was signed".to_owned());
    }
    let candidates = token.certificates.iter().chain(trusted.unwrap_or_default());
    let mut candidates = candidates.filter(|candidate| attributes.names(candidate));
    let certificate = candidates
        .next()
        .ok_or("the certificate that its signature names is neither in it nor in `ca`")?;
    let parsed =
        Certificate::from_der(certificate).map_err(|error| format!("its certificate: {error}"))?;
    let key = parsed.tbs_certificate().subject_public_key_info().algorithm.oid;
    verify_signature(&token, certificate, key)?;
    is_for_time_stamps(&parsed)?;
    match trusted {
        Some(trusted) if trusted.contains(certificate) => is_valid_at(&parsed, info.time)?,
        Some(trusted) => is_vouched_for(certificate, &token.certificates, trusted, info.time)?,
        None => {}
    }
    let fingerprint = digest::digest(&digest::SHA256, certificate);
    let subject = parsed.tbs_certificate().subject().to_string();
    let subject: String = subject.chars().filter(|letter| !letter.is_control()).collect();
    let by = format!("{subject} (SHA-256 {})", hex::encode(fingerprint.as_ref()));
    Ok(Stamp { time: info.time, nonce: info.nonce, by })
}
