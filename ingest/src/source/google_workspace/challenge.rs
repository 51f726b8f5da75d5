//! Login challenges: what the person was asked for. `login_challenge_method` lists
//! the challenges of a sign-in in their order, those that failed among them: the
//! last is the one that `login_challenge_status`, or the event's name, speaks of.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Credential, Event, Factor, FactorStep, Mfa, Outcome, Reason};

use super::record::ActivityEvent;

/// A challenge as its method names it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Challenge {
    /// A means of authentication.
    Factor(Factor),
    /// An other identity provider was asked.
    Federated,
    /// No proof of who it is: captchas, waiting, places, none at all.
    NoProof,
}

/// `login_challenge_method`.
fn of_method(method: &str) -> Challenge {
    Challenge::Factor(match method {
        "password" => Factor::Password,
        "passkey" => Factor::Passkey,
        "security_key" => Factor::HardwareKey,
        "security_key_otp" => Factor::HardwareOtp,
        "google_prompt" => Factor::Push,
        "google_authenticator" | "offline_otp" => Factor::Totp,
        // A code to a telephone; Google doesn't say whether written or spoken.
        "idv_any_phone" | "idv_preregistered_phone" => Factor::Sms,
        "idv_any_email" | "idv_preregistered_email" => Factor::Email,
        "backup_code" | "rescue_code" => Factor::RecoveryCode,
        "saml" | "oidc" => return Challenge::Federated,
        "" | "none" | "login_location" | "captcha" | "recaptcha" | "math" | "time_delay"
        | "deny" => return Challenge::NoProof,
        method if method.starts_with("knowledge_") => Factor::SecurityQuestion,
        _ => Factor::Other,
    })
}

/// Whether a factor is a second one: a thing that the person has.
const fn is_second(factor: Factor) -> bool {
    matches!(
        factor,
        Factor::Passkey
            | Factor::HardwareKey
            | Factor::HardwareOtp
            | Factor::Push
            | Factor::Totp
            | Factor::Sms
            | Factor::RecoveryCode
    )
}

/// How a challenge ended. An empty status is one that Google doesn't know.
pub(super) fn outcome(said: &ActivityEvent<'_>) -> (Outcome, Option<Reason>) {
    match said.word("login_challenge_status").unwrap_or_default() {
        status if status.starts_with("Challenge Passed") => (Outcome::Success, None),
        status if status.starts_with("Challenge Failed") => {
            let (methods, _) = said.words("login_challenge_method");
            let last = methods.last().map(|method| of_method(method));
            let reason = match last {
                Some(Challenge::Factor(Factor::Password)) => Reason::BadPassword,
                Some(Challenge::Factor(_)) => Reason::FactorFailed,
                _ => Reason::Unknown,
            };
            (Outcome::Failure, Some(reason))
        }
        _ => (Outcome::Unknown, None),
    }
}

/// Fills `factor`, `factors`, `mfa`, `phishing_resistant` and `credential`.
pub(super) fn fill(event: &mut Event<'_>, said: &ActivityEvent<'_>) {
    event.factor = named(said);
    let (methods, is_list) = said.words("login_challenge_method");
    let challenges: Vec<_> = methods.iter().map(|method| of_method(method)).collect();
    let factors = || {
        challenges.iter().filter_map(|challenge| match challenge {
            Challenge::Factor(factor) => Some(*factor),
            _ => None,
        })
    };
    let last = factors().next_back();
    let is_sign_in = matches!(event.activity, Activity::Logon | Activity::Verify);
    if is_sign_in {
        event.factor = last;
        if factors().any(|factor| factor == Factor::Password) {
            event.credential = Some(Credential::Password);
        }
        if factors().count() > 1 {
            event.factors = steps(factors().collect(), event.outcome);
        }
        let is_federated = challenges.contains(&Challenge::Federated)
            || matches!(said.word("login_type"), Some("saml" | "oidc"))
            || event.protocol.as_deref() == Some("saml");
        if event.protocol.is_none() && methods.contains(&"oidc") {
            event.protocol = Some(Cow::Borrowed("oidc"));
        }
        if !is_federated && event.outcome == Outcome::Success {
            event.mfa = mfa(event, said, last, is_list);
        }
    }
    event.phishing_resistant = event.factor.and_then(Factor::phishing_resistant);
}

/// What a sign-in that succeeded says of a second factor. A list that names
/// passwords only says that there was one factor; a method that stands alone may
/// be one of several, and `none` means only that nothing odd had to be cleared up.
fn mfa(event: &Event<'_>, said: &ActivityEvent<'_>, last: Option<Factor>, is_list: bool) -> Mfa {
    match (said.flag("is_second_factor"), last) {
        (Some(true), _) => Mfa::Performed,
        (Some(false), _) => Mfa::Unknown,
        (None, Some(factor)) if is_second(factor) => Mfa::Performed,
        (None, Some(Factor::Password))
            if is_list
                && event.activity == Activity::Logon
                && event.factors.iter().all(|step| step.factor == Factor::Password) =>
        {
            Mfa::None
        }
        _ => Mfa::Unknown,
    }
}

/// Only of the last it is known how it ended. None is dated.
fn steps(factors: Vec<Factor>, outcome: Outcome) -> Vec<FactorStep> {
    let last = factors.len().saturating_sub(1);
    let step = |(at, factor)| FactorStep {
        factor,
        outcome: if at == last { outcome } else { Outcome::Unknown },
        started: None,
        ended: None,
    };
    factors.into_iter().enumerate().map(step).collect()
}

/// The factor that an event's name tells.
fn named(said: &ActivityEvent<'_>) -> Option<Factor> {
    Some(match said.name.or_empty() {
        "passkey_enrolled" | "passkey_removed" | "PASSKEY_REVOKED" => Factor::Passkey,
        "REVOKE_SECURITY_KEY" | "SECURITY_KEY_REGISTERED_FOR_USER" => Factor::HardwareKey,
        "GENERATE_2SV_SCRATCH_CODES" | "DELETE_2SV_SCRATCH_CODES" => Factor::RecoveryCode,
        _ => return None,
    })
}
