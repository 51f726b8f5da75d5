//! How an operation ended.

use rollcall_schemas::{Outcome, Reason};

use super::super::text::lower;
use super::record::{Details, Record};

/// How it ended, and why where it failed. One that was started or accepted goes
/// on: a later event says how it ended.
pub(super) fn of(record: &Record<'_>, details: &Details<'_>) -> (Outcome, Option<Reason>) {
    match &*lower(record.status()) {
        "succeeded" | "success" => (Outcome::Success, None),
        "failed" | "failure" => {
            let code = details.failure.error.code.get();
            let found = code.and_then(of_word).or_else(|| of_word(record.sub_status()?));
            let (outcome, reason) = found.unwrap_or((Outcome::Failure, Reason::Other));
            (outcome, Some(reason))
        }
        _ => (Outcome::Unknown, None),
    }
}

/// An error's code, or the name of an HTTP status.
fn of_word(word: &str) -> Option<(Outcome, Reason)> {
    Some(match word {
        "AuthorizationFailed"
        | "LinkedAuthorizationFailed"
        | "AuthorizationPermissionMismatch"
        | "Forbidden" => (Outcome::Denied, Reason::NotAuthorized),
        "RequestDisallowedByPolicy" | "RequestDisallowedByAzure" | "ScopeLocked" => {
            (Outcome::Denied, Reason::Policy)
        }
        "ExpiredAuthenticationToken" => (Outcome::Failure, Reason::SessionExpired),
        "RoleAssignmentRequestPolicyValidationFailed" => (Outcome::Denied, Reason::Policy),
        "TooManyRequests"
        | "SubscriptionRequestsThrottled"
        | "OperationNotAllowedDueToThrottling" => (Outcome::Error, Reason::TooManyAttempts),
        "InternalServerError" | "ServiceUnavailable" | "BadGateway" | "GatewayTimeout" => {
            (Outcome::Error, Reason::ServiceError)
        }
        _ => return None,
    })
}
