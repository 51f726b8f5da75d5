//! Error codes.

use rollcall_schemas::{Activity, Outcome, Reason};

use super::record::TrailEvent;

/// How the call ended, and why where it failed.
pub(super) fn of(trail: &TrailEvent<'_>, activity: Activity) -> (Outcome, Option<Reason>) {
    if let Some(code) = trail.error_code.get() {
        return of_code(code, trail.error_message.or_empty());
    }
    let (response, details) = (&trail.response_elements, &trail.service_event_details);
    let said = response
        .console_login
        .get()
        .or(response.switch_role.get())
        .or(response.check_mfa.get())
        .or(details.user_authentication.get())
        .or(details.credential_verification.get())
        .or(details.credential_challenge.get());
    match said {
        Some("Success") => (Outcome::Success, None),
        Some("Failure") => {
            let reason = match of_message(trail.error_message.or_empty()) {
                Some(reason) => reason,
                None if is_second_factor(trail) => Reason::FactorFailed,
                None => Reason::BadPassword,
            };
            (Outcome::Failure, Some(reason))
        }
        // An error message without a code: sign-ins have that.
        None if trail.error_message.get().is_some() => {
            let reason = of_message(trail.error_message.or_empty()).unwrap_or(Reason::Other);
            (Outcome::Failure, Some(reason))
        }
        None if activity == Activity::Logon && trail.event_name.is("ConsoleLogin") => {
            (Outcome::Unknown, None)
        }
        None => (Outcome::Success, None),
        Some(_) => (Outcome::Unknown, None),
    }
}

fn is_second_factor(trail: &TrailEvent<'_>) -> bool {
    trail.event_name.is("CredentialVerification")
        && !trail.additional_event_data.credential_type.is("PASSWORD")
}

/// Services prefix codes (`Client.`) and end them (`Exception`) as they like.
fn of_code(code: &str, message: &str) -> (Outcome, Option<Reason>) {
    let bare = code.strip_prefix("Client.").unwrap_or(code);
    let bare = bare.strip_prefix("Server.").unwrap_or(bare);
    let bare = bare.strip_suffix("Exception").unwrap_or(bare);
    let (outcome, reason) = match bare {
        "AccessDenied"
        | "UnauthorizedOperation"
        | "UnauthorizedAccess"
        | "Unauthorized"
        | "NotAuthorized"
        | "AuthorizationError"
        | "Forbidden"
        | "OperationNotPermitted"
        | "AuthFailure"
        | "403" => (Outcome::Denied, Reason::NotAuthorized),
        "ExpiredToken" | "RequestExpired" | "ExpiredTokenId" | "TokenRefreshRequired" => {
            (Outcome::Failure, Reason::SessionExpired)
        }
        "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClient"
        | "InvalidAccessKeyId"
        | "MissingAuthenticationToken"
        | "IncompleteSignature"
        | "InvalidIdentityToken" => (Outcome::Failure, Reason::BadKey),
        "InvalidAuthenticationCode" => (Outcome::Failure, Reason::FactorFailed),
        "PasswordPolicyViolation" => (Outcome::Denied, Reason::Policy),
        "Throttling"
        | "ThrottlingError"
        | "Throttled"
        | "RequestLimitExceeded"
        | "TooManyRequests"
        | "SlowDown" => (Outcome::Error, Reason::TooManyAttempts),
        "InternalFailure"
        | "InternalError"
        | "InternalServerError"
        | "InternalServer"
        | "ServiceUnavailable"
        | "ServiceFailure"
        | "Unavailable"
        | "IDPCommunicationError" => (Outcome::Error, Reason::ServiceError),
        _ => (Outcome::Failure, of_message(message).unwrap_or(Reason::Other)),
    };
    // A wrong or missing code shows as denied access.
    let reason = if message.contains("MultiFactorAuthentication failed") {
        Reason::FactorFailed
    } else {
        reason
    };
    (outcome, Some(reason))
}

fn of_message(message: &str) -> Option<Reason> {
    const WORDS: &[(&str, Reason)] = &[
        ("No username found", Reason::UnknownUser),
        ("MFA", Reason::FactorFailed),
        ("locked", Reason::Locked),
        ("disabled", Reason::Disabled),
        ("expired", Reason::SessionExpired),
        ("Failed authentication", Reason::BadPassword),
    ];
    WORDS.iter().find(|(word, _)| message.contains(word)).map(|(_, reason)| *reason)
}
