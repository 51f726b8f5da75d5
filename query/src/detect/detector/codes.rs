//! Bypass and recovery codes: issued, looked at, used. Each stands in for a factor.

use serde::{Deserialize, Serialize};

use super::{Detector, Known, keeps_its_state};
use crate::detect::alert::{About, Severity};
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters};
use crate::detect::row::{Codes as Done, Row};

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[];

pub(in crate::detect) fn open(_: Parameters) -> Box<dyn Detector> {
    Box::new(Codes { state: State {} })
}

#[derive(Debug)]
struct Codes {
    state: State,
}

/// Nothing is remembered: each event stands for itself.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {}

impl Detector for Codes {
    fn look(&mut self, row: &Row, _: &Known<'_>, out: &mut Out<'_>) {
        let Some(done) = row.codes else { return };
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
                subject: None,
            }
        });
    }

    fn forget(&mut self, _now: i64) {}

    keeps_its_state!();
}
