//! Actions: what happened. An action that isn't about authentication, and one
//! that isn't known, is an access.

use rollcall_schemas::Activity;

/// The activity of an action.
pub(super) fn of(action: &str) -> Activity {
    of_person(action).or_else(|| of_rule(action)).unwrap_or_else(|| of_family(action))
}

fn of_person(action: &str) -> Option<Activity> {
    Some(match action {
        "user.login"
        | "user.failed_login"
        | "org.sso_response"
        | "business.sso_response"
        | "org.sso_denied" => Activity::Logon,
        "user.logout" => Activity::Logoff,

        "two_factor_authentication.enabled"
        | "two_factor_authentication.add_factor"
        | "two_factor_authentication.add_sms"
        | "two_factor_authentication.update_sms"
        | "two_factor_authentication.update_fallback"
        | "two_factor_authentication.password_reset_fallback_sms"
        | "security_key.register"
        | "passkey.register" => Activity::Enroll,
        "two_factor_authentication.disabled"
        | "two_factor_authentication.remove_factor"
        | "two_factor_authentication.remove_sms"
        | "two_factor_authentication.remove_fallback"
        | "security_key.remove"
        | "passkey.remove" => Activity::Unenroll,
        "user.remove_two_factor" | "org.remove_two_factor" => Activity::FactorReset,

        "user.forgot_password"
        | "user.password_reset"
        | "user.change_password"
        | "org.recovery_code_used"
        | "org.recovery_code_failed"
        | "business.recovery_code_used"
        | "business.recovery_code_failed"
        | "two_factor_authentication.recovery_codes_regenerated"
        | "two_factor_authentication.recovery_codes_downloaded"
        | "two_factor_authentication.recovery_codes_viewed"
        | "two_factor_authentication.recovery_codes_printed"
        | "org.recovery_codes_generated"
        | "org.recovery_codes_downloaded"
        | "org.recovery_codes_viewed"
        | "org.recovery_codes_printed" => Activity::Recovery,

        "oauth_access.create"
        | "oauth_access.regenerate"
        | "oauth_authorization.create"
        | "personal_access_token.create"
        | "personal_access_token.access_granted"
        | "public_key.create"
        | "org_credential_authorization.grant"
        | "integration_installation.create" => Activity::TokenIssue,
        _ => return None,
    })
}

fn of_rule(action: &str) -> Option<Activity> {
    Some(match action {
        "org.enable_two_factor_requirement"
        | "org.disable_two_factor_requirement"
        | "business.enable_two_factor_requirement"
        | "business.disable_two_factor_requirement"
        | "org.enable_saml"
        | "org.disable_saml"
        | "org.update_saml_provider_settings"
        | "business.enable_saml"
        | "business.disable_saml"
        | "business.update_saml_provider_settings"
        | "org.enable_ip_allow_list"
        | "org.disable_ip_allow_list"
        | "org.set_actions_fork_pr_approvals_policy"
        | "repo.set_actions_fork_pr_approvals_policy"
        | "repo.update_default_workflow_permissions" => Activity::PolicyChange,

        "protected_branch.policy_override"
        | "protected_branch.rejected_ref_update"
        | "workflows.approve_workflow_job"
        | "workflows.reject_workflow_job"
        | "workflows.bypass_protection_rules"
        | "repository_ruleset.bypass" => Activity::PolicyDecision,
        _ => return None,
    })
}

fn of_family(action: &str) -> Activity {
    const FAMILIES: &[(&str, Activity)] = &[
        ("protected_branch.", Activity::PolicyChange),
        ("repository_ruleset.", Activity::PolicyChange),
        ("environment.", Activity::PolicyChange),
        ("ip_allow_list.", Activity::PolicyChange),
        ("ip_allow_list_entry.", Activity::PolicyChange),
        ("external_identity.", Activity::AccountChange),
        ("org.add_member", Activity::AccountChange),
        ("org.remove_member", Activity::AccountChange),
        ("org.update_member", Activity::AccountChange),
        ("org.block_user", Activity::AccountChange),
        ("org.unblock_user", Activity::AccountChange),
        ("business.add_admin", Activity::AccountChange),
        ("business.remove_admin", Activity::AccountChange),
        ("team.add_member", Activity::AccountChange),
        ("team.remove_member", Activity::AccountChange),
        ("user.suspend", Activity::AccountChange),
        ("user.unsuspend", Activity::AccountChange),
        ("user.create", Activity::AccountChange),
        ("user.destroy", Activity::AccountChange),
        ("user.promote", Activity::AccountChange),
        ("user.demote", Activity::AccountChange),
        ("user.add_email", Activity::AccountChange),
        ("user.remove_email", Activity::AccountChange),
        ("role.", Activity::Admin),
        ("hook.", Activity::Admin),
        ("audit_log_streaming.", Activity::Admin),
        ("org_credential_authorization.", Activity::AccountChange),
        ("personal_access_token.", Activity::AccountChange),
    ];
    FAMILIES
        .iter()
        .find(|(family, _)| action.starts_with(family))
        .map_or(Activity::Access, |(_, activity)| *activity)
}
