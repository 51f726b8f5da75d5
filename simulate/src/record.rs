//! One line of one vendor's feed, and where a day's lines are collected.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::Serialize;

/// Which vendor a line comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Feed {
    /// Okta System Log, one LogEvent a line.
    Okta,
    /// Microsoft Entra sign-ins as Graph gives them, one signIn a line.
    Entra,
    /// GitHub organisation audit log as it streams, one event a line.
    GitHub,
    /// AWS CloudTrail, one record of `Records` a line.
    CloudTrail,
    /// A server's auth.log: RFC 3164 time and host, then sshd's or PAM's words.
    Sshd,
}

impl Feed {
    /// All feeds, in the order of declaration.
    pub const ALL: [Feed; 5] =
        [Feed::Okta, Feed::Entra, Feed::GitHub, Feed::CloudTrail, Feed::Sshd];

    /// The name of the source: `okta`, `entra`, `github`, `cloudtrail`, `sshd`.
    pub fn as_str(self) -> &'static str {
        match self {
            Feed::Okta => "okta",
            Feed::Entra => "entra",
            Feed::GitHub => "github",
            Feed::CloudTrail => "cloudtrail",
            Feed::Sshd => "sshd",
        }
    }

    /// Bytes to reserve for a line, so that it is allocated once.
    fn usual_len(self) -> usize {
        match self {
            Feed::Okta | Feed::Entra => 3072,
            Feed::CloudTrail => 1536,
            Feed::GitHub => 1024,
            Feed::Sshd => 160,
        }
    }
}

/// One line as a collector would receive it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When the vendor delivered the line. A re-sent line has a later time
    /// here than the one written in it.
    pub time: DateTime<Utc>,
    /// Whose line it is.
    pub feed: Feed,
    /// One JSON document or one syslog line, without a newline.
    pub line: String,
}

/// The lines of one UTC day. Lines of another day are dropped before they are
/// written: a flow that crosses midnight is told in two parts, by two days.
pub(crate) struct Outbox {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    records: Vec<Record>,
    /// When Okta is down.
    outages: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Outbox {
    pub(crate) fn new(date: NaiveDate, outages: Vec<(DateTime<Utc>, DateTime<Utc>)>) -> Self {
        let from = date.and_time(NaiveTime::MIN).and_utc();
        Self { from, to: from + TimeDelta::days(1), records: Vec::with_capacity(16_384), outages }
    }

    pub(crate) fn from(&self) -> DateTime<Utc> {
        self.from
    }

    pub(crate) fn wants(&self, time: DateTime<Utc>) -> bool {
        self.from <= time && time < self.to
    }

    /// Whether Okta is down at that instant.
    pub(crate) fn dark(&self, time: DateTime<Utc>) -> bool {
        self.outages.iter().any(|(from, to)| *from <= time && time < *to)
    }

    /// Whether anything of `[from, to]` falls into the day.
    pub(crate) fn overlaps(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        from < self.to && to >= self.from
    }

    pub(crate) fn line(&mut self, time: DateTime<Utc>, feed: Feed, line: String) {
        if self.wants(time) {
            self.records.push(Record { time, feed, line });
        }
    }

    pub(crate) fn json<T: Serialize>(&mut self, time: DateTime<Utc>, feed: Feed, event: &T) {
        if !self.wants(time) {
            return;
        }
        let mut bytes = Vec::with_capacity(feed.usual_len());
        let written = serde_json::to_writer(&mut bytes, event);
        // Strings and numbers only: a failure here would be a bug of a format,
        // and the test that counts events of each kind would miss them.
        debug_assert!(written.is_ok());
        if let Ok(line) = String::from_utf8(bytes) {
            self.records.push(Record { time, feed, line });
        }
    }

    pub(crate) fn records(&self) -> &[Record] {
        &self.records
    }

    /// The lines in the order of delivery; ties keep the order of writing.
    pub(crate) fn into_sorted(mut self) -> Vec<Record> {
        self.records.sort_by_key(|record| record.time);
        self.records
    }
}

/// A vendor's usual form of an instant: UTC, milliseconds, `Z`.
pub(crate) fn iso_millis(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// The same to the second, as CloudTrail and Graph write it.
pub(crate) fn iso_seconds(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
