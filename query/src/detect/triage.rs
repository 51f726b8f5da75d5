//! What people do about alerts. Each step is an event of rollcall's own: who did what, when
//! and why stays in the trail; the state of an alert is the view `alerts` over them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// How an alert was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was what it looked like.
    True,
    /// It wasn't.
    False,
    /// It was, and was meant to be: a drill, a test.
    Benign,
}

impl Verdict {
    /// All.
    pub const ALL: [Self; 3] = [Self::True, Self::False, Self::Benign];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::False => "false",
            Self::Benign => "benign",
        }
    }

    /// Reads its word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Somebody looks at it.
    Acknowledge,
    /// It is given to somebody.
    Assign(String),
    /// Something is written down.
    Note,
    /// It is over.
    Close(Verdict),
    /// Alerts of this detector about this subject are not to be looked at until then.
    Suppress(DateTime<Utc>),
}

impl Step {
    /// Its word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Assign(_) => "assign",
            Self::Note => "note",
            Self::Close(_) => "close",
            Self::Suppress(_) => "suppress",
        }
    }
}

/// What somebody did about an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Triage {
    /// The alert's key.
    pub alert: String,
    /// Who.
    pub who: String,
    /// What.
    pub step: Step,
    /// Why, or what there is to know.
    pub note: String,
}

/// Longest note, in characters.
pub const MOST_NOTE: usize = 4_000;
/// Longest name.
const MOST_NAME: usize = 200;

/// As it stands in the log. Its fields' names are those that `query/views/triage.sql` reads.
#[derive(Serialize)]
struct Written<'a> {
    rollcall_event: &'static str,
    id: String,
    time: String,
    key: &'a str,
    who: &'a str,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
}

impl Triage {
    /// The record that the log takes.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn record(&self, now: DateTime<Utc>) -> Result<String, String> {
        let note = self.note.trim();
        if note.chars().count() > MOST_NOTE {
            return Err(format!("a note has at most {MOST_NOTE} characters"));
        }
        let assignee = match &self.step {
            Step::Assign(name) => Some(name.trim()),
            _ => None,
        };
        for (what, name) in [("who does it", Some(self.who.trim())), ("the assignee", assignee)] {
            if name.is_some_and(|name| name.is_empty() || name.chars().count() > MOST_NAME) {
                return Err(format!("{what} needs a name of at most {MOST_NAME} characters"));
            }
        }
        if matches!(self.step, Step::Note) && note.is_empty() {
            return Err("the note is empty".to_owned());
        }
        let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Micros, true);
        let until = match self.step {
            Step::Suppress(until) if until <= now => {
                return Err("a suppression ends in the future".to_owned());
            }
            Step::Suppress(until) => Some(text(until)),
            _ => None,
        };
        let verdict = match self.step {
            Step::Close(verdict) => Some(verdict),
            _ => None,
        };
        let mut written = Written {
            rollcall_event: "triage",
            id: String::new(),
            time: text(now),
            key: &self.alert,
            who: self.who.trim(),
            action: self.step.as_str(),
            assignee,
            verdict,
            until,
            note,
        };
        let json = |written: &Written<'_>| {
            serde_json::to_string(written).map_err(|error| error.to_string())
        };
        // The same step, sent twice, is one.
        written.id = format!("triage-{}", hex::encode(Sha256::digest(json(&written)?)));
        json(&written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_445_600, 0).expect("a time")
    }

    fn triage(step: Step, note: &str) -> Triage {
        let (alert, who) = ("guessing-1-7-0".to_owned(), "bo".to_owned());
        Triage { alert, who, step, note: note.to_owned() }
    }

    #[test]
    fn a_step_says_who_what_and_why() {
        let close = triage(Step::Close(Verdict::Benign), " a drill\n").record(now()).expect("fits");
        let read: serde_json::Value = serde_json::from_str(&close).expect("JSON");
        assert_eq!((&read["action"], &read["verdict"]), (&"close".into(), &"benign".into()));
        assert_eq!((&read["who"], &read["note"]), (&"bo".into(), &"a drill".into()));
        assert!(read.get("until").is_none() && read.get("assignee").is_none());
        let again = triage(Step::Close(Verdict::Benign), "a drill").record(now());
        assert_eq!(again.as_deref(), Ok(close.as_str()));
    }

    #[test]
    fn what_can_be_no_step_is_refused() {
        assert!(triage(Step::Note, "  ").record(now()).is_err());
        assert!(triage(Step::Assign(" ".to_owned()), "").record(now()).is_err());
        assert!(triage(Step::Suppress(now()), "").record(now()).is_err());
        assert!(triage(Step::Acknowledge, &"x".repeat(4_001)).record(now()).is_err());
        let nobody = Triage { who: String::new(), ..triage(Step::Acknowledge, "") };
        assert!(nobody.record(now()).is_err());
    }
}
