//! A common password tried on many accounts, from one address or many.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Cast, IncidentKind, Planned};
use crate::entra::{self, Attempt, Step, Verdict};
use crate::okta::{self, Actor, Opening, Stage};
use crate::people::{Idp, Person, Phase};
use crate::record::Outbox;
use crate::traffic::App;
use crate::world::{Chance, Device, Network};

/// Logins that the list has and the company doesn't.
const STRANGERS: [&str; 6] = [
    "admin@corp.example",
    "info@corp.example",
    "test@corp.example",
    "sales@corp.example",
    "hr@corp.example",
    "old.account@corp.example",
];

pub(crate) fn tell(planned: &Planned, cast: &Cast, out: &mut Outbox, chance: &mut Chance) {
    let label = &planned.label;
    let distributed = label.kind == IncidentKind::DistributedSpray;
    let device = Device::strange(label.from.date_naive(), true, chance);
    let rounds = if distributed { 2 } else { 1 };
    let tries = planned.victims.len() * rounds + STRANGERS.len();
    let length = (label.to - label.from).num_milliseconds() as f64 / 1000.0 - 90.0;
    let lucky = lucky(planned, cast, chance);
    for number in 0..tries {
        let at = label.from
            + crate::world::seconds(length * number as f64 / tries as f64)
            + chance.pause(0.0, 4.0);
        let network = chance.pick(&planned.networks);
        let knock = Knock { network, device: &device, at };
        let victim = planned.victims.get(number % planned.victims.len().max(1));
        match victim.and_then(|index| cast.people.get(*index)) {
            Some(person) if number < planned.victims.len() * rounds => {
                let right = !distributed && Some(person.index) == lucky;
                knock.try_person(person, cast, right, out, chance);
            }
            _ => knock.try_stranger(chance.pick::<&str>(&STRANGERS), out, chance),
        }
    }
}

/// Whose password it is: somebody with a factor, at which the try ends.
fn lucky(planned: &Planned, cast: &Cast, chance: &mut Chance) -> Option<usize> {
    let protected = |index: &&usize| {
        let person = cast.people.get(**index);
        person.is_some_and(|person| person.has_factor(planned.label.from))
    };
    let victims: Vec<&usize> = planned.victims.iter().filter(protected).collect();
    victims.get(chance.below(victims.len())).map(|index| **index)
}

/// One try.
struct Knock<'a> {
    network: &'a Network,
    device: &'a Device,
    at: DateTime<Utc>,
}

impl Knock<'_> {
    fn try_person(
        &self,
        person: &Person,
        cast: &Cast,
        right: bool,
        out: &mut Outbox,
        chance: &mut Chance,
    ) {
        match person.idp {
            Idp::Okta => {
                let session = chance.token("idx", 20);
                let actor = Actor::person(person);
                let mut stage = Stage::new(actor, self.network, self.device, &session, chance);
                stage.unusual = true;
                if right {
                    let phase = cast.rollout.phase(person.cohort, self.at);
                    let opening = Opening { cohort: person.cohort, phase, challenge: true };
                    okta::open(&stage, out, self.at, opening, chance);
                } else {
                    okta::bad_password(&stage, out, self.at, chance);
                }
            }
            Idp::Entra => self.try_entra(person, cast, right, out, chance),
        }
    }

    fn try_entra(
        &self,
        person: &Person,
        cast: &Cast,
        right: bool,
        out: &mut Outbox,
        chance: &mut Chance,
    ) {
        let (id, correlation, session) = (chance.uuid(), chance.uuid(), chance.uuid());
        let phase = cast.rollout.phase(person.cohort, self.at);
        let steps = [Step::Password { at: self.at, right }];
        let asked = if phase == Phase::Enforced { 50076 } else { 50074 };
        let attempt = Attempt {
            id: &id,
            correlation: &correlation,
            session: &session,
            person,
            network: self.network,
            device: self.device,
            app: App::Mail,
            phase,
            begun: self.at,
            interactive: true,
            unusual: true,
            steps: &steps,
            status: entra::Status::error(if right { asked } else { 50126 }, None),
            verdict: if right { Verdict::Interrupted } else { Verdict::NotReached },
        };
        entra::write(&attempt, out, self.at + TimeDelta::milliseconds(700), chance);
    }

    fn try_stranger(&self, login: &str, out: &mut Outbox, chance: &mut Chance) {
        let session = chance.token("idx", 20);
        let stage = Stage::new(Actor::unknown(login), self.network, self.device, &session, chance);
        let happening = okta::Happening {
            event_type: "user.session.start",
            display: "User login to Okta",
            legacy: Some("core.user_auth.login_failed"),
            result: "FAILURE",
            reason: Some("VERIFICATION_ERROR"),
            warn: true,
            ..okta::Happening::default()
        };
        stage.write(out, self.at, &happening, chance);
    }
}
