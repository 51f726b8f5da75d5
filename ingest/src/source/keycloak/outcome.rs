//! Errors: how an event ended. Names from Keycloak's `Errors`.

use rollcall_schemas::{Outcome, Reason};

use super::activity::Kind;
use super::record::{Details, Entry};

/// How a user event ended, and why where it didn't end well.
pub(super) fn of(kind: &Kind<'_>, entry: &Entry<'_>) -> (Outcome, Option<Reason>) {
    if kind.name.starts_with("USER_DISABLED_BY_") && !kind.failed {
        return (Outcome::Success, Some(Reason::Locked));
    }
    let error = entry.error.or_empty();
    if error.is_empty() && !kind.failed {
        return (Outcome::Success, None);
    }
    if error == "invalid_user_credentials" {
        return (Outcome::Failure, Some(wrong(&entry.details)));
    }
    of_error(error)
}

/// Keycloak has one error for a wrong password and a wrong code. What was asked
/// for is told by the details, in part: a page that asks for a code says which of
/// the devices was chosen, the one for the password who is meant. A direct grant
/// asks for both at once and says who is meant whatever was wrong.
fn wrong(details: &Details<'_>) -> Reason {
    match details.credential_type.or_empty() {
        "password" => Reason::BadPassword,
        "" if details.selected_credential_id.get().is_some() => Reason::FactorFailed,
        "" if details.username.get().is_some()
            && details.code_id.get().is_some()
            && details.grant_type.get().is_none() =>
        {
            Reason::BadPassword
        }
        "" => Reason::Unknown,
        _ => Reason::FactorFailed,
    }
}

/// What an error says; one that isn't known is a failure for another reason.
pub(super) fn of_error(error: &str) -> (Outcome, Option<Reason>) {
    let (outcome, reason) = match error {
        "user_not_found" => (Outcome::Failure, Reason::UnknownUser),
        "user_disabled" | "client_disabled" => (Outcome::Denied, Reason::Disabled),
        "user_temporarily_disabled" => (Outcome::Denied, Reason::Locked),
        "invalid_client_credentials" | "invalid_client" => (Outcome::Failure, Reason::BadPassword),
        "client_not_found" => (Outcome::Failure, Reason::UnknownUser),
        "not_allowed" | "access_denied" => (Outcome::Denied, Reason::NotAuthorized),
        "expired_code"
        | "invalid_code"
        | "invalid_token"
        | "session_expired"
        | "user_session_not_found"
        | "cookie_not_found" => (Outcome::Failure, Reason::SessionExpired),
        // Asked without a page (`prompt=none`): a sign-in is needed first.
        "not_logged_in" => return (Outcome::Interrupted, None),
        // Terms or a consent were refused, or the page was left by its button.
        "rejected_by_user" | "consent_denied" => (Outcome::Denied, Reason::Other),
        "resolve_required_actions" | "realm_disabled" => (Outcome::Denied, Reason::Other),
        "ssl_required" | "registration_disabled" | "reset_credential_disabled" => {
            (Outcome::Denied, Reason::Policy)
        }
        "email_send_failed" | "identity_provider_error" => (Outcome::Error, Reason::ServiceError),
        "" => (Outcome::Failure, Reason::Unknown),
        _ => (Outcome::Failure, Reason::Other),
    };
    (outcome, Some(reason))
}
