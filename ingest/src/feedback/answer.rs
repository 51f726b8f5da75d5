//! What was answered, and the record that it becomes.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

/// Most characters of a comment.
pub const MOST_COMMENT: usize = 1_000;
/// Most characters of an id.
const MOST_ID: usize = 256;
/// Most characters of a team's name.
const MOST_TEAM: usize = 80;
/// Worst and best.
const SCORES: std::ops::RangeInclusive<i64> = 1..=5;

/// Why it can't be an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Its score isn't one.
    #[error("a score is a whole number from 1 (worst) to 5 (best), not {0}")]
    Score(i64),
    /// Something in it is too long.
    #[error("{what} has {length} characters; at most {most} are taken")]
    TooLong {
        /// What.
        what: &'static str,
        /// Characters that it has.
        length: usize,
        /// Characters that it may have.
        most: usize,
    },
    /// It can't be written; a bug of rollcall.
    #[error("the answer can't be written: {0}")]
    Unwritable(String),
}

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// From 1 (worst) to 5 (best).
    pub score: i64,
    /// What the person wants to say.
    pub comment: Option<String>,
    /// The sign-in that it is about, as its source calls it.
    pub flow_id: Option<String>,
    /// The team that was asked.
    pub team: Option<String>,
    /// The answer's own id: the same one again replaces it. Made where there is none.
    pub id: Option<String>,
}

/// As it stands in the log.
#[derive(Serialize)]
struct Written<'a> {
    rollcall_event: &'static str,
    id: &'a str,
    time: String,
    by: &'static str,
    score: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<&'a str>,
}

impl Answer {
    /// The record of an answer that came by a `link` or with a `token`.
    ///
    /// # Errors
    /// If the score isn't one or a text is too long.
    pub(super) fn record(
        &self,
        by: &'static str,
        time: DateTime<Utc>,
    ) -> Result<String, AnswerError> {
        if !SCORES.contains(&self.score) {
            return Err(AnswerError::Score(self.score));
        }
        let made = uuid::Uuid::new_v4().to_string();
        let written = Written {
            rollcall_event: "feedback",
            id: text("the id", self.id.as_deref(), MOST_ID)?.unwrap_or(&made),
            time: time.to_rfc3339_opts(SecondsFormat::Micros, true),
            by,
            score: self.score,
            comment: text("the comment", self.comment.as_deref(), MOST_COMMENT)?,
            flow_id: flow_id(self.flow_id.as_deref())?,
            team: team(self.team.as_deref())?,
        };
        serde_json::to_string(&written).map_err(|error| AnswerError::Unwritable(error.to_string()))
    }
}

/// A flow's id that an answer may have.
pub(super) fn flow_id(id: Option<&str>) -> Result<Option<&str>, AnswerError> {
    text("the flow's id", id, MOST_ID)
}

/// A team's name that an answer may have.
pub(super) fn team(name: Option<&str>) -> Result<Option<&str>, AnswerError> {
    text("the team's name", name, MOST_TEAM)
}

/// A text without space around it, if there is any.
fn text<'t>(
    what: &'static str,
    text: Option<&'t str>,
    most: usize,
) -> Result<Option<&'t str>, AnswerError> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let length = text.map_or(0, |text| text.chars().count());
    if length > most {
        return Err(AnswerError::TooLong { what, length, most });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp_micros(1_772_445_600_123_456).expect("a time")
    }

    #[test]
    fn an_answer_is_one_line_and_says_only_what_was_said() {
        let answer = Answer {
            score: 2,
            comment: Some(" the push\nnever came ".to_owned()),
            flow_id: Some("102SESSION".to_owned()),
            team: Some(String::new()),
            id: Some("a-1".to_owned()),
        };
        assert_eq!(
            answer.record("link", at()).as_deref(),
            Ok(
                r#"{"rollcall_event":"feedback","id":"a-1","time":"2026-03-02T10:00:00.123456Z","by":"link","score":2,"comment":"the push\nnever came","flow_id":"102SESSION"}"#
            )
        );
        let bare = Answer { score: 5, ..Answer::default() };
        let (one, two) = (bare.record("token", at()), bare.record("token", at()));
        assert_ne!(one.expect("taken"), two.expect("taken"), "each has an id of its own");
    }

    #[test]
    fn what_can_be_no_answer_is_refused() {
        for score in [0, 6, -1, i64::MAX] {
            let answer = Answer { score, ..Answer::default() };
            assert_eq!(answer.record("token", at()), Err(AnswerError::Score(score)));
        }
        let comment = |length: usize| Answer {
            score: 1,
            comment: Some("ä".repeat(length)),
            ..Answer::default()
        };
        assert!(comment(MOST_COMMENT).record("token", at()).is_ok());
        let refused = comment(MOST_COMMENT + 1).record("token", at()).expect_err("too long");
        assert!(refused.to_string().contains("1001"), "{refused}");
    }
}
