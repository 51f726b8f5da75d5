//! The few cookies: what they are called and how they are set.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Secret of the session.
    Session,
    /// Secret behind the form of the sign-in page, before there is a session.
    Form,
    /// Light, dark, or as the system has it.
    Theme,
    /// Whether keyboard shortcuts are off.
    Keys,
}

impl Cookie {
    const fn word(self) -> &'static str {
        match self {
            Self::Session => "rollcall_session",
            Self::Form => "rollcall_form",
            Self::Theme => "rollcall_theme",
            Self::Keys => "rollcall_keys",
        }
    }

    /// Over TLS the prefix `__Host-` makes the browser refuse one that another
    /// host or an unencrypted page has set.
    fn name(self, tls: bool) -> String {
        format!("{}{}", if tls { "__Host-" } else { "" }, self.word())
    }

    /// Its value in a request. Given twice it counts as missing: one of the
    /// two isn't ours.
    pub(crate) fn read(self, headers: &HeaderMap, tls: bool) -> Option<String> {
        let name = self.name(tls);
        let mut found = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned());
        let value = found.next()?;
        found.next().is_none().then_some(value)
    }

    /// Sets it. `value` is a word or a secret of ours, never a user's text.
    pub(crate) fn set(self, value: &str, tls: bool, seconds: u64) -> Option<HeaderValue> {
        let secure = if tls { "; Secure" } else { "" };
        let name = self.name(tls);
        let text =
            format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={seconds}{secure}");
        HeaderValue::from_str(&text).ok()
    }

    /// Takes it away.
    pub(crate) fn unset(self, tls: bool) -> Option<HeaderValue> {
        self.set("", tls, 0)
    }
}

/// Adds a cookie to an answer.
pub(crate) fn append(answer: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_gives_the_host_prefix_and_secure() {
        let plain = Cookie::Session.set("x", false, 60).unwrap();
        assert_eq!(plain, "rollcall_session=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=60");
        let tls = Cookie::Session.set("x", true, 60).unwrap();
        assert_eq!(
            tls,
            "__Host-rollcall_session=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=60; Secure"
        );
    }

    #[test]
    fn a_cookie_that_comes_twice_is_none() {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", "a=1; rollcall_session=x; b=2".parse().unwrap());
        assert_eq!(Cookie::Session.read(&headers, false).as_deref(), Some("x"));
        assert_eq!(Cookie::Session.read(&headers, true), None, "the prefix is part of the name");
        headers.append("cookie", "rollcall_session=y".parse().unwrap());
        assert_eq!(Cookie::Session.read(&headers, false), None);
    }
}
