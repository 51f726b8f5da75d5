//! A campaign against the exposed servers.

use super::Planned;
use crate::record::Outbox;
use crate::sshd;
use crate::world::{Chance, seconds};

/// Connections of one campaign.
const CONNECTIONS: usize = 2200;

pub(crate) fn tell(planned: &Planned, out: &mut Outbox, chance: &mut Chance) {
    let (from, to) = (planned.label.from, planned.label.to);
    let length = (to - from).num_seconds() as f64 - 30.0;
    for number in 0..CONNECTIONS {
        let share = number as f64 / CONNECTIONS as f64;
        let at = from + seconds(length * share) + chance.pause(0.0, 5.0);
        let network = chance.pick(&planned.networks);
        sshd::campaign(out, at, &network.ip, chance);
    }
}
