//! The signer's certificate: what it is for, and who vouches for it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use der::Decode;
use der::asn1::ObjectIdentifier;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_cert::Certificate;
use x509_cert::ext::pkix::ExtendedKeyUsage;

use crate::anchor::error::{AnchorError, AnchorResult};
use crate::error::LakeError;

const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// RFC 3161, section 2.3: an extended key usage, critical, for time stamps alone.
pub(super) fn is_for_time_stamps(certificate: &Certificate) -> Result<(), String> {
    let extensions = certificate.tbs_certificate().extensions();
    let usage = extensions.into_iter().flatten().find(|it| it.extn_id == EXTENDED_KEY_USAGE);
    let fits = usage.is_some_and(|usage| {
        let purposes = ExtendedKeyUsage::from_der(usage.extn_value.as_bytes());
        usage.critical && purposes.is_ok_and(|purposes| purposes.0 == [TIME_STAMPING])
    });
    if fits { Ok(()) } else { Err("its certificate isn't one for time stamps only".to_owned()) }
}

/// A certificate that is itself trusted needs no path, but must be valid at a time.
pub(super) fn is_valid_at(certificate: &Certificate, time: DateTime<Utc>) -> Result<(), String> {
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
pub(super) fn is_vouched_for(
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
