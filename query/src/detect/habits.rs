//! What is usual: where, with what and when people get in. It is made of sign-ins that
//! succeeded, and asked before the sign-in at hand is added.

use serde::{Deserialize, Serialize};

use super::aged::{Aged, Table};
use super::id::{ById, Id};
use super::row::{DAY, HOUR, Row, Step};
use crate::stats::back_off::Seen;

/// What somebody may have a habit of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// A country.
    Country,
    /// A network: an autonomous system, or neighbouring addresses.
    Network,
    /// A device.
    Device,
}

impl Habit {
    /// Every one.
    pub(crate) const ALL: [Self; 3] = [Self::Country, Self::Network, Self::Device];

    /// What a row says of it; 0: nothing.
    pub(crate) const fn of(self, row: &Row) -> Id {
        match self {
            Self::Country => row.country,
            Self::Network => row.network,
            Self::Device => row.device,
        }
    }

    /// In words.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Network => "network",
            Self::Device => "device",
        }
    }
}

/// People, teams, and values of each that are remembered; the longest unused go first.
const MOST_PEOPLE: usize = 200_000;
const MOST_TEAMS: usize = 5_000;
const MOST_VALUES: usize = 48;
const MOST_TEAM_VALUES: usize = 4_000;

/// How often a value was seen, from when until when (µs since 1970 UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Use {
    pub(crate) value: Id,
    pub(crate) count: u32,
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// Values of one kind that one person has.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Uses {
    all: u32,
    /// Kinds of values ever, those that were dropped too.
    kinds: u32,
    values: Vec<Use>,
}

impl Uses {
    fn of(&self, value: Id) -> Option<&Use> {
        self.values.iter().find(|known| known.value == value)
    }

    /// Adds a use; gives whether the value is new.
    fn add(&mut self, value: Id, time: i64) -> bool {
        self.all = self.all.saturating_add(1);
        if let Some(known) = self.values.iter_mut().find(|known| known.value == value) {
            known.count = known.count.saturating_add(1);
            known.first = known.first.min(time);
            known.last = known.last.max(time);
            return false;
        }
        self.kinds = self.kinds.saturating_add(1);
        if self.values.len() >= MOST_VALUES
            && let Some((oldest, _)) =
                self.values.iter().enumerate().min_by_key(|(_, known)| known.last)
        {
            self.values.swap_remove(oldest);
        }
        self.values.push(Use { value, count: 1, first: time, last: time });
        true
    }

    fn seen(&self, value: Id) -> Seen {
        Seen {
            this: self.of(value).map_or(0, |known| known.count.into()),
            all: self.all.into(),
            kinds: self.kinds.into(),
        }
    }
}

/// Of how many people each value is. A person's thousandth sign-in from home says nothing
/// more of the team than the first: these are the tables of Teh et al. 2006, 5.1.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Shares {
    all: u32,
    values: ById<u32>,
}

impl Shares {
    fn add(&mut self, value: Id) {
        self.all = self.all.saturating_add(1);
        if self.values.len() >= MOST_TEAM_VALUES && !self.values.contains_key(&value) {
            // Those seen once or twice go; they weigh next to nothing.
            self.values.retain(|_, count| *count > 2);
        }
        let count = self.values.entry(value).or_default();
        *count = count.saturating_add(1);
    }

    fn seen(&self, value: Id) -> Seen {
        Seen {
            this: self.values.get(&value).copied().unwrap_or_default().into(),
            all: self.all.into(),
            kinds: i64::try_from(self.values.len()).unwrap_or(i64::MAX),
        }
    }
}

/// Sign-ins by hour of the week on somebody's own clock, 0 is Monday's first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Clock {
    hours: Vec<u32>,
    pub(crate) total: u32,
}

impl Clock {
    fn add(&mut self, hour: usize) {
        if self.hours.is_empty() {
            self.hours.resize(168, 0);
        }
        if let Some(count) = self.hours.get_mut(hour) {
            *count = count.saturating_add(1);
            self.total = self.total.saturating_add(1);
        }
    }

    /// Hours of the week that have sign-ins, and how many.
    pub(crate) fn week(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        self.hours.iter().copied().enumerate().filter(|(_, count)| *count > 0)
    }
}

/// What is usual for one person.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Person {
    countries: Uses,
    networks: Uses,
    devices: Uses,
    /// Neighbouring addresses: not every source tells the network.
    subnets: Uses,
    pub(crate) clock: Clock,
    /// The hour, since 1970, that was counted last: what follows within it isn't a new one.
    counted: i64,
    pub(crate) sign_ins: u32,
    /// First and last sign-in.
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Aged for Person {
    fn last(&self) -> i64 {
        self.last
    }
}

impl Person {
    const fn uses(&self, habit: Habit) -> &Uses {
        match habit {
            Habit::Country => &self.countries,
            Habit::Network => &self.networks,
            Habit::Device => &self.devices,
        }
    }

    /// What is known of what a row says; of a network also by the addresses beside it.
    pub(crate) fn known(&self, habit: Habit, row: &Row) -> Option<&Use> {
        let known = self.uses(habit).of(habit.of(row)).filter(|known| known.value != 0);
        match habit {
            Habit::Network if row.subnet != 0 => known.or_else(|| self.subnets.of(row.subnet)),
            _ => known,
        }
    }

    /// How often it was seen.
    pub(crate) fn seen(&self, habit: Habit, value: Id) -> Seen {
        self.uses(habit).seen(value)
    }
}

/// What is usual for a team, or for all.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Group {
    countries: Shares,
    networks: Shares,
    devices: Shares,
    pub(crate) clock: Clock,
    last: i64,
}

impl Aged for Group {
    fn last(&self) -> i64 {
        self.last
    }
}

impl Group {
    /// How often a value was seen.
    pub(crate) fn seen(&self, habit: Habit, value: Id) -> Seen {
        match habit {
            Habit::Country => self.countries.seen(value),
            Habit::Network => self.networks.seen(value),
            Habit::Device => self.devices.seen(value),
        }
    }

    fn add(&mut self, row: &Row, new: [bool; 3], hour: Option<usize>) {
        self.last = self.last.max(row.time);
        let shares = [&mut self.countries, &mut self.networks, &mut self.devices];
        for ((shares, habit), is_new) in shares.into_iter().zip(Habit::ALL).zip(new) {
            if is_new {
                shares.add(habit.of(row));
            }
        }
        if let Some(hour) = hour {
            self.clock.add(hour);
        }
    }
}

/// What is usual for everybody.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Habits {
    people: Table<Person>,
    teams: Table<Group>,
    pub(crate) all: Group,
}

impl Habits {
    /// One person's.
    pub(crate) fn person(&self, person: Id) -> Option<&Person> {
        self.people.get(person)
    }

    /// One team's; everybody's where it isn't known.
    pub(crate) fn team(&self, team: Id) -> &Group {
        self.teams.get(team).unwrap_or(&self.all)
    }

    /// Whether a person got in from there, or with that device, within `days` days
    /// before: what fails there is most likely their own mistake.
    pub(crate) fn is_own(&self, row: &Row, days: i64) -> bool {
        let Some(person) = self.people.get(row.person) else { return false };
        let known = |habit| {
            let known = person.known(habit, row);
            known.is_some_and(|known| (known.last - row.time).abs() <= days * DAY)
        };
        known(Habit::Network) || known(Habit::Device)
    }

    /// Whether a person never got in from that network; `None` where nothing is told.
    pub(crate) fn is_new(&self, row: &Row, habit: Habit, before: i64) -> Option<bool> {
        let value = habit.of(row);
        if value == 0 {
            return None;
        }
        let known = self.people.get(row.person)?.known(habit, row);
        Some(known.is_none_or(|known| known.first >= before))
    }

    /// Adds a sign-in that succeeded.
    pub(crate) fn add(&mut self, row: &Row) {
        if row.step != Step::In {
            return;
        }
        let person = self.people.row(row.person, MOST_PEOPLE);
        if person.sign_ins == 0 {
            person.first = row.time;
            person.counted = i64::MIN;
        }
        person.sign_ins = person.sign_ins.saturating_add(1);
        person.first = person.first.min(row.time);
        person.last = person.last.max(row.time);
        let mut new = [false; 3];
        let uses = [&mut person.countries, &mut person.networks, &mut person.devices];
        for ((uses, habit), is_new) in uses.into_iter().zip(Habit::ALL).zip(&mut new) {
            let value = habit.of(row);
            *is_new = value != 0 && uses.add(value, row.time);
        }
        if row.subnet != 0 {
            person.subnets.add(row.subnet, row.time);
        }
        if !row.is_human() {
            return;
        }
        let hour = (row.time / HOUR != person.counted).then(|| hour_of_week(row));
        person.counted = row.time / HOUR;
        if let Some(hour) = hour {
            person.clock.add(hour);
        }
        if row.team != 0 {
            self.teams.row(row.team, MOST_TEAMS).add(row, new, hour);
        }
        self.all.add(row, new, hour);
    }
}

/// The hour of the week on the person's own clock, 0 is Monday's first.
pub(crate) fn hour_of_week(row: &Row) -> usize {
    let own = row.time + i64::from(row.offset) * 60_000_000;
    // 1970 began on a Thursday.
    let hours = own.div_euclid(HOUR) + 3 * 24;
    usize::try_from(hours.rem_euclid(168)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(time: i64) -> Row {
        Row { time, person: 1, team: 2, network: 3, device: 4, step: Step::In, ..Row::default() }
    }

    #[test]
    fn a_week_begins_on_monday_on_the_own_clock() {
        // 2026-03-02 is a Monday.
        let monday = 1_772_409_600_000_000;
        assert_eq!(hour_of_week(&row(monday)), 0);
        assert_eq!(hour_of_week(&row(monday - 1)), 167);
        let late = Row { offset: -300, ..row(monday) };
        assert_eq!(hour_of_week(&late), 163);
    }

    #[test]
    fn what_was_used_lately_is_their_own() {
        let mut habits = Habits::default();
        habits.add(&row(100 * DAY));
        let later = |days: i64| Row { time: (100 + days) * DAY, device: 9, ..row(0) };
        assert!(habits.is_own(&later(30), 30));
        assert!(!habits.is_own(&Row { time: 131 * DAY, ..row(0) }, 30));
        assert!(!habits.is_own(&Row { network: 8, ..later(1) }, 30));
        assert_eq!(habits.is_new(&later(1), Habit::Network, i64::MAX), Some(false));
        assert_eq!(habits.is_new(&later(1), Habit::Device, i64::MAX), Some(true));
        assert_eq!(habits.is_new(&later(1), Habit::Country, i64::MAX), None);
    }

    #[test]
    fn only_who_got_in_has_habits_and_an_hour_counts_once() {
        let mut habits = Habits::default();
        habits.add(&Row { step: Step::Opened, ..row(DAY) });
        assert!(habits.person(1).is_none());
        for minutes in [0, 10, 59, 60] {
            habits.add(&row(100 * DAY + minutes * 60_000_000));
        }
        let person = habits.person(1).expect("known");
        assert_eq!((person.sign_ins, person.clock.total), (4, 2));
    }
}
