//! How events end: `success` where it is said, the last letter of the code where
//! it isn't (I for information, W for a warning, E for an error).

use rollcall_schemas::{Activity, Outcome, Reason};

use super::record::AuditEvent;

/// How the event ended, and why where it didn't end well.
pub(super) fn of(audit: &AuditEvent<'_>, activity: Activity) -> (Outcome, Option<Reason>) {
    match (audit.event.or_empty(), audit.code.or_empty()) {
        // A request to sign in a machine without a browser: someone must approve it.
        (_, "T1012I") => return (Outcome::Interrupted, Some(Reason::MfaRequired)),
        (_, "T1014W") => return (Outcome::Denied, Some(Reason::FactorDenied)),
        ("session.rejected", _) => return (Outcome::Denied, Some(rejected(audit))),
        ("access_request.create" | "access_request.update" | "access_request.review", _) => {
            return of_request(audit);
        }
        _ => {}
    }
    let has_worked = audit.success.0.or_else(|| match audit.code.or_empty().as_bytes().last() {
        Some(b'I' | b'S') => Some(true),
        Some(b'W' | b'E') => Some(false),
        _ => None,
    });
    match has_worked {
        Some(true) if audit.event.is("lock.created") => (Outcome::Success, Some(Reason::Locked)),
        Some(true) => (Outcome::Success, None),
        Some(false) => {
            let reason = reason(audit, activity);
            let outcome = match reason {
                Reason::NotAuthorized | Reason::Policy => Outcome::Denied,
                Reason::ServiceError => Outcome::Error,
                _ => Outcome::Failure,
            };
            (outcome, Some(reason))
        }
        None => (Outcome::Unknown, None),
    }
}

/// An access request: asked for, approved or denied.
fn of_request(audit: &AuditEvent<'_>) -> (Outcome, Option<Reason>) {
    match audit.proposed_state.get().or(audit.state.get()).unwrap_or_default() {
        "APPROVED" | "PROMOTED" => (Outcome::Success, None),
        "DENIED" => (Outcome::Denied, Some(Reason::Policy)),
        "PENDING" => (Outcome::Interrupted, None),
        _ => (Outcome::Unknown, None),
    }
}

fn rejected(audit: &AuditEvent<'_>) -> Reason {
    let said = super::super::text::lower(audit.reason.or_empty());
    if said.contains("max") || said.contains("limit") {
        Reason::TooManyAttempts
    } else {
        Reason::Policy
    }
}

/// The words that carry the meaning, the more specific first. Teleport doesn't
/// tell a wrong password from a wrong code or an account that isn't there.
fn reason(audit: &AuditEvent<'_>, activity: Activity) -> Reason {
    const WORDS: &[(&str, Reason)] = &[
        ("invalid username, password or second factor", Reason::Unknown),
        ("locked", Reason::Locked),
        ("lock targeting", Reason::Locked),
        ("expired", Reason::SessionExpired),
        ("too many", Reason::TooManyAttempts),
        ("rate limit", Reason::TooManyAttempts),
        ("principal", Reason::BadKey),
        ("certificate", Reason::BadKey),
        ("ssh: ", Reason::BadKey),
        ("access denied", Reason::NotAuthorized),
        ("access to", Reason::NotAuthorized),
        ("not allowed", Reason::NotAuthorized),
        ("mfa required", Reason::MfaRequired),
        ("invalid totp", Reason::FactorFailed),
        ("webauthn", Reason::FactorFailed),
        ("connection problem", Reason::ServiceError),
        ("context deadline exceeded", Reason::ServiceError),
    ];
    let said = audit.error.get().or(audit.message.get()).unwrap_or_default();
    let said = super::super::text::lower(said);
    let found = WORDS.iter().find(|(word, _)| said.contains(word)).map(|(_, reason)| *reason);
    match (found, activity) {
        (Some(reason), _) => reason,
        (None, Activity::Verify) => Reason::FactorFailed,
        (None, Activity::Recovery) => Reason::FactorFailed,
        (None, _) if said.is_empty() => Reason::Unknown,
        (None, _) => Reason::Other,
    }
}
