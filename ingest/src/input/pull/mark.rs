//! How far a log is read. It goes into the log of rollcall together with the page that it
//! comes after.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A mark, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mark {
    /// Which log of whom: with other settings it means nothing.
    pub(super) of: String,
    /// From when on the log is being read, µs. All before is read, but for what comes late.
    pub(super) since: i64,
    /// The end of the range that is being read; none where it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<i64>,
    /// The newest event's time, µs, never ahead of the vendor's clock.
    pub(super) seen: i64,
    /// What the last page named as its next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
    /// Of a log whose events have no ids: what was taken of the time that is read again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) taken: Vec<String>,
}

impl Mark {
    /// Nothing read yet.
    pub(super) const fn new(of: String, since: i64) -> Self {
        Self { of, since, until: None, seen: since, next: None, taken: Vec::new() }
    }

    /// Reads one; `None` where it is another log's, or of another version.
    pub(super) fn read(text: &str, of: &str) -> Option<Self> {
        serde_json::from_str::<Self>(text).ok().filter(|mark| mark.of == of)
    }

    /// As it is kept.
    pub(super) fn in_words(&self) -> String {
        // There is nothing in it that JSON can't say.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Gives up what the last page named: back to time.
    pub(super) fn fall_back(&mut self, is_descending: bool) {
        self.next = None;
        self.until = None;
        // Of a range that comes newest first nobody knows how much is missing.
        if !is_descending {
            self.since = self.since.max(self.seen);
        }
    }

    /// Takes note of a page: its newest event, never ahead of `now` on the vendor's clock.
    pub(super) fn saw(&mut self, newest: Option<i64>, now: i64) {
        self.seen = self.seen.max(newest.unwrap_or(i64::MIN).min(now));
    }

    /// Ends a range. Returns whether it was the open one: then all is read.
    pub(super) fn complete(&mut self) -> bool {
        let until = self.until.take();
        self.next = None;
        self.since = until.unwrap_or(self.seen).max(self.since);
        until.is_none()
    }
}

/// What a mark belongs to, in short.
pub(super) fn fingerprint(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\n").as_bytes());
    hex::encode(digest.get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_back_and_is_nobody_elses() {
        let mut mark = Mark::new("a".to_owned(), 5);
        mark.next = Some("https://okta.example/api/v1/logs?after=x".to_owned());
        assert_eq!(Mark::read(&mark.in_words(), "a"), Some(mark.clone()));
        assert_eq!(Mark::read(&mark.in_words(), "b"), None);
        assert_eq!(Mark::read("{", "a"), None);
    }

    #[test]
    fn an_event_ahead_of_the_vendors_clock_takes_nothing_along() {
        let mut mark = Mark::new("a".to_owned(), 5);
        mark.saw(Some(1_000), 100);
        assert_eq!(mark.seen, 100);
        assert!(mark.complete());
        assert_eq!(mark.since, 100);
    }

    #[test]
    fn a_range_that_comes_newest_first_is_read_again_as_a_whole() {
        let mut mark = Mark { until: Some(50), next: Some("x".into()), ..Mark::new("a".into(), 5) };
        mark.saw(Some(40), 100);
        let mut ascending = mark.clone();
        mark.fall_back(true);
        assert_eq!((mark.since, &mark.next), (5, &None));
        ascending.fall_back(false);
        assert_eq!(ascending.since, 40);
    }
}
