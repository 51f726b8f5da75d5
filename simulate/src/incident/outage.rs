//! A provider is down: errors of its own every few minutes, and somebody
//! opens the envelope with the break-glass key.

use chrono::TimeDelta;

use super::{Cast, Planned};
use crate::cloudtrail;
use crate::okta::{Actor, Happening, Stage};
use crate::people::{Role, Work};
use crate::record::Outbox;
use crate::world::{Chance, Device, Network};

pub(crate) fn tell(planned: &Planned, cast: &Cast, out: &mut Outbox, chance: &mut Chance) {
    let (from, to) = (planned.label.from, planned.label.to);
    let network = Network::cloud(0);
    let device = Device::strange(from.date_naive(), true, chance);
    let session = chance.token("idx", 20);
    let mut at = from + chance.pause(10.0, 60.0);
    while at < to {
        let stage = Stage::new(Actor::system(), &network, &device, &session, chance);
        let happening = Happening {
            event_type: "system.org.rate_limit.violation",
            display: "Rate limit violation",
            result: "FAILURE",
            reason: Some("INTERNAL_ERROR"),
            warn: true,
            ..Happening::default()
        };
        stage.write(out, at, &happening, chance);
        at += chance.delay(150.0, 0.5, 600.0);
    }
    let glass = cast.services.iter().find(|one| one.work == Work::BreakGlass);
    let on_call =
        cast.people.iter().find(|person| person.role == Role::Sre && person.valid_to.is_none());
    if let (Some(glass), Some(person)) = (glass, on_call) {
        let network = Network::home(person.city, person.index);
        let laptop = person.laptop(from.date_naive());
        let opened = from + TimeDelta::minutes(35);
        cloudtrail::break_glass(glass, (&network, laptop), out, opened, chance);
    }
}
