//! Conditional access: every policy that was evaluated, and the one that decided.

use rollcall_schemas::{Event, Outcome, PolicyMode, PolicyResult, PolicyStep, Reason};

use super::record::Policy;

/// Fills the policy columns.
pub(super) fn fill<'a>(event: &mut Event<'a>, policies: &'a [Policy<'_>]) {
    let by_policy = event.outcome == Outcome::Denied
        && matches!(event.reason, Some(Reason::Policy | Reason::Risk));
    event.policies = policies
        .iter()
        .filter(|policy| !policy.result.is("notEnabled"))
        .map(|policy| step(policy, event.outcome))
        .collect();
    let decisive = event.policies.iter().max_by_key(|policy| weight(policy));
    if let Some(policy) = decisive.filter(|policy| weight(policy) > 0) {
        event.policy_id = policy.id.clone();
        event.policy_name = policy.name.clone();
        event.policy_mode = Some(policy.mode);
        event.policy_result = Some(policy.result);
    }
    let was_evaluated = !event.policies.is_empty();
    let denied = event
        .policies
        .iter()
        .any(|policy| policy.mode == PolicyMode::Enforced && policy.result == PolicyResult::Denied);
    event.blocked = match (by_policy || denied, was_evaluated) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    };
}

/// A failed policy that asks for something asked for it, where the sign-in was
/// interrupted; it refused where the sign-in ended.
fn step<'a>(policy: &'a Policy<'_>, outcome: Outcome) -> PolicyStep<'a> {
    let (mode, result) = match policy.result.or_empty() {
        "success" => (PolicyMode::Enforced, PolicyResult::Allowed),
        "failure" if policy.enforced_grant_controls.blocks => {
            (PolicyMode::Enforced, PolicyResult::Denied)
        }
        "failure" if outcome == Outcome::Denied => (PolicyMode::Enforced, PolicyResult::Denied),
        "failure" => (PolicyMode::Enforced, PolicyResult::Challenged),
        "notApplied" => (PolicyMode::Enforced, PolicyResult::NotApplied),
        "reportOnlySuccess" => (PolicyMode::ReportOnly, PolicyResult::Allowed),
        "reportOnlyFailure" => (PolicyMode::ReportOnly, PolicyResult::WouldDeny),
        "reportOnlyInterrupted" => (PolicyMode::ReportOnly, PolicyResult::WouldChallenge),
        "reportOnlyNotApplied" => (PolicyMode::ReportOnly, PolicyResult::NotApplied),
        _ => (PolicyMode::Unknown, PolicyResult::Unknown),
    };
    PolicyStep { id: policy.id.cow(), name: policy.display_name.cow(), mode, result }
}

/// What binds decides before what only reports; what refuses before what asks,
/// before what allows.
fn weight(policy: &PolicyStep<'_>) -> u8 {
    let binds = policy.mode == PolicyMode::Enforced;
    match policy.result {
        PolicyResult::Denied => 6,
        PolicyResult::Challenged => 5,
        PolicyResult::Allowed if binds => 4,
        PolicyResult::WouldDeny => 3,
        PolicyResult::WouldChallenge => 2,
        PolicyResult::Allowed => 1,
        PolicyResult::NotApplied | PolicyResult::Unknown => 0,
    }
}
