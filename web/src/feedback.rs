//! Where the answers go that people give to the question how signing in was.

use futures::future::BoxFuture;

/// Why an answer isn't taken, or there is nothing to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoFeedback {
    /// The link is none, or its time is over; which, in words.
    NoLink(String),
    /// The answer can't be one; why, in words.
    Refused(String),
    /// It can't be stored; the server's log says why.
    Failed,
}

/// What an answer will be tied to: whoever is asked is told beforehand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// A sign-in, whose person the trail knows.
    pub of_sign_in: bool,
    /// A team's name; empty for none.
    pub of_team: String,
}

/// What the web server asks and tells about links that ask people.
pub trait Feedback: Send + Sync {
    /// What a link asks about, if it may be answered.
    fn look(&self, link: &str) -> Result<Asked, NoFeedback>;
    /// Stores an answer durably: a score from 1 (worst) to 5 (best), and what the person
    /// wants to say.
    fn answer<'a>(
        &'a self,
        link: &'a str,
        score: i64,
        comment: &'a str,
    ) -> BoxFuture<'a, Result<(), NoFeedback>>;
}
