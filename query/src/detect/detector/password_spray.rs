//! Password spray: a few common passwords tried on many accounts, so that none is locked;
//! from one address, or from so many that only the source as a whole shows it.

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
use rollcall_schemas::Reason;

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "users",
        default: 8.0,
        unit: Unit::Count,
        doc: "accounts that are tried, at least",
    },
    Parameter {
        name: "each",
        default: 5.0,
        unit: Unit::Count,
        doc: "attempts on an account, at most: one with more isn't counted",
    },
    Parameter {
        name: "attempts",
        default: 25.0,
        unit: Unit::Count,
        doc: "attempts on these accounts together, at least",
    },
    Parameter {
        name: "within",
        default: 15.0,
        unit: Unit::Minutes,
        doc: "the time within which they lie",
    },
    Parameter {
        name: "existing",
        default: 3.0,
        unit: Unit::Count,
        doc: "accounts among them of which the source doesn't say that there is no such account, at least: names that nobody has are the noise of the internet",
    },
    OWN_NETWORKS,
];

/// Addresses, and attempts from one or at one source, that are remembered.
const MOST_ADDRESSES: usize = 50_000;
const MOST_ATTEMPTS: usize = 4_096;
const MOST_SOURCES: usize = 1_000;

pub(in crate::detect) fn open(parameters: Parameters) -> Box<dyn Detector> {
    Box::new(PasswordSpray { parameters, state: State::default() })
}

#[derive(Debug)]
struct PasswordSpray {
    parameters: Parameters,
    state: State,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    addresses: Table<Tally>,
    sources: Table<Tally>,
}

impl Detector for PasswordSpray {
    fn look(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        if row.step != Step::Guessed || row.account == 0 {
            return;
        }
        if !self.parameters.is("own_networks") && known.habits.is_own(row, OWN_DAYS) {
            return;
        }
        if row.ip != 0 {
            self.count("one_address", About::Address, row.ip, row, out);
        }
        self.count("many_addresses", About::Source, row.source, row, out);
    }

    fn forget(&mut self, now: i64) {
        self.state.addresses.forget_before(now - DAY);
        self.state.sources.forget_before(now - DAY);
    }

    keeps_its_state!();
}

impl PasswordSpray {
    fn count(
        &mut self,
        form: &'static str,
        about: About,
        subject: Id,
        row: &Row,
        out: &mut Out<'_>,
    ) {
        let parameters = &self.parameters;
        let tally = match about {
            About::Address => self.state.addresses.row(subject, MOST_ADDRESSES),
            _ => self.state.sources.row(subject, MOST_SOURCES),
        };
        // An account that isn't there is told by the attempt; the others are marked.
        let hit = Hit::of(row, row.account, row.ip).marked(row.reason != Some(Reason::UnknownUser));
        let bounds = (parameters.span("within"), MOST_ATTEMPTS);
        let put = tally.put(hit, row.revises, bounds, parameters.count("each"));
        let (users, attempts) = tally.few();
        let enough = users >= parameters.count("users")
            && attempts >= parameters.count("attempts")
            && tally.marked() >= parameters.count("existing");
        if put != Put::New || !enough {
            return;
        }
        // From one address it is told as that.
        let address = hit.what >> 1;
        if about == About::Source && tally.window.hits().all(|hit| hit.what >> 1 == address) {
            return;
        }
        let report =
            Report { form, about, subject, row, severity: Severity::High, count: attempts.into() };
        let within = parameters.number("within");
        out.report(&report, |names| Words {
            observation: format!(
                "{attempts} wrong credentials for {users} accounts, few for each, within {within} minutes{}.",
                match about {
                    About::Address => String::new(),
                    _ => format!(", from {} addresses", addresses(tally)),
                }
            ),
            baseline: format!(
                "People fail from their own networks and devices, which aren't counted. Tried last: {}.",
                names.of(row.account)
            ),
            evidence: tally.window.hits().map(|hit| hit.at).collect(),
            first: tally.window.hits().next().map_or(row.time, |hit| hit.time),
            subject: None, key: None, });
    }
}

/// How many different ones there are.
fn addresses(tally: &Tally) -> usize {
    let mut addresses: Vec<Id> = tally.window.hits().map(|hit| hit.what >> 1).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses.len()
}
