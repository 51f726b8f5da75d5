//! Tells a visit to the vendors that see it.

use chrono::{DateTime, TimeDelta, Utc};

use super::app::{App, Errand};
use super::workday::{self, How, Surroundings, Visit, Workday};
use crate::people::{AwsAccess, Idp, Person};
use crate::record::Outbox;
use crate::world::{Chance, Device, Network, Stream};
use crate::{cloudtrail, entra, github, okta, sshd};

/// No visit takes longer from its first line to its last.
const LONGEST: TimeDelta = TimeDelta::minutes(90);

/// Everything that one person does on a UTC day.
pub(crate) fn person_day(around: &Surroundings, person: &Person, out: &mut Outbox) {
    let date = out.from().date_naive();
    let dates = [date.pred_opt(), Some(date), date.succ_opt()];
    for local in dates.into_iter().flatten() {
        let (from, to) = workday::span(person, local);
        if !out.overlaps(from, to + LONGEST) {
            continue;
        }
        let Some(day) = workday::plan(around, person, local) else {
            continue;
        };
        for visit in &day.visits {
            if out.overlaps(visit.at, visit.at + LONGEST) {
                Scene::new(around, person, &day, visit).tell(out);
            }
        }
    }
}

/// A visit and everything that its telling needs.
pub(crate) struct Scene<'a> {
    pub(crate) around: &'a Surroundings<'a>,
    pub(crate) person: &'a Person,
    pub(crate) visit: &'a Visit,
    pub(crate) network: &'a Network,
    pub(crate) device: &'a Device,
    pub(crate) session: String,
    pub(crate) chance: Chance,
}

impl<'a> Scene<'a> {
    fn new(
        around: &'a Surroundings<'a>,
        person: &'a Person,
        day: &'a Workday,
        visit: &'a Visit,
    ) -> Self {
        let number = u64::try_from(day.date.to_epoch_days()).unwrap_or(0) << 16;
        let mut session =
            Chance::new(around.seed, Stream::Session, person.key(), number | visit.session);
        let device = if visit.phone { person.phone(day.date) } else { person.laptop(day.date) };
        Self {
            around,
            person,
            visit,
            network: if visit.vpn { &day.vpn } else { &day.base },
            device,
            session: match person.idp {
                Idp::Okta => session.token("idx", 20),
                Idp::Entra => session.uuid(),
            },
            chance: Chance::new(around.seed, Stream::Visit, person.key(), number | visit.number),
        }
    }

    /// A generator of its own for a part of the telling.
    pub(crate) fn fork(&self, part: u64) -> Chance {
        let key = self.visit.at.timestamp_micros().unsigned_abs();
        let person = (self.person.key() << 8) | part;
        Chance::new(self.around.seed, Stream::SideJob, person, key)
    }

    fn tell(&mut self, out: &mut Outbox) {
        match self.visit.errand {
            Errand::App(app) => {
                let reached = match self.person.idp {
                    Idp::Okta => okta::visit(self, out, app),
                    Idp::Entra => entra::visit(self, out, app),
                };
                self.arrive(out, app, reached);
            }
            Errand::Git => github::git_session(self, out, self.visit.at),
            Errand::Server => sshd::person_session(self, out),
            Errand::OwnAws => match self.person.aws {
                AwsAccess::IdentityCenter => cloudtrail::identity_center(self, out),
                _ => cloudtrail::iam_user(self, out),
            },
        }
    }

    /// What the application itself writes once the assertion has arrived.
    fn arrive(&mut self, out: &mut Outbox, app: App, reached: Option<DateTime<Utc>>) {
        match (app, reached) {
            (App::Aws, Some(at)) => cloudtrail::federated_console(self, out, at),
            (App::Aws, None) if self.visit.sign_in == Some(How::Outage) => {
                cloudtrail::federation_fails(self, out);
            }
            (App::GitHub, Some(at)) => github::browser_session(self, out, at),
            _ => {}
        }
    }
}
