//! How people come in and go out. There is no password: a link from the
//! console opens a page with one button, and the button opens a session.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::frame::Frame;
use crate::error::WebError;
use crate::guard::cookie::{self, Cookie};
use crate::guard::form;
use crate::guard::visitor::{Preferences, Visitor};
use crate::server::WebState;
use crate::state::{LinkState, SESSION_ABSOLUTE, Secret};

/// Seconds that a sign-in page may stay open.
const FORM_LIFE: u64 = 3_600;

/// The path of a sign-in link, to put behind the base address.
pub fn sign_in_path(secret: &str) -> String {
    format!("/sign-in/{secret}")
}

#[derive(Template)]
#[template(path = "page/sign_in.html")]
struct SignInPage {
    frame: Frame,
    /// Token of the form where the link is good.
    token: String,
    /// What is wrong with the link; empty where there was none.
    trouble: &'static str,
}

/// A form that carries nothing but its token.
#[derive(Deserialize)]
pub(crate) struct Bare {
    token: String,
}

/// `GET /sign-in`: how to get a link.
pub(crate) async fn explain(
    State(state): State<WebState>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    page(&state, &headers, StatusCode::OK, String::new(), "")
}

/// `GET /sign-in/{secret}`: the button. Nothing is used up: programs that look
/// at links for people look here too.
pub(crate) async fn look(
    State(state): State<WebState>,
    headers: HeaderMap,
    Path(secret): Path<String>,
) -> Result<Response, WebError> {
    let link = match Secret::parse(&secret) {
        Some(secret) => state.with_db(move |db| db.look_at_link(&secret)).await?,
        None => LinkState::Unknown,
    };
    if link != LinkState::Good {
        return page(&state, &headers, StatusCode::NOT_FOUND, String::new(), trouble(link));
    }
    let holder = Secret::random()?;
    let mut answer = page(&state, &headers, StatusCode::OK, form::token(&holder)?, "")?;
    let cookie = Cookie::Form.set(holder.as_str(), state.settings.is_tls(), FORM_LIFE);
    cookie::append(&mut answer, cookie);
    Ok(answer)
}

/// `POST /sign-in/{secret}`: a session with a new id. One that the browser
/// brought along ends.
pub(crate) async fn enter(
    State(state): State<WebState>,
    headers: HeaderMap,
    Path(secret): Path<String>,
    Form(sent): Form<Bare>,
) -> Result<Response, WebError> {
    let tls = state.settings.is_tls();
    let read = |cookie: Cookie| cookie.read(&headers, tls).and_then(|text| Secret::parse(&text));
    let holder = read(Cookie::Form).ok_or(WebError::ForeignForm)?;
    form::check(&headers, &holder, &sent.token)?;
    let old = read(Cookie::Session);
    let session = match Secret::parse(&secret) {
        Some(secret) => {
            state
                .with_db(move |db| {
                    let session = db.redeem_link(&secret)?;
                    if let (Some(_), Some(old)) = (&session, old) {
                        db.end_session(&old)?;
                    }
                    Ok(session)
                })
                .await?
        }
        None => None,
    };
    let Some(session) = session else {
        let used = trouble(LinkState::Used);
        return page(&state, &headers, StatusCode::NOT_FOUND, String::new(), used);
    };
    let mut answer = Redirect::to("/").into_response();
    let life = SESSION_ABSOLUTE.as_secs();
    cookie::append(&mut answer, Cookie::Session.set(session.as_str(), tls, life));
    cookie::append(&mut answer, Cookie::Form.unset(tls));
    Ok(answer)
}

/// `POST /sign-out`
pub(crate) async fn leave(
    State(state): State<WebState>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(sent): Form<Bare>,
) -> Result<Response, WebError> {
    form::check(&headers, &visitor.secret, &sent.token)?;
    state.with_db(move |db| db.end_session(&visitor.secret)).await?;
    let mut answer = Redirect::to("/sign-in").into_response();
    cookie::append(&mut answer, Cookie::Session.unset(state.settings.is_tls()));
    Ok(answer)
}

fn page(
    state: &WebState,
    headers: &HeaderMap,
    status: StatusCode,
    token: String,
    trouble: &'static str,
) -> Result<Response, WebError> {
    let preferences = Preferences::read(headers, state.settings.is_tls());
    let page = SignInPage { frame: Frame::outside("Sign in", preferences), token, trouble };
    Ok((status, Html(page.render()?)).into_response())
}

const fn trouble(link: LinkState) -> &'static str {
    match link {
        LinkState::Good => "",
        LinkState::Used => "This link has been used, or is no longer good. A link works once.",
        LinkState::Expired => "This link has expired.",
        LinkState::Unknown => "There is no such link, or its account may not sign in.",
    }
}
