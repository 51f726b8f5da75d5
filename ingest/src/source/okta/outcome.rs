//! Results and reasons.

use rollcall_schemas::{Activity, Outcome, Reason};

use super::record::LogEvent;

/// How the event ended, and why where it didn't end well.
pub(super) fn of(log: &LogEvent<'_>, activity: Activity) -> (Outcome, Option<Reason>) {
    let debug = &log.debug_context.debug_data;
    let event_type = log.event_type.or_empty();
    // Identity Engine reports a refused push as wrong credentials; only the debug
    // data tells. Classic has event types of its own.
    let refused = debug.push_only_response_type.or_empty() == "OV_RESPONSE_DENY"
        || debug.push_with_number_challenge_response_type.or_empty().contains("DENY")
        || event_type.starts_with("user.mfa.okta_verify.deny_push");
    if refused {
        return (Outcome::Denied, Some(Reason::FactorDenied));
    }
    let mut outcome = match log.outcome.result.or_empty() {
        "SUCCESS" | "ALLOW" => Outcome::Success,
        "FAILURE" => Outcome::Failure,
        "DENY" => Outcome::Denied,
        "CHALLENGE" => Outcome::Interrupted,
        "ABANDONED" | "UNANSWERED" => Outcome::Abandoned,
        "RATE_LIMIT" => Outcome::Denied,
        "DEFERRED" | "SCHEDULED" | "SKIPPED" => Outcome::Interrupted,
        _ => Outcome::Unknown,
    };
    if event_type == "user.account.lock" || event_type == "user.account.lock.limit" {
        return (outcome, Some(Reason::Locked));
    }
    let reason = match outcome {
        Outcome::Success => None,
        Outcome::Interrupted if activity == Activity::PolicyDecision => Some(Reason::MfaRequired),
        Outcome::Interrupted => None,
        Outcome::Unknown if log.outcome.reason.get().is_none() => None,
        _ => Some(reason(log, activity)),
    };
    match reason {
        Some(Reason::FactorTimeout) => outcome = Outcome::Abandoned,
        Some(Reason::FactorDenied | Reason::Policy | Reason::NotAuthorized)
            if outcome == Outcome::Failure =>
        {
            outcome = Outcome::Denied;
        }
        _ => {}
    }
    (outcome, reason)
}

fn reason(log: &LogEvent<'_>, activity: Activity) -> Reason {
    let raw = log.outcome.reason.or_empty();
    let is_password = super::factor::of(log) == Some(rollcall_schemas::Factor::Password);
    match raw {
        "INVALID_CREDENTIALS" | "INVALID_LOGIN" | "VERIFICATION_ERROR" | "LOGIN_FAILED"
            if activity == Activity::Verify && !is_password =>
        {
            Reason::FactorFailed
        }
        "INVALID_CREDENTIALS" | "INVALID_LOGIN" | "LOGIN_FAILED" => Reason::BadPassword,
        "VERIFICATION_ERROR" => Reason::BadPassword,
        "UNKNOWN_USER" | "USER_NOT_FOUND" => Reason::UnknownUser,
        "LOCKED_OUT" => Reason::Locked,
        "PASSWORD_EXPIRED" => Reason::PasswordExpired,
        "MFA_REQUIRED" => Reason::MfaRequired,
        "MFA_ENROLL" | "FACTOR_NOT_ENROLLED" => Reason::NotEnrolled,
        "NETWORK_ZONE_BLACKLIST" | "NETWORK_ZONE_BLOCKED" => Reason::Policy,
        "" if log.outcome.result.or_empty() == "RATE_LIMIT" => Reason::TooManyAttempts,
        "" if log.outcome.result.or_empty() == "UNANSWERED" => Reason::FactorTimeout,
        "" if log.outcome.result.or_empty() == "ABANDONED" => Reason::Abandoned,
        "" if activity == Activity::PolicyDecision => Reason::Policy,
        "" => Reason::Unknown,
        _ => of_words(raw, activity),
    }
}

/// Okta's reasons are also sentences; the words that carry the meaning, the more
/// specific first.
fn of_words(raw: &str, activity: Activity) -> Reason {
    const WORDS: &[(&str, Reason)] = &[
        ("rejected", Reason::FactorDenied),
        ("denied push", Reason::FactorDenied),
        ("deny push", Reason::FactorDenied),
        ("fastpass denied", Reason::FactorDenied),
        ("timed out", Reason::FactorTimeout),
        ("timeout", Reason::FactorTimeout),
        ("unanswered", Reason::FactorTimeout),
        ("locked", Reason::Locked),
        ("limit", Reason::TooManyAttempts),
        ("too many", Reason::TooManyAttempts),
        ("not enrolled", Reason::NotEnrolled),
        ("expired", Reason::SessionExpired),
        ("suspended", Reason::Disabled),
        ("deactivated", Reason::Disabled),
        ("deprovisioned", Reason::Disabled),
        ("not active", Reason::Disabled),
        ("not assigned", Reason::NotAuthorized),
        ("unauthorized", Reason::NotAuthorized),
        ("blacklist", Reason::Policy),
        ("blocklist", Reason::Policy),
        ("network zone", Reason::Policy),
        ("policy", Reason::Policy),
        ("password spray", Reason::Risk),
        ("suspicious", Reason::Risk),
        ("threat", Reason::Risk),
        ("risk", Reason::Risk),
        ("unavailable", Reason::ServiceError),
        ("agent", Reason::ServiceError),
        ("internal error", Reason::ServiceError),
        ("invalid passcode", Reason::FactorFailed),
        ("invalid code", Reason::FactorFailed),
        ("passcode", Reason::FactorFailed),
        ("invalid credentials", Reason::BadPassword),
        ("password", Reason::BadPassword),
    ];
    let raw = super::super::text::lower(raw);
    let said = WORDS.iter().find(|(word, _)| raw.contains(word)).map(|(_, reason)| *reason);
    match said {
        Some(reason) => reason,
        None if activity == Activity::PolicyDecision => Reason::Policy,
        None => Reason::Other,
    }
}
