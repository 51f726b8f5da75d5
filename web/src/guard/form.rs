//! POSTs. Each must come from a page of ours (its origin) and carry a token
//! that only a page shown to this very visitor could hold.
//!
//! The token is the SHA-256 of the visitor's cookie, covered with random bytes
//! that differ from page to page: pages are compressed, and the length of a
//! compressed page must not give a constant secret away (BREACH, 2013).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::WebError;
use crate::state::Secret;

fn core(secret: &Secret) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"rollcall form token v1\n");
    hash.update(secret.as_str().as_bytes());
    hash.finalize().into()
}

/// A token for a form shown to the holder of that cookie.
pub(crate) fn token(secret: &Secret) -> Result<String, WebError> {
    let mask = crate::state::random::<32>()?;
    let covered = mask.iter().zip(core(secret)).map(|(a, b)| a ^ b);
    let bytes: Vec<u8> = mask.iter().copied().chain(covered).collect();
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Checks a form's token and origin.
pub(crate) fn check(headers: &HeaderMap, secret: &Secret, token: &str) -> Result<(), WebError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    let (mask, covered) = bytes.split_at(bytes.len() / 2);
    let bare: Vec<u8> = mask.iter().zip(covered).map(|(a, b)| a ^ b).collect();
    let genuine: bool = bare.as_slice().ct_eq(core(secret).as_slice()).into();
    if bytes.len() == 64 && genuine && from_us(headers) {
        Ok(())
    } else {
        Err(WebError::ForeignForm)
    }
}

/// Browsers send `Origin` with every POST. One that is missing is no browser's
/// and proves nothing; one of another host is refused.
fn from_us(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    matches!((origin, host), (Some((_, origin)), Some(host)) if origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("host", "localhost:8480".parse().unwrap());
        if let Some(origin) = origin {
            headers.insert("origin", origin.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_token_fits_its_cookie_alone_and_never_looks_the_same() {
        let (ada, bob) = (Secret::random().unwrap(), Secret::random().unwrap());
        let (one, two) = (token(&ada).unwrap(), token(&ada).unwrap());
        assert_ne!(one, two);
        for token in [&one, &two] {
            assert!(check(&headers(None), &ada, token).is_ok());
            assert!(check(&headers(None), &bob, token).is_err());
        }
        for bad in ["", "x", &one[2..], &"A".repeat(86)] {
            assert!(check(&headers(None), &ada, bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_origin_must_be_ours() {
        let secret = Secret::random().unwrap();
        let token = token(&secret).unwrap();
        assert!(check(&headers(Some("http://localhost:8480")), &secret, &token).is_ok());
        for origin in ["http://evil.example", "null", "http://localhost:9999", "https://x"] {
            assert!(check(&headers(Some(origin)), &secret, &token).is_err(), "{origin}");
        }
    }
}
