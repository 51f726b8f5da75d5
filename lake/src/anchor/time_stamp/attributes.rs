//! The signed attributes that a time stamp must have (RFC 3161, section 2.4.2).

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Error, Reader, SliceReader, Tag, Tagged};
use ring::digest;
use rustls_pki_types::CertificateDer;

use super::hash::hash;
use super::token::TST_INFO;

const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// `id-aa-signingCertificate` (RFC 2634) and `id-aa-signingCertificateV2` (RFC 5035).
const CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");

/// What they say.
pub(super) struct Attributes<'a> {
    /// The content's hash.
    pub(super) digest: &'a [u8],
    /// A hash of the certificate, and by which algorithm.
    certificate: (&'static digest::Algorithm, &'a [u8]),
}

impl<'a> Attributes<'a> {
    /// Reads the contents of the SET.
    pub(super) fn read(set: &'a [u8]) -> Result<Self, String> {
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
    pub(super) fn names(&self, certificate: &CertificateDer<'_>) -> bool {
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
