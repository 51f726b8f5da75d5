//! The company: who is in it, and everything that its vendors write of a day.

use chrono::{DateTime, NaiveDate, Utc};

use crate::incident::{self, Calendar, Cast, Incident};
use crate::look_alike::{LookAlike, LookAlikes};
use crate::people::{self, Person, Role, Rollout, Service};
use crate::plan::Plan;
use crate::record::{Outbox, Record};
use crate::traffic::{self, Surroundings};
use crate::world::Rhythm;
use crate::{github, okta};

/// A company that can be asked for any day's records.
pub struct Company {
    plan: Plan,
    rhythm: Rhythm,
    rollout: Rollout,
    people: Vec<Person>,
    services: Vec<Service>,
    calendar: Calendar,
    look_alikes: LookAlikes,
}

impl Company {
    /// Draws the people, their devices, factors and journeys, and the
    /// incidents. Takes milliseconds; days are made only when asked for.
    pub fn new(plan: &Plan) -> Self {
        let rollout = Rollout::new(plan);
        let mut people = people::roster(plan, &rollout);
        let look_alikes = LookAlikes::new(plan, &mut people);
        let calendar = Calendar::new(plan, &mut people);
        Self {
            look_alikes,
            rhythm: Rhythm::new(),
            services: people::services(plan),
            plan: plan.clone(),
            rollout,
            people,
            calendar,
        }
    }

    /// The UTC days of the plan, from `start` to the one that `until` cuts.
    /// Records of the last day after `until` are the future: see
    /// [`Company::day`].
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let (start, until) = (self.plan.start, self.plan.until);
        let first = start.date_naive();
        first.iter_days().take_while(move |date| midnight(*date) < until)
    }

    /// All records of one UTC day, in order of delivery. A pure function of
    /// the plan and the date, for any day from `start` to years after
    /// `until`; the day of `until` comes whole.
    pub fn day(&self, date: NaiveDate) -> Vec<Record> {
        let mut out = Outbox::new(date, self.calendar.outages().collect());
        let seed = self.plan.seed;
        let around = Surroundings {
            seed,
            rhythm: &self.rhythm,
            rollout: &self.rollout,
            calendar: &self.calendar,
            look_alikes: &self.look_alikes,
        };
        let helpdesk = self.one_of(Role::Support);
        let administrator = self.one_of(Role::Security);
        for person in &self.people {
            traffic::person_day(&around, person, &mut out);
            if let Some(helpdesk) = helpdesk {
                okta::enrolments(seed, person, helpdesk, &mut out);
            }
            github::second_factors(seed, person, &mut out);
        }
        for service in &self.services {
            traffic::machine_day(&around, service, &mut out);
        }
        traffic::noise_day(seed, &mut out);
        if let Some(administrator) = administrator {
            okta::policy_changes(seed, &self.rollout, administrator, &mut out);
            github::requirement(seed, &self.rollout, administrator, &mut out);
        }
        let cast =
            Cast { seed, people: &self.people, services: &self.services, rollout: &self.rollout };
        for planned in &self.calendar.planned {
            incident::tell(planned, &cast, &mut out);
        }
        self.look_alikes.tell(seed, &self.people, &self.services, &mut out);
        traffic::resend(seed, date, &mut out);
        out.into_sorted()
    }

    /// The directory as of `until`, as CSV with the columns
    /// `id,name,kind,logins,privileged_logins,team,manager,role,cohort,time_zone,invited_on,valid_from,valid_to`.
    /// Logins are `source:login`, separated by spaces.
    pub fn people_csv(&self) -> String {
        people::people_csv(&self.people, &self.services, self.plan.until)
    }

    /// The factors of every account at the end of that date, as CSV with the
    /// columns `as_of,source,login,factor,enrolled_on,status`; an account that
    /// was looked at and has no factor has one row with the factor `none`.
    pub fn factors_csv(&self, date: NaiveDate) -> String {
        people::factors_csv(&self.people, &self.services, date)
    }

    /// The labels of everything that goes wrong, in order of time.
    pub fn incidents(&self) -> Vec<Incident> {
        let planned = self.calendar.planned.iter();
        planned.map(|one| one.label.clone()).collect()
    }

    /// What only looks as if something went wrong, in order of time.
    pub fn look_alikes(&self) -> Vec<LookAlike> {
        self.look_alikes.labels()
    }

    /// Somebody of that role who is there throughout, in Europe if there is
    /// one: changes are made in the morning there.
    fn one_of(&self, role: Role) -> Option<&Person> {
        let start = self.plan.start.date_naive();
        let throughout = |person: &&Person| {
            person.role == role && person.valid_to.is_none() && person.valid_from < start
        };
        let mut found = self.people.iter().filter(throughout);
        let europe = |person: &&Person| person.city.zone.name().starts_with("Europe/");
        found.clone().find(europe).or_else(|| found.next())
    }
}

fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(chrono::NaiveTime::MIN).and_utc()
}
