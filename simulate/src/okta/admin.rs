//! What is changed at Okta: factors enrolled, removed and reset, accounts
//! locked and recovered, policies tightened.

use chrono::{DateTime, Utc};

use super::event::{DebugData, Detail, Happening, Target};
use super::stage::{Actor, Stage};
use crate::people::{Ending, Holding, Idp, Person};
use crate::record::Outbox;
use crate::world::{Chance, Network, Stream};

/// The day's changes of one person's factors, as the timeline has them.
pub(crate) fn enrolments(seed: u64, person: &Person, helpdesk: &Person, out: &mut Outbox) {
    if person.idp != Idp::Okta {
        return;
    }
    for (number, held) in person.timeline.holdings.iter().enumerate() {
        let ends = held.to.is_some_and(|(to, _)| out.wants(to));
        if !out.wants(held.from) && !ends || !person.employed(out.from().date_naive()) {
            continue;
        }
        let key = (number as u64) << 32 | person.key();
        let mut chance = Chance::new(seed, Stream::Enrolment, key, 0);
        let session = chance.token("idx", 20);
        let network = Network::vpn(person.city);
        let device = person.laptop(out.from().date_naive());
        let stage = Stage::new(Actor::person(person), &network, device, &session, &mut chance);
        // A factor that somebody else enrolled is told with that incident.
        if !held.stolen {
            enrolled(&stage, out, held.from, held, &mut chance);
        }
        match held.to {
            Some((to, Ending::Removed)) => {
                factor_event(&stage, out, to, held, "user.mfa.factor.deactivate", &mut chance);
            }
            // One event for all factors: that of the first that ends by it.
            Some((to, Ending::Reset)) if first_reset(person, number, to) => {
                reset_all(&stage, out, to, person, helpdesk, &mut chance);
            }
            _ => {}
        }
    }
}

/// A factor is set up.
pub(crate) fn enrolled(
    stage: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    held: &Holding,
    chance: &mut Chance,
) {
    factor_event(stage, out, at, held, "user.mfa.factor.activate", chance);
}

fn first_reset(person: &Person, number: usize, at: DateTime<Utc>) -> bool {
    let same = |held: &Holding| held.to == Some((at, Ending::Reset));
    person.timeline.holdings.iter().position(same) == Some(number)
}

fn factor_event(
    stage: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    held: &Holding,
    event_type: &str,
    chance: &mut Chance,
) {
    let words = held.factor.okta();
    let active = event_type.ends_with(".activate");
    let reason =
        format!("User {} {} factor", if active { "set up" } else { "reset" }, words.factor);
    let targets = [
        Target {
            id: stage.actor.id,
            kind: "User",
            alternate_id: stage.actor.alternate_id,
            display_name: stage.actor.name,
            change_details: None,
            detail_entry: None,
        },
        Target {
            id: &held.id,
            kind: "AuthenticatorEnrollment",
            alternate_id: words.authenticator,
            display_name: words.authenticator,
            change_details: None,
            detail_entry: Some(Detail {
                method_type_used: Some(words.method),
                method_used_verified_properties: Some(words.verified),
                ..Detail::default()
            }),
        },
    ];
    let happening = Happening {
        event_type,
        display: if active {
            "Activate factor or authenticator enrollment"
        } else {
            "Reset factor or authenticator enrollment"
        },
        legacy: Some(if active { "core.user.factor.activate" } else { "core.user.factor.reset" }),
        result: "SUCCESS",
        reason: Some(&reason),
        targets: &targets,
        debug: DebugData {
            factor: Some(words.factor),
            factor_intent: active.then_some("ENROLLMENT"),
            request_uri: Some("/idp/idx/credential/enroll"),
            ..DebugData::default()
        },
        ..Happening::default()
    };
    stage.write(out, at, &happening, chance);
}

fn reset_all(
    of: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    person: &Person,
    helpdesk: &Person,
    chance: &mut Chance,
) {
    let session = chance.token("idx", 20);
    let network = Network::office(helpdesk.city);
    let device = helpdesk.laptop(at.date_naive());
    let stage = Stage::new(Actor::person(helpdesk), &network, device, &session, chance);
    let uri = format!("/api/v1/users/{}/lifecycle/reset_factors", person.okta_id);
    let happening = Happening {
        event_type: "user.mfa.factor.reset_all",
        display: "Reset all factors for user",
        legacy: Some("core.user.factor.reset_all"),
        result: "SUCCESS",
        warn: true,
        targets: &[user_target(of.actor)],
        debug: DebugData { request_uri: Some(&uri), ..DebugData::default() },
        ..Happening::default()
    };
    stage.write(out, at, &happening, chance);
}

pub(crate) fn user_target(actor: Actor<'_>) -> Target<'_> {
    Target {
        id: actor.id,
        kind: "User",
        alternate_id: actor.alternate_id,
        display_name: actor.name,
        change_details: None,
        detail_entry: None,
    }
}

/// An event about the account of the stage's own actor: locked, unlocked,
/// password reset, session ended, suspicious activity reported.
pub(crate) fn account_event(
    stage: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    (event_type, display, reason): (&str, &str, Option<&str>),
    chance: &mut Chance,
) {
    let happening = Happening {
        event_type,
        display,
        result: "SUCCESS",
        reason,
        warn: event_type == "user.account.lock",
        targets: &[user_target(stage.actor)],
        ..Happening::default()
    };
    stage.write(out, at, &happening, chance);
}
