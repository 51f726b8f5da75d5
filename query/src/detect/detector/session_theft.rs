//! Session theft: one session is used from two networks and with two agents. A laptop moves,
//! and a browser updates itself; a copied cookie does both at once.

use serde::{Deserialize, Serialize};

use super::guessing::OWN_DAYS;
use super::{Detector, Known, keeps_its_state};
use crate::detect::aged::{Aged, Table};
use crate::detect::alert::{About, Severity};
use crate::detect::id::{Id, mix};
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters, Unit};
use crate::detect::row::{At, Row};

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "within",
        default: 24.0,
        unit: Unit::Hours,
        doc: "the time within which the two uses lie: what a source calls by one name later may be another session",
    },
    Parameter {
        name: "familiar",
        default: 0.0,
        unit: Unit::Flag,
        doc: "whether it is also told where the second use comes from a network or device with which the person got in within 30 days: some sources call a person's laptop and phone one session",
    },
];

/// Sessions, and uses of one, that are remembered.
const MOST_SESSIONS: usize = 200_000;
const MOST_USES: usize = 8;

pub(in crate::detect) fn open(parameters: Parameters) -> Box<dyn Detector> {
    Box::new(SessionTheft { parameters, state: State::default() })
}

#[derive(Debug)]
struct SessionTheft {
    parameters: Parameters,
    state: State,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    sessions: Table<Session>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Session {
    uses: Vec<Use>,
    last: i64,
}

/// A network and an agent, and when they were seen first and last.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Use {
    network: Id,
    agent: Id,
    ip: Id,
    at: At,
    first: i64,
    last: i64,
}

impl Aged for Session {
    fn last(&self) -> i64 {
        self.last
    }
}

impl Detector for SessionTheft {
    fn look(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        if row.session == 0 || row.network == 0 || row.agent == 0 || !row.is_human() {
            return;
        }
        let subject = mix(row.source, row.session);
        let session = self.state.sessions.row(subject, MOST_SESSIONS);
        session.last = session.last.max(row.time);
        let same = |one: &&mut Use| one.network == row.network && one.agent == row.agent;
        if let Some(used) = session.uses.iter_mut().find(same) {
            used.first = used.first.min(row.time);
            used.last = used.last.max(row.time);
            return;
        }
        let within = self.parameters.span("within");
        let other = session.uses.iter().find(|one| {
            let apart = (row.time - one.last).abs().min((row.time - one.first).abs());
            one.network != row.network && one.agent != row.agent && apart <= within
        });
        let other = other.copied();
        if session.uses.len() < MOST_USES {
            let (network, agent, ip) = (row.network, row.agent, row.ip);
            let (first, last) = (row.time, row.time);
            session.uses.push(Use { network, agent, ip, at: row.at, first, last });
        }
        let is_familiar = !self.parameters.is("familiar") && known.habits.is_own(row, OWN_DAYS);
        if let Some(other) = other.filter(|_| !row.is_exit && !is_familiar) {
            report(row, subject, &other, out);
        }
    }

    fn forget(&mut self, now: i64) {
        self.state.sessions.forget_before(now - self.parameters.span("within"));
    }

    keeps_its_state!();
}

fn report(row: &Row, subject: Id, other: &Use, out: &mut Out<'_>) {
    let report = Report {
        form: "",
        about: About::Session,
        subject,
        row,
        severity: if row.privileged { Severity::Critical } else { Severity::High },
        count: 1,
    };
    out.report(&report, |names| Words {
        observation: format!(
            "One session was used from {} ({}) and from {} ({}), with two different browsers or programs.",
            names.of(other.ip),
            names.of(other.network),
            names.of(row.ip),
            names.of(row.network)
        ),
        baseline: "A session belongs to one browser: it may move to another network, or its browser may be updated, but not become another one elsewhere.".to_owned(),
        evidence: vec![other.at, row.at],
        first: other.first.min(row.time),
        subject: Some(format!("a session of {}", names.of(row.account))), key: None, });
}
