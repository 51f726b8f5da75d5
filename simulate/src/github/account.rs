//! Changes of accounts and of the organisation: second factors.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::event::{Actor, More, write};
use crate::people::{Cohort, Person, Rollout};
use crate::record::Outbox;
use crate::world::{Chance, Device, Network, Stream};

/// The day on which somebody turns on the second factor of their own account.
pub(crate) fn second_factors(seed: u64, person: &Person, out: &mut Outbox) {
    let date = out.from().date_naive();
    let Some(login) = person.github.as_deref() else {
        return;
    };
    if person.github_2fa != date || !person.employed(date) {
        return;
    }
    let mut chance = Chance::new(seed, Stream::Enrolment, person.key(), u64::MAX);
    let at =
        date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(chance.between(500, 1000));
    let network = Network::office(person.city);
    let actor = Actor {
        login,
        id: person.github_id,
        bot: false,
        identity: Some(&person.email),
        network: &network,
        agent: person.laptop(date).make.user_agent,
    };
    let more = More { user: Some(login), ..More::default() };
    write(
        out,
        at,
        actor,
        ("two_factor_authentication.enabled", "create"),
        more.clone(),
        &mut chance,
    );
    let codes = ("two_factor_authentication.recovery_codes_downloaded", "access");
    write(out, at + chance.pause(5.0, 40.0), actor, codes, more, &mut chance);
}

/// Somebody has a person's recovery codes shown, and uses one.
pub(crate) fn recovery_codes(
    person: &Person,
    (network, device): (&Network, &Device),
    out: &mut Outbox,
    at: DateTime<Utc>,
    chance: &mut Chance,
) {
    let Some(login) = person.github.as_deref() else {
        return;
    };
    let actor = Actor {
        login,
        id: person.github_id,
        bot: false,
        identity: Some(&person.email),
        network,
        agent: device.make.user_agent,
    };
    let more = More { user: Some(login), ..More::default() };
    let viewed = ("two_factor_authentication.recovery_codes_viewed", "access");
    write(out, at, actor, viewed, more.clone(), chance);
    let used = ("org.recovery_code_used", "authentication");
    write(out, at + chance.pause(60.0, 240.0), actor, used, more, chance);
}

/// The day on which the organisation requires a second factor of everybody.
pub(crate) fn requirement(seed: u64, rollout: &Rollout, admin: &Person, out: &mut Outbox) {
    let at = rollout.enforced(Cohort::Wave1) + TimeDelta::minutes(20);
    let Some(login) = admin.github.as_deref().filter(|_| out.wants(at)) else {
        return;
    };
    let mut chance = Chance::new(seed, Stream::Policy, u64::MAX, 0);
    let network = Network::office(admin.city);
    let actor = Actor {
        login,
        id: admin.github_id,
        bot: false,
        identity: Some(&admin.email),
        network: &network,
        agent: admin.laptop(at.date_naive()).make.user_agent,
    };
    let action = ("org.enable_two_factor_requirement", "modify");
    write(out, at, actor, action, More::default(), &mut chance);
}
