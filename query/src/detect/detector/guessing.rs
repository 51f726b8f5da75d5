//! Guessing against one user: many failures of one account, from wherever.

use serde::{Deserialize, Serialize};

use super::{Detector, Known, keeps_its_state};
use crate::detect::aged::{Aged, Table};
use crate::detect::alert::{About, Severity};
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters, Unit};
use crate::detect::row::{DAY, Row, Step};
use crate::detect::window::{Hit, Put, Window};
use rollcall_schemas::Reason;

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "failures",
        default: 10.0,
        unit: Unit::Count,
        doc: "failures of the first credential that raise it",
    },
    Parameter {
        name: "within",
        default: 30.0,
        unit: Unit::Minutes,
        doc: "the time within which they lie",
    },
    Parameter {
        name: "success_within",
        default: 3.0,
        unit: Unit::Hours,
        doc: "a first credential that is right so soon afterwards makes it critical",
    },
    OWN_NETWORKS,
];

/// Shared by the detectors of guessing.
pub(in crate::detect) const OWN_NETWORKS: Parameter = Parameter {
    name: "own_networks",
    default: 0.0,
    unit: Unit::Flag,
    doc: "whether failures count that come from a network or device with which the account got in within 30 days: those are mostly people's own mistakes, and clients that retry",
};

/// Days for which a network or device is somebody's own.
pub(in crate::detect) const OWN_DAYS: i64 = 30;

/// Accounts, and failures of one, that are remembered.
const MOST_ACCOUNTS: usize = 200_000;
const MOST_FAILURES: usize = 256;

pub(in crate::detect) fn open(parameters: Parameters) -> Box<dyn Detector> {
    Box::new(Guessing { parameters, state: State::default() })
}

#[derive(Debug)]
struct Guessing {
    parameters: Parameters,
    state: State,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    accounts: Table<Failures>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Failures {
    window: Window,
}

impl Aged for Failures {
    fn last(&self) -> i64 {
        self.window.last()
    }
}

impl Detector for Guessing {
    fn look(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        match row.step {
            Step::Guessed => self.failed(row, known, out),
            Step::In | Step::Opened => self.succeeded(row, known, out),
            _ => {}
        }
    }

    fn forget(&mut self, now: i64) {
        self.state.accounts.forget_before(now - DAY);
    }

    keeps_its_state!();
}

impl Guessing {
    fn counts(&self, row: &Row, known: &Known<'_>) -> bool {
        self.parameters.is("own_networks") || !known.habits.is_own(row, OWN_DAYS)
    }

    fn failed(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        // Into an account that isn't there nobody gets.
        if row.account == 0 || row.reason == Some(Reason::UnknownUser) || !self.counts(row, known) {
            return;
        }
        let span = self.parameters.span("within");
        let failures = self.state.accounts.row(row.account, MOST_ACCOUNTS);
        let hit = Hit::of(row, row.account, row.ip);
        let put = failures.window.put(hit, row.revises, (span, MOST_FAILURES), &mut |_| {});
        let found = failures.window.len();
        if put == Put::New
            && u32::try_from(found).is_ok_and(|n| n >= self.parameters.count("failures"))
        {
            report(row, failures, self.parameters.number("within"), Severity::High, out);
        }
    }

    fn succeeded(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        let Some(failures) = self.state.accounts.get(row.account) else { return };
        let since = row.time - failures.last();
        if since < 0 || since > self.parameters.span("success_within") {
            return;
        }
        if out.is_open("", row.account, row.time) && self.counts(row, known) {
            report(row, failures, self.parameters.number("within"), Severity::Critical, out);
        }
    }
}

fn report(row: &Row, failures: &Failures, within: f64, severity: Severity, out: &mut Out<'_>) {
    let found = failures.window.len();
    let report = Report {
        form: "",
        about: About::Account,
        subject: row.account,
        row,
        severity,
        count: found as u64,
    };
    out.report(&report, |names| {
        let mut addresses: Vec<_> = failures.window.hits().map(|hit| hit.what).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let after = match severity {
            Severity::Critical => ", and then one credential was right",
            _ => "",
        };
        Words {
            observation: format!(
                "{found} wrong credentials for this account within {within} minutes, from {}{after}.",
                names.list(addresses)
            ),
            baseline: "Failures from networks and devices with which the account got in within 30 days aren't counted; from elsewhere there should be next to none.".to_owned(),
            evidence: failures.window.hits().map(|hit| hit.at).collect(),
            first: failures.window.hits().next().map_or(row.time, |hit| hit.time),
            subject: None, key: None, }
    });
}
