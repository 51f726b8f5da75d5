//! Rare hour: somebody gets in at an hour of the day and of the week at which neither they
//! nor their team do.

use serde::{Deserialize, Serialize};

use super::{Detector, Known, keeps_its_state};
use crate::detect::alert::{About, Severity};
use crate::detect::habits::{Clock, Habit, hour_of_week};
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters, Unit};
use crate::detect::row::{HOUR, MINUTE, Row, Step};
use crate::stats::hours::{Circle, Hours};

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "sign_ins",
        default: 60.0,
        unit: Unit::Count,
        doc: "hours with a sign-in of the person that are known before one is rare",
    },
    Parameter {
        name: "share",
        default: 0.05,
        unit: Unit::Share,
        doc: "the density of the hour, on the circle of 24 hours and on that of 168, as a part of what it would be if all hours were alike; one that is rarer on both raises it",
    },
    Parameter {
        name: "team_weight",
        default: 20.0,
        unit: Unit::Number,
        doc: "sign-ins of the person that weigh as much as their whole team's",
    },
    Parameter {
        name: "familiar",
        default: 0.0,
        unit: Unit::Flag,
        doc: "whether it is also raised where the network and the device are ones that the person had before: people work late now and then",
    },
];

pub(in crate::detect) fn open(parameters: Parameters) -> Box<dyn Detector> {
    Box::new(RareHour { parameters, state: State {} })
}

#[derive(Debug)]
struct RareHour {
    parameters: Parameters,
    state: State,
}

/// Everything that it knows is what is usual.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {}

impl Detector for RareHour {
    fn look(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        if row.step != Step::In || !row.is_human() || !row.is_known {
            return;
        }
        let Some(person) = known.habits.person(row.person) else { return };
        if person.clock.total < self.parameters.count("sign_ins") {
            return;
        }
        let had = |habit: Habit| person.known(habit, row).is_some();
        if !self.parameters.is("familiar") && (had(Habit::Network) || had(Habit::Device)) {
            return;
        }
        let team = known.habits.team(row.team);
        let Some((day, week)) = self.shares(row, &person.clock, &team.clock) else { return };
        let most = self.parameters.number("share");
        if day >= most || week >= most {
            return;
        }
        let report = Report {
            form: "",
            about: About::Person,
            subject: row.person,
            row,
            severity: if row.privileged { Severity::Medium } else { Severity::Low },
            count: 1,
        };
        out.report(&report, |_| Words {
            observation: format!(
                "Got in on {} on their own clock, from a network and with a device that they hadn't before.",
                own_time(row)
            ),
            baseline: format!(
                "Over {} hours with sign-ins of this person, and their team's: this hour has {:.1}% of an even hour's share of the day, and {:.1}% of that of the week.",
                person.clock.total,
                day * 100.0,
                week * 100.0
            ),
            evidence: vec![row.at],
            first: row.time,
            subject: None, key: None, });
    }

    fn forget(&mut self, _now: i64) {}

    keeps_its_state!();
}

impl RareHour {
    /// The density at this hour on both circles, as parts of an even one.
    fn shares(&self, row: &Row, person: &Clock, team: &Clock) -> Option<(f64, f64)> {
        let hour = hour_of_week(row);
        let own = row.time + i64::from(row.offset) * MINUTE;
        let minute = crate::stats::real(own.rem_euclid(HOUR) / MINUTE) / 60.0;
        let now = crate::stats::size(hour) + minute;
        let weight = self.parameters.number("team_weight");
        let share = |circle: Circle| {
            let own = Hours::new(circle, &on(circle, person)).ok()?;
            let team = Hours::new(circle, &on(circle, team)).ok()?;
            Some(own.mixed(&team, weight, now) * circle.hours())
        };
        Some((share(Circle::Day)?, share(Circle::Week)?))
    }
}

/// A clock's hours on a circle, each in its middle.
fn on(circle: Circle, clock: &Clock) -> Vec<(f64, u32)> {
    let whole = match circle {
        Circle::Day => 24,
        Circle::Week => 168,
    };
    let mut hours = vec![0_u32; whole];
    for (hour, count) in clock.week() {
        if let Some(sum) = hours.get_mut(hour % whole) {
            *sum = sum.saturating_add(count);
        }
    }
    let seen = hours.into_iter().enumerate().filter(|(_, count)| *count > 0);
    seen.map(|(hour, count)| (crate::stats::size(hour) + 0.5, count)).collect()
}

/// Day and time on the person's own clock.
fn own_time(row: &Row) -> String {
    let own = row.time + i64::from(row.offset) * MINUTE;
    let time = chrono::DateTime::from_timestamp_micros(own).unwrap_or_default();
    time.format("%A at %H:%M").to_string()
}
