//! Light or dark, shortcuts on or off: kept in cookies, set by a form.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use serde::Deserialize;

use crate::error::WebError;
use crate::guard::cookie::{self, Cookie};
use crate::guard::form;
use crate::guard::visitor::Visitor;
use crate::server::WebState;

const YEAR: u64 = 365 * 86_400;

/// The form.
#[derive(Deserialize)]
pub(crate) struct Wishes {
    token: String,
    theme: Option<String>,
    keys: Option<String>,
    back: Option<String>,
}

/// `POST /preferences`
pub(crate) async fn set(
    State(state): State<WebState>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(wishes): Form<Wishes>,
) -> Result<Response, WebError> {
    form::check(&headers, &visitor.secret, &wishes.token)?;
    let tls = state.settings.is_tls();
    let mut answer = Redirect::to(back(wishes.back.as_deref())).into_response();
    let theme = match wishes.theme.as_deref() {
        Some(theme @ ("light" | "dark")) => Cookie::Theme.set(theme, tls, YEAR),
        Some(_) => Cookie::Theme.unset(tls),
        None => None,
    };
    cookie::append(&mut answer, theme);
    let keys = match wishes.keys.as_deref() {
        Some("off") => Cookie::Keys.set("off", tls, YEAR),
        Some(_) => Cookie::Keys.unset(tls),
        None => None,
    };
    cookie::append(&mut answer, keys);
    Ok(answer)
}

/// Where to return: a path of ours. `//host` and `/\host` would be elsewhere.
fn back(asked: Option<&str>) -> &str {
    let plain = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    asked.filter(plain).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returning_leads_nowhere_else() {
        assert_eq!(back(Some("/latency?by=team")), "/latency?by=team");
        for bad in ["//evil.example", "/\\evil.example", "http://evil.example", "", "/a\r\nX: y"] {
            assert_eq!(back(Some(bad)), "/", "{bad:?}");
        }
    }
}
