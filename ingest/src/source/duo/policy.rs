//! Policies: what let through or refused, and what risk-based authentication said.
//! Duo names no policy, only what it was about.

use std::borrow::Cow;

use rollcall_schemas::{Event, Outcome, PolicyMode, PolicyResult, PolicyStep, Reason};

use super::record::{Assessment, AuthLog};

/// Fills the policy columns.
pub(super) fn fill(event: &mut Event<'_>, log: &AuthLog<'_>) {
    let reason = log.reason.or_empty();
    let result = match (event.outcome, event.reason) {
        (Outcome::Denied, Some(Reason::Policy | Reason::Risk | Reason::NotAuthorized)) => {
            Some(PolicyResult::Denied)
        }
        (Outcome::Denied, _) if reason == "deny_unenrolled_user" => Some(PolicyResult::Denied),
        (Outcome::Success, _) if allows(reason) => Some(PolicyResult::Allowed),
        _ => None,
    };
    if let Some(result) = result {
        event.policy_mode = Some(PolicyMode::Enforced);
        event.policy_result = Some(result);
        event.blocked = Some(result == PolicyResult::Denied);
    }
    let assessments = &log.adaptive_trust_assessments;
    event.policies = [
        ("more_secure_auth", &*assessments.more_secure_auth),
        ("remember_me", &*assessments.remember_me),
    ]
    .into_iter()
    .filter_map(|(name, assessment)| step(name, assessment))
    .collect();
}

fn allows(reason: &str) -> bool {
    matches!(
        reason,
        "allowed_by_policy"
            | "trusted_network"
            | "trusted_location"
            | "allow_unenrolled_user"
            | "allow_unenrolled_user_on_trusted_network"
    )
}

/// Low trust asks for a stronger factor, or for a factor although the device is
/// remembered; without the policy Duo only says what it would have done.
fn step(name: &'static str, assessment: &Assessment<'_>) -> Option<PolicyStep<'static>> {
    let level = assessment.trust_level.get()?;
    let mode = match assessment.policy_enabled.0 {
        Some(true) => PolicyMode::Enforced,
        Some(false) => PolicyMode::ReportOnly,
        None => PolicyMode::Unknown,
    };
    let result = match (level, mode) {
        ("NORMAL", _) => PolicyResult::Allowed,
        ("LOW", PolicyMode::Enforced) => PolicyResult::Challenged,
        ("LOW", PolicyMode::ReportOnly) => PolicyResult::WouldChallenge,
        _ => PolicyResult::Unknown,
    };
    Some(PolicyStep { id: None, name: Some(Cow::Borrowed(name)), mode, result })
}
