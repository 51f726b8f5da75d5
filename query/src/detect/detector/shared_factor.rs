//! Shared factor: one factor is enrolled for two people.

use serde::{Deserialize, Serialize};

use super::{Detector, Known, keeps_its_state};
use crate::detect::aged::{Aged, Table};
use crate::detect::alert::{About, Severity};
use crate::detect::id::{Id, mix};
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters, Unit};
use crate::detect::row::{At, DAY, Kind, Row};
use rollcall_schemas::{Activity, Factor};

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[Parameter {
    name: "days",
    default: 365.0,
    unit: Unit::Days,
    doc: "for so long an enrolment is remembered that wasn't removed",
}];

/// Factors, and people of one, that are remembered.
const MOST_FACTORS: usize = 500_000;
const MOST_PEOPLE: usize = 8;

pub(in crate::detect) fn open(parameters: Parameters) -> Box<dyn Detector> {
    Box::new(SharedFactor { parameters, state: State::default() })
}

#[derive(Debug)]
struct SharedFactor {
    parameters: Parameters,
    state: State,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    factors: Table<Holders>,
}

/// Whose factor it is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Holders {
    people: Vec<Holder>,
    last: i64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Holder {
    person: Id,
    account: Id,
    time: i64,
    at: At,
}

impl Aged for Holders {
    fn last(&self) -> i64 {
        self.last
    }
}

impl Detector for SharedFactor {
    fn look(&mut self, row: &Row, _: &Known<'_>, out: &mut Out<'_>) {
        let changes = matches!(row.activity, Activity::Enroll | Activity::Unenroll);
        if row.factor_id == 0 || row.person == 0 || !changes || !row.worked() {
            return;
        }
        // Everybody's password goes by one id, and shared accounts are shared.
        if row.factor == Some(Factor::Password) || row.kind == Kind::Shared {
            return;
        }
        let subject = mix(row.source, row.factor_id);
        let days = self.parameters.span("days");
        let holders = self.state.factors.row(subject, MOST_FACTORS);
        holders.last = holders.last.max(row.time);
        if row.activity == Activity::Unenroll {
            holders.people.retain(|one| one.person != row.person || one.time > row.time);
            return;
        }
        holders.people.retain(|one| row.time - one.time <= days);
        let other = holders.people.iter().find(|one| one.person != row.person).copied();
        if !holders.people.iter().any(|one| one.person == row.person)
            && holders.people.len() < MOST_PEOPLE
        {
            let (person, account) = (row.person, row.account);
            holders.people.push(Holder { person, account, time: row.time, at: row.at });
        }
        let count = holders.people.len() as u64;
        if let Some(other) = other {
            report(row, subject, &other, count, out);
        }
    }

    fn forget(&mut self, now: i64) {
        self.state.factors.forget_before(now - self.parameters.span("days") - DAY);
    }

    keeps_its_state!();
}

fn report(row: &Row, subject: Id, other: &Holder, count: u64, out: &mut Out<'_>) {
    let report =
        Report { form: "", about: About::Factor, subject, row, severity: Severity::High, count };
    out.report(&report, |names| Words {
        observation: format!(
            "One factor is enrolled for {count} people: {} and {}.",
            names.of(other.account),
            names.of(row.account)
        ),
        baseline: "A factor proves that one person is there.".to_owned(),
        evidence: vec![other.at, row.at],
        first: other.time.min(row.time),
        subject: Some(format!("a factor of {}", names.of(other.account))),
        key: None,
    });
}
