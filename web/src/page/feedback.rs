//! One question, for whoever holds a link: how easy was it to sign in? Nobody signs in
//! for it. What is kept is the answer and what the link asks about, which the page tells:
//! by a sign-in's link the trail knows whose answer it is.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::frame::Frame;
use crate::error::WebError;
use crate::feedback::{Asked, NoFeedback};
use crate::guard::visitor::Preferences;
use crate::server::WebState;

/// Scores and what they stand for.
type Scores = &'static [(i64, &'static str)];

/// What can be answered, worst first.
static SCORES: [(i64, &str); 5] = [
    (1, "1 – very hard"),
    (2, "2 – hard"),
    (3, "3 – so-so"),
    (4, "4 – easy"),
    (5, "5 – very easy"),
];

/// The path of a link's page, to put behind the base address.
pub fn feedback_path(link: &str) -> String {
    format!("/feedback/{link}")
}

#[derive(Template)]
#[template(path = "page/feedback.html")]
struct FeedbackPage {
    frame: Frame,
    shown: Shown,
}

/// What the page has to say.
#[derive(Default)]
struct Shown {
    /// The answers that there are; none where nothing is asked.
    scores: Scores,
    /// What the answer is tied to.
    asked: Asked,
    /// What was written before, where it must be sent again.
    comment: String,
    /// What is wrong; empty where nothing is.
    trouble: String,
}

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct Sent {
    score: i64,
    #[serde(default)]
    comment: String,
}

/// `GET /feedback/{link}`: the question. Looking at it answers nothing.
pub(crate) async fn ask(
    State(state): State<WebState>,
    headers: HeaderMap,
    Path(link): Path<String>,
) -> Result<Response, WebError> {
    let feedback = state.feedback.as_ref().ok_or(WebError::NothingHere)?;
    match feedback.look(&link) {
        Ok(asked) => {
            let shown = Shown { scores: &SCORES, asked, ..Shown::default() };
            page(&state, &headers, StatusCode::OK, shown)
        }
        Err(no) => refused(&state, &headers, no, Shown::default()),
    }
}

/// `POST /feedback/{link}`: the answer. The link is what allows it, not a cookie: no other
/// page can have the browser send what it doesn't know.
pub(crate) async fn answer(
    State(state): State<WebState>,
    headers: HeaderMap,
    Path(link): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let feedback = state.feedback.clone().ok_or(WebError::NothingHere)?;
    // A browser sends a line's end as two characters.
    let comment = sent.comment.replace("\r\n", "\n");
    match feedback.answer(&link, sent.score, &comment).await {
        Ok(()) => page(&state, &headers, StatusCode::OK, Shown::default()),
        Err(no) => {
            let asked = feedback.look(&link).unwrap_or_default();
            refused(&state, &headers, no, Shown { asked, comment, ..Shown::default() })
        }
    }
}

fn refused(
    state: &WebState,
    headers: &HeaderMap,
    no: NoFeedback,
    shown: Shown,
) -> Result<Response, WebError> {
    let (status, scores, trouble): (_, Scores, _) = match no {
        NoFeedback::NoLink(why) => (StatusCode::NOT_FOUND, &[], sentence(&why)),
        NoFeedback::Refused(why) => (StatusCode::BAD_REQUEST, &SCORES, sentence(&why)),
        NoFeedback::Failed => {
            let why = "The answer can't be stored now; send it again later.".to_owned();
            (StatusCode::SERVICE_UNAVAILABLE, &SCORES, why)
        }
    };
    page(state, headers, status, Shown { scores, trouble, ..shown })
}

/// What an error says, as a sentence for people.
fn sentence(why: &str) -> String {
    let mut letters = why.chars();
    let first = letters.next().map(char::to_uppercase);
    format!("{}{}.", first.into_iter().flatten().collect::<String>(), letters.as_str())
}

fn page(
    state: &WebState,
    headers: &HeaderMap,
    status: StatusCode,
    shown: Shown,
) -> Result<Response, WebError> {
    let preferences = Preferences::read(headers, state.settings.is_tls());
    let frame = Frame::outside("How was it to sign in?", preferences);
    let page = FeedbackPage { frame, shown };
    Ok((status, Html(page.render()?)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(shown: Shown) -> String {
        let frame = Frame::outside("How was it to sign in?", Preferences::default());
        FeedbackPage { frame, shown }.render().unwrap()
    }

    fn shown(scores: Scores, comment: &str, trouble: &str) -> String {
        let (comment, trouble) = (comment.to_owned(), trouble.to_owned());
        rendered(Shown { scores, comment, trouble, ..Shown::default() })
    }

    #[test]
    fn whoever_is_asked_is_told_what_the_answer_is_tied_to() {
        for (of_sign_in, of_team, says, says_not) in [
            (false, "", "not who you are", "tied"),
            (true, "", "tied to the sign-in that it asks about", "not who you are"),
            (false, "platform", "tied to your team, platform.", "sign-in that"),
            (true, "infra", "tied to your team, infra.", "not who you are"),
        ] {
            let asked = Asked { of_sign_in, of_team: of_team.to_owned() };
            let html = rendered(Shown { scores: &SCORES, asked, ..Shown::default() });
            assert!(html.contains(says) && !html.contains(says_not), "{says}: {html}");
            assert_eq!(html.contains("can be seen that it is yours"), of_sign_in, "{html}");
        }
    }

    #[test]
    fn what_was_written_is_there_again_and_is_text() {
        let html = shown(&SCORES, "</textarea><b>x", "a score is <i>needed</i>");
        assert_eq!(html.matches("name=\"score\"").count(), 5);
        assert!(html.contains("role=\"alert\"") && !html.contains("role=\"status\""));
        assert!(!html.contains("</textarea><b>") && !html.contains("<i>"), "{html}");
    }

    #[test]
    fn an_error_is_told_as_a_sentence() {
        assert_eq!(sentence("there is none; ask"), "There is none; ask.");
        assert_eq!(sentence(""), ".");
    }

    #[test]
    fn an_answer_is_thanked_for_and_a_bad_link_asks_nothing() {
        let thanks = shown(&[], "", "");
        assert!(thanks.contains("role=\"status\"") && !thanks.contains("name=\"score\""));
        let none = shown(&[], "", "there is no such link");
        assert!(none.contains("role=\"alert\"") && !none.contains("name=\"score\""));
        assert!(!none.contains("role=\"status\""));
    }
}
