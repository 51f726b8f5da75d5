//! The password is known; the person is asked until they give in.

use chrono::TimeDelta;

use super::{Cast, Planned};
use crate::okta::{Actor, Opening, Stage, deny, open, prompt, reach_app, verify};
use crate::people::Phase;
use crate::record::Outbox;
use crate::traffic::App;
use crate::world::{Chance, Device};

pub(crate) fn tell(planned: &Planned, cast: &Cast, out: &mut Outbox, chance: &mut Chance) {
    let victim = planned.victims.first().and_then(|index| cast.people.get(*index));
    let (Some(person), Some(network)) = (victim, planned.networks.first()) else {
        return;
    };
    let from = planned.label.from;
    let push =
        person.timeline.holdings.iter().find(|held| held.active(from) && held.factor.is_push());
    let Some(held) = push else {
        return;
    };
    let device = Device::strange(from.date_naive(), false, chance);
    let session = chance.token("idx", 20);
    let opening = Opening {
        cohort: person.cohort,
        phase: cast.rollout.phase(person.cohort, from).max(Phase::Pilot),
        challenge: true,
    };
    let mut at = from + TimeDelta::seconds(5);
    let last = planned.label.to - TimeDelta::minutes(8);
    for number in 0.. {
        let mut stage = Stage::new(Actor::person(person), network, &device, &session, chance);
        stage.unusual = true;
        let asked = if number % 4 == 0 { open(&stage, out, at, opening, chance) } else { at };
        if asked > last || number >= 24 {
            let answered = verify(&stage, out, asked, held, chance);
            let mail = answered + chance.pause(0.2, 1.0);
            reach_app(&stage, out, mail, App::Mail, Some(opening), chance);
            let wiki = mail + chance.pause(60.0, 200.0);
            reach_app(&stage, out, wiki, App::Wiki, None, chance);
            return;
        }
        at = if chance.yes(0.6) {
            deny(&stage, out, asked, held, chance) + chance.pause(15.0, 45.0)
        } else {
            prompt(&stage, out, asked, held, chance);
            asked + chance.pause(60.0, 75.0)
        };
    }
}
