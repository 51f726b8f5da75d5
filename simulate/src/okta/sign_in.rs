//! The steps of a sign-in, as Okta tells them. A flow is a transaction; what
//! it came to is said by its last step, not by `user.session.start`, which is
//! written after the password already.

use chrono::{DateTime, Utc};

use super::event::{DebugData, Detail, Happening, Target};
use super::stage::Stage;
use crate::people::{Cohort, Factor, Holding, Phase};
use crate::record::Outbox;
use crate::traffic::App;
use crate::world::Chance;

/// What the sign-on policy makes of a sign-in.
#[derive(Clone, Copy)]
pub(crate) struct Opening {
    pub(crate) cohort: Cohort,
    pub(crate) phase: Phase,
    /// CHALLENGE asks for a factor, ALLOW doesn't.
    pub(crate) challenge: bool,
}

/// The policy that all waves' rules belong to: identifier and name.
pub(super) const POLICY: (&str, &str) = ("00p4kfG10balSess10n5d7", "Global session policy");
const PASSWORD: Target<'static> = Target {
    id: "aut3passw0rdPrimary01",
    kind: "AuthenticatorEnrollment",
    alternate_id: "okta_password",
    display_name: "Password",
    change_details: None,
    detail_entry: Some(Detail {
        method_type_used: Some("Password"),
        method_used_verified_properties: Some("[USER_PRESENCE]"),
        policy_type: None,
        policy_rule_factor_mode: None,
        rule_status: None,
        sign_on_mode_type: None,
    }),
};

/// Evaluates the policy, checks the password and opens the session. Gives the
/// instant at which the factor is asked for.
pub(crate) fn open(
    stage: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    opening: Opening,
    chance: &mut Chance,
) -> DateTime<Utc> {
    evaluate(
        stage,
        out,
        at,
        opening,
        if opening.challenge { "CHALLENGE" } else { "ALLOW" },
        chance,
    );
    let typed = at + chance.delay(7.0, 0.5, 50.0);
    password(stage, out, typed, true, chance);
    let started = typed + chance.pause(0.03, 0.3);
    let happening = Happening {
        event_type: "user.session.start",
        display: "User login to Okta",
        legacy: Some("core.user_auth.login_success"),
        result: "SUCCESS",
        credential: Some("PASSWORD"),
        debug: DebugData {
            request_uri: Some("/idp/idx/challenge/answer"),
            url: Some("/idp/idx/challenge/answer?"),
            ..DebugData::default()
        },
        ..Happening::default()
    };
    stage.write(out, started, &happening, chance);
    started + chance.pause(0.2, 0.9)
}

/// A password that was wrong; gives the instant of the next try.
pub(crate) fn bad_password(
    stage: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    chance: &mut Chance,
) -> DateTime<Utc> {
    password(stage, out, at, false, chance);
    at + chance.delay(9.0, 0.5, 60.0)
}

fn password(stage: &Stage, out: &mut Outbox, at: DateTime<Utc>, right: bool, chance: &mut Chance) {
    let happening = Happening {
        event_type: "user.authentication.auth_via_mfa",
        display: "Authentication of user via MFA",
        legacy: Some(if right {
            "core.user.factor.attempt_success"
        } else {
            "core.user.factor.attempt_fail"
        }),
        result: if right { "SUCCESS" } else { "FAILURE" },
        reason: (!right).then_some("INVALID_CREDENTIALS"),
        credential: Some("PASSWORD"),
        targets: std::slice::from_ref(&PASSWORD),
        debug: DebugData {
            factor: Some("PASSWORD_AS_FACTOR"),
            factor_intent: Some("AUTHENTICATION"),
            request_uri: Some("/idp/idx/identify"),
            url: Some("/idp/idx/identify?"),
            ..DebugData::default()
        },
        ..Happening::default()
    };
    stage.write(out, at, &happening, chance);
}

/// The prompt, where the factor has one that is told.
pub(crate) fn prompt(
    stage: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    held: &Holding,
    chance: &mut Chance,
) {
    let words = held.factor.okta();
    let Some((event_type, display)) = words.prompt else {
        return;
    };
    let targets = [enrolment(held)];
    let happening = Happening {
        event_type,
        display,
        result: "SUCCESS",
        targets: &targets,
        debug: DebugData {
            factor: Some(words.factor),
            request_uri: Some("/idp/idx/challenge"),
            url: Some("/idp/idx/challenge?"),
            ..DebugData::default()
        },
        ..Happening::default()
    };
    stage.write(out, at, &happening, chance);
}

/// How the person answered a prompt.
fn answer(
    stage: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    held: &Holding,
    (right, push, number): (bool, Option<&str>, Option<&str>),
    chance: &mut Chance,
) {
    let targets = [enrolment(held)];
    let happening = Happening {
        event_type: "user.authentication.auth_via_mfa",
        display: "Authentication of user via MFA",
        legacy: Some(if right {
            "core.user.factor.attempt_success"
        } else {
            "core.user.factor.attempt_fail"
        }),
        result: if right { "SUCCESS" } else { "FAILURE" },
        reason: (!right).then_some("INVALID_CREDENTIALS"),
        warn: !right,
        credential: Some(match held.factor {
            Factor::Passkey | Factor::Webauthn | Factor::HardwareKey => "CERTIFICATE",
            _ => "OTP",
        }),
        targets: &targets,
        debug: DebugData {
            factor: Some(held.factor.okta().factor),
            factor_intent: Some("AUTHENTICATION"),
            push_only_response_type: push,
            push_with_number_challenge_response_type: number,
            request_uri: Some("/idp/idx/challenge/answer"),
            url: Some("/idp/idx/challenge/answer?"),
            ..DebugData::default()
        },
    };
    stage.write(out, at, &happening, chance);
}

/// A prompt that is answered rightly; gives the instant of the answer.
pub(crate) fn verify(
    stage: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    held: &Holding,
    chance: &mut Chance,
) -> DateTime<Utc> {
    prompt(stage, out, at, held, chance);
    let (median, sigma) = held.factor.latency();
    let then = at + chance.delay(median, sigma, 240.0);
    let push = held.factor.is_push().then_some("OV_RESPONSE_APPROVE");
    let number = (held.factor == Factor::PushNumber).then_some("OV_WITH_CHALLENGE_RESPONSE_VALID");
    answer(stage, out, then, held, (true, push, number), chance);
    then
}

/// A prompt that is refused, or a code that is wrong.
pub(crate) fn deny(
    stage: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    held: &Holding,
    chance: &mut Chance,
) -> DateTime<Utc> {
    prompt(stage, out, at, held, chance);
    let (median, sigma) = held.factor.latency();
    let then = at + chance.delay(median * 1.3, sigma, 240.0);
    let push = held.factor.is_push().then_some("OV_RESPONSE_DENY");
    answer(stage, out, then, held, (false, push, None), chance);
    then
}

/// The policy's verdict on a sign-in or on access to an application.
pub(crate) fn evaluate(
    stage: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    opening: Opening,
    result: &str,
    chance: &mut Chance,
) {
    let (rule, _) = opening.cohort.rule();
    let report_only = opening.phase == Phase::ReportOnly;
    let target = |id, kind, name, detail| Target {
        id,
        kind,
        alternate_id: "unknown",
        display_name: name,
        change_details: None,
        detail_entry: Some(detail),
    };
    let targets = [
        target(
            POLICY.0,
            "PolicyEntity",
            POLICY.1,
            Detail { policy_type: Some("OktaSignOn"), ..Detail::default() },
        ),
        target(
            if report_only { "0pr8k0monitorMfaRu1e7" } else { rule },
            "PolicyRule",
            if report_only { "MFA where enrolled (monitor)" } else { opening.cohort.rule_name() },
            Detail {
                policy_rule_factor_mode: Some(if report_only { "1FA" } else { "2FA" }),
                ..Detail::default()
            },
        ),
    ];
    let happening = Happening {
        event_type: "policy.evaluate_sign_on",
        display: "Evaluation of sign-on policy",
        result,
        reason: Some(match result {
            "DENY" => "Sign-on policy evaluation resulted in DENY",
            "CHALLENGE" => "Sign-on policy evaluation resulted in CHALLENGE",
            _ => "Sign-on policy evaluation resulted in ALLOW",
        }),
        warn: result == "DENY",
        targets: &targets,
        debug: DebugData {
            prompting_policy_types: (result == "CHALLENGE").then_some("OKTA_SIGN_ON"),
            request_uri: Some("/idp/idx/introspect"),
            url: Some("/idp/idx/introspect?"),
            ..DebugData::default()
        },
        ..Happening::default()
    };
    stage.write(out, at, &happening, chance);
}

/// Access to an application out of a session: sometimes the policy is
/// evaluated again, then the assertion is issued.
pub(crate) fn reach_app(
    stage: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    app: App,
    opening: Option<Opening>,
    chance: &mut Chance,
) -> DateTime<Utc> {
    if let Some(opening) = opening {
        evaluate(stage, out, at, opening, "ALLOW", chance);
    }
    let then = at + chance.pause(0.1, 0.8);
    let words = app.okta();
    let user = Target {
        id: stage.actor.id,
        kind: "AppUser",
        alternate_id: stage.actor.alternate_id,
        display_name: stage.actor.name,
        change_details: None,
        detail_entry: None,
    };
    let instance = Target {
        id: words.id,
        kind: "AppInstance",
        alternate_id: words.name,
        display_name: words.name,
        change_details: None,
        detail_entry: Some(Detail { sign_on_mode_type: Some(words.mode), ..Detail::default() }),
    };
    let targets = [instance, user];
    let happening = Happening {
        event_type: "user.authentication.sso",
        display: "User single sign on to app",
        legacy: Some("app.auth.sso"),
        result: "SUCCESS",
        targets: &targets,
        debug: DebugData {
            initiation_type: Some("IDP_INITIATED"),
            request_uri: Some(words.uri),
            sign_on_mode: Some(words.mode_words),
            url: Some(words.uri),
            ..DebugData::default()
        },
        ..Happening::default()
    };
    stage.write(out, then, &happening, chance);
    then
}

fn enrolment(held: &Holding) -> Target<'_> {
    let words = held.factor.okta();
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
    }
}
