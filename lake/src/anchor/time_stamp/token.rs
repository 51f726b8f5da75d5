//! A token: CMS `SignedData` (RFC 5652) around a `TSTInfo`, taken apart. Nothing is
//! believed of it here.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Error, Reader, SliceReader, Tag, TagNumber, Tagged};
use rustls_pki_types::CertificateDer;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
/// `id-ct-TSTInfo`.
pub(super) const TST_INFO: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// The parts of a token.
#[derive(Debug)]
pub(super) struct Token<'a> {
    /// The `TSTInfo`'s bytes.
    pub(super) info: &'a [u8],
    /// The certificates that came with it.
    pub(super) certificates: Vec<CertificateDer<'a>>,
    /// How its contents were hashed.
    pub(super) digest: ObjectIdentifier,
    /// What was signed, as it stands: contents of a SET.
    pub(super) attributes: &'a [u8],
    /// How it was signed.
    pub(super) algorithm: ObjectIdentifier,
    /// The signature.
    pub(super) signature: &'a [u8],
}

impl<'a> Token<'a> {
    /// Takes a `ContentInfo` apart.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let (kind, content) = read("ContentInfo", bytes, |info| {
            Ok((ObjectIdentifier::decode(info)?, explicit(info, 0)?))
        })?;
        if kind != SIGNED_DATA {
            return Err(format!("the token is {kind}, not signed data"));
        }
        let content = content.ok_or("the token has no content")?;
        read("SignedData", content, signed_data)?
    }
}

/// `SignedData` (RFC 5652, section 5.1).
fn signed_data<'a>(data: &mut SliceReader<'a>) -> Result<Result<Token<'a>, String>, Error> {
    u8::decode(data)?;
    data.tlv_bytes()?; // digestAlgorithms: each signer names its own
    let (kind, info) = AnyRef::decode(data)?.sequence(|content| {
        Ok::<_, Error>((ObjectIdentifier::decode(content)?, explicit(content, 0)?))
    })?;
    let mut certificates = Vec::new();
    while !data.is_finished() && Tag::peek(data)?.is_context_specific() {
        let choices = AnyRef::decode(data)?;
        // [0] certificates, [1] revocation lists
        if choices.tag().number() == TagNumber(0) {
            let mut each = SliceReader::new(choices.value())?;
            while !each.is_finished() {
                certificates.push(CertificateDer::from(each.tlv_bytes()?));
            }
        }
    }
    let signers = AnyRef::decode(data)?;
    signers.tag().assert_eq(Tag::Set)?;
    let mut signers = SliceReader::new(signers.value())?;
    let signer = AnyRef::decode(&mut signers)?.sequence(signer)?;
    if !signers.is_finished() {
        return Ok(Err("it has more than one signature".to_owned()));
    }
    if kind != TST_INFO {
        return Ok(Err(format!("it signs {kind}, not a time stamp")));
    }
    let (Some(info), Some((digest, attributes, algorithm, signature))) = (info, signer) else {
        return Ok(Err("it lacks its content or its signed attributes".to_owned()));
    };
    let info = <&der::asn1::OctetStringRef>::from_der(info)?.as_bytes();
    Ok(Ok(Token { info, certificates, digest, attributes, algorithm, signature }))
}

type Signer<'a> = (ObjectIdentifier, &'a [u8], ObjectIdentifier, &'a [u8]);

/// `SignerInfo` (RFC 5652, section 5.3). Which certificate it is, the signed
/// attributes tell, and not the identifier here, which isn't signed.
fn signer<'a>(info: &mut SliceReader<'a>) -> Result<Option<Signer<'a>>, Error> {
    u8::decode(info)?;
    info.tlv_bytes()?; // sid
    let digest = algorithm(info)?;
    let attributes = if Tag::peek(info)?.is_context_specific() {
        let attributes = AnyRef::decode(info)?;
        (attributes.tag().number() == TagNumber(0)).then(|| attributes.value())
    } else {
        None
    };
    let signed_how = algorithm(info)?;
    let signature = <&der::asn1::OctetStringRef>::decode(info)?.as_bytes();
    while !info.is_finished() {
        info.tlv_bytes()?; // unsigned attributes
    }
    Ok(attributes.map(|attributes| (digest, attributes, signed_how, signature)))
}

/// An `AlgorithmIdentifier`'s algorithm.
fn algorithm(reader: &mut SliceReader<'_>) -> Result<ObjectIdentifier, Error> {
    AnyRef::decode(reader)?.sequence(|identifier| {
        let oid = ObjectIdentifier::decode(identifier)?;
        while !identifier.is_finished() {
            identifier.tlv_bytes()?;
        }
        Ok::<_, Error>(oid)
    })
}

/// The bytes in an explicit tag, if it comes next.
fn explicit<'a>(reader: &mut SliceReader<'a>, number: u32) -> Result<Option<&'a [u8]>, Error> {
    if reader.is_finished() {
        return Ok(None);
    }
    let tag = Tag::peek(reader)?;
    if !tag.is_context_specific() || !tag.is_constructed() || tag.number() != TagNumber(number) {
        return Ok(None);
    }
    Ok(Some(AnyRef::decode(reader)?.value()))
}

/// Reads a SEQUENCE, all of it.
pub(super) fn read<'a, T>(
    what: &str,
    bytes: &'a [u8],
    parts: impl FnOnce(&mut SliceReader<'a>) -> Result<T, Error>,
) -> Result<T, String> {
    let whole = AnyRef::from_der(bytes).and_then(|any| any.sequence(parts));
    whole.map_err(|error| format!("{what}: {error}"))
}
