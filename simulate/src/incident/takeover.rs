//! After the helpdesk's reset: a factor of the caller's own, a sign-in from
//! elsewhere, secrets read. The resets are told with everybody's.

use super::{Cast, Planned};
use crate::okta::{Actor, Opening, Stage, enrolled, open, reach_app, verify};
use crate::people::Phase;
use crate::record::Outbox;
use crate::traffic::App;
use crate::world::{Chance, Device};

pub(crate) fn tell(planned: &Planned, cast: &Cast, out: &mut Outbox, chance: &mut Chance) {
    let victim = planned.victims.first().and_then(|index| cast.people.get(*index));
    let (Some(person), Some(network)) = (victim, planned.networks.first()) else {
        return;
    };
    let (from, to) = (planned.label.from, planned.label.to);
    let own = |held: &&crate::people::Holding| held.stolen && held.from > from && held.from < to;
    let Some(held) = person.timeline.holdings.iter().find(own) else {
        return;
    };
    let device = Device::strange(from.date_naive(), false, chance);
    let session = chance.token("idx", 20);
    let mut stage = Stage::new(Actor::person(person), network, &device, &session, chance);
    stage.unusual = true;
    enrolled(&stage, out, held.from, held, chance);
    let opening = Opening {
        cohort: person.cohort,
        phase: cast.rollout.phase(person.cohort, from).max(Phase::Pilot),
        challenge: true,
    };
    let begun = held.from + chance.pause(60.0, 300.0);
    let asked = open(&stage, out, begun, opening, chance);
    let answered = verify(&stage, out, asked, held, chance);
    let mail = answered + chance.pause(1.0, 5.0);
    reach_app(&stage, out, mail, App::Mail, Some(opening), chance);
    let aws = mail + chance.pause(240.0, 900.0);
    let reached = reach_app(&stage, out, aws, App::Aws, None, chance);
    crate::cloudtrail::read_secrets(person, (network, &device), out, reached, chance);
}
