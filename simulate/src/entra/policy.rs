//! What conditional access says of a sign-in.

use super::event::AppliedPolicy;
use crate::people::{Cohort, Phase};

/// What became of the demand for a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The first factor failed: no policy was evaluated.
    NotReached,
    /// There was a factor, or a claim of one in the token.
    Met,
    /// A factor was asked for and not given yet.
    Interrupted,
    /// It can't be met, or was refused.
    Failed,
}

/// The policies of a sign-in, in the order of the portal, and the status that
/// sums them up.
pub(crate) fn applied(
    cohort: Cohort,
    phase: Phase,
    verdict: Verdict,
    admin: bool,
    compliant: bool,
) -> ([AppliedPolicy<'static>; 3], &'static str) {
    let (_, id) = cohort.rule();
    let enforced = phase == Phase::Enforced;
    let result = match (verdict, enforced) {
        (Verdict::NotReached, _) => "notApplied",
        (Verdict::Met, true) => "success",
        (Verdict::Met, false) => "reportOnlySuccess",
        (Verdict::Interrupted, true) => "failure",
        (Verdict::Interrupted, false) => "reportOnlyInterrupted",
        (Verdict::Failed, true) => "failure",
        (Verdict::Failed, false) => "reportOnlyFailure",
    };
    let device = match (verdict, admin, compliant) {
        (Verdict::NotReached, ..) | (_, false, _) => "reportOnlyNotApplied",
        (_, true, true) => "reportOnlySuccess",
        (_, true, false) => "reportOnlyFailure",
    };
    let policy = |id, display_name, controls, result, satisfied, not_satisfied| AppliedPolicy {
        id,
        display_name,
        enforced_grant_controls: controls,
        enforced_session_controls: &[],
        result,
        conditions_satisfied: satisfied,
        conditions_not_satisfied: not_satisfied,
    };
    let mfa = policy(id, cohort.rule_name(), &["Mfa"], result, "application,users", "none");
    let legacy = policy(
        "3d1c7a52-90d4-4b53-8a1f-5f0c2e7b1a10",
        "Block legacy authentication",
        &["Block"],
        "notApplied",
        "application,users",
        "clientType",
    );
    let admins = policy(
        "3d1c7a52-90d4-4b53-8a1f-5f0c2e7b1a11",
        "Compliant device for administrators",
        &["RequireCompliantDevice"],
        device,
        if admin { "application,users" } else { "application" },
        if admin { "none" } else { "users" },
    );
    let status = match result {
        "success" => "success",
        "failure" => "failure",
        _ => "notApplied",
    };
    ([mfa, legacy, admins], status)
}
