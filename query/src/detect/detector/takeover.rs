//! Takeover chain: factors are reset or the account is recovered, somebody gets in from a
//! network or with a device that the person never had, and does from there what matters most;
//! all of it within a day.

use serde::{Deserialize, Serialize};

use super::{Detector, Known, keeps_its_state};
use crate::detect::aged::{Aged, Table};
use crate::detect::alert::{About, Severity};
use crate::detect::habits::Habit;
use crate::detect::id::Id;
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters, Unit};
use crate::detect::row::{At, DAY, Row, Step};
use rollcall_schemas::Activity;

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[Parameter {
    name: "within",
    default: 24.0,
    unit: Unit::Hours,
    doc: "the time from the reset to the operation that matters",
}];

/// People whose factors were reset lately.
const MOST_PEOPLE: usize = 50_000;
/// Networks and devices of one of them.
const MOST_NEW: usize = 16;

pub(in crate::detect) fn open(parameters: Parameters) -> Box<dyn Detector> {
    Box::new(Takeover { parameters, state: State::default() })
}

#[derive(Debug)]
struct Takeover {
    parameters: Parameters,
    state: State,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    people: Table<Chain>,
}

/// How far it has come.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Chain {
    /// Resets and recoveries.
    resets: Vec<(i64, At)>,
    /// Networks and devices that were new afterwards.
    new: Vec<New>,
    last: i64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct New {
    time: i64,
    at: At,
    /// The network or the device.
    value: Id,
    /// The addresses beside it: not every source tells the network.
    subnet: Id,
    is_device: bool,
}

impl Aged for Chain {
    fn last(&self) -> i64 {
        self.last
    }
}

impl Detector for Takeover {
    fn look(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        if row.person == 0 {
            return;
        }
        let resets = matches!(row.activity, Activity::FactorReset | Activity::Recovery);
        if resets && row.worked() && row.codes.is_none() {
            let chain = self.state.people.row(row.person, MOST_PEOPLE);
            chain.last = chain.last.max(row.time);
            if chain.resets.len() < MOST_NEW && !chain.resets.iter().any(|(_, at)| *at == row.at) {
                chain.resets.push((row.time, row.at));
            }
            return;
        }
        let within = self.parameters.span("within");
        let Some(chain) = self.state.people.get_mut(row.person) else { return };
        let Some(reset) = chain
            .resets
            .iter()
            .rev()
            .find(|(time, _)| *time <= row.time && row.time - time <= within)
            .copied()
        else {
            return;
        };
        let gets_in = row.step == Step::In || (row.activity == Activity::Enroll && row.worked());
        if gets_in {
            chain.note(row, reset.0, known);
        }
        if row.critical
            && let Some(new) = chain.came_from(row)
        {
            report(row, reset, new, out);
        }
    }

    fn forget(&mut self, now: i64) {
        self.state.people.forget_before(now - 2 * DAY);
    }

    keeps_its_state!();
}

impl Chain {
    /// Keeps the network and the device if the person didn't have them before the reset.
    fn note(&mut self, row: &Row, reset: i64, known: &Known<'_>) {
        for habit in [Habit::Network, Habit::Device] {
            let value = habit.of(row);
            if known.habits.is_new(row, habit, reset) != Some(true) {
                continue;
            }
            let is_device = habit == Habit::Device;
            let is_known = |new: &New| new.value == value && new.is_device == is_device;
            if self.new.len() < MOST_NEW && !self.new.iter().any(is_known) {
                let (time, at, subnet) = (row.time, row.at, row.subnet);
                self.new.push(New { time, at, value, subnet, is_device });
            }
        }
    }

    /// Which of them an event comes from.
    fn came_from(&self, row: &Row) -> Option<New> {
        let is_it = |new: &&New| {
            let is_same = match new.is_device {
                true => row.device == new.value,
                false => row.network == new.value || (row.subnet != 0 && row.subnet == new.subnet),
            };
            is_same && new.time <= row.time
        };
        self.new.iter().find(is_it).copied()
    }
}

fn report(row: &Row, reset: (i64, At), new: New, out: &mut Out<'_>) {
    let report = Report {
        form: "",
        about: About::Person,
        subject: row.person,
        row,
        severity: Severity::Critical,
        count: 1,
    };
    out.report(&report, |names| {
        let minutes = |from: i64, to: i64| (to - from) / crate::detect::row::MINUTE;
        let what = match new.is_device {
            true => "with a device".to_owned(),
            false => format!("from a network ({})", names.of(new.value)),
        };
        Words {
            observation: format!(
                "Factors were reset or the account was recovered; {} minutes later somebody came {what} that this person never had, and {} minutes after the reset did {} from there.",
                minutes(reset.0, new.time),
                minutes(reset.0, row.time),
                names.of(row.operation)
            ),
            baseline: "Who loses a phone goes on from networks and devices that they had before.".to_owned(),
            evidence: vec![reset.1, new.at, row.at],
            first: reset.0,
            subject: None, key: None, }
    });
}
