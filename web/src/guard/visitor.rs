//! Who asks: the session behind the cookie, and how the person likes it.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;

use super::cookie::Cookie;
use crate::error::WebError;
use crate::server::WebState;
use crate::state::{Secret, SignedInAs};

/// How a person likes the pages; kept in cookies, so that it works without an
/// account and without a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Preferences {
    /// `light`, `dark`, or empty: as the system has it.
    pub(crate) theme: &'static str,
    /// Whether keyboard shortcuts are off.
    pub(crate) keys_off: bool,
}

impl Preferences {
    /// Reads the cookies; what isn't one of our words is ignored.
    pub(crate) fn read(headers: &http::HeaderMap, tls: bool) -> Self {
        let theme = match Cookie::Theme.read(headers, tls).as_deref() {
            Some("light") => "light",
            Some("dark") => "dark",
            _ => "",
        };
        Self { theme, keys_off: Cookie::Keys.read(headers, tls).as_deref() == Some("off") }
    }
}

/// Someone who is signed in. A handler that takes one can't be reached without.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) who: SignedInAs,
    /// Secret of the session, for form tokens and signing out.
    pub(crate) secret: Secret,
    pub(crate) preferences: Preferences,
    /// What stands on every page.
    pub(crate) notice: Option<Arc<str>>,
}

impl<S> FromRequestParts<S> for Visitor
where
    WebState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
        let state = WebState::from_ref(state);
        let tls = state.settings.is_tls();
        let secret = Cookie::Session
            .read(&parts.headers, tls)
            .and_then(|text| Secret::parse(&text))
            .ok_or(WebError::NotSignedIn)?;
        let key = secret.clone();
        let who = state.with_db(move |db| db.session(&key)).await?.ok_or(WebError::NotSignedIn)?;
        let preferences = Preferences::read(&parts.headers, tls);
        Ok(Self { who, secret, preferences, notice: state.settings.notice.clone() })
    }
}
