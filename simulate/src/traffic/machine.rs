//! Service accounts: a steady rhythm, a little more by day.

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};

use super::Surroundings;
use crate::people::{Service, Work};
use crate::record::Outbox;
use crate::world::{Chance, City, Device, Network, Stream};
use crate::{cloudtrail, github, okta, sshd};

/// Everything that one service account does on a UTC day.
pub(crate) fn machine_day(around: &Surroundings, service: &Service, out: &mut Outbox) {
    let seed = around.seed;
    match service.work {
        Work::Builds => github::builds(seed, service, out),
        Work::AccessKey => cloudtrail::access_key(seed, service, out),
        Work::Deploys => sshd::deploys(seed, service, out),
        Work::Shared => okta::shared(seed, service, out),
        Work::BreakGlass => drill(seed, service, out),
    }
}

/// A break-glass account is tried out on the second Tuesday of a quarter.
fn drill(seed: u64, account: &Service, out: &mut Outbox) {
    let date = out.from().date_naive();
    let quarter = date.month0().is_multiple_of(3);
    if !quarter || date.weekday() != Weekday::Tue || !(8..15).contains(&date.day()) {
        return;
    }
    let stamp = out.from().timestamp().unsigned_abs();
    let mut chance = Chance::new(seed, Stream::Service, account.index as u64, stamp);
    let at = out.from() + TimeDelta::hours(9) + chance.pause(0.0, 3600.0);
    let network = Network::office(City::at(0));
    let device = Device::strange(date, false, &mut chance);
    cloudtrail::break_glass(account, (&network, &device), out, at, &mut chance);
}

/// The day's runs, each with a generator of its own. The hour before the day
/// is included: a run that began in it may end in the day.
pub(crate) fn runs(
    seed: u64,
    service: &Service,
    out: &Outbox,
) -> impl Iterator<Item = (DateTime<Utc>, Chance)> + use<> {
    let (key, rate) = (service.index as u64, service.rate);
    let first = out.from() - TimeDelta::hours(1);
    (0..25).flat_map(move |hour| {
        let start = first + TimeDelta::hours(hour);
        let stamp = start.timestamp().unsigned_abs();
        let mut chance = Chance::new(seed, Stream::Service, key, stamp);
        let busy = if (7..20).contains(&((hour + 23) % 24)) { 1.25 } else { 0.7 };
        let count = u64::from(chance.poisson(rate * busy));
        let times: Vec<DateTime<Utc>> =
            (0..count).map(|_| start + chance.pause(0.0, 3600.0)).collect();
        times.into_iter().zip(0_u64..).map(move |(at, number)| {
            (at, Chance::new(seed, Stream::Service, (key << 32) | (number + 1), stamp))
        })
    })
}
