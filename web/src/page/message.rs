//! A page that says one thing: an error, mostly.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

use super::frame::Frame;
use crate::address::Problem;
use crate::guard::visitor::Preferences;

/// The page.
#[derive(Template)]
#[template(path = "page/message.html")]
pub(crate) struct MessagePage {
    frame: Frame,
    title: String,
    text: String,
    problems: Vec<Problem>,
}

impl MessagePage {
    /// An answer with that status.
    pub(crate) fn answer(
        status: StatusCode,
        title: &str,
        text: &str,
        problems: Vec<Problem>,
    ) -> Response {
        let page = Self {
            frame: Frame::outside(title, Preferences::default()),
            title: title.to_owned(),
            text: text.to_owned(),
            problems,
        };
        match page.render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => (status, title.to_owned()).into_response(),
        }
    }
}
