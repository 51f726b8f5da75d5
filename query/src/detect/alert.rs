//! An alert: one incident, told once and then updated. It is written as an event of
//! rollcall's own, so it lies in the trail with the events that prove it.

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};

/// How soon somebody should look.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// When there is time.
    #[default]
    Low,
    /// Today.
    Medium,
    /// Within the hour.
    High,
    /// Now.
    Critical,
}

impl Severity {
    /// All, the least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads its word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == word)
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A person of the directory, or an account of which it knows none.
    Person,
    /// One account.
    Account,
    /// An address, or neighbouring ones.
    Address,
    /// A source: all of its accounts.
    Source,
    /// A session.
    Session,
    /// A factor.
    Factor,
    /// A policy.
    Policy,
}

impl About {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Account => "account",
            Self::Address => "address",
            Self::Source => "source",
            Self::Session => "session",
            Self::Factor => "factor",
            Self::Policy => "policy",
        }
    }
}

/// An alert as it stands after one of its updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its stable key: the detector, its form, and the first event that proves it.
    pub key: String,
    /// Which update this is; 1 raises it.
    pub update: u32,
    /// The detector that raised it.
    pub detector: &'static str,
    /// Which of the detector's forms; empty where it has one.
    pub form: &'static str,
    /// How soon somebody should look.
    pub severity: Severity,
    /// What it is about: the kind, and its name.
    pub about: About,
    /// See `about`.
    pub subject: String,
    /// Time of the first event that proves it, µs since 1970 UTC.
    pub first: i64,
    /// Time of the event that completed this update.
    pub last: i64,
    /// How much was counted: what, the observation says.
    pub count: u64,
    /// Events that prove it, `shard-seq-part`, oldest first.
    pub evidence: Vec<String>,
    /// Events beyond those.
    pub more_evidence: u64,
    /// What was found.
    pub observation: String,
    /// What it was compared with.
    pub baseline: String,
    /// What to do.
    pub next_step: &'static str,
}

/// As it stands in the log. Its fields' names are those that `query/views/alerts.sql` reads.
#[derive(Serialize)]
struct Written<'a> {
    rollcall_event: &'static str,
    id: String,
    time: String,
    key: &'a str,
    update: u32,
    detector: &'a str,
    form: &'a str,
    severity: Severity,
    severity_rank: u8,
    about: About,
    subject: &'a str,
    first: String,
    count: u64,
    evidence: &'a [String],
    more_evidence: u64,
    observation: &'a str,
    baseline: &'a str,
    next_step: &'a str,
}

impl Alert {
    /// The record that the log takes. The same update gives the same bytes, so that one
    /// that is written twice is stored once.
    ///
    /// # Errors
    /// Only if JSON can't be written.
    pub fn record(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Written {
            rollcall_event: "alert",
            id: format!("{}/{}", self.key, self.update),
            time: text_of(self.last),
            key: &self.key,
            update: self.update,
            detector: self.detector,
            form: self.form,
            severity: self.severity,
            severity_rank: self.severity as u8,
            about: self.about,
            subject: &self.subject,
            first: text_of(self.first),
            count: self.count,
            evidence: &self.evidence,
            more_evidence: self.more_evidence,
            observation: &self.observation,
            baseline: &self.baseline,
            next_step: self.next_step,
        })
    }
}

/// A time as records have it.
pub(crate) fn text_of(time: i64) -> String {
    let time = DateTime::from_timestamp_micros(time).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The key of an alert: `first` is the first event that proves it.
pub(super) fn key(detector: &str, form: &str, first: &str) -> String {
    match form {
        "" => format!("{detector}-{first}"),
        form => format!("{detector}.{form}-{first}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_have_an_order_and_words() {
        assert!(Severity::Critical > Severity::High && Severity::Low < Severity::Medium);
        for severity in Severity::ALL {
            assert_eq!(Severity::from_word(severity.as_str()), Some(severity));
        }
        assert_eq!(Severity::from_word("urgent"), None);
    }

    #[test]
    fn a_record_is_one_line_and_the_same_for_the_same_update() {
        let alert = Alert {
            key: key("push_bombing", "fast", "1-7-0"),
            update: 2,
            detector: "push_bombing",
            form: "fast",
            severity: Severity::High,
            about: About::Person,
            subject: "okta:ada@corp.example".to_owned(),
            first: 1_772_445_600_000_000,
            last: 1_772_445_900_123_456,
            count: 6,
            evidence: vec!["1-7-0".to_owned(), "1-9-0".to_owned()],
            more_evidence: 0,
            observation: "6 prompts\nrefused".to_owned(),
            baseline: "5 are too many".to_owned(),
            next_step: "Call them.",
        };
        let record = alert.record().expect("JSON");
        assert_eq!(record, alert.clone().record().expect("JSON"));
        assert!(!record.contains('\n'), "{record}");
        let read: serde_json::Value = serde_json::from_str(&record).expect("JSON");
        assert_eq!(read["id"], "push_bombing.fast-1-7-0/2");
        assert_eq!(read["time"], "2026-03-02T10:05:00.123456Z");
        assert_eq!((&read["severity"], &read["severity_rank"]), (&"high".into(), &2.into()));
        assert_eq!(read["evidence"], serde_json::json!(["1-7-0", "1-9-0"]));
    }
}
