//! A visit to an application through Entra. A sign-in may take several
//! records with one correlation: what was asked for and interrupted, then
//! what was given.

use chrono::{DateTime, Utc};

use super::attempt::{Attempt, Step, write};
use super::event::{OK, Status};
use super::policy::Verdict;
use crate::people::{Factor, Holding, Phase};
use crate::record::Outbox;
use crate::traffic::{App, How, Scene};
use crate::world::Chance;

/// Tells the visit; gives the instant of the token if there was one.
pub(crate) fn visit(scene: &Scene, out: &mut Outbox, app: App) -> Option<DateTime<Utc>> {
    let flow = Flow {
        correlation: scene.fork(4).uuid(),
        phase: scene.around.rollout.phase(scene.person.cohort, scene.visit.at),
        app,
    };
    match scene.visit.sign_in {
        Some(How::Outage) => None,
        Some(how) => flow.sign_in(scene, out, how),
        None => Some(flow.by_token(scene, out)),
    }
}

/// What the records of a visit share.
struct Flow {
    correlation: String,
    phase: Phase,
    app: App,
}

impl Flow {
    fn attempt<'a>(&'a self, scene: &'a Scene, id: &'a str, begun: DateTime<Utc>) -> Attempt<'a> {
        Attempt {
            id,
            correlation: &self.correlation,
            session: &scene.session,
            person: scene.person,
            network: scene.network,
            device: scene.device,
            app: self.app,
            phase: self.phase,
            begun,
            interactive: true,
            unusual: false,
            steps: &[],
            status: OK,
            verdict: Verdict::NotReached,
        }
    }

    /// Out of a session: a claim in the token, or a fresh factor.
    fn by_token(&self, scene: &Scene, out: &mut Outbox) -> DateTime<Utc> {
        let mut chance = scene.fork(1);
        let begun = scene.visit.at;
        if scene.visit.step_up
            && let Some(held) = scene.person.timeline.choose(begun, &mut chance)
        {
            return self.factor(scene, out, begun, held, false, &mut chance);
        }
        let id = chance.uuid();
        // A session of before keeps its claim, whatever was reset since.
        let proven = scene.person.has_factor(begun) || self.phase == Phase::Enforced;
        let steps = [Step::Claim { at: begun }];
        let attempt = Attempt {
            interactive: chance.yes(0.7),
            steps: if proven { &steps } else { &[] },
            verdict: if proven { Verdict::Met } else { Verdict::Failed },
            ..self.attempt(scene, &id, begun)
        };
        let done = begun + chance.pause(0.2, 1.5);
        write(&attempt, out, done, &mut chance);
        done
    }

    fn sign_in(&self, scene: &Scene, out: &mut Outbox, how: How) -> Option<DateTime<Utc>> {
        let mut chance = scene.fork(2);
        let mut at = scene.visit.at + chance.delay(7.0, 0.5, 50.0);
        let wrong = match how {
            How::Mistyped(times) => times,
            How::LockedOut => 6,
            _ => 0,
        };
        for number in 0..wrong {
            let locked = how == How::LockedOut && number >= 5;
            self.failure(scene, out, at, if locked { 50053 } else { 50126 }, &mut chance);
            at += chance.delay(9.0, 0.5, 60.0);
        }
        if how == How::LockedOut {
            at += chance.delay(420.0, 0.4, 1200.0);
        }
        if how == How::Clean && chance.yes(0.004) {
            self.failure(scene, out, at, 50055, &mut chance);
            at += chance.delay(45.0, 0.5, 240.0);
        }
        if how == How::Blocked {
            self.failure(scene, out, at, 53003, &mut chance);
            return None;
        }
        let held = scene.person.timeline.choose(scene.visit.at, &mut chance);
        let Some(held) = held.filter(|_| !scene.visit.remembered) else {
            return Some(self.without_factor(scene, out, at, &mut chance));
        };
        match how {
            How::Abandoned => {
                self.asked(scene, out, at, &mut chance);
                None
            }
            How::Refused => {
                let failed = self.refused(scene, out, at, held, &mut chance);
                let again = failed + chance.delay(6.0, 0.6, 60.0);
                Some(self.factor(scene, out, again, held, true, &mut chance))
            }
            _ => {
                if chance.yes(0.35) {
                    self.asked(scene, out, at, &mut chance);
                }
                Some(self.factor(scene, out, at, held, true, &mut chance))
            }
        }
    }

    /// The first factor fails, or conditional access does.
    fn failure(
        &self,
        scene: &Scene,
        out: &mut Outbox,
        at: DateTime<Utc>,
        code: u32,
        chance: &mut Chance,
    ) {
        let id = chance.uuid();
        let blocked = code == 53003;
        let steps = [Step::Password { at, right: blocked || code == 50055 }];
        let attempt = Attempt {
            steps: &steps,
            status: Status::error(code, None),
            verdict: if blocked { Verdict::Failed } else { Verdict::NotReached },
            ..self.attempt(scene, &id, at)
        };
        write(&attempt, out, at + chance.pause(0.2, 1.2), chance);
    }

    /// The record of the interruption that asks for a factor.
    fn asked(&self, scene: &Scene, out: &mut Outbox, at: DateTime<Utc>, chance: &mut Chance) {
        let id = chance.uuid();
        let steps = [Step::Password { at, right: true }];
        let code = if self.phase == Phase::Enforced { 50076 } else { 50074 };
        let attempt = Attempt {
            steps: &steps,
            status: Status::error(code, Some("MFA required in Azure AD")),
            verdict: Verdict::Interrupted,
            ..self.attempt(scene, &id, at)
        };
        write(&attempt, out, at + chance.pause(0.2, 0.8), chance);
    }

    fn refused(
        &self,
        scene: &Scene,
        out: &mut Outbox,
        at: DateTime<Utc>,
        held: &Holding,
        chance: &mut Chance,
    ) -> DateTime<Utc> {
        let id = chance.uuid();
        let words = refusal(held.factor, chance);
        let (median, sigma) = held.factor.latency();
        let answered = at + chance.delay(median * 1.4, sigma, 240.0);
        let steps = [
            Step::Password { at, right: true },
            Step::Factor { at: answered, factor: held.factor, right: false, words },
        ];
        let attempt = Attempt {
            steps: &steps,
            status: Status::error(500_121, Some(words)),
            verdict: Verdict::Failed,
            ..self.attempt(scene, &id, at)
        };
        write(&attempt, out, answered + chance.pause(0.2, 1.0), chance);
        answered
    }

    /// A factor is given. One record in eight is told while in progress, and
    /// again under the same id once it is known how it ended.
    fn factor(
        &self,
        scene: &Scene,
        out: &mut Outbox,
        at: DateTime<Utc>,
        held: &Holding,
        password: bool,
        chance: &mut Chance,
    ) -> DateTime<Utc> {
        let id = chance.uuid();
        let factor = held.factor;
        let (median, sigma) = factor.latency();
        let asked = at + chance.pause(0.3, 1.2);
        let answered = asked + chance.delay(median, sigma, 240.0);
        let first = if password { Step::Password { at, right: true } } else { Step::Claim { at } };
        let mut delivered = answered + chance.pause(0.2, 1.2);
        if chance.yes(0.125) {
            let words = "Authentication in progress";
            let steps = [first, Step::Factor { at: asked, factor, right: false, words }];
            let attempt = Attempt {
                steps: &steps,
                status: Status::error(50074, Some(words)),
                verdict: Verdict::Interrupted,
                ..self.attempt(scene, &id, at)
            };
            write(&attempt, out, asked + chance.pause(0.1, 0.8), chance);
            delivered += chance.pause(60.0, 420.0);
        }
        let words = "MFA successfully completed";
        let steps = [first, Step::Factor { at: answered, factor, right: true, words }];
        let attempt = Attempt {
            steps: &steps,
            status: Status { additional_details: Some("MFA completed in Azure AD"), ..OK },
            verdict: Verdict::Met,
            ..self.attempt(scene, &id, at)
        };
        write(&attempt, out, delivered, chance);
        self.keep_signed_in(scene, out, answered, chance);
        answered
    }

    /// No factor, or a device that answers for it.
    fn without_factor(
        &self,
        scene: &Scene,
        out: &mut Outbox,
        at: DateTime<Utc>,
        chance: &mut Chance,
    ) -> DateTime<Utc> {
        let id = chance.uuid();
        let remembered = scene.visit.remembered;
        let steps = [Step::Password { at, right: true }, Step::Remembered { at }];
        let details = "MFA requirement skipped due to remembered device";
        let attempt = Attempt {
            steps: if remembered { &steps } else { steps.split_at(1).0 },
            status: Status { additional_details: remembered.then_some(details), ..OK },
            verdict: if remembered { Verdict::Met } else { Verdict::Failed },
            ..self.attempt(scene, &id, at)
        };
        let done = at + chance.pause(0.2, 1.2);
        write(&attempt, out, done, chance);
        self.keep_signed_in(scene, out, at, chance);
        done
    }

    /// "Keep me signed in?" is told as an interruption, code 50140.
    fn keep_signed_in(
        &self,
        scene: &Scene,
        out: &mut Outbox,
        at: DateTime<Utc>,
        chance: &mut Chance,
    ) {
        if !chance.yes(0.1) {
            return;
        }
        let id = chance.uuid();
        let steps = [Step::Password { at, right: true }];
        let attempt = Attempt {
            steps: &steps,
            status: Status::error(50140, None),
            verdict: Verdict::Interrupted,
            ..self.attempt(scene, &id, at)
        };
        write(&attempt, out, at + chance.pause(0.1, 0.3), chance);
    }
}

/// Why a factor failed, in the portal's words.
fn refusal(factor: Factor, chance: &mut Chance) -> &'static str {
    if factor.is_push() {
        chance.weighted(&[
            ("MFA denied; user declined the authentication", 4.0),
            ("MFA denied; user did not respond to mobile app notification", 5.0),
            ("MFA denied; duplicate authentication attempt", 1.0),
        ])
    } else if factor.strength() == 5 {
        "MFA denied; user canceled the sign-in request"
    } else {
        "MFA denied; invalid verification code"
    }
}
