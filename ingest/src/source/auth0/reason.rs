//! Auth0 tells in a sentence why something failed, where the code doesn't.

use rollcall_schemas::{Event, Outcome, Reason};

use super::super::text;

/// Reads the reason from the sentence; without one it stays unknown.
pub(super) fn fill(event: &mut Event<'_>) {
    let Some(raw) = event.reason_raw.as_deref() else { return };
    let reason = of_words(raw);
    event.reason = Some(reason);
    let refused =
        matches!(reason, Reason::Disabled | Reason::NotAuthorized | Reason::Policy | Reason::Risk);
    if refused && event.outcome == Outcome::Failure {
        event.outcome = Outcome::Denied;
    } else if reason == Reason::ServiceError {
        event.outcome = Outcome::Error;
    }
}

/// The words that carry the meaning, the more specific first.
fn of_words(raw: &str) -> Reason {
    const WORDS: &[(&str, Reason)] = &[
        ("wrong email or password", Reason::BadPassword),
        ("wrong username or password", Reason::BadPassword),
        ("wrong password", Reason::BadPassword),
        ("user is blocked", Reason::Disabled),
        ("user does not exist", Reason::UnknownUser),
        ("too many", Reason::TooManyAttempts),
        ("suspicious", Reason::Risk),
        ("bot ", Reason::Risk),
        ("invalid otp", Reason::FactorFailed),
        ("invalid code", Reason::FactorFailed),
        ("verification code", Reason::FactorFailed),
        ("mfa_required", Reason::MfaRequired),
        ("multifactor authentication required", Reason::MfaRequired),
        ("invalid refresh token", Reason::SessionExpired),
        ("unknown or invalid refresh token", Reason::SessionExpired),
        ("invalid authorization code", Reason::SessionExpired),
        ("expired", Reason::SessionExpired),
        ("not authorized", Reason::NotAuthorized),
        ("unauthorized", Reason::NotAuthorized),
        ("access_denied", Reason::NotAuthorized),
        ("access denied", Reason::NotAuthorized),
        ("insufficient scope", Reason::NotAuthorized),
        ("not allowed", Reason::NotAuthorized),
        ("timeout", Reason::ServiceError),
        ("timed out", Reason::ServiceError),
        ("unavailable", Reason::ServiceError),
    ];
    let raw = text::lower(raw);
    WORDS.iter().find(|(words, _)| raw.contains(words)).map_or(Reason::Other, |(_, reason)| *reason)
}
