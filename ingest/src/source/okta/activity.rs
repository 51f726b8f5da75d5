//! Event types: what happened. Names from Okta's catalogue of event types.

use rollcall_schemas::Activity;

/// The activity of an event type; one that isn't known is kept as an access.
pub(super) fn of(event_type: &str) -> Activity {
    of_sign_in(event_type)
        .or_else(|| of_factor(event_type))
        .or_else(|| of_account(event_type))
        .unwrap_or_else(|| of_family(event_type))
}

fn of_sign_in(event_type: &str) -> Option<Activity> {
    Some(match event_type {
        "user.session.start"
        | "user.authentication.sso"
        | "user.authentication.authenticate"
        | "user.authentication.auth_via_AD_agent"
        | "user.authentication.auth_via_LDAP_agent"
        | "user.authentication.auth_via_IDP"
        | "user.authentication.auth_via_inbound_SAML"
        | "user.authentication.auth_via_inbound_delauth"
        | "user.authentication.auth_via_iwa"
        | "user.authentication.auth_via_radius"
        | "user.authentication.auth_via_richclient"
        | "user.authentication.auth_via_social"
        | "user.authentication.auth_unconfigured_identifier"
        | "user.session.access_admin_app"
        | "application.policy.sign_on.deny_access"
        | "app.generic.unauth_app_access_attempt"
        | "app.oauth2.signon" => Activity::Logon,

        "user.session.end"
        | "user.session.clear"
        | "user.session.expire"
        | "user.session.impersonation.end"
        | "user.authentication.slo"
        | "user.authentication.universal_logout"
        | "user.authentication.universal_logout.scheduled" => Activity::Logoff,

        "policy.evaluate_sign_on"
        | "security.request.blocked"
        | "security.threat.detected"
        | "policy.auth_reevaluate.fail"
        | "policy.auth_reevaluate.enforce"
        | "policy.entity_risk.evaluate" => Activity::PolicyDecision,
        _ => return None,
    })
}

fn of_factor(event_type: &str) -> Option<Activity> {
    Some(match event_type {
        "system.push.send_factor_verify_push"
        | "system.sms.send_factor_verify_message"
        | "system.sms.send_okta_push_verify_message"
        | "system.voice.send_mfa_challenge_call"
        | "system.voice.send_call"
        | "system.email.send_factor_verify_message" => Activity::Challenge,

        "user.authentication.auth_via_mfa"
        | "user.authentication.verify"
        | "user.mfa.okta_verify"
        | "user.mfa.okta_verify.deny_push"
        | "user.mfa.okta_verify.deny_push_upgrade_needed"
        | "user.mfa.attempt_bypass"
        | "system.email.challenge_factor_redeemed" => Activity::Verify,

        "user.mfa.factor.activate"
        | "user.mfa.factor.update"
        | "user.mfa.factor.unsuspend"
        | "user.credential.enroll" => Activity::Enroll,
        "user.mfa.factor.deactivate" | "user.mfa.factor.suspend" | "user.credential.revoke" => {
            Activity::Unenroll
        }
        "user.mfa.factor.reset_all" => Activity::FactorReset,
        _ => return None,
    })
}

fn of_account(event_type: &str) -> Option<Activity> {
    Some(match event_type {
        "user.account.reset_password"
        | "user.account.unlock"
        | "user.account.unlock_token"
        | "user.account.unlock_by_admin"
        | "user.account.use_token"
        | "user.account.expire_password"
        | "user.credential.forgot_password"
        | "system.email.password_reset.sent_message"
        | "system.sms.send_password_reset_message"
        | "system.sms.send_account_unlock_message"
        | "system.voice.send_password_reset_call"
        | "system.voice.send_account_unlock_call" => Activity::Recovery,

        "user.session.impersonation.grant"
        | "user.session.impersonation.initiate"
        | "user.session.impersonation.extend"
        | "user.session.impersonation.revoke" => Activity::Elevate,

        "system.api_token.create" => Activity::TokenIssue,
        _ => return None,
    })
}

fn of_family(event_type: &str) -> Activity {
    const FAMILIES: &[(&str, Activity)] = &[
        ("app.oauth2.", Activity::TokenIssue),
        ("policy.lifecycle.", Activity::PolicyChange),
        ("policy.rule.", Activity::PolicyChange),
        ("application.policy.sign_on.", Activity::PolicyChange),
        ("security.authenticator.lifecycle.", Activity::PolicyChange),
        ("zone.", Activity::PolicyChange),
        ("network_zone.", Activity::PolicyChange),
        ("user.lifecycle.", Activity::AccountChange),
        ("user.account.", Activity::AccountChange),
        ("user.registration.", Activity::AccountChange),
        ("application.user_membership.", Activity::AccountChange),
        ("group.user_membership.", Activity::AccountChange),
        ("group.privilege.", Activity::AccountChange),
        ("application.lifecycle.", Activity::Admin),
        ("group.lifecycle.", Activity::Admin),
        ("system.idp.", Activity::Admin),
        ("system.api_token.", Activity::Admin),
        ("system.org.", Activity::Admin),
        ("iam.", Activity::Admin),
    ];
    FAMILIES
        .iter()
        .find(|(family, _)| event_type.starts_with(family))
        .map_or(Activity::Access, |(_, activity)| *activity)
}

/// Whether an event of this kind is about its target and not about who acted.
pub(super) fn acts_on_target(activity: Activity) -> bool {
    matches!(
        activity,
        Activity::Enroll
            | Activity::Unenroll
            | Activity::FactorReset
            | Activity::Recovery
            | Activity::AccountChange
            | Activity::Logoff
            | Activity::Challenge
    )
}
