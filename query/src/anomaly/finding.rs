//! What was found unusual, and how it is told.

use serde::{Deserialize, Serialize};

use super::{
    calendar::Calendar,
    kind::{Group, Kind},
    series::Raised,
};

/// An unusual count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What was counted.
    pub kind: Kind,
    /// The source; none: all that have learned, together.
    pub source: Option<String>,
    /// The service, where it is one's.
    pub service: Option<String>,
    /// First instant of the window whose events are the evidence, µs since 1970 UTC.
    pub from_us: i64,
    /// The instant behind its last.
    pub to_us: i64,
    /// How many there were.
    pub count: u64,
    /// How many were to be expected then.
    pub expected: f64,
    /// What 99 of 100 such windows have at most.
    pub most: u64,
    /// Probability that this window, or one that ends up to a grid's step from it, has as
    /// many by chance. Never too small.
    pub p_value: f64,
    /// How many findings of that kind or stronger chance would raise a day, over all
    /// series, lengths and moments: at most. It is raised where this is at most the level.
    pub q_value: f64,
    /// Weeks of data that say what is usual.
    pub weeks: f64,
    /// All of it in a sentence.
    pub words: String,
}

/// Findings of one group and source at about one time: one thing to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its name for good, however it grows: what, when it was first seen, where.
    pub key: String,
    /// What kind of thing it is.
    pub group: Group,
    /// The source that stands out, once one does.
    pub source: Option<String>,
    /// When its first window began, µs since 1970 UTC.
    pub from_us: i64,
    /// When its last one ended so far.
    pub to_us: i64,
    /// Time of the newest event when it was raised: the delay is to be told from here.
    pub raised_us: i64,
    /// The most unusual finding of each series, the most unusual first.
    pub findings: Vec<Finding>,
}

impl Incident {
    /// The most unusual finding, and what else is unusual.
    #[must_use]
    pub fn words(&self) -> String {
        let mut findings = self.findings.iter();
        let mut words = findings.next().map(|lead| lead.words.clone()).unwrap_or_default();
        let others: Vec<String> =
            findings.map(|other| place(other, other.kind.about().what)).collect();
        if !others.is_empty() {
            words.push_str(" Also unusual: ");
            words.push_str(&others.join("; "));
            words.push('.');
        }
        words
    }
}

/// Microseconds of a minute.
const MINUTE_US: i64 = 60_000_000;

impl Finding {
    pub(super) fn new(
        kind: Kind,
        (source, service): (Option<&str>, Option<&str>),
        raised: &Raised,
        calendar: &Calendar,
    ) -> Self {
        let (from, to) = raised.span;
        let mut finding = Self {
            kind,
            source: source.map(str::to_owned),
            service: service.map(str::to_owned),
            from_us: i64::from(from) * MINUTE_US,
            to_us: i64::from(to) * MINUTE_US,
            count: raised.count,
            expected: raised.expected,
            most: raised.most,
            p_value: raised.p_value,
            q_value: raised.q_value,
            weeks: raised.weeks,
            words: String::new(),
        };
        finding.words = format!(
            "{} in {} up to {}; expected were {}, and in 99 of 100 such windows at most {}, by \
             {:.0} weeks of the same hours. By chance at most {} findings like this a day.",
            place(&finding, &format!("{} {}", raised.count, kind.about().what)),
            raised.length.words,
            calendar.words(to),
            few(raised.expected),
            raised.most,
            raised.weeks,
            few(raised.q_value),
        );
        finding
    }
}

/// Words, and where that is.
fn place(finding: &Finding, what: &str) -> String {
    match (&finding.source, &finding.service) {
        (None, _) => format!("{what} at all sources together"),
        (Some(source), None) => format!("{what} at {source}"),
        (Some(source), Some(service)) => format!("{what} at {service} ({source})"),
    }
}

/// A number with as many digits as it is worth.
fn few(value: f64) -> String {
    match value {
        _ if value >= 20.0 => format!("{value:.0}"),
        _ if value >= 0.1 => format!("{value:.1}"),
        _ if value >= 0.001 => format!("{value:.3}"),
        _ => format!("{value:.0e}"),
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::anomaly::window::LENGTHS;

    #[test]
    fn a_finding_says_what_it_compared() {
        let raised = Raised {
            length: LENGTHS[1],
            span: (29_399_010 - 60, 29_399_010),
            count: 41,
            expected: 2.34,
            most: 8,
            p_value: 1e-12,
            q_value: 3.4e-6,
            weeks: 11.9,
        };
        let calendar = Calendar::new(Tz::UTC, []);
        let new = |kind, place| Finding::new(kind, place, &raised, &calendar);
        let first = new(Kind::Failures, (Some("okta"), Some("VPN")));
        assert_eq!(
            first.words,
            "41 failed sign-ins at VPN (okta) in an hour up to Sun 23 Nov 2025 23:30 UTC; expected \
             were 2.3, and in 99 of 100 such windows at most 8, by 12 weeks of the same hours. By \
             chance at most 3e-6 findings like this a day."
        );
        let also = new(Kind::Lockouts, (None, None));
        let incident = Incident {
            key: String::new(),
            group: Group::Failures,
            source: None,
            from_us: first.from_us,
            to_us: first.to_us,
            raised_us: 0,
            findings: vec![first.clone(), also],
        };
        let words = incident.words();
        assert!(words.starts_with(&first.words));
        assert!(words.ends_with("Also unusual: locked accounts at all sources together."));
        assert_eq!([few(150.2), few(0.05), few(0.25)], ["150", "0.050", "0.2"]);
    }
}
