//! What knocks at the servers every day.

use chrono::TimeDelta;

use crate::record::Outbox;
use crate::sshd;
use crate::world::{Chance, Stream};

/// Connections an hour, all hosts together.
const AN_HOUR: f64 = 9.0;

/// The day's noise. It comes in gusts: some hours have five times the usual.
pub(crate) fn noise_day(seed: u64, out: &mut Outbox) {
    let first = out.from() - TimeDelta::hours(1);
    for hour in 0..25 {
        let start = first + TimeDelta::hours(hour);
        let mut chance = Chance::new(seed, Stream::Noise, start.timestamp().unsigned_abs(), 0);
        let gust = chance.log_normal(0.8, 0.7).min(6.0);
        for _ in 0..chance.poisson(AN_HOUR * gust) {
            let at = start + chance.pause(0.0, 3600.0);
            sshd::background(out, at, &mut chance);
        }
    }
}
