//! Event types: what happened, and whether it was of CI. A type that isn't known
//! is an access; lines without a type say what was changed, added or removed.

use rollcall_schemas::{Activity, Platform};

use super::method;
use super::record::AuditEvent;

/// The activity of an event.
pub(super) fn of(audit: &AuditEvent<'_>) -> Activity {
    let kind = audit.kind().unwrap_or_default();
    if method::is_sign_in(audit) {
        return Activity::Logon;
    }
    match kind {
        "" => of_line(audit),
        "user_disable_two_factor" if audit.target_id() != audit.author_id.get() => {
            Activity::FactorReset
        }
        "user_impersonation" if audit.message().is_some_and(|it| it.starts_with("Stopped")) => {
            Activity::Logoff
        }
        _ => of_person(kind).or_else(|| of_rule(kind)).unwrap_or_else(|| of_family(kind)),
    }
}

/// Lines from before there were types.
fn of_line(audit: &AuditEvent<'_>) -> Activity {
    let of_user = |what: &str| {
        matches!(what, "user_access" | "access_level" | "password" | "email" | "admin" | "username")
    };
    match audit.change().or(audit.add()).or(audit.remove()) {
        Some("require_two_factor_authentication" | "two_factor_grace_period") => {
            Activity::PolicyChange
        }
        Some(what) if of_user(what) => Activity::AccountChange,
        Some("ssh_key" | "gpg_key" | "deploy_key") if audit.add().is_some() => Activity::TokenIssue,
        Some(_) => Activity::Admin,
        None => Activity::Access,
    }
}

fn of_person(kind: &str) -> Option<Activity> {
    Some(match kind {
        "user_enable_two_factor" => Activity::Enroll,
        "user_disable_two_factor" => Activity::Unenroll,

        "user_impersonation" | "user_enable_admin_mode" => Activity::Elevate,

        "password_reset_requested" | "password_reset_failed" | "user_access_unlocked" => {
            Activity::Recovery
        }

        "add_ssh_key"
        | "add_gpg_key"
        | "deploy_key_added"
        | "oauth_application_created"
        | "user_authorized_oauth_application"
        | "user_authorized_iam_oauth_application" => Activity::TokenIssue,
        _ if is_token(kind) && (kind.contains("_creat") || kind.ends_with("_rotated")) => {
            Activity::TokenIssue
        }
        _ if is_token(kind)
            && ["_revo", "_delet", "_destroyed"].iter().any(|end| kind.contains(end)) =>
        {
            Activity::AccountChange
        }

        "remove_ssh_key"
        | "remove_gpg_key"
        | "deploy_key_removed"
        | "ban_user"
        | "unban_user"
        | "unblock_user"
        | "change_membership_state"
        | "inactive_scim_user_cannot_be_added"
        | "update_mismatched_group_saml_extern_uid"
        | "group_saml_member_added"
        | "email_created"
        | "email_destroyed"
        | "email_confirmation_sent" => Activity::AccountChange,
        _ if kind.starts_with("user_") || kind.starts_with("member_") => Activity::AccountChange,
        _ => return None,
    })
}

/// Whether a type is of tokens: personal, of projects, groups, deployments, agents.
fn is_token(kind: &str) -> bool {
    ["access_token", "deploy_token", "agent_token", "feed_token"]
        .iter()
        .any(|token| kind.contains(token))
        && !kind.ends_with("_updated")
}

fn of_rule(kind: &str) -> Option<Activity> {
    Some(match kind {
        "deployment_approved"
        | "deployment_rejected"
        | "merge_request_branch_bypassed_by_security_policy"
        | "merge_request_merged_with_dismissed_security_policy"
        | "merge_request_merged_with_policy_violations"
        | "security_policy_access_token_push_bypass"
        | "security_policy_merge_request_bypass"
        | "security_policy_service_account_push_bypass" => Activity::PolicyDecision,

        "ip_restrictions_changed"
        | "allow_mfa_for_subgroups_updated"
        | "group_require_two_factor_authentication_updated"
        | "group_two_factor_grace_period_updated"
        | "step_up_auth_required_oauth_provider_updated"
        | "disable_personal_access_tokens_updated"
        | "disable_ssh_keys_updated"
        | "service_access_tokens_expiration_enforced_updated"
        | "resource_access_token_creation_allowed_updated"
        | "group_saml_provider_create"
        | "group_saml_provider_update"
        | "allowed_email_domain_updated"
        | "environment_protected"
        | "environment_unprotected"
        | "policy_project_updated" => Activity::PolicyChange,
        _ => return None,
    })
}

fn of_family(kind: &str) -> Activity {
    const FAMILIES: &[(&str, Activity)] = &[
        ("protected_branch_", Activity::PolicyChange),
        ("protected_environment_", Activity::PolicyChange),
        ("secure_ci_job_token_", Activity::PolicyChange),
        ("allow_", Activity::PolicyChange),
        ("approval_rule_", Activity::PolicyChange),
        ("application_setting_", Activity::Admin),
        ("audit_events_streaming_", Activity::Admin),
        ("ci_group_variable_", Activity::Admin),
        ("ci_instance_variable_", Activity::Admin),
        ("ci_variable_", Activity::Admin),
        ("create_event_streaming_", Activity::Admin),
        ("update_event_streaming_", Activity::Admin),
        ("destroy_event_streaming_", Activity::Admin),
        ("webhook_", Activity::Admin),
    ];
    let found = FAMILIES.iter().find(|(family, _)| kind.starts_with(family));
    match found {
        Some((_, activity)) => *activity,
        None if kind.ends_with("_updated") => Activity::Admin,
        None => Activity::Access,
    }
}

/// GitLab CI's events; the rest is the repositories'.
pub(super) fn platform(audit: &AuditEvent<'_>) -> Platform {
    const FAMILIES: &[&str] = &[
        "ci_",
        "secure_ci_job_token_",
        "deployment_",
        "environment_",
        "protected_environment_",
        "cluster_agent_",
        "group_deploy_token_",
        "job_artifact_",
        "destroy_pipeline",
        "multi_project_downstream_pipeline_",
        "policy_pipeline_",
        "variable_viewed_api",
        "group_ci_cd_",
        "project_ci_cd_",
        "project_cicd_",
    ];
    let kind = audit.kind().unwrap_or_default();
    let is_ci = FAMILIES.iter().any(|family| kind.starts_with(family))
        || kind.contains("runner")
        || audit.target_type().is_some_and(|target| target.starts_with("Ci::"));
    if is_ci { Platform::CiCd } else { Platform::SourceControl }
}
