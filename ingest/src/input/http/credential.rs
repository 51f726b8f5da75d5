//! The token that a request bears, in the forms that senders can be made to send.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A header for the token where a proxy keeps `Authorization` for itself.
const OWN_HEADER: &str = "x-rollcall-token";

/// The token behind one of these schemes of `Authorization`; of `basic` it is the
/// password, whatever the name.
pub(super) fn token<'h>(headers: &'h HeaderMap, schemes: &[&str]) -> Option<Cow<'h, str>> {
    let (scheme, rest) = text(headers, header::AUTHORIZATION.as_str())?.split_once(' ')?;
    if !schemes.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let token = if scheme.eq_ignore_ascii_case("basic") {
        Cow::Owned(password(rest.trim())?)
    } else {
        Cow::Borrowed(rest.trim())
    };
    Some(token).filter(|token| !token.is_empty())
}

/// The token of a webhook. Vendors send a secret as it was typed into their form: alone,
/// behind a scheme, or in a header of one's own: that one first, as `Authorization` may be
/// the proxy's.
pub(super) fn of_hook(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let alone = |name| {
        let value = text(headers, name)?;
        (!value.is_empty() && !value.contains(' ')).then_some(Cow::Borrowed(value))
    };
    alone(OWN_HEADER)
        .or_else(|| token(headers, &["bearer", "basic"]))
        .or_else(|| alone(header::AUTHORIZATION.as_str()))
}

/// Whether a request bears anything that could be a webhook's token.
pub(super) fn is_borne(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || headers.contains_key(OWN_HEADER)
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// The password of RFC 7617's credentials.
fn password(credentials: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a value"));
        headers
    }

    #[test]
    fn a_hooks_token_is_found_in_each_form_that_vendors_send() {
        let basic = format!("Basic {}", STANDARD.encode("okta:rc_a_b"));
        for (name, value) in [
            ("authorization", "rc_a_b"),
            ("authorization", " Bearer rc_a_b "),
            ("authorization", "bearer  rc_a_b"),
            ("authorization", &*basic),
            ("x-rollcall-token", "rc_a_b"),
        ] {
            let headers = headers(name, value);
            assert_eq!(of_hook(&headers).as_deref(), Some("rc_a_b"), "{name}: {value}");
            assert!(is_borne(&headers));
        }
        for value in ["", "Digest a=b", "Basic ===", "Basic b2t0YQ=="] {
            assert_eq!(of_hook(&headers("authorization", value)), None, "{value:?}");
        }
    }

    #[test]
    fn the_header_of_ones_own_goes_before_what_a_proxy_needs() {
        let mut both = headers("authorization", "Bearer the-proxys");
        both.insert(OWN_HEADER, "rc_a_b".parse().expect("a value"));
        assert_eq!(of_hook(&both).as_deref(), Some("rc_a_b"));
        both.insert("authorization", "Basic cHJveHk6c2VjcmV0".parse().expect("a value"));
        assert_eq!(of_hook(&both).as_deref(), Some("rc_a_b"));
    }

    #[test]
    fn only_the_named_schemes_count() {
        let bearer = headers("authorization", "Bearer rc_a_b");
        assert_eq!(token(&bearer, &["splunk"]), None);
        assert_eq!(token(&bearer, &["splunk", "bearer"]).as_deref(), Some("rc_a_b"));
        assert_eq!(token(&headers("authorization", "rc_a_b"), &["bearer"]), None);
    }
}
