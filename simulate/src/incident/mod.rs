//! What goes wrong, and the labels that say so.
//!
//! `rehearsed` has what happens only where detectors are measured.

mod calendar;
mod label;
mod outage;
mod push_bombing;
mod rehearsed;
mod spray;
mod ssh_guessing;
mod takeover;

pub(crate) use calendar::{Calendar, Planned};
pub use label::{Incident, IncidentKind};

use crate::people::{Person, Rollout, Service};
use crate::record::Outbox;
use crate::world::{Chance, Stream};

/// What telling an incident reads.
pub(crate) struct Cast<'a> {
    pub(crate) seed: u64,
    pub(crate) people: &'a [Person],
    pub(crate) services: &'a [Service],
    pub(crate) rollout: &'a Rollout,
}

/// Writes what falls into the day of one incident.
pub(crate) fn tell(planned: &Planned, cast: &Cast, out: &mut Outbox) {
    // What comes up to an incident may lie long before it.
    let from = planned.label.from - rehearsed::before(planned.label.kind);
    if !out.overlaps(from, planned.label.to) {
        return;
    }
    let chance = &mut Chance::new(cast.seed, Stream::Incident, planned.key, 0);
    match planned.label.kind {
        IncidentKind::PushBombing => push_bombing::tell(planned, cast, out, chance),
        IncidentKind::PasswordSpray | IncidentKind::DistributedSpray => {
            spray::tell(planned, cast, out, chance);
        }
        IncidentKind::FactorResetTakeover => takeover::tell(planned, cast, out, chance),
        IncidentKind::ProviderOutage => outage::tell(planned, cast, out, chance),
        IncidentKind::SshGuessing => ssh_guessing::tell(planned, out, chance),
        _ => rehearsed::tell(planned, cast, out, chance),
    }
}
