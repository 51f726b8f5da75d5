//! Errors. A request's entry is written before anything is done; only the
//! response's tells how it ended. What a failed answer says beside `error` is
//! hashed.

use rollcall_schemas::{Activity, Outcome, Reason};

use super::record::Entry;

/// How the request ended, and why where it failed.
pub(super) fn of(entry: &Entry<'_>, activity: Activity) -> (Outcome, Option<Reason>) {
    let is_sign_in = matches!(activity, Activity::Logon | Activity::Verify);
    if let Some(error) = entry.error.get() {
        let reason = reason(error, activity);
        return (outcome(reason, is_sign_in), Some(reason));
    }
    if entry.response.data.error.get().is_some() {
        let reason = if is_sign_in { Reason::Unknown } else { Reason::Other };
        return (Outcome::Failure, Some(reason));
    }
    if !entry.kind.is("response") {
        return (Outcome::Unknown, None);
    }
    // A sign-in is answered without a token where a second factor must come first.
    let answered = entry.response.auth.as_ref();
    if activity == Activity::Logon && answered.is_some_and(|auth| !auth.has_token()) {
        return (Outcome::Interrupted, Some(Reason::MfaRequired));
    }
    (Outcome::Success, None)
}

/// Vault refuses both a wrong password and a missing right; a sign-in that it
/// refuses has failed.
fn outcome(reason: Reason, is_sign_in: bool) -> Outcome {
    match reason {
        Reason::NotAuthorized | Reason::Policy if !is_sign_in => Outcome::Denied,
        Reason::FactorDenied => Outcome::Denied,
        Reason::FactorTimeout => Outcome::Abandoned,
        Reason::ServiceError => Outcome::Error,
        _ => Outcome::Failure,
    }
}

/// The words that carry the meaning, the more specific first.
fn reason(error: &str, activity: Activity) -> Reason {
    const WORDS: &[(&str, Reason)] = &[
        ("push verification timed out", Reason::FactorTimeout),
        ("timed out waiting", Reason::FactorTimeout),
        ("duo authentication failed", Reason::FactorFailed),
        ("login denied", Reason::FactorDenied),
        ("failed to validate totp", Reason::FactorFailed),
        ("failed to satisfy enforcement", Reason::FactorFailed),
        ("mfa validation failed", Reason::FactorFailed),
        ("invalid mfa", Reason::FactorFailed),
        ("code already used", Reason::FactorFailed),
        ("maximum totp validation attempts", Reason::TooManyAttempts),
        ("user is locked", Reason::Locked),
        ("locked out", Reason::Locked),
        ("invalid username or password", Reason::BadPassword),
        ("ldap operation failed", Reason::BadPassword),
        ("invalid role or secret id", Reason::BadPassword),
        ("invalid secret id", Reason::BadPassword),
        ("invalid credentials", Reason::BadPassword),
        ("invalid role", Reason::UnknownUser),
        ("certificate", Reason::BadKey),
        ("error validating token", Reason::BadKey),
        ("token is expired", Reason::SessionExpired),
        ("bad token", Reason::SessionExpired),
        ("invalid token", Reason::SessionExpired),
        ("missing client token", Reason::SessionExpired),
        ("quota exceeded", Reason::TooManyAttempts),
        ("rate limit", Reason::TooManyAttempts),
        ("sentinel", Reason::Policy),
        ("permission denied", Reason::NotAuthorized),
        ("internal error", Reason::ServiceError),
        ("vault is sealed", Reason::ServiceError),
        ("connection refused", Reason::ServiceError),
    ];
    let error = super::super::text::lower(error);
    match WORDS.iter().find(|(word, _)| error.contains(word)) {
        // A sign-in asks for no right; Vault only doesn't tell what was wrong.
        Some((_, Reason::NotAuthorized)) if activity == Activity::Logon => Reason::Unknown,
        Some((_, reason)) => *reason,
        None if activity == Activity::Logon => Reason::Unknown,
        None => Reason::Other,
    }
}
