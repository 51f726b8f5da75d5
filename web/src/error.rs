//! What can go wrong with a request, and the answer to it.

use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;

use crate::address::Problem;
use crate::page::message::MessagePage;
use crate::state::StateError;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum WebError {
    /// No session, or one that is over.
    #[error("not signed in")]
    NotSignedIn,
    /// A form that no page of ours made for this visitor.
    #[error("the form doesn't come from this page; go back, reload and send it again")]
    ForeignForm,
    /// The address asks for something that doesn't exist.
    #[error("there is nothing at this address")]
    NothingHere,
    /// An event that can't be proved yet.
    #[error(
        "event {event} isn't sealed yet, or there is none; what comes in is sealed within minutes"
    )]
    NotSealed {
        /// The event.
        event: rollcall_schemas::Position,
    },
    /// The address has values that can't be.
    #[error("the address can't be read")]
    Address(Vec<Problem>),
    /// The state database failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// A question failed where no panel could show it.
    #[error("operation {operation} failed: {message}")]
    Failed {
        /// The id in the log.
        operation: String,
        /// What happened.
        message: String,
    },
    /// A template or a file couldn't be written.
    #[error("the answer couldn't be written: {0}")]
    Writing(String),
}

impl From<askama::Error> for WebError {
    fn from(error: askama::Error) -> Self {
        Self::Writing(error.to_string())
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let (status, title, text, problems) = match self {
            Self::NotSignedIn => return Redirect::to("/sign-in").into_response(),
            Self::ForeignForm => {
                (StatusCode::FORBIDDEN, "This form can't be used", self.to_string(), vec![])
            }
            Self::NothingHere => {
                (StatusCode::NOT_FOUND, "There is nothing here", self.to_string(), vec![])
            }
            Self::NotSealed { .. } => {
                (StatusCode::NOT_FOUND, "There is no proof yet", self.to_string(), vec![])
            }
            Self::Address(problems) => (
                StatusCode::BAD_REQUEST,
                "This address can't be read",
                "Correct it or leave it out:".to_owned(),
                problems,
            ),
            Self::Failed { .. } => {
                (StatusCode::BAD_GATEWAY, "That failed", self.to_string(), vec![])
            }
            Self::State(error) => failed(&error.to_string()),
            Self::Writing(error) => failed(&error),
        };
        MessagePage::answer(status, title, &text, problems)
    }
}

/// An error of ours: logged once, here, with the id that the page shows.
fn failed(error: &str) -> (StatusCode, &'static str, String, Vec<Problem>) {
    let operation = crate::operation::id();
    tracing::error!(operation, error, "a request failed");
    let text = format!("It is in the log as operation {operation}.");
    (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong", text, Vec::new())
}
