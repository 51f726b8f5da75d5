//! Findings into incidents: a campaign against one source makes many series unusual, for
//! days, and is one thing to look at.

use std::collections::BTreeSet;

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use super::{
    finding::{Finding, Incident},
    kind::Group,
    window::DAY_MINUTES,
};

/// How long after its last window an incident still takes what is found: as the longest
/// windows remember what is over for that long.
const OPEN_US: i64 = DAY_MINUTES as i64 * 60_000_000;

/// Those that are still open.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Incidents(Vec<Incident>);

impl Incidents {
    /// Puts findings where they belong. Gives what they changed.
    pub(super) fn take(&mut self, findings: Vec<Finding>, now_us: i64) -> Vec<Incident> {
        self.0.retain(|incident| incident.to_us.saturating_add(OPEN_US) >= now_us);
        let mut changed: BTreeSet<String> = BTreeSet::new();
        let mut findings = findings;
        // Those of one source first, so that what all sources together show joins them.
        findings.sort_by_key(|finding| (finding.source.is_none(), finding.from_us));
        for finding in findings {
            let at = self.place(&finding, now_us);
            if let Some(incident) = self.0.get_mut(at) {
                incident.take(finding);
                changed.insert(incident.key.clone());
            }
        }
        self.0.iter().filter(|incident| changed.contains(&incident.key)).cloned().collect()
    }

    /// The incident that a finding belongs to: one of its group and source; else one that
    /// only all sources together have shown so far, and for a finding of all together any.
    fn place(&mut self, finding: &Finding, now_us: i64) -> usize {
        let group = finding.kind.about().group;
        let of = |wanted: &dyn Fn(&Incident) -> bool| {
            self.0.iter().position(|incident| incident.group == group && wanted(incident))
        };
        let found = match &finding.source {
            Some(_) => of(&|incident| incident.source == finding.source)
                .or_else(|| of(&|incident| incident.source.is_none())),
            None => of(&|incident| incident.source.is_none()).or_else(|| of(&|_| true)),
        };
        found.unwrap_or_else(|| {
            self.0.push(Incident::open(group, finding, now_us));
            self.0.len() - 1
        })
    }
}

impl Incident {
    fn open(group: Group, finding: &Finding, now_us: i64) -> Self {
        let first = DateTime::from_timestamp_micros(finding.from_us).unwrap_or_default();
        let place = finding.source.as_deref().unwrap_or("all sources");
        Self {
            key: format!("{}/{}/{place}", group.name(), first.format("%Y-%m-%dT%H:%MZ")),
            group,
            source: finding.source.clone(),
            from_us: finding.from_us,
            to_us: finding.to_us,
            raised_us: now_us,
            findings: Vec::new(),
        }
    }

    fn take(&mut self, finding: Finding) {
        self.from_us = self.from_us.min(finding.from_us);
        self.to_us = self.to_us.max(finding.to_us);
        self.source = self.source.take().or_else(|| finding.source.clone());
        let of = |other: &Finding| (other.kind, other.source.clone(), other.service.clone());
        let same = self.findings.iter().position(|other| of(other) == of(&finding));
        match same.and_then(|at| self.findings.get_mut(at)) {
            Some(other) if other.q_value <= finding.q_value => {}
            Some(other) => *other = finding,
            None => self.findings.push(finding),
        }
        self.findings
            .sort_by(|a, b| a.q_value.total_cmp(&b.q_value).then_with(|| b.count.cmp(&a.count)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anomaly::kind::Kind;

    const HOUR_US: i64 = 3_600_000_000;

    fn finding(kind: Kind, source: Option<&str>, hour: i64, q_value: f64) -> Finding {
        Finding {
            kind,
            source: source.map(str::to_owned),
            service: None,
            from_us: hour * HOUR_US,
            to_us: (hour + 1) * HOUR_US,
            count: 9,
            expected: 1.0,
            most: 4,
            p_value: q_value / 1e6,
            q_value,
            weeks: 8.0,
            words: format!("{kind:?} {q_value}"),
        }
    }

    #[test]
    fn one_campaign_is_one_incident_however_many_series_show_it() {
        let mut open = Incidents::default();
        let first = open.take(vec![finding(Kind::UnknownNames, None, 100, 0.01)], 101 * HOUR_US);
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].key, "failures/1970-01-05T04:00Z/all sources");
        let more = vec![
            finding(Kind::Failures, None, 101, 0.001),
            finding(Kind::UnknownNames, Some("okta"), 101, 1e-5),
            finding(Kind::Lockouts, Some("okta"), 101, 0.02),
        ];
        let grown = open.take(more, 102 * HOUR_US);
        assert_eq!(grown.len(), 1);
        assert_eq!((&grown[0].key, grown[0].raised_us), (&first[0].key, first[0].raised_us));
        assert_eq!(grown[0].source.as_deref(), Some("okta"));
        assert_eq!(grown[0].findings.len(), 4);
        assert_eq!(grown[0].findings[0].q_value, 1e-5, "the most unusual first");
        // What grows weaker changes the end, not what leads.
        let later = open.take(vec![finding(Kind::UnknownNames, Some("okta"), 110, 0.01)], 0);
        assert_eq!((later[0].to_us, later[0].findings.len()), (111 * HOUR_US, 4));
        assert_eq!(later[0].findings[0].q_value, 1e-5);
    }

    #[test]
    fn other_things_are_other_incidents() {
        let mut open = Incidents::default();
        let found = vec![
            finding(Kind::Failures, Some("okta"), 100, 0.01),
            finding(Kind::Failures, Some("sshd"), 100, 0.01),
            finding(Kind::Prompts, Some("okta"), 100, 0.01),
            finding(Kind::FailingNames, None, 100, 0.01),
        ];
        let keys: Vec<String> = open.take(found, 0).into_iter().map(|found| found.key).collect();
        assert_eq!(keys.len(), 3, "{keys:?}");
        let again =
            open.take(vec![finding(Kind::Failures, Some("okta"), 124, 0.01)], 125 * HOUR_US);
        assert_eq!(again[0].key, keys[0], "within a day it is the same");
        let new = open.take(vec![finding(Kind::Failures, Some("okta"), 150, 0.01)], 150 * HOUR_US);
        assert_ne!(new[0].key, keys[0]);
    }
}
