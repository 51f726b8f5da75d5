//! A visit to an application through Okta.

use chrono::{DateTime, Utc};

use super::admin::account_event;
use super::event::{DebugData, Happening};
use super::sign_in::{Opening, bad_password, deny, evaluate, open, prompt, reach_app, verify};
use super::stage::{Actor, Stage};
use crate::people::{Cohort, Phase, Service};
use crate::record::Outbox;
use crate::traffic::{App, How, Scene};
use crate::world::{Chance, City, Device, Network, Stream};

/// Tells the visit; gives the instant of the assertion if there was one.
pub(crate) fn visit(scene: &Scene, out: &mut Outbox, app: App) -> Option<DateTime<Utc>> {
    let (at, person) = (scene.visit.at, scene.person);
    let chance = &mut scene.fork(3);
    let actor = Actor::person(person);
    let stage = Stage::new(actor, scene.network, scene.device, &scene.session, chance);
    let opening = Opening {
        cohort: person.cohort,
        phase: scene.around.rollout.phase(person.cohort, at),
        challenge: person.has_factor(at) && !scene.visit.remembered,
    };
    let ready = match scene.visit.sign_in {
        Some(how) => sign_in(scene, out, &stage, opening, how, chance)?,
        None if scene.visit.step_up => {
            evaluate(&stage, out, at, opening, "CHALLENGE", chance);
            let held = person.timeline.choose(at, chance)?;
            let asked = at + chance.pause(0.4, 2.0);
            verify(&stage, out, asked, held, chance)
        }
        None => at,
    };
    let again = (scene.visit.sign_in.is_some() || scene.visit.step_up || chance.yes(0.33))
        .then_some(opening);
    let reached = reach_app(&stage, out, ready + chance.pause(0.02, 0.4), app, again, chance);
    if scene.visit.number > 3 && chance.yes(0.04) {
        let words = ("user.session.end", "User logout from Okta", None);
        let later = reached + chance.pause(200.0, 900.0);
        account_event(&stage, out, later, words, chance);
    }
    (!out.dark(reached)).then_some(reached)
}

/// The sign-in itself; `None` where it comes to nothing.
fn sign_in(
    scene: &Scene,
    out: &mut Outbox,
    stage: &Stage,
    opening: Opening,
    how: How,
    chance: &mut Chance,
) -> Option<DateTime<Utc>> {
    let mut at = scene.visit.at;
    match how {
        How::Outage => {
            outage(stage, out, at, chance);
            return None;
        }
        How::Mistyped(times) => {
            for _ in 0..times {
                at = bad_password(stage, out, at, chance);
            }
        }
        How::LockedOut => at = locked_out(stage, out, at, chance),
        _ => {}
    }
    if how == How::Blocked {
        let opening = Opening { challenge: true, ..opening };
        let asked = open(stage, out, at, opening, chance);
        evaluate(stage, out, asked, opening, "DENY", chance);
        return None;
    }
    let asked = open(stage, out, at, opening, chance);
    if !opening.challenge {
        return Some(asked);
    }
    let held = scene.person.timeline.choose(scene.visit.at, chance)?;
    match how {
        How::Abandoned => {
            prompt(stage, out, asked, held, chance);
            None
        }
        How::Refused => {
            let failed = deny(stage, out, asked, held, chance);
            let again = failed + chance.delay(6.0, 0.6, 60.0);
            Some(verify(stage, out, again, held, chance))
        }
        _ => Some(verify(stage, out, asked, held, chance)),
    }
}

/// Wrong until locked, then a new password by mail.
fn locked_out(
    stage: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    chance: &mut Chance,
) -> DateTime<Utc> {
    let mut at = at;
    for _ in 0..5 {
        at = bad_password(stage, out, at, chance);
    }
    let words = ("user.account.lock", "Max sign in attempts exceeded", Some("LOCKED_OUT"));
    account_event(stage, out, at, words, chance);
    at += chance.delay(240.0, 0.6, 900.0);
    let words =
        ("user.account.reset_password", "Fired when the user's Okta password is reset", None);
    account_event(stage, out, at, words, chance);
    let words = ("user.account.unlock", "Unlock user account", None);
    account_event(stage, out, at + chance.pause(0.1, 1.0), words, chance);
    at + chance.delay(40.0, 0.5, 180.0)
}

/// A shared account at a desk: a password that several know, no factor.
pub(crate) fn shared(seed: u64, account: &Service, out: &mut Outbox) {
    let login = format!("{}@corp.example", account.login);
    let mut fixed = Chance::new(seed, Stream::Service, account.index as u64, 1);
    let id = fixed.token("00u", 17);
    let since = account.valid_from;
    let device = Device::laptop("desk", since, true, &mut fixed);
    let network = Network::office(City::at(account.index % 3));
    for (at, mut chance) in crate::traffic::runs(seed, account, out) {
        let chance = &mut chance;
        let session = chance.token("idx", 20);
        let actor = Actor { id: &id, kind: "User", alternate_id: &login, name: account.login };
        let stage = Stage::new(actor, &network, &device, &session, chance);
        let opening = Opening { cohort: Cohort::Wave3, phase: Phase::ReportOnly, challenge: false };
        let ready = open(&stage, out, at, opening, chance);
        reach_app(&stage, out, ready, App::Tickets, None, chance);
    }
}

/// Okta is down: most attempts leave no trace, some an internal error.
fn outage(stage: &Stage, out: &mut Outbox, at: DateTime<Utc>, chance: &mut Chance) {
    if !chance.yes(0.3) {
        return;
    }
    let happening = Happening {
        event_type: "user.session.start",
        display: "User login to Okta",
        legacy: Some("core.user_auth.login_failed"),
        result: "FAILURE",
        reason: Some("INTERNAL_ERROR"),
        warn: true,
        debug: DebugData { request_uri: Some("/idp/idx/identify"), ..DebugData::default() },
        ..Happening::default()
    };
    stage.write(out, at, &happening, chance);
}
