//! How a call ended: codes of gRPC, and the words of sign-ins.

use rollcall_schemas::{Activity, Outcome, Reason};

use super::record::LogEntry;

/// How it ended, and why where it failed.
pub(super) fn of(entry: &LogEntry<'_>, activity: Activity) -> (Outcome, Option<Reason>) {
    if entry.proto_payload.service_name.is("login.googleapis.com") {
        return of_sign_in(entry);
    }
    let code = entry.proto_payload.status.code.0.unwrap_or_default();
    let metadata = &entry.proto_payload.metadata;
    // What a perimeter only tries out shows as denied and wasn't; how the call
    // itself ended is another entry's to say.
    if activity == Activity::PolicyDecision && metadata.dry_run.0 == Some(true) {
        return (Outcome::Unknown, None);
    }
    let operation = &entry.operation;
    // A long operation has begun; its last entry says how it ended.
    if code == 0 && operation.first.0 == Some(true) && operation.last.0 != Some(true) {
        return (Outcome::Unknown, None);
    }
    match code {
        0 => (Outcome::Success, None),
        7 if activity == Activity::PolicyDecision => (Outcome::Denied, Some(Reason::Policy)),
        7 => (Outcome::Denied, Some(Reason::NotAuthorized)),
        8 => (Outcome::Error, Some(Reason::TooManyAttempts)),
        // Unknown, deadline exceeded, internal, unavailable, data loss.
        2 | 4 | 13 | 14 | 15 => (Outcome::Error, Some(Reason::ServiceError)),
        _ => (Outcome::Failure, Some(Reason::Other)),
    }
}

/// A sign-in has no status: the event's name and its parameters say it.
fn of_sign_in(entry: &LogEntry<'_>) -> (Outcome, Option<Reason>) {
    match entry.method() {
        "loginFailure" => (Outcome::Failure, Some(of_failure(word(entry, "login_failure_type")))),
        "loginChallenge" | "loginVerification" => {
            of_challenge(word(entry, "login_challenge_status"))
        }
        // Google stopped these itself.
        "suspiciousLogin"
        | "suspiciousLoginLessSecureApp"
        | "suspiciousProgrammaticLogin"
        | "riskySensitiveActionBlocked" => (Outcome::Denied, Some(Reason::Risk)),
        _ => (Outcome::Success, None),
    }
}

/// Google often leaves the type out; then the reason isn't said.
fn of_failure(kind: &str) -> Reason {
    match kind {
        "login_failure_invalid_password" => Reason::BadPassword,
        "login_failure_invalid_second_factor" => Reason::FactorFailed,
        "login_failure_account_disabled" => Reason::Disabled,
        "login_failure_access_code_disallowed" => Reason::NotAuthorized,
        _ => Reason::Unknown,
    }
}

/// "passed", "Challenge Passed.", "Challenge Failed.", "incorrect_answer_entered".
fn of_challenge(status: &str) -> (Outcome, Option<Reason>) {
    let status = super::super::text::lower(status);
    if status.contains("passed") {
        (Outcome::Success, None)
    } else if ["failed", "incorrect"].iter().any(|word| status.contains(word)) {
        (Outcome::Failure, Some(Reason::FactorFailed))
    } else {
        (Outcome::Unknown, None)
    }
}

fn word<'a>(entry: &'a LogEntry<'_>, parameter: &str) -> &'a str {
    entry.parameter(parameter).and_then(|found| found.words().next()).unwrap_or_default()
}
