//! Break-glass use: any use of an account that is kept for emergencies.

use serde::{Deserialize, Serialize};

use super::{Detector, Known, keeps_its_state};
use crate::detect::alert::{About, Severity};
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters};
use crate::detect::row::{Kind, Row};
use rollcall_schemas::Activity;

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[];

pub(in crate::detect) fn open(_: Parameters) -> Box<dyn Detector> {
    Box::new(BreakGlass { state: State {} })
}

#[derive(Debug)]
struct BreakGlass {
    state: State,
}

/// Nothing is remembered: each event stands for itself.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {}

impl Detector for BreakGlass {
    fn look(&mut self, row: &Row, _: &Known<'_>, out: &mut Out<'_>) {
        let uses = matches!(
            row.activity,
            Activity::Logon
                | Activity::Verify
                | Activity::TokenIssue
                | Activity::Elevate
                | Activity::Access
        );
        if row.kind != Kind::BreakGlass || !uses {
            return;
        }
        let report = Report {
            form: "",
            about: About::Account,
            subject: row.account,
            row,
            severity: if row.worked() { Severity::Critical } else { Severity::High },
            count: 1,
        };
        out.report(&report, |names| Words {
            observation: format!(
                "A break-glass account was {} from {}: {}.",
                if row.worked() { "used" } else { "tried" },
                names.of(row.ip),
                names.of(row.operation)
            ),
            baseline: "It is kept for emergencies and drills: every use has a reason that somebody can name.".to_owned(),
            evidence: vec![row.at],
            first: row.time,
            subject: None, key: None, });
    }

    fn forget(&mut self, _now: i64) {}

    keeps_its_state!();
}
