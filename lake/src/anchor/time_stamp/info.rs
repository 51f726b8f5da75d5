//! `TSTInfo` (RFC 3161, section 2.4.2): what was stamped, and when.

use chrono::{DateTime, NaiveDateTime, Utc};
use der::asn1::AnyRef;
use der::{Decode, Reader, Tag, Tagged};

use super::request::is_imprint_of;
use super::token::read;

/// What of it matters here.
#[derive(Debug)]
pub(super) struct Info {
    pub(super) time: DateTime<Utc>,
    pub(super) nonce: Option<u64>,
}

impl Info {
    /// Reads it; it must be about a hash.
    pub(super) fn read(bytes: &[u8], hash: &[u8; 32]) -> Result<Self, String> {
        let (version, imprint, time, nonce) = read("TSTInfo", bytes, |info| {
            let version = u8::decode(info)?;
            info.tlv_bytes()?; // policy
            let imprint = info.tlv_bytes()?;
            let serial = AnyRef::decode(info)?;
            serial.tag().assert_eq(Tag::Integer)?;
            let time = AnyRef::decode(info)?;
            time.tag().assert_eq(Tag::GeneralizedTime)?;
            let mut nonce = None;
            while !info.is_finished() {
                // accuracy, ordering, nonce, tsa, extensions: told apart by their tags.
                if Tag::peek(info)? == Tag::Integer {
                    nonce = Some(u64::decode(info)?);
                } else {
                    info.tlv_bytes()?;
                }
            }
            Ok((version, imprint, time.value(), nonce))
        })?;
        if version != 1 {
            return Err(format!("TSTInfo: version {version} is not known"));
        }
        if !is_imprint_of(imprint, hash)? {
            return Err("it is about other bytes than this checkpoint's".to_owned());
        }
        Ok(Self { time: generalized_time(time)?, nonce })
    }
}

/// A `GeneralizedTime` in UTC, with or without a fraction.
fn generalized_time(bytes: &[u8]) -> Result<DateTime<Utc>, String> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S%.fZ")
        .map(|time| time.and_utc())
        .map_err(|error| format!("genTime {text:?}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_fraction_and_only_in_utc() {
        let time = |text: &str| generalized_time(text.as_bytes()).map(|time| time.to_rfc3339());
        assert_eq!(time("20260131235959Z").expect("a time"), "2026-01-31T23:59:59+00:00");
        assert_eq!(time("20260131235959.25Z").expect("a time"), "2026-01-31T23:59:59.250+00:00");
        for wrong in ["20260131235959", "20260131235959+0100", "2026013123Z", "20261331235959Z", ""]
        {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
