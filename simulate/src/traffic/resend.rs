//! Vendors deliver at least once: a few lines come again, byte for byte.

use chrono::NaiveDate;

use crate::record::{Feed, Outbox, Record};
use crate::world::{Chance, Stream};

/// Share of the lines that come twice.
const SHARE: f64 = 0.002;

/// Repeats some of the day's lines minutes or hours later, within the day.
/// A server's log is a file and repeats nothing.
pub(crate) fn resend(seed: u64, date: NaiveDate, out: &mut Outbox) {
    let day = u64::try_from(date.to_epoch_days()).unwrap_or(0);
    let mut chance = Chance::new(seed, Stream::Resend, day, 0);
    let mut again = Vec::new();
    for record in out.records() {
        if record.feed == Feed::Sshd || !chance.yes(SHARE) {
            continue;
        }
        let time = record.time + chance.delay(900.0, 1.3, 40_000.0);
        again.push(Record { time, ..record.clone() });
    }
    for record in again {
        out.line(record.time, record.feed, record.line);
    }
}
