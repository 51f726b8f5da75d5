//! New place, network or device: somebody gets in from where, and with what, they never did.
//! How odd that is depends on how often they and their team change.

use serde::{Deserialize, Serialize};

use super::{Detector, Known, keeps_its_state};
use crate::detect::alert::{About, Severity};
use crate::detect::habits::{Group, Habit, Person};
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters, Unit};
use crate::detect::row::{Row, Step};
use crate::stats::back_off::{Change, Seen, probability};

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "sign_ins",
        default: 20.0,
        unit: Unit::Count,
        doc: "sign-ins of the person that are known before anything of them is new",
    },
    Parameter {
        name: "days",
        default: 12.0,
        unit: Unit::Days,
        doc: "the time over which they lie",
    },
    Parameter {
        name: "surprise",
        default: 12.0,
        unit: Unit::Number,
        doc: "how odd it must be, in powers of ten: the probabilities of the country, the network and the device that are new, multiplied; a new phone has about 3, a trip about 10",
    },
    Parameter {
        name: "known_device",
        default: 0.0,
        unit: Unit::Flag,
        doc: "whether it is also raised with a device that the person had before: that is a trip, or a VPN",
    },
];

pub(in crate::detect) fn open(parameters: Parameters) -> Box<dyn Detector> {
    Box::new(NewPlace { parameters, state: State {} })
}

#[derive(Debug)]
struct NewPlace {
    parameters: Parameters,
    state: State,
}

/// Everything that it knows is what is usual.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {}

impl Detector for NewPlace {
    fn look(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        if row.step != Step::In || !row.is_human() {
            return;
        }
        let Some(person) = known.habits.person(row.person) else { return };
        let enough = person.sign_ins >= self.parameters.count("sign_ins")
            && row.time - person.first >= self.parameters.span("days");
        let is_new = |habit: Habit| habit.of(row) != 0 && person.known(habit, row).is_none();
        let has_known_device = row.device != 0 && !is_new(Habit::Device);
        if has_known_device && !self.parameters.is("known_device") {
            return;
        }
        if !enough || row.is_exit || !Habit::ALL.into_iter().any(is_new) {
            return;
        }
        let (team, all) = (known.habits.team(row.team), &known.habits.all);
        let new: Vec<(Habit, f64)> = Habit::ALL
            .into_iter()
            .filter(|habit| is_new(*habit))
            .filter_map(|habit| Some((habit, chance(habit, row, person, team, all)?)))
            .collect();
        let surprise = new.iter().map(|(_, chance)| -chance.log10()).sum::<f64>();
        if surprise < self.parameters.number("surprise") {
            return;
        }
        let report = Report {
            form: "",
            about: About::Person,
            subject: row.person,
            row,
            severity: if row.privileged { Severity::High } else { Severity::Medium },
            count: 1,
        };
        out.report(&report, |names| {
            let told = |(habit, chance): &(Habit, f64)| {
                let name = match habit {
                    Habit::Device => String::new(),
                    habit => format!(" {}", names.of(habit.of(row))),
                };
                format!("a {}{name} (surprise {:.1})", habit.word(), -chance.log10())
            };
            let new: Vec<String> = new.iter().map(told).collect();
            Words {
                observation: format!(
                    "Got in from {} with {} that this person never had.",
                    names.of(row.ip),
                    new.join(" and ")
                ),
                baseline: format!(
                    "Over {} sign-ins since {}, weighed by how often this person, their team and everybody have new ones: together a surprise of {surprise:.1} powers of ten.",
                    person.sign_ins,
                    crate::detect::alert::text_of(person.first).split('T').next().unwrap_or_default()
                ),
                evidence: vec![row.at],
                first: row.time,
                subject: None, key: None, }
        });
    }

    fn forget(&mut self, _now: i64) {}

    keeps_its_state!();
}

/// How likely the next sign-in has this value; or, where nobody ever had it, any such value:
/// each device is one of its own, and that is no surprise.
fn chance(habit: Habit, row: &Row, person: &Person, team: &Group, all: &Group) -> Option<f64> {
    let value = habit.of(row);
    let (person, team, all) =
        (person.seen(habit, value), team.seen(habit, value), all.seen(habit, value));
    // Where nothing was seen yet, nothing says how readily it changes: as everybody does.
    let everybody = Change::of(&all).ok()?;
    let change = |seen: &Seen| Change::of(seen).unwrap_or(everybody);
    let changes = (change(&person), change(&team), everybody);
    let one = probability(&person, &team, &all, changes).ok()?;
    let alike = if all.this == 0 { crate::stats::real(all.kinds) + 1.0 } else { 1.0 };
    Some(one * alike).filter(|chance| *chance > 0.0)
}
