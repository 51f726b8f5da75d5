//! The question page's way to the log.

use std::sync::Arc;

use futures::future::BoxFuture;
use rollcall_ingest::feedback::{Feedback, FeedbackError, LinkFault};
use rollcall_web::NoFeedback;

/// Answers of people who hold a link.
pub struct Answers(pub Arc<Feedback>);

impl rollcall_web::Feedback for Answers {
    fn look(&self, link: &str) -> Result<(), NoFeedback> {
        self.0.look(link).map(drop).map_err(of_link)
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

fn of_link(fault: LinkFault) -> NoFeedback {
    NoFeedback::NoLink(fault.to_string())
}
