//! One pass over all days, for the tests that need every one of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};
use serde_json::Value;

use super::COMPANY;
use crate::{Feed, Record};

/// What all the days together hold.
#[derive(Default)]
pub(super) struct Summary {
    pub(super) feeds: BTreeMap<Feed, usize>,
    /// Event types, actions, event names, error codes; sshd's words.
    pub(super) kinds: BTreeSet<String>,
    /// Okta's changes of rules: time, rule, new status.
    pub(super) rules: BTreeSet<(String, String, String)>,
    /// Entra's sign-ins that a report-only policy would have stopped.
    pub(super) report_only_failures: usize,
    /// Who was denied by Okta's policy.
    pub(super) denied: BTreeSet<String>,
    /// Okta's flows that open a session in the last seconds before midnight,
    /// and all flows around midnight that end at an application.
    pub(super) before_midnight: BTreeSet<String>,
    pub(super) arrived: BTreeSet<String>,
}

/// What an sshd line is known by; the first that fits.
const WORDS: &[&str] = &[
    "message repeated",
    "Accepted publickey",
    "Accepted password",
    "Accepted keyboard-interactive/pam",
    "Failed password",
    "Invalid user",
    "Connection closed",
    "session opened",
    "session closed",
];

impl Summary {
    /// Days are independent of each other, so each core takes its share.
    pub(super) fn new() -> Self {
        let days: Vec<NaiveDate> = COMPANY.days().collect();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let share = days.len().div_ceil(cores);
        std::thread::scope(|scope| {
            let parts: Vec<_> =
                days.chunks(share).map(|days| scope.spawn(|| Self::of(days))).collect();
            let parts = parts.into_iter().map(|part| part.join().unwrap());
            parts.reduce(Self::and).unwrap()
        })
    }

    fn of(days: &[NaiveDate]) -> Self {
        let mut summary = Self::default();
        for date in days {
            for record in COMPANY.day(*date) {
                summary.add(&record);
            }
        }
        summary
    }

    fn and(mut self, other: Self) -> Self {
        for (feed, count) in other.feeds {
            *self.feeds.entry(feed).or_default() += count;
        }
        self.kinds.extend(other.kinds);
        self.rules.extend(other.rules);
        self.report_only_failures += other.report_only_failures;
        self.denied.extend(other.denied);
        self.before_midnight.extend(other.before_midnight);
        self.arrived.extend(other.arrived);
        self
    }

    fn add(&mut self, record: &Record) {
        let line = &record.line;
        *self.feeds.entry(record.feed).or_default() += 1;
        let kind = match record.feed {
            Feed::Okta => after(line, "\"eventType\":\""),
            Feed::Entra => after(line, "\"errorCode\":"),
            Feed::GitHub => after(line, "\"action\":\""),
            Feed::CloudTrail => after(line, "\"eventName\":\""),
            Feed::Sshd => WORDS.iter().copied().find(|words| line.contains(words)).unwrap_or(""),
        };
        if !self.kinds.contains(kind) {
            self.kinds.insert(kind.to_owned());
        }
        match record.feed {
            Feed::Okta => self.add_okta(record, kind),
            Feed::Entra if line.contains("reportOnlyFailure") => self.report_only_failures += 1,
            _ => {}
        }
    }

    fn add_okta(&mut self, record: &Record, kind: &str) {
        let line = &record.line;
        let time = record.time.time();
        let since = time.signed_duration_since(chrono::NaiveTime::MIN);
        let eve = since >= TimeDelta::hours(24) - TimeDelta::seconds(40);
        let flow = || after(line, "\"authnRequestId\":\"").to_owned();
        match kind {
            "policy.rule.update" => {
                let event: Value = serde_json::from_str(line).unwrap();
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let rule = &event["target"][0];
                let status = &rule["changeDetails"]["to"]["status"];
                let key = (text(&event["published"]), text(&rule["displayName"]), text(status));
                self.rules.insert(key);
            }
            "policy.evaluate_sign_on" if line.contains("\"result\":\"DENY\"") => {
                self.denied.insert(after(line, "\"alternateId\":\"").to_owned());
            }
            "user.session.start" if eve => {
                self.before_midnight.insert(flow());
            }
            "user.authentication.sso" if eve || since < TimeDelta::minutes(10) => {
                self.arrived.insert(flow());
            }
            _ => {}
        }
    }
}

/// The word that follows `key`.
fn after<'a>(line: &'a str, key: &str) -> &'a str {
    let rest = line.split_once(key).map_or("", |(_, rest)| rest);
    rest.split(['"', ',', '}']).next().unwrap_or("")
}
