//! Incidents that go on. A detector says each time what it sees; here it becomes an alert
//! when it is new, and an update when it got worse: more severe, or twice as much as was told
//! last, or still going on a day later. So one incident is one alert, however many events it
//! has, and words are made only for what is told.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::aged::{Aged, Table};
use super::alert::{self, About, Alert, Severity};
use super::id::{Id, Ids, mix};
use super::names::Names;
use super::row::{At, DAY, Row};

/// Incidents that are open at once.
const MOST: usize = 50_000;
/// Events that an alert names from its beginning, and from its end.
const NAMED: usize = 50;

/// What a detector sees.
pub(crate) struct Report<'r> {
    /// The form of the detector; empty where it has one.
    pub(crate) form: &'static str,
    /// What it is about.
    pub(crate) about: About,
    /// Its number, of which the name is known.
    pub(crate) subject: Id,
    /// The event that completes it.
    pub(crate) row: &'r Row,
    pub(crate) severity: Severity,
    /// How much was counted.
    pub(crate) count: u64,
}

/// What is told of it.
#[derive(Debug, Default)]
pub(crate) struct Words {
    pub(crate) observation: String,
    pub(crate) baseline: String,
    /// Events that prove it, oldest first.
    pub(crate) evidence: Vec<At>,
    /// Time of the first of them.
    pub(crate) first: i64,
    /// The name of the subject, where its number has none.
    pub(crate) subject: Option<String>,
    /// What the alert's key ends in, where no event proves it.
    pub(crate) key: Option<String>,
}

/// An incident that isn't over.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Open {
    key: String,
    update: u32,
    severity: Severity,
    first: i64,
    last: i64,
    told_at: i64,
    told_count: u64,
    beginning: Vec<At>,
    end: VecDeque<At>,
    more: u64,
}

impl Aged for Open {
    fn last(&self) -> i64 {
        self.last
    }
}

impl Open {
    /// Begins; where the trail has it already, it goes on with that.
    fn begin(&mut self, detector: &str, report: &Report<'_>, words: &Words, told: Option<Told>) {
        let first = words.evidence.first().copied().unwrap_or(report.row.at);
        let first = words.key.clone().unwrap_or_else(|| first.to_string());
        self.key = alert::key(detector, report.form, &first);
        self.first = words.first.min(report.row.time);
        self.last = report.row.time;
        if let Some(told) = told {
            self.key = told.key;
            self.update = told.update;
            self.severity = told.severity;
            self.told_count = told.count;
            self.told_at = told.last;
            self.first = self.first.min(told.first);
        }
    }

    /// It is told as it stands now.
    fn tell(&mut self, report: &Report<'_>, words: &Words) {
        for at in words.evidence.iter().chain([&report.row.at]) {
            self.prove(*at);
        }
        self.update += 1;
        self.severity = self.severity.max(report.severity);
        self.told_count = report.count;
        self.told_at = report.row.time;
        self.first = self.first.min(words.first);
    }

    fn prove(&mut self, at: At) {
        // What a snapshot shows has no event.
        if at == At::default() || self.beginning.contains(&at) || self.end.contains(&at) {
            return;
        }
        if self.beginning.len() < NAMED {
            self.beginning.push(at);
            return;
        }
        if self.end.len() >= NAMED {
            self.end.pop_front();
            self.more += 1;
        }
        self.end.push_back(at);
    }
}

/// An alert that stands in the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) key: String,
    pub(crate) update: u32,
    pub(crate) severity: Severity,
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) count: u64,
}

/// All that are open, and what was told before this process began.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Incidents {
    open: Table<Open>,
    #[serde(skip)]
    told: HashMap<(String, String), Vec<Told>>,
}

impl Incidents {
    /// What the trail has already: it isn't raised again. `name` is the detector with its
    /// form, as in [`named`].
    pub(crate) fn know(&mut self, name: String, subject: String, told: Told) {
        self.told.entry((name, subject)).or_default().push(told);
    }

    /// Drops what ended long ago.
    pub(crate) fn forget_before(&mut self, time: i64) {
        self.open.forget_before(time);
    }
}

/// A detector and its form as one name.
pub(crate) fn named(detector: &str, form: &str) -> String {
    if form.is_empty() { detector.to_owned() } else { format!("{detector}.{form}") }
}

/// Takes what one detector sees.
pub(crate) struct Out<'o> {
    pub(crate) detector: &'static str,
    pub(crate) next_step: &'static str,
    /// An incident is over after so long without anything new, µs.
    pub(crate) quiet: i64,
    pub(crate) ids: &'o Ids,
    pub(crate) names: &'o Names,
    pub(crate) incidents: &'o mut Incidents,
    pub(crate) alerts: &'o mut Vec<Alert>,
}

impl Out<'_> {
    /// Takes it; `words` is asked only if it is to be told.
    pub(crate) fn report(&mut self, report: &Report<'_>, words: impl FnOnce(&Names) -> Words) {
        let of = self.ids.pair(self.detector, report.form);
        let id = mix(of, report.subject);
        let time = report.row.time;
        let is_over = |open: &Open| time > open.last.saturating_add(self.quiet);
        if self.incidents.open.get(id).is_some_and(is_over) {
            self.incidents.open.remove(id);
        }
        if let Some(open) = self.incidents.open.get_mut(id) {
            open.last = open.last.max(time);
            if !is_worse(open, report) {
                open.prove(report.row.at);
                return;
            }
        }
        let words = words(self.names);
        let subject = match &words.subject {
            Some(subject) => subject.clone(),
            None => self.names.of(report.subject).to_owned(),
        };
        let told = self.told(report, &subject, &words);
        let open = self.incidents.open.row(id, MOST);
        if open.key.is_empty() {
            open.begin(self.detector, report, &words, told);
            if !is_worse(open, report) {
                open.prove(report.row.at);
                return;
            }
        }
        open.tell(report, &words);
        self.alerts.push(Alert {
            key: open.key.clone(),
            update: open.update,
            detector: self.detector,
            form: report.form,
            severity: open.severity,
            about: report.about,
            subject,
            first: open.first,
            last: open.last.max(time),
            count: report.count,
            evidence: open.beginning.iter().chain(&open.end).map(At::to_string).collect(),
            more_evidence: open.more,
            observation: words.observation,
            baseline: words.baseline,
            next_step: self.next_step,
        });
    }

    /// The alert that the trail has of the same incident.
    fn told(&self, report: &Report<'_>, subject: &str, words: &Words) -> Option<Told> {
        let name = (named(self.detector, report.form), subject.to_owned());
        let told = self.incidents.told.get(&name)?;
        let (from, to) = (words.first - self.quiet, report.row.time + self.quiet);
        told.iter().find(|told| told.last >= from && told.first <= to).cloned()
    }

    /// Whether an incident of it is open at a time.
    pub(crate) fn is_open(&self, form: &'static str, subject: Id, time: i64) -> bool {
        let id = mix(self.ids.pair(self.detector, form), subject);
        let open = self.incidents.open.get(id);
        open.is_some_and(|open| time <= open.last.saturating_add(self.quiet))
    }
}

fn is_worse(open: &Open, report: &Report<'_>) -> bool {
    open.update == 0
        || report.severity > open.severity
        || report.count >= open.told_count.saturating_mul(2)
        || report.row.time > open.told_at.saturating_add(DAY)
}

#[cfg(test)]
mod tests {
    use super::super::row::MINUTE;
    use super::*;

    struct Desk {
        ids: Ids,
        names: Names,
        incidents: Incidents,
        alerts: Vec<Alert>,
    }

    impl Desk {
        fn new() -> Self {
            let mut names = Names::default();
            names.keep(5, "okta:ada@corp.example");
            Self {
                ids: Ids::new(b"test"),
                names,
                incidents: Incidents::default(),
                alerts: Vec::new(),
            }
        }

        fn see(&mut self, minute: i64, count: u64, severity: Severity) -> Option<Alert> {
            let at = At(1, minute, 0);
            let row = Row { time: minute * MINUTE, at, ..Row::default() };
            let before = self.alerts.len();
            let mut out = Out {
                detector: "guessing",
                next_step: "Look.",
                quiet: 60 * MINUTE,
                ids: &self.ids,
                names: &self.names,
                incidents: &mut self.incidents,
                alerts: &mut self.alerts,
            };
            let report =
                Report { form: "", about: About::Account, subject: 5, row: &row, severity, count };
            out.report(&report, |_| Words {
                evidence: vec![At(1, minute - 1, 0)],
                first: (minute - 1) * MINUTE,
                ..Words::default()
            });
            self.alerts.get(before).cloned()
        }
    }

    #[test]
    fn an_incident_is_told_when_it_is_new_worse_or_long() {
        use Severity::{High, Low};
        let mut desk = Desk::new();
        let raised = desk.see(100, 10, Low).expect("new");
        assert_eq!((raised.key.as_str(), raised.update), ("guessing-1-99-0", 1));
        assert_eq!(raised.evidence, ["1-99-0", "1-100-0"]);
        assert_eq!(desk.see(101, 11, Low), None);
        assert_eq!(desk.see(102, 19, Low), None);
        let doubled = desk.see(103, 20, Low).expect("twice as much");
        assert_eq!((doubled.key.as_str(), doubled.update), ("guessing-1-99-0", 2));
        // What wasn't told in words is named all the same.
        assert_eq!(doubled.evidence, ["1-99-0", "1-100-0", "1-101-0", "1-102-0", "1-103-0"]);
        assert_eq!(desk.see(104, 21, High).expect("more severe").severity, High);
        assert_eq!(desk.see(105, 21, Low), None);
        // An hour without anything: another incident.
        let next = desk.see(166, 10, Low).expect("new");
        assert_eq!((next.key.as_str(), next.update), ("guessing-1-165-0", 1));
    }

    #[test]
    fn what_the_trail_has_is_not_raised_again() {
        let mut desk = Desk::new();
        let told = Told {
            key: "guessing-1-98-0".to_owned(),
            update: 3,
            severity: Severity::High,
            first: 98 * MINUTE,
            last: 101 * MINUTE,
            count: 12,
        };
        let subject = "okta:ada@corp.example".to_owned();
        desk.incidents.know("guessing".to_owned(), subject, told);
        assert_eq!(desk.see(100, 12, Severity::High), None);
        let grown = desk.see(110, 24, Severity::High).expect("twice as much");
        assert_eq!((grown.key.as_str(), grown.update), ("guessing-1-98-0", 4));
        // Long before or after it is another one.
        assert_eq!(desk.see(300, 12, Severity::High).expect("new").update, 1);
    }

    #[test]
    fn a_long_incident_names_its_beginning_and_its_end() {
        let mut desk = Desk::new();
        desk.see(100, 1_000, Severity::Low);
        for minute in 101..400 {
            desk.see(minute, 1_000, Severity::Low);
        }
        let told = desk.see(400, 2_000, Severity::Low).expect("twice as much");
        assert_eq!((told.evidence.len(), told.more_evidence), (100, 202));
        assert_eq!(told.evidence.first().map(String::as_str), Some("1-99-0"));
        assert_eq!(told.evidence.last().map(String::as_str), Some("1-400-0"));
    }
}
