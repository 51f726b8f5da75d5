//! Credential stuffing: pairs of login and password from elsewhere, each tried once or twice,
//! from one address or from its neighbours.

use serde::{Deserialize, Serialize};

use super::guessing::{OWN_DAYS, OWN_NETWORKS};
use super::{Detector, Known, keeps_its_state};
use crate::detect::aged::Table;
use crate::detect::alert::{About, Severity};
use crate::detect::id::Id;
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters, Unit};
use crate::detect::row::{DAY, Row, Step};
use crate::detect::window::{Hit, Put, Tally};

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "users",
        default: 15.0,
        unit: Unit::Count,
        doc: "accounts that are tried, at least",
    },
    Parameter {
        name: "each",
        default: 2.0,
        unit: Unit::Count,
        doc: "attempts on an account, at most: one with more isn't counted",
    },
    Parameter {
        name: "within",
        default: 15.0,
        unit: Unit::Minutes,
        doc: "the time within which they lie",
    },
    OWN_NETWORKS,
];

/// Addresses and neighbourhoods, and attempts from one, that are remembered.
const MOST_ADDRESSES: usize = 100_000;
const MOST_ATTEMPTS: usize = 4_096;

pub(in crate::detect) fn open(parameters: Parameters) -> Box<dyn Detector> {
    Box::new(CredentialStuffing { parameters, state: State::default() })
}

#[derive(Debug)]
struct CredentialStuffing {
    parameters: Parameters,
    state: State,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    from: Table<Tally>,
}

impl Detector for CredentialStuffing {
    fn look(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        if row.step != Step::Guessed || row.account == 0 || row.ip == 0 {
            return;
        }
        if !self.parameters.is("own_networks") && known.habits.is_own(row, OWN_DAYS) {
            return;
        }
        let one = self.count("address", row.ip, row, out);
        // What one address does is told as that, not of its neighbours as well.
        let is_told = one || out.is_open("address", row.ip, row.time);
        if row.subnet != 0 && !is_told {
            self.count("network", row.subnet, row, out);
        }
    }

    fn forget(&mut self, now: i64) {
        self.state.from.forget_before(now - DAY);
    }

    keeps_its_state!();
}

impl CredentialStuffing {
    fn count(&mut self, form: &'static str, from: Id, row: &Row, out: &mut Out<'_>) -> bool {
        let parameters = &self.parameters;
        let tally = self.state.from.row(from, MOST_ADDRESSES);
        let hit = Hit::of(row, row.account, row.ip);
        let bounds = (parameters.span("within"), MOST_ATTEMPTS);
        let put = tally.put(hit, row.revises, bounds, parameters.count("each"));
        let (users, attempts) = tally.few();
        if put != Put::New || users < parameters.count("users") {
            return false;
        }
        let report = Report {
            form,
            about: About::Address,
            subject: from,
            row,
            severity: Severity::High,
            count: users.into(),
        };
        let within = parameters.number("within");
        let each = parameters.count("each");
        out.report(&report, |_| Words {
            observation: format!(
                "{users} accounts were tried at most {each} times each, {attempts} times in all, within {within} minutes."
            ),
            baseline: "Accounts that got in from there within 30 days aren't counted; that many others at once share no more than a list of passwords.".to_owned(),
            evidence: tally.window.hits().map(|hit| hit.at).collect(),
            first: tally.window.hits().next().map_or(row.time, |hit| hit.time),
            subject: None, key: None, });
        true
    }
}
