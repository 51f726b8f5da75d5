//! Bypass and recovery codes: issued, looked at, used. Each stands in for a factor.

use serde::{Deserialize, Serialize};

use super::{Detector, Known, keeps_its_state};
use crate::detect::aged::{Aged, Table};
use crate::detect::alert::{About, Severity};
use crate::detect::id::mix;
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters, Unit};
use crate::detect::row::{Codes as Done, DAY, Row};
use rollcall_schemas::Activity;

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[Parameter {
    name: "with_enrolment",
    default: 1.0,
    unit: Unit::Hours,
    doc: "codes that are issued or looked at so soon after the person enrolled a factor at the same source belong to that",
}];

/// People who enrolled a factor lately.
const MOST_PEOPLE: usize = 50_000;

pub(in crate::detect) fn open(parameters: Parameters) -> Box<dyn Detector> {
    Box::new(Codes { parameters, state: State::default() })
}

#[derive(Debug)]
struct Codes {
    parameters: Parameters,
    state: State,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    enrolled: Table<Enrolled>,
}

/// When somebody enrolled a factor at a source last.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Enrolled {
    last: i64,
}

impl Aged for Enrolled {
    fn last(&self) -> i64 {
        self.last
    }
}

impl Detector for Codes {
    fn look(&mut self, row: &Row, _: &Known<'_>, out: &mut Out<'_>) {
        let of = mix(row.source, row.person);
        let Some(done) = row.codes else {
            if row.activity == Activity::Enroll && row.worked() {
                let enrolled = self.state.enrolled.row(of, MOST_PEOPLE);
                enrolled.last = enrolled.last.max(row.time);
            }
            return;
        };
        let within = self.parameters.span("with_enrolment");
        let enrolled = self.state.enrolled.get(of);
        let belongs = enrolled.is_some_and(|enrolled| {
            enrolled.last <= row.time && row.time - enrolled.last <= within
        });
        if belongs && done != Done::Used {
            return;
        }
        let (form, severity, words) = match done {
            Done::Issued => ("issued", Severity::Low, "issued"),
            Done::Viewed => ("viewed", Severity::Medium, "looked at"),
            Done::Used => ("used", Severity::High, "used to get in"),
        };
        let report = Report {
            form,
            about: About::Person,
            subject: if row.person == 0 { row.actor } else { row.person },
            row,
            severity,
            count: 1,
        };
        out.report(&report, |names| {
            let by = match row.actor {
                0 => String::new(),
                actor => format!(", by {}", names.of(actor)),
            };
            Words {
                observation: format!(
                    "A bypass or recovery code was {words}{by}: {} at {}.",
                    names.of(row.operation),
                    names.of(row.source)
                ),
                baseline: "Such a code gets past every factor: each has a ticket, or a person who says that it was them.".to_owned(),
                evidence: vec![row.at],
                first: row.time,
                subject: None, key: None, }
        });
    }

    fn forget(&mut self, now: i64) {
        self.state.enrolled.forget_before(now - DAY);
    }

    keeps_its_state!();
}
