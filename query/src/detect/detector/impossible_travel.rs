//! Impossible travel: somebody gets in at two places between which nobody travels so fast.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Detector, Known, keeps_its_state};
use crate::detect::aged::{Aged, Table};
use crate::detect::alert::{About, Severity};
use crate::detect::habits::Habit;
use crate::detect::id::{Id, mix};
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters, Unit};
use crate::detect::places::distance_km;
use crate::detect::row::{At, DAY, HOUR, Row, Step};

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[
    Parameter { name: "speed", default: 900.0, unit: Unit::Speed, doc: "nobody travels faster" },
    Parameter {
        name: "distance",
        default: 500.0,
        unit: Unit::Kilometres,
        doc: "the two places are further apart: where an address is, is told no better than that",
    },
    Parameter {
        name: "pair_days",
        default: 5.0,
        unit: Unit::Count,
        doc: "days of the last 7 on which anyone went from one of the two networks and countries to the other, in either direction, for the organisation to use them daily",
    },
    Parameter {
        name: "device_days",
        default: 3.0,
        unit: Unit::Days,
        doc: "for so long the person has had the device, or the two devices, that were at the places: then it is their traffic that goes another way, by an exit",
    },
    Parameter {
        name: "exit_people",
        default: 2.0,
        unit: Unit::Count,
        doc: "other people whose own device went the same way within 30 days, between the one address and the other's country, for that address to be an exit",
    },
];

/// People, sign-ins of one, and pairs of networks that are remembered.
const MOST_PEOPLE: usize = 200_000;
const MOST_PLACES: usize = 8;
const MOST_PAIRS: usize = 100_000;
/// Ways that devices went, people of one, and for how long, µs.
const MOST_WAYS: usize = 50_000;
const MOST_ON_WAY: usize = 8;
const WAYS_LAST: i64 = 30 * DAY;

pub(in crate::detect) fn open(parameters: Parameters) -> Box<dyn Detector> {
    Box::new(ImpossibleTravel { parameters, state: State::default() })
}

#[derive(Debug)]
struct ImpossibleTravel {
    parameters: Parameters,
    state: State,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    people: Table<Places>,
    pairs: Table<Pair>,
    ways: Table<Way>,
}

/// Whose own devices went between an address and a country faster than anyone travels.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Way {
    people: Vec<Id>,
    last: i64,
}

impl Aged for Way {
    fn last(&self) -> i64 {
        self.last
    }
}

impl Way {
    fn add(&mut self, person: Id, time: i64) {
        self.last = self.last.max(time);
        if self.people.len() < MOST_ON_WAY && !self.people.contains(&person) {
            self.people.push(person);
        }
    }

    fn others(&self, person: Id) -> usize {
        self.people.iter().filter(|other| **other != person).count()
    }
}

/// Where somebody got in lately, in the order of time.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Places {
    list: VecDeque<Place>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Place {
    time: i64,
    at: At,
    place: (i32, i32),
    ip: Id,
    network: Id,
    country: Id,
    device: Id,
}

impl Aged for Places {
    fn last(&self) -> i64 {
        self.list.back().map_or(i64::MIN, |place| place.time)
    }
}

/// On which days somebody went between two networks.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Pair {
    /// The newest day, since 1970, and a bit for it and for each of the 31 before.
    day: i64,
    days: u32,
}

impl Aged for Pair {
    fn last(&self) -> i64 {
        self.day * DAY
    }
}

impl Pair {
    fn add(&mut self, day: i64) {
        let ahead = u32::try_from((day - self.day).unsigned_abs()).unwrap_or(u32::MAX);
        if day > self.day {
            self.days = self.days.checked_shl(ahead).unwrap_or(0) | 1;
            self.day = day;
        } else {
            self.days |= 1_u32.checked_shl(ahead).unwrap_or(0);
        }
    }

    /// Days with a bit among the 7 before a day.
    fn of_week_before(&self, day: i64) -> u32 {
        let newer = u32::try_from(self.day - day + 1).unwrap_or(0);
        let older = u32::try_from(day - 1 - self.day).unwrap_or(0);
        let days = self.days.checked_shr(newer).unwrap_or(0);
        let days = days.checked_shl(older).unwrap_or(0);
        (days & 0x7f).count_ones()
    }
}

impl Detector for ImpossibleTravel {
    fn look(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        let Some(place) = row.place.filter(|_| row.step == Step::In && row.is_human()) else {
            return;
        };
        if row.person == 0 || row.is_exit || row.is_proxy {
            return;
        }
        let here = Place {
            time: row.time,
            at: row.at,
            place,
            ip: row.ip,
            network: row.network,
            country: row.country,
            device: row.device,
        };
        let places = self.state.people.row(row.person, MOST_PEOPLE);
        let number =
            places.list.partition_point(|other| (other.time, other.at) <= (here.time, here.at));
        let before = number.checked_sub(1).and_then(|before| places.list.get(before)).copied();
        let after = places.list.get(number).copied();
        if before.is_some_and(|before| before.at == here.at) {
            return;
        }
        places.list.insert(number, here);
        if places.list.len() > MOST_PLACES {
            places.list.pop_front();
        }
        for other in [before, after].into_iter().flatten() {
            self.compare(&other, &here, row, known, out);
        }
    }

    fn forget(&mut self, now: i64) {
        self.state.people.forget_before(now - 2 * DAY);
        self.state.pairs.forget_before(now - 8 * DAY);
        self.state.ways.forget_before(now - WAYS_LAST);
    }

    keeps_its_state!();
}

impl ImpossibleTravel {
    fn compare(
        &mut self,
        other: &Place,
        here: &Place,
        row: &Row,
        known: &Known<'_>,
        out: &mut Out<'_>,
    ) {
        if other.network == here.network && other.network != 0 {
            return;
        }
        let pair = pair_of(other, here);
        let day = here.time.div_euclid(DAY);
        let pairs = self.state.pairs.get(pair).copied().unwrap_or_default();
        if here.time - other.time < DAY {
            self.state.pairs.row(pair, MOST_PAIRS).add(day);
        }
        let distance = distance_km(other.place, here.place);
        let hours = crate::stats::real((here.time - other.time).abs()) / crate::stats::real(HOUR);
        let speed = self.parameters.number("speed");
        if distance <= self.parameters.number("distance") || distance <= speed * hours {
            return;
        }
        let is_used = pairs.of_week_before(day) >= self.parameters.count("pair_days");
        if self.is_own_devices(other, here, row, known) {
            // One of the two is an exit; which one, others will show.
            for way in ways_of(other, here) {
                self.state.ways.row(way, MOST_WAYS).add(row.person, row.time);
            }
            return;
        }
        if is_used || self.is_by_exit(other, here, row.person) {
            return;
        }
        let (first, last) = if other.time <= here.time { (other, here) } else { (here, other) };
        let report = Report {
            form: "",
            about: About::Person,
            subject: row.person,
            row,
            severity: if row.privileged { Severity::High } else { Severity::Medium },
            count: 1,
        };
        out.report(&report, |names| Words {
            observation: format!(
                "Got in from {} ({}, {}) and {} later from {} ({}, {}), {distance:.0} km away.",
                names.of(first.ip),
                names.of(first.country),
                names.of(first.network),
                lasted(last.time - first.time),
                names.of(last.ip),
                names.of(last.country),
                names.of(last.network),
            ),
            baseline: format!(
                "That takes {:.0} km/h; {speed:.0} km/h is the fastest that anyone travels. The two aren't the same network or device, a known exit, or networks between which the organisation moves daily.",
                distance / hours.max(1.0 / 3600.0)
            ),
            evidence: vec![first.at, last.at],
            first: first.time,
            subject: None, key: None, });
    }

    /// Devices of others went the same way.
    fn is_by_exit(&self, other: &Place, here: &Place, person: Id) -> bool {
        let enough = usize::try_from(self.parameters.count("exit_people")).unwrap_or(usize::MAX);
        ways_of(other, here)
            .into_iter()
            .any(|way| self.state.ways.get(way).is_some_and(|way| way.others(person) >= enough))
    }

    /// A device that the person has had for some time isn't at two places, nor is their phone
    /// far from their laptop: what one of them sends goes by an exit somewhere.
    fn is_own_devices(&self, other: &Place, here: &Place, row: &Row, known: &Known<'_>) -> bool {
        let Some(person) = known.habits.person(row.person) else { return false };
        let began = here.time.min(other.time);
        let is_own = |device: Id| {
            let row = Row { device, ..*row };
            let device = person.known(Habit::Device, &row);
            device.is_some_and(|device| began - device.first >= self.parameters.span("device_days"))
        };
        is_own(here.device) && is_own(other.device)
    }
}

/// Between either address and the country of the other.
const fn ways_of(one: &Place, other: &Place) -> [Id; 2] {
    [mix(one.ip, other.country), mix(other.ip, one.country)]
}

/// The number of two networks with their countries, in either order.
fn pair_of(one: &Place, other: &Place) -> Id {
    let (one, other) = (mix(one.network, one.country), mix(other.network, other.country));
    mix(one.min(other), one.max(other))
}

/// A span of time in words.
fn lasted(span: i64) -> String {
    let minutes = span.unsigned_abs() / 60_000_000;
    match minutes {
        0 => "less than a minute".to_owned(),
        1 => "a minute".to_owned(),
        2..120 => format!("{minutes} minutes"),
        _ => format!("{} hours", minutes / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_week_before_are_counted_in_any_order() {
        let mut pair = Pair::default();
        for day in [100, 98, 99, 93, 92, 100] {
            pair.add(day);
        }
        // Before day 101: 94 to 100, of which 98, 99 and 100 are there.
        assert_eq!(pair.of_week_before(101), 3);
        // Before day 100: 93 to 99.
        assert_eq!(pair.of_week_before(100), 3);
        assert_eq!(pair.of_week_before(106), 2);
        assert_eq!(pair.of_week_before(200), 0);
    }
}
