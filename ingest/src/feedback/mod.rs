//! What people say of signing in: answers to one question, as events of rollcall's own.
//!
//! ```text
//! link      a signed address that asks one person
//! answer    what was answered, and the record that it becomes
//! often     how often a link was answered
//! ```
//!
//! An answer by a link has the link's id: one that comes later replaces the one before,
//! as a revision, and both stay in the trail. Of who answered nothing is kept but what
//! they write and what the link asks about: by a sign-in's flow the answer joins to the
//! attempt, and so to its person.

mod answer;
mod link;
mod often;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chrono::Utc;

use crate::input::health::{CollectorKind, CollectorState, Collectors, Meter};
use crate::intake::Intake;
use crate::log::LogError;
use crate::source::OWN;

pub use answer::{Answer, AnswerError, MOST_COMMENT};
pub use link::{LONGEST_DAYS, Link, LinkFault, Links};
use often::Answered;

/// What answers by links are told of in the column `collector`.
const COLLECTOR: &str = "feedback";

/// Why an answer wasn't taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeedbackError {
    /// Its link is none, or no longer.
    #[error(transparent)]
    Link(#[from] LinkFault),
    /// It can't be one.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// Its link was answered again and again.
    #[error("this link has been answered {} times; ask for another one", often::MOST)]
    TooOften,
    /// It can't be stored.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Takes answers into the log.
#[derive(Debug)]
pub struct Feedback {
    intake: Arc<Intake>,
    collectors: Arc<Collectors>,
    links: Links,
    answered: Mutex<Answered>,
}

impl Feedback {
    /// Into this log; links are those of the installation that this key is of.
    pub fn new(
        intake: Arc<Intake>,
        collectors: Arc<Collectors>,
        identifier_key: &[u8; 32],
    ) -> Self {
        let answered = Mutex::new(Answered::default());
        Self { intake, collectors, links: Links::new(identifier_key), answered }
    }

    /// What a link asks about.
    ///
    /// # Errors
    /// If it is none of ours, or its time is over.
    pub fn look(&self, link: &str) -> Result<Link, LinkFault> {
        self.links.read(link, Utc::now().timestamp())
    }

    /// Takes the answer of whoever holds a link.
    ///
    /// # Errors
    /// If the link or the answer isn't good, or the log has stopped.
    pub async fn answer_link(
        &self,
        link: &str,
        score: i64,
        comment: &str,
    ) -> Result<(), FeedbackError> {
        let link = self.look(link)?;
        let (id, expires) = (link.id.clone(), link.expires);
        let answer = Answer {
            score,
            comment: Some(comment.to_owned()),
            flow_id: link.flow_id,
            team: link.team,
            id: Some(link.id),
        };
        let record = answer.record("link", Utc::now())?;
        if !self.answered().once_more(&id, expires, Utc::now().timestamp()) {
            return Err(FeedbackError::TooOften);
        }
        let stored = self.store(COLLECTOR, record).await;
        if stored.is_err() {
            self.answered().not_after_all(&id);
        }
        stored
    }

    fn answered(&self) -> MutexGuard<'_, Answered> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an answer that a collector hands in.
    ///
    /// # Errors
    /// If it isn't good, or the log has stopped.
    pub async fn answer(&self, collector: &str, answer: &Answer) -> Result<(), FeedbackError> {
        self.store(collector, answer.record("token", Utc::now())?).await
    }

    async fn store(&self, collector: &str, record: String) -> Result<(), FeedbackError> {
        let bytes = record.len() as u64;
        let meter = self.meter(collector);
        match self.intake.accept(OWN, collector, Bytes::from(record)).await {
            Ok(stored) => {
                meter.stored(stored.count.into(), bytes);
                meter.is(CollectorState::Running);
                Ok(())
            }
            Err(error) => {
                meter.failed(error.to_string());
                Err(error.into())
            }
        }
    }

    fn meter(&self, collector: &str) -> Arc<Meter> {
        self.collectors.meter(CollectorKind::Hook, collector)
    }
}
