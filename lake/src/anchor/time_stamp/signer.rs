//! Whose signature a token bears, and who vouches for that certificate.

use std::fs;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Error, Reader, SliceReader, Tag, Tagged};
use ring::digest;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_cert::Certificate;
use x509_cert::ext::pkix::ExtendedKeyUsage;

use super::Stamp;
use super::info::Info;
use super::token::{TST_INFO, Token};
use crate::anchor::error::{AnchorError, AnchorResult};
use crate::error::LakeError;

const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// `id-aa-signingCertificate` (RFC 2634) and `id-aa-signingCertificateV2` (RFC 5035).
const CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");

/// A hash with its names: of itself, and in signatures with RSA and with ECDSA.
struct Hash {
    oid: ObjectIdentifier,
    with_rsa: ObjectIdentifier,
    with_ecdsa: ObjectIdentifier,
    algorithm: &'static digest::Algorithm,
}

static HASHES: [Hash; 3] = [
    Hash {
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1"),
        with_rsa: ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11"),
        with_ecdsa: ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"),
        algorithm: &digest::SHA256,
    },
    Hash {
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2"),
        with_rsa: ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12"),
        with_ecdsa: ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"),
        algorithm: &digest::SHA384,
    },
    Hash {
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3"),
        with_rsa: ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13"),
        with_ecdsa: ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4"),
        algorithm: &digest::SHA512,
    },
];

fn hash(oid: ObjectIdentifier) -> Result<&'static Hash, String> {
    HASHES
        .iter()
        .find(|hash| hash.oid == oid)
        .ok_or_else(|| format!("it uses a hash that isn't SHA-256, 384 or 512 ({oid})"))
}

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
    verify_signature(&token, certificate)?;
    let parsed = Certificate::from_der(certificate)
        .map_err(|error| format!("its certificate: {error}"))?;
    is_for_time_stamps(&parsed)?;
    match trusted {
        Some(trusted) if trusted.contains(certificate) => is_valid_at(&parsed, info.time)?,
        Some(trusted) => is_vouched_for(certificate, &token.certificates, trusted, info.time)?,
        None => {}
    }
    let fingerprint = digest::digest(&digest::SHA256, certificate);
    let by = format!(
        "{} (SHA-256 {})",
        parsed.tbs_certificate().subject(),
        hex::encode(fingerprint.as_ref())
    );
    Ok(Stamp { time: info.time, nonce: info.nonce, by })
}

/// The signed attributes that a time stamp must have (RFC 3161, section 2.4.2).
struct Attributes<'a> {
    digest: &'a [u8],
    /// A hash of the certificate, and by which algorithm.
    certificate: (&'static digest::Algorithm, &'a [u8]),
}

impl<'a> Attributes<'a> {
    fn read(set: &'a [u8]) -> Result<Self, String> {
        let bad = |error: Error| format!("its signed attributes: {error}");
        let mut attributes = Vec::new();
        let mut reader = SliceReader::new(set).map_err(bad)?;
        while !reader.is_finished() {
            let attribute = AnyRef::decode(&mut reader).and_then(|any| any.sequence(attribute));
            attributes.push(attribute.map_err(bad)?);
        }
        let one = |oid: ObjectIdentifier| {
            let mut values = attributes.iter().filter(|(name, _)| *name == oid);
            match (values.next(), values.next()) {
                (Some((_, value)), None) => Ok(Some(*value)),
                (None, _) => Ok(None),
                _ => Err(format!("it has the signed attribute {oid} twice")),
            }
        };
        let kind = one(CONTENT_TYPE)?.ok_or("it doesn't sign its content's type")?;
        if ObjectIdentifier::from_der(kind).map_err(bad)? != TST_INFO {
            return Err("it signs something else than a time stamp".to_owned());
        }
        let digest = one(MESSAGE_DIGEST)?.ok_or("it doesn't sign its content")?;
        let digest = <&OctetStringRef>::from_der(digest).map_err(bad)?.as_bytes();
        let certificate = match (one(CERTIFICATE_V2)?, one(CERTIFICATE)?) {
            (Some(v2), _) => ess_v2(v2)?,
            (None, Some(v1)) => {
                (&digest::SHA1_FOR_LEGACY_USE_ONLY, ess(v1, |_| Ok(())).map_err(bad)?.1)
            }
            (None, None) => return Err("it doesn't sign which certificate it is by".to_owned()),
        };
        Ok(Self { digest, certificate })
    }

    /// Whether this is the certificate.
    fn names(&self, certificate: &CertificateDer<'_>) -> bool {
        let (algorithm, hash) = self.certificate;
        digest::digest(algorithm, certificate).as_ref() == hash
    }
}

/// `Attribute` with its only value.
fn attribute<'a>(reader: &mut SliceReader<'a>) -> Result<(ObjectIdentifier, &'a [u8]), Error> {
    let oid = ObjectIdentifier::decode(reader)?;
    let values = AnyRef::decode(reader)?;
    values.tag().assert_eq(Tag::Set)?;
    Ok((oid, values.value()))
}

/// The first `ESSCertID` of a `SigningCertificate`: what comes before the hash, and it.
fn ess<'a, T>(
    value: &'a [u8],
    before: impl FnOnce(&mut SliceReader<'a>) -> Result<T, Error>,
) -> Result<(T, &'a [u8]), Error> {
    let certificates = AnyRef::from_der(value)?.sequence(|value| {
        let certificates = AnyRef::decode(value)?;
        while !value.is_finished() {
            value.tlv_bytes()?; // policies
        }
        Ok::<_, Error>(certificates)
    })?;
    certificates.tag().assert_eq(Tag::Sequence)?;
    let first = AnyRef::decode(&mut SliceReader::new(certificates.value())?)?;
    first.sequence(|id| {
        let before = before(id)?;
        let hash = <&OctetStringRef>::decode(id)?.as_bytes();
        while !id.is_finished() {
            id.tlv_bytes()?; // issuerSerial
        }
        Ok((before, hash))
    })
}

/// `ESSCertIDv2` names its hash; SHA-256 where it doesn't.
fn ess_v2(value: &[u8]) -> Result<(&'static digest::Algorithm, &[u8]), String> {
    let (oid, bytes) = ess(value, |id| {
        if Tag::peek(id)? != Tag::Sequence {
            return Ok(None);
        }
        AnyRef::decode(id)?.sequence(|identifier| {
            let oid = ObjectIdentifier::decode(identifier)?;
            while !identifier.is_finished() {
                identifier.tlv_bytes()?;
            }
            Ok(Some(oid))
        })
    })
    .map_err(|error| format!("its signingCertificateV2: {error}"))?;
    let algorithm = match oid {
        None => &digest::SHA256,
        Some(SHA_1) => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        Some(oid) => hash(oid)?.algorithm,
    };
    Ok((algorithm, bytes))
}

/// The signature is over the attributes as a SET (RFC 5652, section 5.4).
fn verify_signature(token: &Token<'_>, certificate: &CertificateDer<'_>) -> Result<(), String> {
    let bad = |error: webpki::Error| format!("its certificate: {error}");
    let parsed = EndEntityCert::try_from(certificate).map_err(bad)?;
    let key = Certificate::from_der(certificate)
        .map_err(|error| format!("its certificate: {error}"))?;
    let key = key.tbs_certificate().subject_public_key_info().algorithm.oid;
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
    let oid = SliceReader::new(contents).and_then(|mut reader| ObjectIdentifier::decode(&mut reader));
    oid == Ok(algorithm)
}

/// RFC 3161, section 2.3: an extended key usage, critical, for time stamps alone.
fn is_for_time_stamps(certificate: &Certificate) -> Result<(), String> {
    let extensions = certificate.tbs_certificate().extensions();
    let usage = extensions.into_iter().flatten().find(|it| it.extn_id == EXTENDED_KEY_USAGE);
    let fits = usage.is_some_and(|usage| {
        let purposes = ExtendedKeyUsage::from_der(usage.extn_value.as_bytes());
        usage.critical && purposes.is_ok_and(|purposes| purposes.0 == [TIME_STAMPING])
    });
    if fits { Ok(()) } else { Err("its certificate isn't one for time stamps only".to_owned()) }
}

/// A certificate that is itself trusted needs no path, but must be valid at a time.
fn is_valid_at(certificate: &Certificate, time: DateTime<Utc>) -> Result<(), String> {
    let validity = certificate.tbs_certificate().validity();
    let seconds = unix_time(time)?;
    let (from, until) = (validity.not_before, validity.not_after);
    if seconds < from.to_unix_duration() || seconds > until.to_unix_duration() {
        return Err(format!("its certificate is valid from {from} to {until}, not at {time}"));
    }
    Ok(())
}

fn unix_time(time: DateTime<Utc>) -> Result<Duration, String> {
    u64::try_from(time.timestamp())
        .map(Duration::from_secs)
        .map_err(|_| "its time is before 1970".to_owned())
}

/// A path from the certificate to a trusted one, all valid at a time.
fn is_vouched_for(
    certificate: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    trusted: &[CertificateDer<'_>],
    time: DateTime<Utc>,
) -> Result<(), String> {
    let time = UnixTime::since_unix_epoch(unix_time(time)?);
    let anchors: Result<Vec<_>, _> = trusted.iter().map(anchor_from_trusted_cert).collect();
    let anchors = anchors.map_err(|error| format!("a certificate in `ca`: {error}"))?;
    // 1.3.6.1.5.5.7.3.8 as it is encoded. An authority between may be for anything; the
    // signer's own usage was checked more strictly.
    let usage = KeyUsage::required_if_present(&[0x2b, 6, 1, 5, 5, 7, 3, 8]);
    let certificate = EndEntityCert::try_from(certificate).map_err(|error| error.to_string())?;
    certificate
        .verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, others, time, usage, None, None)
        .map(drop)
        .map_err(|error| format!("no certificate in `ca` vouches for its certificate: {error}"))
}

/// The certificates in a file.
pub(super) fn read_certificates(path: &Path) -> AnchorResult<Vec<CertificateDer<'static>>> {
    let bad = |detail: &str| AnchorError::Settings(format!("ca {}: {detail}", path.display()));
    let bytes = fs::read(path).map_err(LakeError::file("can't read", path))?;
    if bytes.first() == Some(&0x30) {
        return Ok(vec![CertificateDer::from(bytes)]);
    }
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(bad("it holds no certificate")),
        Err(error) => Err(bad(&error.to_string())),
    }
}
