//! Factor downgrade, in three forms: a weaker factor than the person used lately for the same
//! service; a factor that is removed and not replaced; a policy that asks for less.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Detector, Known, keeps_its_state};
use crate::detect::aged::{Aged, Table};
use crate::detect::alert::{About, Severity};
use crate::detect::id::{Id, mix};
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters, Unit};
use crate::detect::row::{At, DAY, Row, Step};
use rollcall_schemas::{Activity, Factor, Mfa, Outcome};

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "days",
        default: 30.0,
        unit: Unit::Days,
        doc: "how far back a person's factors for a service are compared",
    },
    Parameter {
        name: "uses",
        default: 10.0,
        unit: Unit::Count,
        doc: "sign-ins with a factor in that time, at least, before one is weaker than usual",
    },
    Parameter {
        name: "familiar",
        default: 0.0,
        unit: Unit::Flag,
        doc: "whether a weaker factor is also told from a network or with a device that the person had before: many have two factors, and use the weaker one now and then",
    },
    Parameter {
        name: "replaced_within",
        default: 12.0,
        unit: Unit::Hours,
        doc: "a factor that is removed is replaced by one that is enrolled so soon before or after; nor is one missed by who used another in the days above",
    },
];

/// People with their services, people with factors, days of a person's uses, and factors of a
/// person that are remembered.
const MOST_SERVICES: usize = 200_000;
const MOST_PEOPLE: usize = 100_000;
const MOST_DAYS: usize = 40;
const MOST_FACTORS: usize = 12;

/// What a factor's strength is called.
const STRENGTHS: [&str; 6] = [
    "a password alone",
    "a question, e-mail or code",
    "SMS or voice",
    "a push or a one-time code",
    "a push with a number",
    "a phishing-resistant factor",
];

pub(in crate::detect) fn open(parameters: Parameters) -> Box<dyn Detector> {
    Box::new(FactorDowngrade { parameters, state: State::default() })
}

#[derive(Debug)]
struct FactorDowngrade {
    parameters: Parameters,
    state: State,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    services: Table<Strengths>,
    people: Table<Enrolled>,
    /// Removals that wait for another factor: until when, and whose.
    waiting: VecDeque<(i64, Id)>,
}

/// With what strength a person got into one service, by day.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Strengths {
    /// Day since 1970, weakest of it, uses of it, and the last event.
    days: VecDeque<(i64, i16, u32, At)>,
    /// The time of the last use.
    last: i64,
}

impl Aged for Strengths {
    fn last(&self) -> i64 {
        self.last
    }
}

impl Strengths {
    /// Of the days from `from` to a day before `time`'s uses: the weakest, how many uses,
    /// and an event with it.
    fn weakest(&self, from: i64) -> Option<(i16, u32, At)> {
        let days = self.days.iter().filter(|(day, ..)| *day >= from);
        let uses = days.clone().map(|(_, _, uses, _)| *uses).sum();
        days.min_by_key(|(_, strength, ..)| *strength)
            .map(|(_, weakest, _, at)| (*weakest, uses, *at))
    }

    fn add(&mut self, row: &Row, strength: i16) {
        let day = row.time.div_euclid(DAY);
        self.last = self.last.max(row.time);
        let place = self.days.partition_point(|(other, ..)| *other < day);
        match self.days.get_mut(place) {
            Some((same, weakest, uses, at)) if *same == day => {
                *uses = uses.saturating_add(1);
                if strength <= *weakest {
                    (*weakest, *at) = (strength, row.at);
                }
            }
            _ => self.days.insert(place, (day, strength, 1, row.at)),
        }
        if self.days.len() > MOST_DAYS {
            self.days.pop_front();
        }
    }
}

/// When a person's factors came and went.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Enrolled {
    enrolled: i64,
    /// Factors that were enrolled or used, and when last.
    live: Vec<(Id, i64)>,
    /// Factors that were removed, and not replaced yet: when, which event, what.
    removed: Vec<(i64, At, i16)>,
    /// The account was closed or disabled: nothing need replace its factors.
    closed: i64,
    last: i64,
}

impl Aged for Enrolled {
    fn last(&self) -> i64 {
        self.last
    }
}

impl Enrolled {
    /// A factor was enrolled or used.
    fn note(&mut self, row: &Row) {
        self.last = self.last.max(row.time);
        let factor = factor_of(row);
        if let Some((_, last)) = self.live.iter_mut().find(|(known, _)| *known == factor) {
            *last = row.time.max(*last);
        } else if self.live.len() < MOST_FACTORS {
            self.live.push((factor, row.time));
        }
    }

    /// Whether another factor than the removed one was enrolled or used within a span.
    fn has_another(&mut self, row: &Row, span: i64) -> bool {
        if row.activity == Activity::FactorReset {
            self.live.clear();
        }
        let removed = factor_of(row);
        self.live.retain(|(factor, last)| *factor != removed && row.time - last <= span);
        !self.live.is_empty()
    }
}

/// Which factor a row is about: by its id, or by its kind where none is told.
fn factor_of(row: &Row) -> Id {
    match (row.factor_id, row.factor) {
        (0, None) => 1,
        (0, Some(factor)) => 2 + factor as Id,
        (id, _) => id,
    }
}

impl Detector for FactorDowngrade {
    fn look(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        self.expire(row.time, out);
        if row.weakens {
            weakened(row, out);
        }
        if row.person == 0 {
            return;
        }
        match row.activity {
            Activity::Enroll | Activity::Unenroll | Activity::FactorReset if row.worked() => {
                self.enrolled(row);
            }
            _ if row.closes => self.closed(row),
            _ if row.step == Step::In && row.is_human() => {
                if row.mfa == Mfa::Performed {
                    self.state.people.row(row.person, MOST_PEOPLE).note(row);
                }
                self.used(row, known, out);
            }
            _ => {}
        }
    }

    fn forget(&mut self, now: i64) {
        self.state.services.forget_before(now - 40 * DAY);
        self.state.people.forget_before(now - 40 * DAY);
    }

    keeps_its_state!();
}

impl FactorDowngrade {
    fn used(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        // What was remembered or is claimed in a token was proven at another time.
        let strength = match (row.mfa, row.factor) {
            (Mfa::Performed, Some(factor)) => factor.strength(),
            (Mfa::None, None | Some(Factor::Password)) => Some(0),
            (Mfa::None, Some(factor)) => factor.strength(),
            _ => None,
        };
        let Some(strength) = strength else { return };
        let of = self.state.services.row(mix(row.person, row.service), MOST_SERVICES);
        let from = (row.time - self.parameters.span("days")).div_euclid(DAY);
        let usual = of.weakest(from);
        of.add(row, strength);
        let Some((weakest, uses, with)) = usual else { return };
        if strength >= weakest || uses < self.parameters.count("uses") {
            return;
        }
        let is_familiar = known.habits.is_own(row, i64::MAX / DAY);
        if is_familiar && !self.parameters.is("familiar") {
            return;
        }
        let report = Report {
            form: "weaker_factor",
            about: About::Person,
            subject: row.person,
            row,
            severity: if row.privileged { Severity::High } else { Severity::Medium },
            count: 1,
        };
        let days = self.parameters.number("days");
        out.report(&report, |names| Words {
            observation: format!(
                "Got into {} with {}.",
                names.of(row.service),
                named(strength)
            ),
            baseline: format!(
                "In the {days} days before, all {uses} of this person's sign-ins there with a factor had at least {}.",
                named(weakest)
            ),
            evidence: vec![with, row.at],
            first: row.time,
            subject: None, key: None, });
    }

    fn enrolled(&mut self, row: &Row) {
        let within = self.parameters.span("replaced_within");
        let days = self.parameters.span("days");
        let person = self.state.people.row(row.person, MOST_PEOPLE);
        person.last = person.last.max(row.time);
        if row.activity == Activity::Enroll {
            person.note(row);
            person.enrolled = person.enrolled.max(row.time);
            person.removed.retain(|(time, ..)| (row.time - time).abs() > within);
            return;
        }
        let is_known = person.removed.iter().any(|(_, at, _)| *at == row.at);
        if person.has_another(row, days)
            || is_known
            || (person.enrolled != 0 && (row.time - person.enrolled).abs() <= within)
        {
            return;
        }
        let strength = row.factor.and_then(Factor::strength).unwrap_or(-1);
        if row.factor == Some(Factor::Password) || person.removed.len() >= 16 {
            return;
        }
        person.removed.push((row.time, row.at, strength));
        let due = row.time + within;
        let place = self.state.waiting.partition_point(|(time, _)| *time <= due);
        self.state.waiting.insert(place, (due, row.person));
    }

    /// A person who leaves loses their factors.
    fn closed(&mut self, row: &Row) {
        let person = self.state.people.row(row.person, MOST_PEOPLE);
        person.last = person.last.max(row.time);
        person.closed = person.closed.max(row.time);
    }

    fn expire(&mut self, now: i64, out: &mut Out<'_>) {
        let within = self.parameters.span("replaced_within");
        while let Some((due, id)) = self.state.waiting.front().copied()
            && due < now
        {
            self.state.waiting.pop_front();
            let Some(person) = self.state.people.get_mut(id) else { continue };
            let removed: Vec<_> =
                person.removed.iter().copied().filter(|(time, ..)| time + within <= due).collect();
            person.removed.retain(|(time, ..)| time + within > due);
            for (time, at, strength) in removed {
                if person.closed != 0 && (person.closed - time).abs() <= within {
                    continue;
                }
                unreplaced(id, time, at, strength, within, out);
            }
        }
    }
}

fn unreplaced(person: Id, time: i64, at: At, strength: i16, within: i64, out: &mut Out<'_>) {
    let row = Row { time, at, person, outcome: Outcome::Success, ..Row::default() };
    let report = Report {
        form: "removed_factor",
        about: About::Person,
        subject: person,
        row: &row,
        severity: Severity::Medium,
        count: 1,
    };
    let hours = within / crate::detect::row::HOUR;
    out.report(&report, |_| Words {
        observation: match strength {
            0..=5 => format!("A factor was removed: {}.", named(strength)),
            _ => "Factors were removed.".to_owned(),
        },
        baseline: format!(
            "Who replaces a factor enrols the other one within {hours} hours; here none was enrolled, and the account wasn't closed."
        ),
        evidence: vec![at],
        first: time,
        subject: None, key: None, });
}

fn weakened(row: &Row, out: &mut Out<'_>) {
    let subject = if row.policy == 0 { row.operation } else { row.policy };
    let report = Report {
        form: "weakened_policy",
        about: About::Policy,
        subject: mix(row.source, subject),
        row,
        severity: Severity::High,
        count: 1,
    };
    out.report(&report, |names| {
        let who = if row.actor == 0 { row.account } else { row.actor };
        Words {
            observation: format!(
                "{} did {} at {}.",
                names.of(who),
                names.of(row.operation),
                names.of(row.source)
            ),
            baseline:
                "A policy that is removed, switched off or only reports asks for less than before."
                    .to_owned(),
            evidence: vec![row.at],
            first: row.time,
            subject: Some(format!("{}: {}", names.of(row.source), names.of(subject))),
            key: None,
        }
    });
}

fn named(strength: i16) -> &'static str {
    let place = usize::try_from(strength).unwrap_or(usize::MAX);
    STRENGTHS.get(place).copied().unwrap_or("a factor")
}
