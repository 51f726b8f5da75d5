//! Dormant account: somebody gets in after months without any success.

use serde::{Deserialize, Serialize};

use super::{Detector, Known, keeps_its_state};
use crate::detect::aged::{Aged, Table};
use crate::detect::alert::{About, Severity, text_of};
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters, Unit};
use crate::detect::row::{At, DAY, Kind, Row, Step};

pub(in crate::detect) const PARAMETERS: &[Parameter] =
    &[Parameter { name: "days", default: 60.0, unit: Unit::Days, doc: "days without any success" }];

/// Accounts that are remembered; those that were used longest ago go first.
const MOST_ACCOUNTS: usize = 500_000;
/// After so long an account's last use is forgotten, µs.
const FORGOTTEN: i64 = 800 * DAY;

pub(in crate::detect) fn open(parameters: Parameters) -> Box<dyn Detector> {
    Box::new(Dormant { parameters, state: State::default() })
}

#[derive(Debug)]
struct Dormant {
    parameters: Parameters,
    state: State,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    accounts: Table<Last>,
}

/// The last success of an account.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Last {
    time: i64,
    at: At,
}

impl Aged for Last {
    fn last(&self) -> i64 {
        self.time
    }
}

impl Detector for Dormant {
    fn look(&mut self, row: &Row, _: &Known<'_>, out: &mut Out<'_>) {
        // Break-glass accounts are meant to be; each use of one is told anyway.
        if row.step != Step::In || row.account == 0 || row.kind == Kind::BreakGlass {
            return;
        }
        let last = self.state.accounts.row(row.account, MOST_ACCOUNTS);
        if row.time <= last.time {
            return;
        }
        let before = std::mem::replace(last, Last { time: row.time, at: row.at });
        if before.time == 0 || row.time - before.time < self.parameters.span("days") {
            return;
        }
        let report = Report {
            form: "",
            about: About::Account,
            subject: row.account,
            row,
            severity: if row.privileged { Severity::High } else { Severity::Medium },
            count: 1,
        };
        out.report(&report, |names| Words {
            observation: format!(
                "Got in from {} after {} days without any success.",
                names.of(row.ip),
                (row.time - before.time) / DAY
            ),
            baseline: format!(
                "Its last success was on {}.",
                text_of(before.time).split('T').next().unwrap_or_default()
            ),
            evidence: vec![before.at, row.at],
            first: row.time,
            subject: None,
            key: None,
        });
    }

    fn forget(&mut self, now: i64) {
        self.state.accounts.forget_before(now - FORGOTTEN);
    }

    keeps_its_state!();
}
