//! The question page's way to the log.

use std::sync::Arc;

use futures::future::BoxFuture;
use rollcall_ingest::feedback::{Feedback, FeedbackError, Link, LinkFault};
use rollcall_web::{Asked, NoFeedback};

/// Answers of people who hold a link.
pub struct Answers(pub Arc<Feedback>);

impl rollcall_web::Feedback for Answers {
    fn look(&self, link: &str) -> Result<Asked, NoFeedback> {
        self.0.look(link).map(asked).map_err(of_link)
    }

    fn answer<'a>(
        &'a self,
        link: &'a str,
        score: i64,
        comment: &'a str,
    ) -> BoxFuture<'a, Result<(), NoFeedback>> {
        Box::pin(async move {
            self.0.answer_link(link, score, comment).await.map_err(|error| match error {
                FeedbackError::Link(fault) => of_link(fault),
                FeedbackError::Log(error) => {
                    tracing::error!(%error, "an answer can't be stored");
                    NoFeedback::Failed
                }
                error => NoFeedback::Refused(error.to_string()),
            })
        })
    }
}

fn asked(link: Link) -> Asked {
    Asked { of_sign_in: link.flow_id.is_some(), of_team: link.team.unwrap_or_default() }
}

fn of_link(fault: LinkFault) -> NoFeedback {
    NoFeedback::NoLink(fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_link_asks_about_is_what_its_answer_is_tied_to() {
        let link = |flow: Option<&str>, team: Option<&str>| {
            Link::new(2_000, flow.map(str::to_owned), team.map(str::to_owned))
        };
        let told = |of_sign_in, of_team: &str| Asked { of_sign_in, of_team: of_team.to_owned() };
        assert_eq!(asked(link(Some("102s"), None)), told(true, ""));
        assert_eq!(asked(link(None, Some("platform"))), told(false, "platform"));
        assert_eq!(asked(link(None, None)), told(false, ""));
    }
}
