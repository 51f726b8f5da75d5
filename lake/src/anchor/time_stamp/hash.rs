//! The hashes of signatures, with all their names.

use der::asn1::ObjectIdentifier;
use ring::digest;

/// A hash with its names: of itself, and in signatures with RSA and with ECDSA.
pub(super) struct Hash {
    pub(super) oid: ObjectIdentifier,
    pub(super) with_rsa: ObjectIdentifier,
    pub(super) with_ecdsa: ObjectIdentifier,
    pub(super) algorithm: &'static digest::Algorithm,
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

/// The hash of a name.
pub(super) fn hash(oid: ObjectIdentifier) -> Result<&'static Hash, String> {
    HASHES
        .iter()
        .find(|hash| hash.oid == oid)
        .ok_or_else(|| format!("it uses a hash that isn't SHA-256, 384 or 512 ({oid})"))
}
